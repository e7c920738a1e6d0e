using System.Text.Json.Nodes;
using Octant.Tokenizers;

namespace Goldens.Kinds;

/// <summary>Writes a tokenizer.json as GGUF would have it, where GGUF can say what it says.</summary>
static class GgufVocabularies
{
    const string Contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";

    const string DeepSeek = @"[!""#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
        + @"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>
    /// How llama.cpp names the expressions of a pre-tokenizer; "bytes" stands for ByteLevel with its own expression.
    /// </summary>
    static readonly Dictionary<string, string> names = new()
    {
        ["bytes"] = "gpt-2",
        ["digits|bytes"] = "smollm",
        [Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"] =
            "llama-bpe",
        [Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"] = "qwen2",
        [" ?[^(\\s|[.,!?…。，、।۔،])]+"] = "bloom",
        [@"\p{N}{1,3}|[一-龥぀-ゟ゠-ヿ]+|" + DeepSeek] = "deepseek-v3",
    };

    /// <summary>The vocabulary; null where GGUF has no words for it.</summary>
    public static GgufVocabulary? From(JsonNode json)
    {
        var model = json["model"]!;
        if ((string?)model["type"] == "WordPiece" && (bool?)json["normalizer"]?["lowercase"] == true) return Bert(json);
        if ((string?)model["type"] != "BPE" || model["merges"]!.AsArray() is not { Count: > 0 } merges) return null;
        if (json["added_tokens"]!.AsArray().Any(IsUnusual)) return null;
        var tokens = Tokens(json);
        var pairs = merges.Select(pair => pair is JsonArray array ? ((string)array[0]!, (string)array[1]!)
            : Pair((string)pair!)).ToList();
        var vocabulary = new GgufVocabulary
        {
            Model = "gpt2",
            Tokens = tokens,
            TokenTypes = Types(json, tokens),
            AddBos = Bos(json, tokens) is not null,
            BosId = Bos(json, tokens),
        };
        if ((bool?)model["byte_fallback"] == true && IsSentencePiece(json, out var prefix))
            return vocabulary with { Model = "llama", Scores = Scores(tokens, pairs), AddSpacePrefix = prefix };
        return Pre(json) is { } pre
            ? vocabulary with { Pre = pre, Merges = [.. pairs.Select(pair => $"{pair.Item1} {pair.Item2}")] } : null;
    }

    /// <summary>Where BERT's own vocabulary has ## within words, GGUF has ▁ before them.</summary>
    static GgufVocabulary Bert(JsonNode json)
    {
        var tokens = Tokens(json);
        var types = Types(json, tokens);
        return new()
        {
            Model = "bert",
            Tokens = [.. tokens.Select((token, id) => types[id] != 1 || token is ['[', .., ']'] ? token : token.StartsWith("##", StringComparison.Ordinal) ? token[2..] : $"▁{token}")],
            TokenTypes = types,
            BosId = tokens.IndexOf("[CLS]"),
            SepId = tokens.IndexOf("[SEP]"),
            UnkId = tokens.IndexOf("[UNK]"),
            PadId = tokens.IndexOf("[PAD]"),
        };
    }

    static bool IsUnusual(JsonNode? token) => (bool)token!["lstrip"]! || (bool)token["rstrip"]! || (bool)token["single_word"]!;

    static (string, string) Pair(string merge) => (merge.Split(' ')[0], merge.Split(' ')[1]);

    static List<string> Tokens(JsonNode json)
    {
        var entries = json["model"]!["vocab"]!.AsObject().Select(entry => (entry.Key, (int)entry.Value!))
            .Concat(json["added_tokens"]!.AsArray()
                .Select(token => ((string)token!["content"]!, (int)token["id"]!))).Distinct();
        return [.. entries.OrderBy(entry => entry.Item2).Select(entry => entry.Item1)];
    }

    static int[] Types(JsonNode json, List<string> tokens)
    {
        var types = tokens.Select(token => IsByte(token) ? 6 : 1).ToArray();
        foreach (var token in json["added_tokens"]!.AsArray()) types[(int)token!["id"]!] = (bool)token["special"]! ? 3 : 4;
        if ((string?)json["model"]!["unk_token"] is { } unknown) types[tokens.IndexOf(unknown)] = 2;
        return types;
    }

    static bool IsByte(string token) => token.StartsWith("<0x", StringComparison.Ordinal) && token.Length == 6;

    static int? Bos(JsonNode json, List<string> tokens) =>
        json["post_processor"] is { } processor && (string?)processor["type"] == "TemplateProcessing"
            && (string?)processor["single"]![0]!["SpecialToken"]?["id"] is { } bos ? tokens.IndexOf(bos) : null;

    /// <summary>SentencePiece gives the pieces that it merged scores of 0, -1, -2, ... in order.</summary>
    static float[] Scores(List<string> tokens, List<(string Left, string Right)> pairs)
    {
        var scores = tokens.Select(_ => -1e9f).ToArray();
        for (var i = pairs.Count - 1; i >= 0; i--) scores[tokens.IndexOf(pairs[i].Left + pairs[i].Right)] = -i;
        return scores;
    }

    static bool IsSentencePiece(JsonNode json, out bool prefix)
    {
        var normalizers = json["normalizer"] is { } one
            ? (one["normalizers"]?.AsArray().Select(n => (string)n!["type"]!) ?? [(string)one["type"]!]).ToList() : [];
        prefix = normalizers.Contains("Prepend");
        return normalizers.Contains("Replace");
    }

    static string? Pre(JsonNode json)
    {
        var all = json["pre_tokenizer"]?["pretokenizers"]?.AsArray().ToList() ?? [json["pre_tokenizer"]];
        var parts = all.Where(part => part is not null).Select(part => (string)part!["type"]! switch
        {
            "ByteLevel" => (bool)part["add_prefix_space"]! ? "prefixed" : (bool)part["use_regex"]! ? "bytes" : "",
            "Digits" => "digits",
            "Split" => (string?)part["behavior"] == "Isolated" ? Plain((string?)part["pattern"]!["Regex"]) : "other",
            _ => "other",
        });
        return names.GetValueOrDefault(string.Join('|', parts.Where(part => part.Length > 0)));
    }

    // Needless backslashes differ from file to file.
    static string Plain(string? pattern) => (pattern ?? "other").Replace("\\\"", "\"");
}
