using System.Buffers;
using Octant.Tokenizers.Normalizers;
using Octant.Tokenizers.RegularExpressions;

namespace Octant.Tokenizers;

/// <summary>A token that is found in the text as a whole, before it is cut into words.</summary>
/// <param name="Id">its id</param>
/// <param name="Content">what is looked for</param>
/// <param name="Special">it controls the model, and is left out of decoded text on request</param>
/// <param name="SingleWord">found only where no letter or digit touches it</param>
/// <param name="TakesLeft">takes the white space before it</param>
/// <param name="TakesRight">takes the white space after it</param>
/// <param name="Normalized">is itself normalised, and looked for in the normalised text</param>
/// <param name="IsFound">is looked for at all</param>
sealed record AddedToken(int Id, string Content, bool Special, bool SingleWord = false, bool TakesLeft = false,
    bool TakesRight = false, bool Normalized = false, bool IsFound = true)
{
    public static AddedToken Read(JsonPart part) =>
        new(part["id"].Number(), part["content"].Text(), part.Flag("special", false),
        part.Flag("single_word", false), part.Flag("lstrip", false), part.Flag("rstrip", false), part.Flag("normalized", true));
}

/// <summary>A stretch of a text that is an added token, or, without an id, text between such.</summary>
readonly record struct Segment(Stretch Stretch, int? Id);

/// <summary>Finds added tokens: the leftmost first, of those the longest.</summary>
sealed class AddedTokens
{
    readonly Dictionary<int, AddedToken> byId = [];
    readonly Dictionary<string, int> byContent = new(StringComparer.Ordinal);
    readonly Dictionary<int, string> decoded = [];
    readonly HashSet<string> special = new(StringComparer.Ordinal);
    readonly Trie raw = new();
    readonly Trie normalized = new();

    public AddedTokens(IEnumerable<AddedToken> tokens, Normalizer? normalizer)
    {
        // Special ones come first where two look the same.
        foreach (var token in tokens.OrderByDescending(token => token.Special))
        {
            if (token.Content.Length == 0) continue;
            byId[token.Id] = token;
            byContent.TryAdd(token.Content, token.Id);
            if (token.Special) special.Add(token.Content);
            decoded[token.Id] = token.Normalized && normalizer is not null ? normalizer.Normalize(token.Content)
                : token.Content;
            if (token.IsFound) (token.Normalized ? normalized : raw).Add(decoded[token.Id], token);
        }
        raw.Freeze();
        normalized.Freeze();
    }

    public IEnumerable<AddedToken> All => byId.Values;

    public AddedToken? Find(int id) => byId.GetValueOrDefault(id);

    /// <summary>
    /// How an id shows in decoded text: as it was looked for, normalised where the token is; null for all other ids.
    /// </summary>
    public string? Decoded(int id) => decoded.GetValueOrDefault(id);

    public int? IdOf(string content) => byContent.TryGetValue(content, out var id) ? id : null;

    public bool IsSpecial(string content) => special.Contains(content);

    /// <summary>Cuts the original text at the tokens that are looked for in it.</summary>
    public void SplitOriginal(ReadOnlySpan<char> text, bool parseSpecial, List<Segment> segments) =>
        Split(raw, text, parseSpecial, segments);

    /// <summary>Cuts normalised text at the tokens that are looked for in that.</summary>
    public void SplitNormalized(ReadOnlySpan<char> text, bool parseSpecial, List<Segment> segments) =>
        Split(normalized, text, parseSpecial, segments);

    static void Split(Trie trie, ReadOnlySpan<char> text, bool parseSpecial, List<Segment> segments)
    {
        var last = 0;
        for (var from = 0; trie.Next(text, from, out var match) is { } token; from = match.End)
        {
            if (token.Special && !parseSpecial) continue;
            var (start, end) = (match.Start, match.End);
            if (token.SingleWord && (IsWordBefore(text, start) || IsWordAfter(text, end))) continue;
            // Spaces that the token before has taken are its own.
            if (token.TakesLeft) start = Math.Max(start - SpacesBefore(text[..start]), last);
            if (token.TakesRight) end += SpacesAfter(text[end..]);
            if (last < start) segments.Add(new Segment(new Stretch(last, start), null));
            // Nothing may be left of it: then there is no token.
            if (start < end) segments.Add(new Segment(new Stretch(start, end), token.Id));
            last = end;
        }
        if (last < text.Length) segments.Add(new Segment(new Stretch(last, text.Length), null));
    }

    static bool IsWordBefore(ReadOnlySpan<char> text, int at)
    {
        if (at == 0) return false;
        var width = at > 1 && char.IsLowSurrogate(text[at - 1]) && char.IsHighSurrogate(text[at - 2]) ? 2 : 1;
        return IsWordAfter(text, at - width);
    }

    static bool IsWordAfter(ReadOnlySpan<char> text, int at)
    {
        if (at >= text.Length) return false;
        System.Text.Rune.DecodeFromUtf16(text[at..], out var rune, out _);
        return CharacterClasses.IsRustWord(rune.Value);
    }

    static int SpacesBefore(ReadOnlySpan<char> text)
    {
        var count = 0;
        while (count < text.Length && CharacterClasses.IsSpace(text[^(count + 1)])) count++;
        return count;
    }

    static int SpacesAfter(ReadOnlySpan<char> text)
    {
        var count = 0;
        while (count < text.Length && CharacterClasses.IsSpace(text[count])) count++;
        return count;
    }

    sealed class Trie
    {
        // A search takes at most this many steps for each character of the text.
        const int LongestToken = 512;

        readonly Dictionary<(int Node, char Next), int> edges = [];
        readonly List<AddedToken?> ends = [null];
        SearchValues<char> first = SearchValues.Create("");

        public void Add(string content, AddedToken token)
        {
            if (content.Length == 0) return;
            if (content.Length > LongestToken)
                throw new TokenizerException($"The added token \"{content[..40]}...\" has {content.Length} characters; at most {LongestToken} are supported.");
            var node = 0;
            foreach (var c in content)
            {
                if (!edges.TryGetValue((node, c), out var next))
                {
                    edges.Add((node, c), next = ends.Count);
                    ends.Add(null);
                }
                node = next;
            }
            ends[node] ??= token;
        }

        public void Freeze() =>
            first = SearchValues.Create([.. edges.Keys.Where(edge => edge.Node == 0).Select(edge => edge.Next)]);

        public AddedToken? Next(ReadOnlySpan<char> text, int from, out Stretch match)
        {
            while (from < text.Length && text[from..].IndexOfAny(first) is >= 0 and var found)
            {
                from += found;
                AddedToken? longest = null;
                match = default;
                for (var (node, at) = (0, from); at < text.Length && edges.TryGetValue((node, text[at]), out node);)
                {
                    at++;
                    if (ends[node] is not { } token) continue;
                    (longest, match) = (token, new Stretch(from, at));
                }
                if (longest is not null) return longest;
                from++;
            }
            match = default;
            return null;
        }
    }
}
