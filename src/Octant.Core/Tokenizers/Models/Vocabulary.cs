namespace Octant.Tokenizers.Models;

/// <summary>Tokens and their ids, both ways.</summary>
sealed class Vocabulary
{
    // Beyond any model's; a stray id must not cost gigabytes.
    public const int MaximumId = 5_000_000;

    // Nor must a short file cost the table of a large one: ids have gaps, but not hundreds for each token.
    const int MostGaps = 1 << 16, MostGapsPerToken = 64;

    readonly Dictionary<string, int> ids;
    readonly string?[] tokens;

    public Vocabulary(IEnumerable<(string Token, int Id)> entries, string path)
    {
        ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (token, id) in entries)
        {
            if (id is < 0 or > MaximumId)
                throw new TokenizerException($"{path} gives \"{token}\" the id {id}; ids go from 0 to {MaximumId}.");
            ids[token] = id;
        }
        LongestToken = ids.Count == 0 ? 0 : ids.Keys.Max(token => token.Length);
        var last = ids.Values.DefaultIfEmpty(-1).Max();
        if (last - ids.Count > MostGaps + (long)MostGapsPerToken * ids.Count)
            throw new TokenizerException($"{path} goes up to the id {last}, but has {ids.Count} tokens; so many ids without a token no model has.");
        tokens = new string?[last + 1];
        foreach (var (token, id) in ids) tokens[id] = token;
    }

    /// <summary>One more than the largest id.</summary>
    public int Size => tokens.Length;

    /// <summary>The most UTF-16 units that a token has.</summary>
    public int LongestToken { get; }

    public IEnumerable<KeyValuePair<string, int>> Entries => ids;

    /// <summary>The id of a token, or -1.</summary>
    public int IdOf(ReadOnlySpan<char> token) =>
        ids.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(token, out var id) ? id : -1;

    public string? TokenOf(int id) => (uint)id < (uint)tokens.Length ? tokens[id] : null;

    /// <summary>{"token": id, ...}</summary>
    public static Vocabulary Read(JsonPart part) =>
        new(part.Properties().Select(entry => (entry.Name, entry.Value.Number())), part.Path);
}
