using System.Text.Json.Nodes;
using Octant.Tokenizers;

namespace Octant.Core.Tests.Tokenizers;

/// <summary>Tokenizers of a few tokens, for tests.</summary>
static class SmallTokenizers
{
    public const string Eot = "<|endoftext|>";

    static readonly (string, string)[] merges =
        [("h", "e"), ("l", "l"), ("he", "ll"), ("hell", "o"), ("Ġ", "w"), ("o", "r"), ("Ġw", "or"), ("l", "d"), ("Ã", "©")];

    /// <summary>GPT-2's way, with all bytes and a few merges.</summary>
    public static JsonObject ByteLevel()
    {
        var vocabulary = new JsonObject();
        foreach (var token in Alphabet().Concat(merges.Select(merge => merge.Item1 + merge.Item2))) vocabulary[token] =
            vocabulary.Count;
        return new JsonObject
        {
            ["added_tokens"] = new JsonArray(Added(vocabulary.Count, Eot, special: true),
                Added(vocabulary.Count + 1, "<tool>", special: false)),
            ["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false },
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel" },
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["vocab"] = vocabulary,
                ["merges"] = new JsonArray([.. merges.Select(merge => (JsonNode)$"{merge.Item1} {merge.Item2}")]),
            },
        };
    }

    public static Tokenizer Open() => Tokenizer.FromJson(ByteLevel().ToJsonString());

    /// <summary>GPT-2's way in GGUF, with all bytes and a few merges, and with a name for how text is cut.</summary>
    public static GgufVocabulary Gguf(string pre) => new()
    {
        Model = "gpt2",
        Pre = pre,
        Tokens = [.. Alphabet(), .. merges.Select(merge => merge.Item1 + merge.Item2)],
        Merges = [.. merges.Select(merge => $"{merge.Item1} {merge.Item2}")],
    };

    /// <summary>Llama's way in GGUF: scores, byte tokens, spaces made visible.</summary>
    public static GgufVocabulary SentencePiece()
    {
        string[] tokens = ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(i => $"<0x{i:X2}>"),
            "▁", "h", "e", "l", "o", "▁h", "el", "lo", "▁hel", "▁hello", "<call>"];
        return new GgufVocabulary
        {
            Model = "llama",
            Tokens = tokens,
            TokenTypes = [2, 3, 3, .. Enumerable.Repeat(6, 256), .. Enumerable.Repeat(1, 10), 4],
            Scores = [.. tokens.Select((token, id) => id < 264 || token == "<call>" ? -100f : -id)],
            BosId = 1,
            EosId = 2,
            UnkId = 0,
        };
    }

    static JsonObject Added(int id, string content, bool special) => new()
    {
        ["id"] = id,
        ["content"] = content,
        ["special"] = special,
        ["normalized"] = false,
    };

    static IEnumerable<string> Alphabet()
    {
        var next = 256;
        for (var i = 0; i < 256; i++) yield return ((char)(i is >= 33 and <= 126 or >= 161 and <= 172 or >= 174 ? i
            : next++)).ToString();
    }
}
