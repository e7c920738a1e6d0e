using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CsCheck;
using Octant.Constraints;
using Octant.Testing;
using Octant.Tokenizers;

namespace Octant.Core.Tests.Constraints;

/// <summary>What the reference's validators say is compared under tests/Goldens; here is what must hold of all constraints.</summary>
public sealed class ConstraintTests
{
    const string Person = """
        {"type":"object","properties":{"name":{"type":"string","minLength":1,"maxLength":12},"age":{"type":"integer","minimum":-3,"maximum":120},
         "score":{"type":"number","minimum":0.5,"exclusiveMaximum":20},"tags":{"type":"array","items":{"enum":["a","bé","\"q\""]},"maxItems":3},
         "more":{},"next":{"$ref":"#"}},"required":["name","age"],"additionalProperties":false}
        """;
    const string Expression = """
        root ::= sum "\n"
        sum ::= sum ("+" | "-") product | product
        product ::= product "*" factor | factor
        factor ::= [0-9]{1,3} | "(" sum ")" | [a-zé日]+
        """;

    static readonly Constraint[] constraints =
    [
        Constraint.FromJsonSchema(Person), Constraint.FromJson(), Constraint.FromGbnf(Expression),
        Constraint.FromRegex(@"(\w+@\w+\.(com|org))(, ?\w+@\w+\.(com|org))*"), Constraint.FromRegex(@"(a|b)*abb|[^a-z]{3}"),
        Constraint.FromGbnf("root ::= s\ns ::= s s | \"a\" | \"(\" s? \")\""),
        Constraint.FromJsonSchema("""{"type":"array","contains":{"const":7},"items":{"type":"integer"},"minItems":2,"maxItems":4}"""),
    ];

    static readonly Tokenizer tokenizer = Tokenizer.Open(Path.Combine(Repository.Root, "tests/Goldens/carried/tokenizer-bpe-llama3/tokenizer.json"));
    static readonly TokenVocabulary vocabulary = new(tokenizer);

    [Fact]
    public void Whatever_is_drawn_from_the_allowed_tokens_satisfies_the_constraint_within_any_budget() =>
        Gen.Select(Gen.Int[0, constraints.Length - 1], Gen.Int[0, 60], Gen.Int).Sample((which, spare, seed) =>
        {
            var (constraint, random) = (constraints[which], new Random(seed));
            var state = constraint.Open(vocabulary);
            var budget = state.TokensToEnd + spare;
            var ids = Draw(state, random, budget);
            var text = tokenizer.Decode([.. ids]);
            Assert.True(ids.Count <= budget, $"{ids.Count} tokens of {budget}: {text}");
            Assert.True(constraint.Accepts(text), text);
            if (which is 0 or 1) JsonDocument.Parse(text).Dispose();
        }, iter: 300, threads: 1);

    static List<int> Draw(ConstraintState state, Random random, int budget)
    {
        var ids = new List<int>();
        while (!state.IsOver && ids.Count < budget && !(state.IsComplete && random.Next(8) == 0))
        {
            var allowed = Allowed(state);
            if (state.Take(allowed[random.Next(allowed.Count)], budget - ids.Count - 1) is not { } taken) break;
            ids.Add(taken);
        }
        return ids;
    }

    static List<int> Allowed(ConstraintState state)
    {
        var words = state.AllowedTokens;
        var allowed = new List<int>();
        for (var id = 0; id < vocabulary.Size; id++)
            if ((words[id >> 6] >> id & 1) != 0) allowed.Add(id);
        return allowed;
    }

    [Fact]
    public void A_mask_allows_exactly_the_tokens_that_leave_a_way_to_an_end() =>
        Gen.Select(Gen.Int[0, constraints.Length - 1], Gen.Int[0, 12], Gen.Int).Sample((which, length, seed) =>
        {
            var (constraint, random) = (constraints[which], new Random(seed));
            var (state, said) = (constraint.Open(vocabulary), new List<byte>());
            for (var i = 0; i < length && Allowed(state) is { Count: > 0 } choices; i++)
                said.AddRange(tokenizer.BytesOf(state.Take(choices[random.Next(choices.Count)], 10_000)!.Value)!);
            var allowed = Allowed(state).ToHashSet();
            for (var id = 0; id < vocabulary.Size; id++)
                Assert.Equal(tokenizer.BytesOf(id) is { Length: > 0 } bytes && constraint.CanBegin([.. said, .. bytes]), allowed.Contains(id));
        }, iter: 15, threads: 1);

    [Fact]
    public void Every_way_of_cutting_a_text_into_tokens_is_allowed()
    {
        var constraint = constraints[0];
        foreach (var text in (string[])["""{"name":"Ann","age":7}""", """{ "name": "Zoë 日", "age": -3, "score": 0.50, "tags": ["bé", "\"q\""], "next": {"name": "\u00e9", "age": 0} }"""])
        {
            var state = constraint.Open(vocabulary);
            foreach (var id in tokenizer.EncodeIds(text, addSpecialTokens: false)) Assert.Equal(id, state.Take(id, 1000));
            Assert.True(state.IsOver);
        }
    }

    [Fact]
    public void Special_tokens_are_never_allowed_and_ends_only_where_the_text_is_complete()
    {
        var state = Constraint.FromRegex("ab?").Open(vocabulary);
        var end = Enumerable.Range(0, vocabulary.Size).First(tokenizer.IsSpecial);
        Assert.Equal(float.NegativeInfinity, Masked()[end]);
        state.Take(tokenizer.EncodeIds("a", addSpecialTokens: false)[0], 10);
        Assert.Equal(1, Masked()[end]);
        Assert.True(state.IsComplete);
        Assert.False(state.IsOver);
        Assert.Equal(2, Masked().Count(score => score == 1));

        float[] Masked()
        {
            float[] scores = [.. Enumerable.Repeat(1f, vocabulary.Size)];
            state.Mask(scores, [end]);
            return scores;
        }
    }

    [Fact]
    public void However_many_ends_there_are_all_are_left_and_ids_beyond_the_scores_are_passed_over()
    {
        var state = Constraint.FromRegex("(ab)?").Open(vocabulary);
        int[] ends = [vocabulary.Size + 7, .. Enumerable.Range(0, 40)];
        float[] scores = [.. Enumerable.Range(1, vocabulary.Size).Select(score => (float)score)];
        state.Mask(scores, ends);
        Assert.Equal(Enumerable.Range(1, 40).Select(score => (float)score), scores.Take(40));
    }

    [Fact]
    public void Ranges_of_numbers_hold_exactly_their_numbers()
    {
        var number = Gen.Select(Gen.Int[-2000, 2000], Gen.Int[0, 3], (digits, places) => digits / (decimal)Math.Pow(10, places));
        Gen.Select(number, number, number, Gen.Bool, Gen.Bool).Sample((low, high, value, openBelow, openAbove) =>
        {
            var constraint = Satisfiable(() => Constraint.FromJsonSchema(
                $$"""{"type":"number","{{(openBelow ? "exclusiveMinimum" : "minimum")}}":{{Text(low)}},"{{(openAbove ? "exclusiveMaximum" : "maximum")}}":{{Text(high)}}}"""));
            foreach (var candidate in (decimal[])[value, low, high])
                Assert.Equal((openBelow ? candidate > low : candidate >= low) && (openAbove ? candidate < high : candidate <= high),
                    constraint?.Accepts(Text(candidate)) == true);
        }, iter: 300, threads: 1);
    }

    [Fact]
    public void Multiples_are_exact_also_of_fractions() =>
        Gen.Select(Gen.Int[1, 300], Gen.Int[0, 2], Gen.Int[-100_000, 100_000], Gen.Int[0, 3]).Sample((step, places, digits, valuePlaces) =>
        {
            var (unit, value) = (step / (decimal)Math.Pow(10, places), digits / (decimal)Math.Pow(10, valuePlaces));
            var constraint = Constraint.FromJsonSchema($$"""{"type":"number","multipleOf":{{Text(unit)}}}""");
            Assert.Equal(value % unit == 0, constraint.Accepts(Text(value)));
            Assert.True(constraint.Accepts(Text(unit * digits)));
        }, iter: 300, threads: 1);

    /// <summary>Nothing for a constraint that nothing satisfies.</summary>
    static Constraint? Satisfiable(Func<Constraint> build)
    {
        try
        {
            return build();
        }
        catch (ConstraintException fault) when (fault.Message.Contains("nothing satisfies", StringComparison.Ordinal))
        {
            return null;
        }
    }

    static Gen<string> OneOf(params string[] choices) => Gen.Int[0, choices.Length - 1].Select(i => choices[i]);

    static string Text(decimal value) => value == 0 ? "0" : value.ToString("0.############", CultureInfo.InvariantCulture);

    [Fact]
    public void Expressions_match_what_dotnet_s_match()
    {
        var atom = OneOf("a", "b", "[ab]", "[^a]", ".", @"\b", "^", "$", "(?:a|bb)", "(b|)", "a{2,3}", @"\w", "(?i:A)", "ab*?", "(?i:[^A])", @"(?i:\W)", "(?i:[^b-c ])", @"(?i:[^\W])");
        var quantified = Gen.Select(atom, OneOf("", "", "*", "+", "?", "{0,2}")).Select((item, times) => item is @"\b" or "^" or "$" ? item : $"(?:{item}){times}");
        var pattern = quantified.Array[1, 5].Select(items => string.Concat(items));
        Gen.Select(pattern, pattern, OneOf("", "|"), Gen.String["ab c"].Array[1, 6]).Sample((left, right, between, texts) =>
        {
            var expression = left + between + right;
            var expected = new Regex($@"\A(?:{expression})\z", RegexOptions.CultureInvariant);
            var constraint = Satisfiable(() => Constraint.FromRegex(expression));
            // .NET's $ also matches before a line break at the end: none is tried.
            foreach (var text in texts) Assert.Equal(expected.IsMatch(text), constraint?.Accepts(text) == true);
        }, iter: 300, threads: 1);
    }

    /// <summary>A model that may begin a key with an escape would go on with escapes to its end.</summary>
    [Fact]
    public void Letters_of_keys_and_enums_are_not_escaped_and_all_else_may_be()
    {
        var constraint = Constraint.FromJsonSchema("""{"properties":{"naïve":{"enum":["a b","é"]}},"required":["naïve"],"additionalProperties":false}""");
        Assert.False(constraint.CanBegin("{\"\\u006e"u8));
        Assert.False(constraint.CanBegin("{\"naïve\":\"a\\u0020"u8));
        Assert.True(constraint.Accepts("""{"na\u00efve":"\u00e9"}"""));
        Assert.True(Constraint.FromJsonSchema("""{"type":"string"}""").Accepts("\"\\u0061\""));
    }

    [Fact]
    public void An_enum_of_many_texts_compiles() =>
        Assert.True(Constraint.FromJsonSchema(new System.Text.Json.Nodes.JsonObject
        {
            ["enum"] = new System.Text.Json.Nodes.JsonArray([.. Enumerable.Range(0, 900).Select(i => (System.Text.Json.Nodes.JsonNode)$"value number {i:D5} of list")]),
        }).Accepts("\"value number 00899 of list\""));

    [Fact]
    public void An_enum_of_many_unlike_texts_and_numbers_compiles()
    {
        var random = new Random(5);
        string[] texts = [.. Enumerable.Range(0, 1000).Select(_ => new string([.. Enumerable.Range(0, 20).Select(_ => (char)random.Next('a', 'z' + 1))]))];
        var constraint = Constraint.FromJsonSchema(new System.Text.Json.Nodes.JsonObject
        {
            ["enum"] = new System.Text.Json.Nodes.JsonArray([.. texts.Select(text => (System.Text.Json.Nodes.JsonNode)text),
                .. Enumerable.Range(0, 1000).Select(i => (System.Text.Json.Nodes.JsonNode)(i * 1_000_003)), true, null, new System.Text.Json.Nodes.JsonArray(1)]),
        });
        foreach (var text in (string[])[$"\"{texts[7]}\"", "999002997", "true", "null", "[1]"]) Assert.True(constraint.Accepts(text), text);
        foreach (var text in (string[])["\"a\"", "1", "false", "[]", "{}"]) Assert.False(constraint.Accepts(text), text);
    }

    [Theory]
    [InlineData("""{"$anchor":"\ud800"}""")]
    [InlineData("""{"properties":{"\ud800":{}}}""")]
    [InlineData("""{"a":1,"a":2}""")]
    public void Nodes_that_hold_what_no_text_may_are_refused(string schema) =>
        Assert.Throws<ConstraintException>(() => Constraint.FromJsonSchema(System.Text.Json.Nodes.JsonNode.Parse(schema)));

    /// <summary>Each of their limits was once the same text's automaton, over and over.</summary>
    [Fact]
    public void Schemas_as_large_as_they_are_in_practice_compile()
    {
        var text = """{"type":"string","maxLength":255}""";
        var fields = string.Join(',', Enumerable.Range(0, 50).Select(i => $"\"p{i}\":{text}"));
        Assert.True(Constraint.FromJsonSchema("{\"type\":\"object\",\"properties\":{" + fields + "},\"additionalProperties\":false}").Accepts("""{"p0":"a","p49":""}"""));
        var kinds = string.Join(',', Enumerable.Range(0, 60).Select(i => "{\"type\":\"object\",\"properties\":{\"kind\":{\"const\":\"k" + i + "\"}},\"required\":[\"kind\"]}"));
        Assert.True(Constraint.FromJsonSchema("{\"oneOf\":[" + kinds + "]}").Accepts("""{"kind":"k59"}"""));
    }

    /// <summary>Classes of all scripts are one letter each, and their bytes the same few states each time.</summary>
    [Theory]
    [InlineData(@"\w{1,300}", "ñandú")]
    [InlineData(@"(\w+ ?){1,12}\.", "Ein Satz mit ß.")]
    [InlineData(@"[\w.-]{1,64}@[\w-]{1,63}(\.[\w-]{1,63}){1,3}", "ä.b@c-d.example")]
    [InlineData(@"(a|b|c|d|\w|\d){1,100}", "abc1é")]
    public void Expressions_with_classes_of_all_scripts_compile(string expression, string text)
    {
        var constraint = Constraint.FromRegex(expression);
        Assert.True(constraint.Accepts(text));
        Assert.False(constraint.Accepts(text + "!"));
    }

    [Fact]
    public void Patterns_with_classes_of_all_scripts_compile_within_a_schema() =>
        Assert.True(Constraint.FromJsonSchema("""{"type":"string","pattern":"^\\p{L}{1,200}$"}""").Accepts("\"añoß\""));

    /// <summary>Characters of all scripts, thousands of times over, are refused before they have taken half a gigabyte.</summary>
    [Theory]
    [InlineData(@"\d{39999}")]
    [InlineData(@"\d{15000}")]
    [InlineData(@"\w{1,1500}")]
    public void Expressions_are_refused_before_they_take_too_much(string expression)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("too large", Assert.Throws<ConstraintException>(() => Constraint.FromRegex(expression)).Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 512 << 20);
    }

    /// <summary>Each character has some thirty states, as it may be escaped: as few as can be.</summary>
    [Theory]
    [InlineData(4000, "a")]
    [InlineData(10_000, "\\u00e9")]
    [InlineData(4000, "\\uD83D\\ude00")]
    public void Texts_may_be_long(int most, string character)
    {
        var constraint = Constraint.FromJsonSchema("{\"type\":\"string\",\"maxLength\":" + most + "}");
        Assert.True(constraint.Accepts(Text(most)));
        Assert.False(constraint.Accepts(Text(most + 1)));

        string Text(int count) => $"\"{string.Concat(Enumerable.Repeat(character, count))}\"";
    }

    [Theory]
    [InlineData("kind", "left")]
    [InlineData("left", "kind")]
    public void Trees_whose_kinds_are_told_apart_by_a_constant_may_refer_to_themselves(string first, string second)
    {
        var constraint = Constraint.FromJsonSchema($$"""
            {"oneOf":[{"type":"object","properties":{"kind":{"const":"leaf"} },"required":["kind"],"additionalProperties":false},
              {"type":"object","properties":{"kind":{"const":"node"},"left":{"$ref":"#"} },"required":["{{first}}","{{second}}"],"additionalProperties":false}]}
            """);
        Assert.True(constraint.Accepts("""{"kind":"node","left":{"kind":"node","left":{"kind":"leaf"}}}"""));
        Assert.False(constraint.Accepts("""{"kind":"leaf","left":{"kind":"leaf"}}"""));
    }

    /// <summary>The words of all scripts are hundreds of ranges: their bytes must not cost the square of that in each state.</summary>
    [Fact]
    public void An_expression_with_several_word_characters_compiles_in_time()
    {
        var constraint = Constraint.FromRegex(@"(?:(?i:A))*(?:a{2,3}){0,2}(?:\w)(?:ab*?)(?:.){0,2}(?:\w){0,2}(?:(b|)){0,2}(?:a)*(?:[ab])(?:(?i:A))");
        Assert.True(constraint.Accepts("éaba"));
        Assert.False(constraint.Accepts("éba"));
    }

    /// <summary>What stands in front of a look-ahead counts for the borders of words within and behind it.</summary>
    [Fact]
    public void Look_aheads_with_borders_of_words_match_what_dotnet_s_match()
    {
        var item = OneOf("a", "b", "-", "[ab]", ".", "a*", "(?:a|-)?", @"\b", @"\B", "^", "$", @"(?=a)", @"(?=a*\b)", @"(?!b\b)", @"(?=\b)", @"(?=\B)", "(?=^a)", "(?!^)", "(?=-$)", @"(?=\b-)", "(?:(?=a)[ab]|b(?!a))", "(?:(?=-|b)[b-]a?)?");
        Gen.Select(item.Array[1, 6].Select(items => string.Concat(items)), Gen.String["ab-"].Array[1, 8]).Sample((expression, texts) =>
        {
            var expected = new Regex($@"\A(?:{expression})\z", RegexOptions.CultureInvariant);
            var constraint = Satisfiable(() => Constraint.FromRegex(expression));
            foreach (var text in texts) Assert.True(expected.IsMatch(text) == (constraint?.Accepts(text) == true), $"{expression} on {text}");
            var search = new Regex(expression, RegexOptions.ECMAScript | RegexOptions.CultureInvariant);
            var schema = new System.Text.Json.Nodes.JsonObject { ["type"] = "string", ["pattern"] = expression };
            var found = Satisfiable(() => Constraint.FromJsonSchema(schema));
            foreach (var text in texts) Assert.True(search.IsMatch(text) == (found?.Accepts($"\"{text}\"") == true), $"{expression} in {text}");
        }, iter: 2000, threads: 1);
    }

    [Theory]
    [InlineData(@"a(?=b)\bb", "", "ab")]
    [InlineData(@"a(?=-)\b-", "a-", "")]
    [InlineData(@"a(?=\b)-", "a-", "")]
    [InlineData("(?=a)^a", "a", "")]
    public void Borders_of_words_and_look_aheads_stand_together(string pattern, string accepted, string refused)
    {
        var constraint = Satisfiable(() => Constraint.FromRegex(pattern));
        Assert.Equal(accepted.Length > 0, constraint?.Accepts(accepted) == true);
        Assert.False(refused.Length > 0 && constraint?.Accepts(refused) == true);
    }

    [Theory]
    [InlineData("^(?=.*[A-Z])(?=.*[0-9]).{3,}$", "xA1", "xa1")]
    [InlineData("^(?!no$)[a-z]+$", "none", "no")]
    [InlineData(@"^(?!^[-+.]*$)[+-]?0*(?:\d{0,8}$|(?=[\d.]{1,11}0*$)\d{0,8}\.\d{0,2}0*$)", "12345678.90", "123.456")]
    [InlineData("(?i)^straße$", "STRAẞE", "strasse")]
    [InlineData(@"^\p{Lu}\d+$", "É12", "é12")]
    [InlineData(@"^[\w.-]+$", "a.b-c", "é")]
    [InlineData(@"\u{1F600}", "a😀", "a")]
    [InlineData(@"\ud83d\ude00", "😀", "\ud83c\udf00")]
    public void Patterns_of_schemas_are_ECMAScript_s(string pattern, string accepted, string refused)
    {
        var schema = new System.Text.Json.Nodes.JsonObject { ["type"] = "string", ["pattern"] = pattern };
        var constraint = Constraint.FromJsonSchema(schema);
        Assert.True(constraint.Accepts(JsonSerializer.Serialize(accepted)));
        Assert.False(constraint.Accepts(JsonSerializer.Serialize(refused)));
    }

    [Theory]
    [InlineData("""{"not":{"type":"string"}}""", "1 null [] {}", "\"a\"")]
    [InlineData("""{"not":{"required":["a"]},"type":"object"}""", """{} {"b":1}""", """{"a":1}""")]
    [InlineData("""{"type":"object","properties":{"a":{},"b":{}},"dependentRequired":{"a":["b"]},"additionalProperties":false}""", """{} {"b":1} {"a":1,"b":2}""", """{"a":1}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"integer"}},"oneOf":[{"required":["a"]},{"required":["b"]}]}""", """{"a":1} {"b":1} {"b":1,"c":2}""", """{} {"a":1,"b":2} {"c":1}""")]
    [InlineData("""{"type":"object","allOf":[{"$ref":"#/$defs/a"},{"properties":{"b":{"type":"integer"}}}],"unevaluatedProperties":false,"$defs":{"a":{"properties":{"a":{"type":"integer"}},"anyOf":[{"required":["a"]},{"properties":{"a":{"const":7}}}]}}}""", """{"a":1,"b":2} {"a":1} {}""", """{"a":1,"c":2} {"c":1}""")]
    [InlineData("""{"type":"object","properties":{"a":{}},"patternProperties":{"^x":{}},"unevaluatedProperties":{"type":"integer"}}""", """{"a":"t","xy":"t","z":1}""", """{"z":"t"}""")]
    [InlineData("""{"type":"array","items":{"enum":["a","ab",1,null]},"uniqueItems":true,"minItems":1,"maxItems":3}""", """["a"] ["ab","a",null] [1,"a"]""", """[] ["a","a"] [1,"a",1] ["a","ab",1,null]""")]
    [InlineData("""{"type":"array","items":{"type":"boolean"},"uniqueItems":true}""", """[] [true] [false,true]""", """[true,true] [true,false,true]""")]
    [InlineData("""{"oneOf":[{"type":"object"},{"type":"object","required":["b"]}]}""", """{} {"a":1}""", """{"b":1} 1""")]
    [InlineData("""{"oneOf":[{"type":"object","properties":{"k":{"type":"string"},"a":{"type":"integer"}},"required":["k","a"]},{"type":"object","properties":{"k":{"type":"string"},"b":{"type":"string"}},"required":["k","b"]}]}""", """{"k":"x","a":1} {"k":"x","b":"y"} {"k":"x","a":1,"b":2} {"k":"x","b":"y","a":"z"}""", """{"k":"x"} {"k":"x","a":1,"b":"y"} {"a":1}""")]
    [InlineData("""{"oneOf":[{"required":["a"],"properties":{"a":{"const":1}}},{"required":["a"],"properties":{"a":{"const":2}}}],"type":"object"}""", """{"a":1} {"a":2,"c":0}""", """{"a":3} {}""")]
    [InlineData("""{"type":"array","contains":{"type":"string"},"minContains":2}""", """["a","b"] [1,"a",2,"b"]""", """["a"] []""")]
    [InlineData("""{"type":"array","items":[{"type":"string"}],"additionalItems":false}""", """[] ["a"]""", """[1] ["a","b"]""")]
    [InlineData("""{"minimum":1,"exclusiveMinimum":true,"type":"integer"}""", "2", "1")]
    [InlineData("""{"$defs":{"x":{"$anchor":"here","const":5}},"$ref":"#here"}""", "5", "6")]
    [InlineData("""{"type":"object","minProperties":1,"properties":{"a":{},"b":{}},"additionalProperties":false}""", """{"a":1} {"b":1} {"a":1,"b":2}""", "{}")]
    [InlineData("""{"type":"string","format":"ipv6"}""", "\"::1\" \"fe80::1:2\" \"1:2:3:4:5:6:7:8\" \"::ffff:1.2.3.4\"", "\"1:2:3\" \":::\" \"1:2:3:4:5:6:7:8:9\"")]
    [InlineData("""{"$defs":{"a":{"$id":"http://x.y/a","$defs":{"b":{"type":"string"}},"$ref":"#/$defs/b"},"b":{"type":"integer"}},"$ref":"#/$defs/a"}""", "\"s\"", "1")]
    [InlineData("""{"$id":"http://r.s/root","type":"object","properties":{"p":{"$id":"inner","$anchor":"k","const":1},"q":{"$anchor":"k","const":2},"r":{"$ref":"inner#k"},"s":{"$ref":"#k"},"t":{"$ref":"http://r.s/root#/properties/q"}},"additionalProperties":false}""",
        """{"r":1} {"s":2} {"t":2}""", """{"r":2} {"s":1} {"t":1}""")]
    [InlineData("""{"type":"object","properties":{"default":{"$anchor":"d","const":5},"enum":{"$ref":"#d"}},"additionalProperties":false}""", """{"default":5} {"enum":5}""", """{"enum":4}""")]
    [InlineData("""{"type":"string","format":"uri"}""", "\"http://[::1]:80/a\" \"http://[v1.a]/\" \"urn:a:b\"", "\"http://[:::]/\" \"http://[1.2.3]/\"")]
    [InlineData("""{"type":"string","pattern":"^(?i:[^a-c])$"}""", "\"d\" \"D\"", "\"a\" \"B\"")]
    [InlineData("""{"type":"string","format":"date"}""", "\"2000-02-29\"", "\"1900-02-29\" \"0000-01-01\" \"2023-04-31\"")]
    public void Keywords_beyond_the_reference_s_cases(string schema, string accepted, string refused)
    {
        var constraint = Constraint.FromJsonSchema(schema);
        foreach (var text in accepted.Split(' ')) Assert.True(constraint.Accepts(text), text);
        foreach (var text in refused.Split(' ')) Assert.False(constraint.Accepts(text), text);
    }

    [Theory]
    [InlineData("""{"type":"array","uniqueItems":true}""", "#: uniqueItems cannot be enforced here")]
    [InlineData("""{"anyOf":[{"properties":{"a":{}}},{"properties":{"b":{}}}],"unevaluatedProperties":false}""", "#: unevaluatedProperties cannot be enforced here")]
    [InlineData("""{"properties":{"a":{"oneOf":[{"type":"array"},{"type":"array","contains":{"const":1}}]}}}""", "#/properties/a: oneOf cannot be enforced here")]
    [InlineData("""{"unevaluatedItems":false}""", "unevaluatedItems cannot be enforced")]
    [InlineData("""{"$ref":"other.json"}""", "no schema other.json here")]
    [InlineData("""{"$ref":"#"}""", "refers to itself")]
    [InlineData("""{"type":"strin"}""", "#/type: there is no type strin")]
    [InlineData("""{"type":null}""", "#/type: it is null")]
    [InlineData("""{"properties":{"a":{"enum":null}}}""", "#/properties/a/enum: it is null")]
    [InlineData("""{"$defs":{"a":{"$id":"http://x.y/a","$defs":{"c":{}},"$ref":"#/$defs/b"},"b":{}},"$ref":"#/$defs/a"}""", "there is no schema #/$defs/b here")]
    [InlineData("""{"type":"string","pattern":"^a{,3}$"}""", "write {0,n}")]
    [InlineData("""{"type":"string","pattern":"(a"}""", "#/pattern")]
    [InlineData("""{"type":"string","pattern":"(a)\\1"}""", "references to groups")]
    [InlineData("""{"type":"string","minLength":"a"}""", "#/minLength: it is no number")]
    [InlineData("""{"type":"string","format":"regex"}""", "the format regex cannot be enforced")]
    [InlineData("""{"type":"array","uniqueItems":"yes"}""", "#/uniqueItems: it is neither true nor false")]
    [InlineData("""{"minimum":1e400}""", "#/minimum: the number 1e400 has more than 400 digits")]
    [InlineData("""{"enum":[]}""", "nothing satisfies it")]
    [InlineData("""{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]}""", "nothing satisfies it")]
    [InlineData("""{"type":"object","minProperties":3}""", "minProperties cannot be enforced")]
    [InlineData("[1]", "a schema is an object, true or false")]
    [InlineData("{", "no JSON")]
    public void Schemas_that_cannot_be_enforced_say_why_and_where(string schema, string message) =>
        Assert.Contains(message, Assert.Throws<ConstraintException>(() => Constraint.FromJsonSchema(schema)).Message);

    [Theory]
    [InlineData("root ::= \"a", "line 1, column 10: a text in quotes does not end")]
    [InlineData("root ::= a", "line 1, column 10: the rule a is not defined")]
    [InlineData("x ::= \"a\"", "no rule root")]
    [InlineData("root ::= [a", "'[' is not closed")]
    [InlineData("root ::= \"a\"\nroot ::= \"b\"", "line 2, column 1: the rule root is defined twice")]
    [InlineData("root ::= root \"a\"", "nothing satisfies it")]
    [InlineData("root ::= \"a\"{3,2}", "the least is above the most")]
    [InlineData("root ::= <think>", "tokens by name")]
    [InlineData("root ::= \"\\q\"", "escape \\q is not known")]
    [InlineData("root ::= \"a\"*********", "more than 8 repetitions stand one behind the other")]
    public void Grammars_that_are_wrong_say_where(string grammar, string message) =>
        Assert.Contains(message, Assert.Throws<ConstraintException>(() => Constraint.FromGbnf(grammar)).Message);

    [Theory]
    [InlineData("(?:a{1000}){1000}", "too large")]
    [InlineData("a**", "a quantifier follows a quantifier")]
    [InlineData("(?=a)(b(?=c))+", "look-around inside")]
    [InlineData("((?=a)a|(?=b)b)((?=a)a|(?=b)b)((?=a)a|(?=b)b)((?=a)a|(?=b)b)((?=a)a|(?=b)b)((?=a)a|(?=b)b)((?=a)a|(?=b)b)", "more than 64")]
    [InlineData("(?=a)(b(?=c))", "nothing satisfies it")]
    [InlineData("(?<=a)b", "look-behind")]
    [InlineData("(?>a)b", "atomic")]
    [InlineData("a++", "possessive")]
    [InlineData("a$b", "nothing satisfies it")]
    public void Expressions_that_are_no_regular_language_are_refused(string pattern, string message) =>
        Assert.Contains(message, Assert.Throws<ConstraintException>(() => Constraint.FromRegex(pattern)).Message);

    [Fact]
    public void Tokens_that_lack_letters_by_themselves_end_every_text_within_its_budget()
    {
        var token = Gen.Char["abc"].Array[1, 3].Select(letters => new string(letters));
        Gen.Select(token.Array[1, 6].Select(tokens => tokens.Distinct()), OneOf("(ab|cb)*c?a", "b|ab", "(aa)*b", "a{2,5}|(bc)+", "[abc]{3,7}", "(a|b(a|c)*b)*c"), Gen.Int[1, 12], Gen.Int).Sample((tokens, expression, budget, seed) =>
        {
            byte[][] texts = [.. tokens.Select(System.Text.Encoding.UTF8.GetBytes)];
            var some = new TokenVocabulary(texts.Select((text, id) => (id, text)), texts.Length);
            var constraint = Constraint.FromRegex(expression);
            ConstraintState state;
            try
            {
                state = constraint.Open(some);
            }
            catch (ConstraintException)
            {
                return;
            }
            if (state.TokensToEnd > budget) return;
            var (said, random) = (new List<byte>(), new Random(seed));
            for (var left = budget - 1; left >= 0 && !state.IsOver; left--)
            {
                if (state.Take(random.Next(texts.Length), left) is not { } taken) break;
                said.AddRange(texts[taken]);
            }
            Assert.True(constraint.Accepts([.. said]), $"{expression}: {System.Text.Encoding.UTF8.GetString([.. said])}");
        }, iter: 3000, threads: 1);
    }

    [Fact]
    public void A_vocabulary_that_cannot_say_it_is_an_error_before_anything_is_generated()
    {
        var letters = new TokenVocabulary([(0, "a"u8.ToArray()), (1, "b"u8.ToArray())], 2);
        Assert.Contains("No text", Assert.Throws<ConstraintException>(() => Constraint.FromRegex("c+").Open(letters)).Message);
        Assert.Equal(2, Constraint.FromRegex("(ab|c)").Open(letters).TokensToEnd);
        // As bytes "a" would be shortest, which no token says; a token of two letters ends it all the same.
        var pairs = new TokenVocabulary([(0, "ab"u8.ToArray()), (1, "cd"u8.ToArray()), (2, "a"u8.ToArray())], 3);
        Assert.Equal(1, Constraint.FromRegex("b|ab").Open(pairs).TokensToEnd);
        Assert.Contains("No text", Assert.Throws<ConstraintException>(() => Constraint.FromRegex("b|a?c").Open(pairs)).Message);
        var endless = Constraint.FromGbnf("root ::= ((((\"a\"{1000}){1000}){1000}){1000})");
        Assert.Throws<ConstraintException>(() => endless.Open(letters));
    }

    [Fact]
    public void Deep_texts_cost_no_stack()
    {
        var constraint = Constraint.FromGbnf("root ::= \"(\" root \")\" | \"x\"");
        var text = new string('(', 20_000) + "x" + new string(')', 20_000);
        Assert.True(constraint.Accepts(text));
        Assert.False(constraint.Accepts(text[..^1]));
        Assert.True(constraint.CanBegin(System.Text.Encoding.UTF8.GetBytes(text[..^1])));
    }
}
