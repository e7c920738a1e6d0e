using System.Text.Json.Nodes;
using Octant.Tokenizers.Decoders;
using Octant.Tokenizers.Models;
using Octant.Tokenizers.PostProcessors;
using Octant.Tokenizers.PreTokenizers;
using Octant.Tokenizers.RegularExpressions;

namespace Octant.Tokenizers;

/// <summary>A byte-level vocabulary as tiktoken has it: of neighbours those merge first whose bytes together have the lowest id.</summary>
/// <param name="Tokens">tokens in GPT-2's alphabet</param>
/// <param name="Pattern">how text is cut</param>
/// <param name="Special">the special tokens</param>
/// <param name="Names">which of them are which, and whether they are put around a text</param>
sealed record RankedVocabulary(List<(string Token, int Id)> Tokens, string Pattern, IReadOnlyDictionary<string, int> Special, SpecialTokens Names)
{
    /// <exception cref="TokenizerException">a byte is missing, or a token or an id is there twice</exception>
    public Tokenizer Build()
    {
        if (Tokens.DistinctBy(token => token.Token, StringComparer.Ordinal).Count() < Tokens.Count) throw new TokenizerException("It is no sound file of ranks: a token is there twice.");
        if (Tokens.DistinctBy(token => token.Id).Count() < Tokens.Count) throw new TokenizerException("It is no sound file of ranks: two tokens have the same.");
        var vocabulary = new Vocabulary(Tokens, "the file of ranks");
        var order = new float[vocabulary.Size];
        foreach (var (_, id) in Tokens) order[id] = -id;
        var merges = ScoredMerges.From(vocabulary, order);
        if (merges.Symbols.Count > 0)
            throw new TokenizerException($"It is no sound file of ranks: {merges.Symbols.Count} bytes that tokens are made of have none.");
        var names = new Dictionary<int, string>(Special.Count);
        foreach (var (token, id) in Special)
            if (id is < 0 or > Vocabulary.MaximumId || vocabulary.TokenOf(id) is not null || token.Length == 0 || !names.TryAdd(id, token))
                throw new TokenizerException($"The special token \"{token}\" has the id {id}, which is another token's or beyond {Vocabulary.MaximumId}.");
        var added = new AddedTokens(Special.Select(token => new AddedToken(token.Value, token.Key, Special: true)), null);
        var split = new SplitPreTokenizer(new TextPattern.Expression(new CodePointRegex(Pattern, RegexDialect.Fancy)), SplitBehavior.Isolated);
        var frame = Names is { AddBos: true } or { AddEos: true } ? TemplatePostProcessor.Around(Names, id => names[id]) : null;
        return new Tokenizer(new TokenizerParts(new Bpe(vocabulary, merges.Table, new BpeOptions(ReadsBytes: true, IgnoresMerges: true)), added,
            null, split, frame, new ByteLevelDecoder(), null, null, Names));
    }

    /// <summary>
    /// The same as a tokenizer.json, its pairs in the order that transformers gives them (convert_slow_tokenizer, TikTokenConverter): those
    /// that make one token by the ids of their parts. What is put around a text is left out.
    /// </summary>
    public JsonObject Json()
    {
        var ids = Tokens.ToDictionary(token => token.Token, token => token.Id, StringComparer.Ordinal);
        var merges = from token in Tokens
                     orderby token.Id
                     from merge in ScoredMerges.CutsOf(token.Token).Where(cut => ids.ContainsKey(cut.Before) && ids.ContainsKey(cut.Behind)).OrderBy(cut => (ids[cut.Before], ids[cut.Behind]))
                     select (JsonNode)new JsonArray(merge.Before, merge.Behind);
        return new()
        {
            ["pre_tokenizer"] = new JsonObject
            {
                ["type"] = "Split",
                ["pattern"] = new JsonObject { ["Regex"] = Pattern },
                ["behavior"] = "Isolated",
            },
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel" },
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["ignore_merges"] = true,
                ["vocab"] = new JsonObject(Tokens.Select(token => KeyValuePair.Create(token.Token, (JsonNode?)token.Id))),
                ["merges"] = new JsonArray([.. merges]),
            },
        };
    }
}
