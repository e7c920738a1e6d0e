using System.Runtime.InteropServices;
using System.Text;

namespace Octant.Tokenizers.Training;

/// <summary>The tokens of a vocabulary that grows, and words as their ids.</summary>
sealed class SymbolTable
{
    readonly BpeTrainerOptions options;
    readonly Dictionary<string, int> ids = new(StringComparer.Ordinal);
    readonly List<string> tokens = [];
    readonly List<int> lengths = [];

    public SymbolTable(BpeTrainerOptions options, IReadOnlyDictionary<string, long> words)
    {
        this.options = options;
        foreach (var token in options.SpecialTokens ?? []) Add(token, 1);
        foreach (var character in Alphabet(words)) Add(character.ToString(), 1);
        if (options.ContinuingPrefix.Length + options.EndSuffix.Length > 0) AddAffixed(words.Keys);
    }

    public IReadOnlyList<string> Tokens => tokens;

    /// <summary>How many symbols a token was merged from.</summary>
    public int Length(int id) => lengths[id];

    /// <summary>Appends the ids of a word's characters; those outside the alphabet are passed over.</summary>
    public void Append(string word, List<int> symbols)
    {
        foreach (var symbol in Symbols(word)) symbols.Add(ids[symbol]);
    }

    /// <summary>The token of a pair, which may be there already.</summary>
    public int Merge(int left, int right)
    {
        var end = tokens[right];
        if (end.StartsWith(options.ContinuingPrefix, StringComparison.Ordinal)) end = end[options.ContinuingPrefix.Length..];
        return Add(tokens[left] + end, lengths[left] + lengths[right]);
    }

    int Add(string token, int length)
    {
        ref var id = ref CollectionsMarshal.GetValueRefOrAddDefault(ids, token, out var known);
        if (known) return id;
        id = tokens.Count;
        tokens.Add(token);
        lengths.Add(length);
        return id;
    }

    IEnumerable<Rune> Alphabet(IReadOnlyDictionary<string, long> words)
    {
        var counts = new Dictionary<Rune, long>();
        foreach (var (word, count) in words)
            foreach (var character in word.EnumerateRunes())
                CollectionsMarshal.GetValueRefOrAddDefault(counts, character, out _) += count;
        foreach (var character in options.InitialAlphabet.EnumerateRunes()) counts[character] = long.MaxValue;
        var kept = counts.OrderByDescending(entry => entry.Value).ThenBy(entry => entry.Key.Value).Select(entry => entry.Key);
        return kept.Take(options.LimitAlphabet ?? int.MaxValue).Order();
    }

    /// <summary>
    /// Characters with prefix or suffix follow the alphabet. The reference takes them in the order of a hash table; sorted, the
    /// same text gives the same tokenizer.
    /// </summary>
    void AddAffixed(IEnumerable<string> words)
    {
        var affixed = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var word in words) affixed.UnionWith(Symbols(word));
        foreach (var symbol in affixed) Add(symbol, 1);
    }

    IEnumerable<string> Symbols(string word)
    {
        for (var at = 0; at < word.Length;)
        {
            Rune.DecodeFromUtf16(word.AsSpan(at), out _, out var width);
            var (first, last) = (at == 0, at + width == word.Length);
            var character = word.Substring(at, width);
            at += width;
            if (!ids.ContainsKey(character)) continue;
            yield return (first ? "" : options.ContinuingPrefix) + character + (last ? options.EndSuffix : "");
        }
    }
}
