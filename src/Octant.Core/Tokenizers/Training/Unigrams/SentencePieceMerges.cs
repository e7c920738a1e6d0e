using System.Text;

namespace Octant.Tokenizers.Training.Unigrams;

/// <summary>
/// SentencePiece's byte-pair trainer: of equally frequent pairs the shortest, then the first in the order of texts, merges; occurrences
/// that overlap count once.
/// </summary>
sealed class SentencePieceMerges
{
    internal delegate bool PieceTest(ReadOnlySpan<int> characters);

    /// <summary>A character, or two symbols together.</summary>
    sealed class Symbol(int[] characters, Symbol? left, Symbol? right)
    {
        public int[] Characters { get; } = characters;
        public Symbol? Left { get; } = left;
        public Symbol? Right { get; } = right;
        public string Text { get; } = string.Concat(characters.Select(c => new Rune(c).ToString()));
        public long Count { get; set; }
        public SortedSet<(int Word, int Left, int Right)> Places { get; } = [];
    }

    readonly PieceTest isPiece;
    readonly List<(string Text, long Count)> words;
    readonly Symbol?[][] symbols;
    readonly Dictionary<int, Symbol> characters = [];
    readonly Dictionary<(Symbol, Symbol), Symbol?> pairs = [];

    public SentencePieceMerges(List<(string Text, long Count)> words, PieceTest isPiece)
    {
        (this.words, this.isPiece) = (words, isPiece);
        symbols = [.. words.Select(word => word.Text.EnumerateRunes().Select(rune => (Symbol?)Character(rune.Value)).ToArray())];
        for (var word = 0; word < symbols.Length; word++)
            for (var i = 1; i < symbols[word].Length; i++) Add(word, i - 1, i);
    }

    public List<(string, double)> Train(int count, Dictionary<int, long> required, CancellationToken cancellation)
    {
        var final = new List<(string, double)>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (final.Count < count && Best() is { } best)
        {
            cancellation.ThrowIfCancellationRequested();
            if (seen.Add(best.Text)) final.Add((best.Text, -final.Count));
            Merge(best);
        }
        foreach (var (character, _) in required.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key)) final.Add((new Rune(character).ToString(), -final.Count));
        return final;
    }

    Symbol Character(int value) => characters.TryGetValue(value, out var symbol) ? symbol : characters[value] = new([value], null, null);

    Symbol? Pair(Symbol left, Symbol right)
    {
        if (pairs.TryGetValue((left, right), out var pair)) return pair;
        int[] both = [.. left.Characters, .. right.Characters];
        return pairs[(left, right)] = isPiece(both) ? new(both, left, right) : null;
    }

    void Add(int word, int left, int right)
    {
        if (left < 0 || right < 0 || Pair(symbols[word][left]!, symbols[word][right]!) is not { } pair) return;
        pair.Places.Add((word, left, right));
        pair.Count = 0;
    }

    /// <summary>Counted anew where something has changed since.</summary>
    long CountOf(Symbol symbol)
    {
        if (symbol.Count > 0) return symbol.Count;
        var last = (Word: -1, Left: -1, Right: -1);
        foreach (var place in symbol.Places.ToArray())
        {
            // What has merged otherwise is gone, and of AAA the second pair shares a letter with the first.
            if (symbols[place.Word][place.Left] != symbol.Left || symbols[place.Word][place.Right] != symbol.Right
                || place.Word == last.Word && place.Left == last.Right)
            {
                symbol.Places.Remove(place);
                if (place.Word == last.Word && place.Left == last.Right) last = (-1, -1, -1);
                continue;
            }
            symbol.Count += words[place.Word].Count;
            last = place;
        }
        return symbol.Count;
    }

    Symbol? Best()
    {
        Symbol? best = null;
        foreach (var symbol in pairs.Values)
        {
            if (symbol is null || symbol.Places.Count == 0 || CountOf(symbol) == 0) continue;
            if (best is null || symbol.Count > best.Count || symbol.Count == best.Count && IsBefore(symbol, best)) best = symbol;
        }
        return best;

        static bool IsBefore(Symbol a, Symbol b) => a.Characters.Length != b.Characters.Length ? a.Characters.Length < b.Characters.Length
            : CodePointOrder.Instance.Compare(a.Text, b.Text) < 0;
    }

    void Merge(Symbol best)
    {
        foreach (var (word, left, right) in best.Places.ToArray())
        {
            if (symbols[word][left] != best.Left || symbols[word][right] != best.Right) continue;
            var (next, before) = (Next(word, right, 1), Next(word, left, -1));
            // Neighbours lose a pair each.
            Reset(word, before, left);
            Reset(word, right, next);
            (symbols[word][left], symbols[word][right]) = (best, null);
            Add(word, before, left);
            Add(word, left, next);
        }
        pairs[(best.Left!, best.Right!)] = null;
    }

    int Next(int word, int at, int step)
    {
        for (at += step; at >= 0 && at < symbols[word].Length; at += step)
            if (symbols[word][at] is not null) return at;
        return -1;
    }

    void Reset(int word, int left, int right)
    {
        if (left >= 0 && right >= 0 && pairs.GetValueOrDefault((symbols[word][left]!, symbols[word][right]!)) is { } pair) pair.Count = 0;
    }
}
