using System.Text.Json;
using Octant.Tokenizers.Models;

namespace Octant.Tokenizers;

/// <summary>
/// Reads tekken.json, in which Mistral keeps its tokenizers since Nemo: how text is cut, tokens as bytes in base64 with their ranks, and
/// special tokens, whose ids come before all others (mistral_common, tokens/tokenizers/tekken.py).
/// </summary>
static class Tekken
{
    /// <summary>Those of files up to version 7, which do not name them.</summary>
    static readonly string[] Unnamed =
    [
        "<unk>", "<s>", "</s>", "[INST]", "[/INST]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]", "[TOOL_RESULTS]", "[/TOOL_RESULTS]", "[TOOL_CALLS]",
        "[IMG]", "<pad>", "[IMG_BREAK]", "[IMG_END]", "[PREFIX]", "[MIDDLE]", "[SUFFIX]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "[TOOL_CONTENT]",
    ];

    /// <summary>Special tokens that any file may have: real ones have a thousand.</summary>
    const int LeastSpecial = 1 << 16;

    /// <summary>Whether a JSON document is one, and no tokenizer.json.</summary>
    public static bool Is(JsonPart root) => root.Element.ValueKind == JsonValueKind.Object && root.Find("vocab") is not null
        && root.Find("config") is { Element.ValueKind: JsonValueKind.Object } config && config.Find("pattern") is not null;

    /// <exception cref="TokenizerException">it is damaged: says where</exception>
    public static RankedVocabulary Read(JsonPart root)
    {
        var config = root["config"];
        var (size, specials) = (config["default_vocab_size"].Number(), config["default_num_special_tokens"].Number());
        if (size <= specials || size > Vocabulary.MaximumId) throw config.Wrong($"has {size} tokens, {specials} of them special");
        var ranks = Ranks(root["vocab"], size - specials, specials);
        if (specials > Math.Max(LeastSpecial, ranks.Count)) throw config.Wrong($"has {specials} special tokens for {ranks.Count} others");
        var ids = Special(root, specials);
        var names = new SpecialTokens(Id("<s>"), Id("</s>"), Id("<pad>"), Id("<unk>"), AddBos: ids.ContainsKey("<s>"), AddEos: false);
        return new(ranks, config["pattern"].Text(), ids, names);

        int? Id(string token) => ids.TryGetValue(token, out var id) ? id : null;
    }

    /// <summary>The special tokens with their ids; those that have no name get one.</summary>
    static Dictionary<string, int> Special(JsonPart root, int count)
    {
        var given = root.Find("special_tokens");
        var named = given is { } tokens ? [.. tokens.Items().Select(token => (Name: token["token_str"].Text(), Id: token["rank"].Number()))]
            : Unnamed.Select((token, id) => (Name: token, Id: id)).ToArray();
        if (named.Length > count) throw (given ?? root["config"]).Wrong($"are {named.Length} special tokens, of which there may be {count}");
        var ids = new Dictionary<string, int>(count, StringComparer.Ordinal);
        foreach (var (token, id) in named.Concat(Enumerable.Range(named.Length, count - named.Length).Select(id => ($"<SPECIAL_{id}>", id))))
            if (id >= count || !ids.TryAdd(token, id)) throw (given ?? root["config"]).Wrong($"gives \"{token}\" the id {id}, but it is there twice or not one of the first {count}");
        return ids;
    }

    /// <summary>As many tokens as are in use: files hold more.</summary>
    static List<(string Token, int Rank)> Ranks(JsonPart vocabulary, int count, int first)
    {
        var ranks = new List<(string, int)>();
        foreach (var token in vocabulary.Items())
            if (token["rank"].Number() is var rank && rank < count) ranks.Add((Tiktoken.Token(System.Text.Encoding.UTF8.GetBytes(token["token_bytes"].Text())) ?? throw token.Wrong("is no token in base64"), rank + first));
        return ranks.Count == count ? ranks : throw vocabulary.Wrong($"has {ranks.Count} of the {count} tokens that default_vocab_size demands");
    }
}
