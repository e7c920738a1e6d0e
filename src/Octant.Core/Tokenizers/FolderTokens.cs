using System.Globalization;
using System.Text.Json.Nodes;
using Octant.Formats;
using Octant.Tokenizers.Models;

namespace Octant.Tokenizers;

/// <summary>
/// The added tokens of a folder of before tokenizer.json: added_tokens_decoder of tokenizer_config.json, added_tokens.json, and the tokens
/// that tokenizer_config.json and special_tokens_map.json name, as transformers' from_pretrained puts them together. What is named and has
/// no id gets the next one.
/// </summary>
sealed class FolderTokens(string folder)
{
    /// <summary>Lists of tokens; transformers 5 calls them extra, and before that extra were those with names of their own.</summary>
    static readonly string[] Lists = ["additional_special_tokens", "extra_special_tokens"];

    readonly JsonObject map = FolderFiles.SpecialTokensMap(folder);

    /// <summary>tokenizer_config.json; empty where there is none.</summary>
    public JsonObject Config { get; } = FolderFiles.TokenizerConfig(folder);

    /// <summary>What the folder names them.</summary>
    public SpecialTokenNames Names => SpecialTokenNames.Of(Config, map);

    /// <summary>"GPT2" of GPT2Tokenizer and of GPT2TokenizerFast; null where none is named.</summary>
    public string? Class => Config["tokenizer_class"].Text()?.Replace("Fast", "", StringComparison.Ordinal).Replace("Tokenizer", "", StringComparison.Ordinal);

    /// <summary>All of them, by their ids.</summary>
    /// <param name="known">those that the class has without being told</param>
    /// <param name="idOf">the ids of the vocabulary</param>
    /// <param name="size">how many tokens it has</param>
    /// <exception cref="TokenizerException">an id is too large</exception>
    public IReadOnlyCollection<AddedToken> All(IEnumerable<AddedToken> known, Func<string, int?> idOf, int size)
    {
        Dictionary<string, (AddedToken Token, bool HasFlags)> named = [];
        foreach (var (token, hasFlags) in Named()) named.TryAdd(token.Content, (token, hasFlags));
        var tokens = new SortedDictionary<int, AddedToken>();
        foreach (var token in known)
            // What is named with its flags is as they say, also where the class would have others.
            Put(named.GetValueOrDefault(token.Content) is { HasFlags: true, Token: var flagged } ? flagged : token, token.Id);
        foreach (var (id, token) in Decoder()) Put(token, id);
        var contents = tokens.Values.Select(token => token.Content).ToHashSet(StringComparer.Ordinal);
        foreach (var (token, value) in JsonFiles.ReadObject(Path.Combine(folder, "added_tokens.json")) ?? [])
            if (value.Number() is >= 0 and var id && contents.Add(token)) Put(Plain(token, special: named.ContainsKey(token)), id);
        var next = Math.Max(size, tokens.Keys.LastOrDefault(-1) + 1);
        foreach (var (token, _) in named.Values)
            if (contents.Add(token.Content)) Put(token, idOf(token.Content) ?? next++);
        return tokens.Values;

        // One id, one token: what is said later counts, as in transformers.
        void Put(AddedToken token, int id) => tokens[id] = id <= Vocabulary.MaximumId ? token with { Id = id }
            : throw new TokenizerException($"{folder} gives \"{token.Content}\" the id {id}, above {Vocabulary.MaximumId}.");
    }

    IEnumerable<(int Id, AddedToken Token)> Decoder()
    {
        foreach (var (key, value) in Config["added_tokens_decoder"] as JsonObject ?? [])
            if (int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && value is JsonObject given
                && Token(given, given["special"].Flag() ?? false) is { } token) yield return (id, token);
    }

    /// <summary>What the files name, in the order in which they count for <see cref="SpecialTokenNames"/>, too.</summary>
    IEnumerable<(AddedToken Token, bool HasFlags)> Named()
    {
        var (first, second) = Config["added_tokens_decoder"] is null ? (map, Config) : (Config, map);
        var given = SpecialTokenNames.Keys.Select(key => first[key] ?? second[key])
            .Concat(Lists.SelectMany(key => Items(first[key]).Concat(Items(second[key]))));
        foreach (var node in given)
            if (Token(node, special: true) is { } token) yield return (token, node is JsonObject);

        static IEnumerable<JsonNode?> Items(JsonNode? list) => list switch
        {
            JsonArray items => items,
            JsonObject items => items.Select(item => item.Value),
            _ => [],
        };
    }

    /// <summary>A token as a text, or as an object with its flags; it has no id yet.</summary>
    static AddedToken? Token(JsonNode? node, bool special) => node is JsonObject given
        ? given["content"].Text() is not { Length: > 0 } content ? null : new(-1, content, special, given["single_word"].Flag() ?? false,
            given["lstrip"].Flag() ?? false, given["rstrip"].Flag() ?? false, given["normalized"].Flag() ?? !special)
        : node.Text() is { Length: > 0 } text ? Plain(text, special) : null;

    static AddedToken Plain(string content, bool special) => new(-1, content, special, Normalized: !special);
}
