using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CsCheck;
using Octant.Constraints;

namespace Octant.Core.Tests.Constraints;

/// <summary>Lengths of texts, which are counted beside the automaton: what they allow is weighed against all texts of a small alphabet.</summary>
public sealed class TextLengthTests
{
    const string Letters = "abé";
    static readonly string[] patterns = ["", "^a*$", "b", "^(ab|b)*$", "^(aab)*$", "^a+b", "(a|é)b$", "^[^b]{2,4}$", "^[^b]{2,17}$", "^[ab]{0,20}$", "^([^b][^c])*$", "^(a[^a][^c])*é?$"];

    /// <summary>Texts of up to seven letters.</summary>
    static readonly string[] all = [.. Enumerable.Range(0, 8).SelectMany(length => Texts(length))];

    static readonly string[] tokens = ["a", "b", "é", "\\u00e9", "\\u", "0061", "ab", "aé", "bab", "aaaa", "éé", "\"", "a\"", "ab\"", "aaaaa\"", "\"a", "\"ab", "\"aaaaaaaaaa", "\"\"", "00", "e9", "\\u0062\""];
    static readonly byte[][] bytes = [.. tokens.Concat(Enumerable.Range(0, 128).Select(c => $"{(char)c}")).Distinct().Select(Encoding.UTF8.GetBytes)];
    static readonly TokenVocabulary vocabulary = new(bytes.Select((text, id) => (id, text)), bytes.Length);

    static IEnumerable<string> Texts(int length) => length == 0 ? [""] : Texts(length - 1).SelectMany(text => Letters.Select(letter => text + letter));

    /// <summary>A schema of texts, and which of the texts satisfy it.</summary>
    static readonly Gen<(JsonObject Schema, Func<string, bool> Allows)> single =
        Gen.Select(Gen.OneOf([.. patterns.Select(Gen.Const)]), Gen.Int[0, 6], Gen.Int[-1, 6]).Select((pattern, least, most) =>
        {
            var schema = new JsonObject { ["type"] = "string" };
            if (pattern.Length > 0) schema["pattern"] = pattern;
            if (least > 0) schema["minLength"] = least;
            if (most >= 0) schema["maxLength"] = most;
            var regex = new Regex(pattern.Replace("$", "\\z", StringComparison.Ordinal), RegexOptions.CultureInvariant);
            return (schema, (Func<string, bool>)(text => regex.IsMatch(text) && text.Length >= least && (most < 0 || text.Length <= most)));
        });

    static readonly Gen<(JsonObject Schema, Func<string, bool> Allows)> schemas = Gen.Select(single, single, Gen.Int[0, 5]).Select((a, b, how) => how switch
    {
        0 => (new JsonObject { ["anyOf"] = new JsonArray(a.Schema, b.Schema) }, text => a.Allows(text) || b.Allows(text)),
        1 => (new JsonObject { ["allOf"] = new JsonArray(a.Schema, b.Schema) }, text => a.Allows(text) && b.Allows(text)),
        2 => (new JsonObject { ["oneOf"] = new JsonArray(a.Schema, b.Schema) }, text => a.Allows(text) != b.Allows(text)),
        3 => (new JsonObject { ["type"] = "string", ["not"] = a.Schema }, text => !a.Allows(text)),
        _ => ((JsonObject, Func<string, bool>))(a.Schema, a.Allows),
    });

    [Fact]
    public void Texts_are_accepted_that_have_the_form_and_the_length() => schemas.Sample(test =>
    {
        if (Compiled(test.Schema) is not { } constraint)
        {
            Assert.DoesNotContain(all, text => test.Allows(text));
            return;
        }
        Assert.All(all, text => Assert.True(test.Allows(text) == constraint.Accepts($"\"{text}\""), $"{test.Schema.ToJsonString()}: {text}"));
    }, iter: 300, threads: 1);

    /// <summary>Every beginning can be ended, and every beginning of what is allowed is one.</summary>
    [Fact]
    public void Beginnings_are_those_of_texts_that_are_allowed() => single.Sample(test =>
    {
        // Only of bounded texts all are known.
        if (test.Schema["maxLength"] is null || Compiled(test.Schema) is not { } constraint) return;
        var beginnings = all.Where(test.Allows).SelectMany(text => Enumerable.Range(0, text.Length + 1).Select(length => text[..length])).ToHashSet();
        Assert.All(all, text => Assert.True(beginnings.Contains(text) == constraint.CanBegin(Encoding.UTF8.GetBytes($"\"{text}")), $"{test.Schema.ToJsonString()}: {text}"));
    }, iter: 200, threads: 1);

    [Fact]
    public void Exactly_the_tokens_are_allowed_with_which_the_text_can_go_on_and_an_end_is_in_reach() => Gen.Select(schemas, Gen.Int).Sample((test, seed) =>
    {
        if (Compiled(new() { ["type"] = "object", ["properties"] = new JsonObject { ["k"] = test.Schema }, ["required"] = new JsonArray("k") }) is not { } constraint) return;
        var (state, said, random) = (constraint.Open(vocabulary), new List<byte>(), new Random(seed));
        var budget = state.TokensToEnd + random.Next(12);
        for (var left = budget - 1; left >= 0 && !state.IsOver; left--)
        {
            var allowed = state.AllowedTokens.ToArray();
            for (var token = 0; token < vocabulary.Size; token++)
                Assert.True(((allowed[token >> 6] >> token & 1) != 0) == constraint.CanBegin([.. said, .. bytes[token]]),
                    $"{test.Schema.ToJsonString()}: {Encoding.UTF8.GetString([.. said])} and token {token}");
            int[] choices = [.. Enumerable.Range(0, vocabulary.Size).Where(token => (allowed[token >> 6] >> token & 1) != 0)];
            if (state.Take(choices[random.Next(choices.Length)], left) is not { } taken) break;
            said.AddRange(bytes[taken]);
        }
        Assert.True(constraint.Accepts([.. said]), $"{test.Schema.ToJsonString()}: {Encoding.UTF8.GetString([.. said])} in {budget}");
        Assert.True(test.Allows((string)JsonNode.Parse(said.ToArray())!["k"]!));
    }, iter: 500, threads: 1);

    /// <summary>As real schemas have them: pydantic's addresses, columns of databases, and bounds that bound nothing.</summary>
    [Theory]
    [InlineData("""{"type":"string","format":"uri","minLength":1,"maxLength":2083}""", "https://octant.dev/a?b#c")]
    [InlineData("""{"type":"string","format":"hostname","maxLength":255}""", "octant.dev")]
    [InlineData("""{"type":"string","format":"email","maxLength":254}""", "a@b.c")]
    [InlineData("""{"type":"string","maxLength":65535}""", "")]
    [InlineData("""{"type":"string","minLength":20000,"maxLength":2147483647}""", null)]
    [InlineData("""{"type":"string","maxLength":1e30}""", "x")]
    [InlineData("""{"type":"string","pattern":"^[^\\s@]+@[^\\s@]+\\.[^\\s@]+$","maxLength":320}""", "é@b.c")]
    [InlineData("""{"type":"string","pattern":"^[a-zA-Z0-9_-]+$","minLength":3,"maxLength":100}""", "abc")]
    [InlineData("""{"type":"string","pattern":"^.{1,9000}$","maxLength":8999}""", "abc")]
    [InlineData("""{"type":"string","pattern":"^[a-z]{3,50000}$","maxLength":49999}""", "abc")]
    public void Long_bounds_cost_little(string schema, string? text)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var constraint = Constraint.FromJsonSchema(schema);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 5);
        Assert.True(constraint.Accepts(JsonSerializer.Serialize(text ?? new string('x', 20_000))));
        if (JsonNode.Parse(schema)!["maxLength"]!.GetValue<double>() is <= 100_000 and var most)
        {
            var longest = schema.Contains("hostname") ? string.Concat(Enumerable.Repeat("abc.", 63)) + "d"
                : schema.Contains("uri") ? "a:" + new string('b', (int)most - 2) : schema.Contains('@') || schema.Contains("email") ? new string('a', (int)most - 4) + "@b.c" : new string('a', (int)most);
            Assert.True(constraint.Accepts($"\"{longest}\""));
            Assert.False(constraint.Accepts($"\"{longest}aaa\""));
        }
    }

    [Fact]
    public void Twenty_long_texts_are_one_counter_each()
    {
        var properties = new JsonObject(Enumerable.Range(0, 20).Select(i => KeyValuePair.Create($"k{i}", (JsonNode?)new JsonObject { ["type"] = "string", ["maxLength"] = 1000 + i })));
        var constraint = Constraint.FromJsonSchema(new JsonObject { ["type"] = "object", ["properties"] = properties });
        Assert.True(constraint.Accepts(new JsonObject { ["k3"] = new string('a', 1003) }.ToJsonString()));
        Assert.False(constraint.Accepts(new JsonObject { ["k3"] = new string('a', 1004) }.ToJsonString()));
    }

    static Constraint? Compiled(JsonObject schema)
    {
        try
        {
            return Constraint.FromJsonSchema(schema);
        }
        catch (ConstraintException fault) when (fault.Message.Contains("nothing satisfies it"))
        {
            return null;
        }
    }
}
