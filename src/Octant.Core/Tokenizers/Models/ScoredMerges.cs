using System.Text;

namespace Octant.Tokenizers.Models;

/// <summary>
/// SentencePiece's merges, of which its files keep only the results and their scores: any two neighbours whose text together is
/// a token merge, the highest score first. Written out as pairs, they are a byte-pair encoding whose ranks follow the scores.
/// </summary>
/// <param name="Table">the pairs</param>
/// <param name="Symbols">characters that are no tokens but parts of such, with ids from the vocabulary's size on</param>
sealed record ScoredMerges(MergeTable Table, IReadOnlyDictionary<string, int> Symbols)
{
    // Looking at all cuts of a token takes its length squared; real vocabularies stay far below.
    const long MaximumWork = 2_000_000_000;

    /// <summary>All ways of cutting a text into two, between characters.</summary>
    public static IEnumerable<(string Before, string Behind)> CutsOf(string text)
    {
        for (var cut = 0; cut < text.Length - 1;)
        {
            cut += char.IsHighSurrogate(text[cut]) && char.IsLowSurrogate(text[cut + 1]) ? 2 : 1;
            if (cut < text.Length) yield return (text[..cut], text[cut..]);
        }
    }

    /// <param name="vocabulary">tokens and ids</param>
    /// <param name="scores">by id</param>
    /// <param name="isMerged">which tokens come of merges; all when null</param>
    public static ScoredMerges From(Vocabulary vocabulary, IReadOnlyList<float> scores, Func<int, bool>? isMerged = null)
    {
        var order = scores.Distinct().OrderDescending().Select((score, rank) => (score, rank))
            .ToDictionary(pair => pair.score, pair => pair.rank);
        var symbols = new Dictionary<string, int>(StringComparer.Ordinal);
        var merges = new List<(int, int, int, int)>();
        var work = 0L;
        foreach (var (token, id) in vocabulary.Entries)
        {
            if (isMerged?.Invoke(id) == false) continue;
            work += (long)token.Length * token.Length;
            if (work > MaximumWork)
                throw new TokenizerException("The vocabulary's tokens are too long for SentencePiece's merges.");
            foreach (var (before, behind) in CutsOf(token))
                if (Find(before) is >= 0 and var left && Find(behind) is >= 0 and var right) merges.Add((left, right, order[scores[id]], id));
        }
        return new ScoredMerges(new MergeTable(merges), symbols);

        int Find(string part)
        {
            if (vocabulary.IdOf(part) is >= 0 and var known) return known;
            if (!Rune.TryGetRuneAt(part, 0, out var rune) || rune.Utf16SequenceLength != part.Length) return -1;
            if (!symbols.TryGetValue(part, out var symbol)) symbols.Add(part, symbol = vocabulary.Size + symbols.Count);
            return symbol;
        }
    }
}
