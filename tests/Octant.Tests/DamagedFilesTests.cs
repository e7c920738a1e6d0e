using System.Text.Json.Nodes;
using CsCheck;
using Octant.Testing;

namespace Octant.Tests;

/// <summary>Files from strangers: whatever is in them, a model opens and answers, or an error says what is wrong.</summary>
public sealed class DamagedFilesTests
{
    /// <summary>What a value is replaced by; null for taking it out.</summary>
    static readonly string?[] Replacements =
        [null, "null", "true", "-1", "0", "3", "1.5", "1000000000", "1e300", "\"\"", "\"x\"", "[]", "{}", "[1]", "[[]]", "{\"a\": 1}", "\"\\u0000\""];

    [Theory]
    [InlineData("config.json"), InlineData("tokenizer.json"), InlineData("tokenizer_config.json"), InlineData("generation_config.json")]
    public void Any_one_value_of_the_JSON_files_may_be_another(string file)
    {
        using var files = new TinyModel(generation: new()
        {
            ["do_sample"] = true,
            ["temperature"] = 0.5,
            ["top_k"] = 5,
            ["top_p"] = 0.9,
            ["repetition_penalty"] = 1.1,
            ["max_new_tokens"] = 9,
            ["eos_token_id"] = new JsonArray(256, 258),
            ["stop_strings"] = new JsonArray("end"),
        });
        var original = File.ReadAllText(files.PathOf(file));
        for (var place = 0; place < Places(JsonNode.Parse(original)).Count(); place++)
            foreach (var replacement in Replacements)
            {
                var json = JsonNode.Parse(original)!;
                Replace(Places(json).ElementAt(place), replacement);
                File.WriteAllText(files.PathOf(file), json.ToJsonString());
                OpensOrSays(files.Folder);
            }
    }

    [Fact]
    public void Any_bytes_of_the_weights_may_be_others_and_the_file_may_end_anywhere()
    {
        using var files = new TinyModel();
        var path = files.PathOf("model.safetensors");
        var original = File.ReadAllBytes(path);
        Gen.Select(Gen.Int[0, 1999], Gen.Byte, Gen.Int[0, original.Length], Gen.Bool).Sample((at, value, length, cut) =>
        {
            byte[] bytes = [.. original[..(cut ? length : original.Length)]];
            if (!cut) bytes[at] = value;
            File.WriteAllBytes(path, bytes);
            OpensOrSays(files.Folder);
        }, iter: 300, threads: 1);
    }

    static void OpensOrSays(string folder)
    {
        try
        {
            using var chat = OctantChat.Open(folder, new("float32"));
            _ = Microsoft.Extensions.AI.ChatClientExtensions.GetResponseAsync(chat, "hi", new() { MaxOutputTokens = 2 }).GetAwaiter().GetResult();
        }
        catch (OctantException e)
        {
            Assert.NotEmpty(e.Message);
        }
    }

    /// <summary>Every value, by the node that holds it; of long lists the first and the last.</summary>
    static IEnumerable<(JsonNode Parent, object Key)> Places(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject parent:
                foreach (var (i, (key, value)) in parent.Index())
                {
                    if (parent.Count > 50 && i is > 2 && i < parent.Count - 2) continue;
                    yield return (parent, key);
                    foreach (var inner in Places(value)) yield return inner;
                }
                break;
            case JsonArray parent:
                foreach (var (i, value) in parent.Index())
                {
                    yield return (parent, i);
                    foreach (var inner in Places(value)) yield return inner;
                }
                break;
        }
    }

    static void Replace((JsonNode Parent, object Key) place, string? replacement)
    {
        var value = replacement is null ? null : JsonNode.Parse(replacement);
        if (place.Parent is JsonObject parent)
        {
            if (replacement is null) parent.Remove((string)place.Key);
            else parent[(string)place.Key] = value;
        }
        else if (replacement is null) place.Parent.AsArray().RemoveAt((int)place.Key);
        else place.Parent.AsArray()[(int)place.Key] = value;
    }
}
