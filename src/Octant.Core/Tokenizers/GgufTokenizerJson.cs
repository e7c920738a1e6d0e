using System.Text.Json.Nodes;
using Octant.Chat;
using Octant.Tokenizers.Models;

namespace Octant.Tokenizers;

/// <summary>
/// A GGUF file's vocabulary as the tokenizer.json and tokenizer_config.json that the same model has elsewhere; with
/// <see cref="GgufTokenizer"/> it shares what the keys mean, and the tokenizers of both give the same ids.
/// </summary>
public static class GgufTokenizerJson
{
    /// <summary>The tokenizer.json.</summary>
    /// <exception cref="TokenizerException">its values do not fit together, or its kind is not supported</exception>
    public static JsonObject Of(GgufVocabulary gguf)
    {
        gguf = GgufTokenizer.Checked(gguf);
        _ = GgufTokenizer.Build(gguf);                      // says what is wrong with it
        var special = GgufTokenizer.SpecialOf(gguf);
        var json = new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray([.. GgufTokenizer.AddedOf(gguf, special).Select(token => (JsonNode)new JsonObject
            {
                ["id"] = token.Id,
                ["content"] = token.Content,
                ["single_word"] = false,
                ["lstrip"] = false,
                ["rstrip"] = false,
                ["normalized"] = false,
                ["special"] = token.Special,
            })]),
        };
        switch (gguf.Model)
        {
            case "gpt2" or "gemma4" or "whitespace": Pairs(json, gguf, special); break;
            case "llama": SentencePiece(json, gguf, special); break;
            default: throw new TokenizerException($"A vocabulary of the kind \"{gguf.Model}\" is read, but not written as a tokenizer.json yet.");
        }
        json["post_processor"] = Frame(gguf, special);
        return json;
    }

    /// <summary>The tokenizer_config.json.</summary>
    /// <param name="gguf">the vocabulary</param>
    /// <param name="template">the chat template; null for none</param>
    public static JsonObject ConfigOf(GgufVocabulary gguf, ChatTemplate? template)
    {
        gguf = GgufTokenizer.Checked(gguf);
        var templates = template?.Sources ?? new Dictionary<string, string>();
        var special = GgufTokenizer.SpecialOf(gguf);
        var config = new JsonObject
        {
            ["tokenizer_class"] = "PreTrainedTokenizerFast",
            ["clean_up_tokenization_spaces"] = false,
            ["add_bos_token"] = special.AddBos,
            ["add_eos_token"] = special.AddEos,
        };
        foreach (var (name, id) in (ReadOnlySpan<(string, int?)>)[
            ("bos_token", special.Bos), ("eos_token", special.Eos), ("unk_token", special.Unk), ("pad_token", special.Pad)])
            if (id is { } known) config[name] = gguf.Tokens[known];
        if (templates.Count == 1 && templates.TryGetValue("default", out var only)) config["chat_template"] = only;
        else if (templates.Count > 0)
            config["chat_template"] = new JsonArray([.. templates.Select(pair => (JsonNode)new JsonObject { ["name"] = pair.Key, ["template"] = pair.Value })]);
        return config;
    }

    static void Pairs(JsonObject json, GgufVocabulary gguf, SpecialTokens special)
    {
        var pre = GgufPreTokenizers.Of(gguf);
        json["normalizer"] = NormalizerOf(gguf, pre);
        json["pre_tokenizer"] = PreTokenizerOf(pre);
        json["decoder"] = pre.Symbols == GgufSymbols.Bytes ? Bytes() : PiecesDecoder(pre.PrependsSpaces);
        var model = Model(gguf, gguf.Merges!.Select(merge => BpeReader.Pair(merge)!.Value), ignoresMerges: pre.IgnoresMerges);
        json["model"] = pre.Symbols == GgufSymbols.Bytes ? model : WithFallback(model, gguf, pre.Symbols == GgufSymbols.Pieces ? special.Unk : null);
    }

    static JsonObject? NormalizerOf(GgufVocabulary gguf, GgufPreTokenizer pre) => pre switch
    {
        { Composes: true } => new() { ["type"] = "NFC" },
        { PrependsSpaces: true } => Sequence("normalizers", Replace("Regex", GgufTokenizer.LineStarts, "▁"), VisibleSpaces()),
        { Symbols: GgufSymbols.Pieces } => VisibleSpaces(),
        { Symbols: GgufSymbols.Words } when gguf.Lowercases == true => new() { ["type"] = "Lowercase" },
        _ => null,
    };

    static JsonObject? PreTokenizerOf(GgufPreTokenizer pre)
    {
        if (pre.Symbols == GgufSymbols.Words) return new() { ["type"] = "WhitespaceSplit" };
        JsonObject[] cuts = [.. pre.Patterns.Select(pattern => new JsonObject
        {
            ["type"] = "Split",
            ["pattern"] = new JsonObject { ["Regex"] = pattern },
            ["behavior"] = "Isolated",
            ["invert"] = false,
        })];
        if (pre.Symbols == GgufSymbols.Bytes) cuts = [.. cuts, Bytes()];
        return cuts.Length > 0 ? Sequence("pretokenizers", cuts) : null;
    }

    static JsonObject Sequence(string list, params JsonObject[] parts) => new() { ["type"] = "Sequence", [list] = new JsonArray(parts) };

    static JsonObject VisibleSpaces() => Replace("String", " ", "▁");

    static JsonObject Replace(string kind, string pattern, string content) => new() { ["type"] = "Replace", ["pattern"] = new JsonObject { [kind] = pattern }, ["content"] = content };

    static JsonObject PiecesDecoder(bool drops)
    {
        JsonObject[] decoders = [Replace("String", "▁", " "), new() { ["type"] = "ByteFallback" }, new() { ["type"] = "Fuse" }];
        return Sequence("decoders", drops ? [.. decoders, new() { ["type"] = "Strip", ["content"] = " ", ["start"] = 1, ["stop"] = 0 }] : decoders);
    }

    static JsonObject WithFallback(JsonObject model, GgufVocabulary gguf, int? unknown)
    {
        model["fuse_unk"] = true;
        model["byte_fallback"] = true;
        if (unknown is { } id) model["unk_token"] = gguf.Tokens[id];
        return model;
    }

    static JsonObject Bytes() => new() { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = false };

    static void SentencePiece(JsonObject json, GgufVocabulary gguf, SpecialTokens special)
    {
        var prepends = gguf.AddSpacePrefix ?? true;
        json["normalizer"] = prepends ? Sequence("normalizers", new() { ["type"] = "Prepend", ["prepend"] = "▁" }, VisibleSpaces()) : VisibleSpaces();
        json["pre_tokenizer"] = null;
        json["decoder"] = PiecesDecoder(prepends);
        json["model"] = WithFallback(Model(gguf, MergesOf(gguf, special), ignoresMerges: false), gguf, special.Unk);
    }

    /// <summary>
    /// All pairs of tokens that make a token, the highest score first: what scores say, spelled out. Several pairs that make one token stand
    /// in the order that transformers gives them (convert_slow_tokenizer, generate_merges): scores know none, and llama.cpp takes the first
    /// in the text.
    /// </summary>
    static IEnumerable<(string, string)> MergesOf(GgufVocabulary gguf, SpecialTokens special)
    {
        // What is found in texts as a whole leaves nothing to merge; but for spaces, which become visible only later.
        var found = GgufTokenizer.AddedOf(gguf, special).Where(token => !token.Content.Contains('▁')).Select(token => token.Id).ToHashSet();
        var ids = gguf.Tokens.Index().ToDictionary(entry => entry.Item, entry => entry.Index, StringComparer.Ordinal);
        var merges = new List<(string Left, string Right, int Id)>();
        foreach (var (id, token) in gguf.Tokens.Index())
            foreach (var (left, right) in ScoredMerges.CutsOf(token))
                if (ids.ContainsKey(left) && ids.ContainsKey(right)) merges.Add((left, right, id));
                else if (!found.Contains(id) && IsPart(left) && IsPart(right))
                    throw Unsaid($"the token {token}, which is merged from a character that is no token");
        foreach (var tied in merges.Select(merge => merge.Id).Where(id => !found.Contains(id)).Distinct().GroupBy(id => gguf.Scores![id]).Where(group => group.Count() > 1))
            throw Unsaid($"the equal scores of {gguf.Tokens[tied.First()]} and {gguf.Tokens[tied.Last()]}, where the first in a text is merged");
        return from merge in merges
               orderby gguf.Scores![merge.Id] descending, merge.Left.Length descending, merge.Right.Length descending, merge.Id, ids[merge.Left], ids[merge.Right]
               select (merge.Left, merge.Right);

        bool IsPart(string text) => ids.ContainsKey(text) || System.Text.Rune.TryGetRuneAt(text, 0, out var rune) && rune.Utf16SequenceLength == text.Length;
    }

    static TokenizerException Unsaid(string what) => new($"The vocabulary cannot be written as a tokenizer.json, whose merges have no word for {what}.");

    static JsonObject Model(GgufVocabulary gguf, IEnumerable<(string Left, string Right)> merges, bool ignoresMerges) => new()
    {
        ["type"] = "BPE",
        ["dropout"] = null,
        ["unk_token"] = null,
        ["continuing_subword_prefix"] = null,
        ["end_of_word_suffix"] = null,
        ["fuse_unk"] = false,
        ["byte_fallback"] = false,
        ["ignore_merges"] = ignoresMerges,
        ["vocab"] = new JsonObject(gguf.Tokens.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))),
        ["merges"] = new JsonArray([.. merges.Select(merge => (JsonNode)new JsonArray(merge.Left, merge.Right))]),
    };

    static JsonObject? Frame(GgufVocabulary gguf, SpecialTokens special)
    {
        (string Token, int Id)[] begin = special is { AddBos: true, Bos: { } bos } ? [(gguf.Tokens[bos], bos)] : [];
        (string Token, int Id)[] end = special is { AddEos: true, Eos: { } eos } ? [(gguf.Tokens[eos], eos)] : [];
        return begin.Length + end.Length == 0 ? null
            : TemplateJson.Of(Around("A", 0), [.. Around("A", 0), .. Around("B", 1)], [.. begin, .. end]);

        IEnumerable<JsonNode> Around(string text, int type) =>
            [.. begin.Select(token => TemplateJson.Special(token.Token, type)), TemplateJson.Text(text, type), .. end.Select(token => TemplateJson.Special(token.Token, type))];
    }
}
