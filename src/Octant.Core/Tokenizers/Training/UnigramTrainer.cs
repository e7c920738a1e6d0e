using System.Text;
using Octant.Tokenizers.Training.Unigrams;

namespace Octant.Tokenizers.Training;

/// <summary>How a unigram model is learnt: Hugging Face's names and defaults.</summary>
/// <param name="VocabularySize">pieces in all, special tokens included; fewer come out where the text has no more</param>
/// <param name="SpecialTokens">the first of them</param>
/// <param name="Unknown">the token for what no piece says, put before the special ones unless it is one of them; null for none</param>
/// <param name="InitialAlphabet">characters that are pieces also where the texts lack them</param>
/// <param name="MaximumPieceLength">characters that a piece has at most</param>
/// <param name="ShrinkingFactor">the share of the pieces that each pruning leaves</param>
/// <param name="SeedSize">how many pieces are begun with</param>
/// <param name="Rounds">of estimation between two prunings</param>
public sealed record UnigramTrainerOptions(int VocabularySize = 8000, IReadOnlyList<string>? SpecialTokens = null, string? Unknown = null,
    string InitialAlphabet = "", int MaximumPieceLength = 16, double ShrinkingFactor = 0.75, int SeedSize = 1_000_000, int Rounds = 2)
{
    /// <summary>The tokens before the pieces.</summary>
    internal IReadOnlyList<string> Special =>
        Unknown is null || SpecialTokens?.Contains(Unknown) == true ? SpecialTokens ?? [] : [Unknown, .. SpecialTokens ?? []];

    internal void Validate()
    {
        if (VocabularySize <= Special.Count)
            throw new TokenizerException($"A vocabulary of {VocabularySize} tokens was asked for: the special tokens alone are {Special.Count}.");
        if (MaximumPieceLength < 1)
            throw new TokenizerException($"A piece length of {MaximumPieceLength} was asked for: it must be at least 1.");
        if (ShrinkingFactor is not (> 0 and < 1))
            throw new TokenizerException($"A shrinking factor of {ShrinkingFactor} was asked for: it must be between 0 and 1.");
        if (SeedSize < 1 || Rounds < 1)
            throw new TokenizerException($"{SeedSize} seeds and {Rounds} rounds were asked for: both must be at least 1.");
    }
}

/// <summary>
/// Learns a unigram model (Kudo 2018, arXiv:1804.10959) as Hugging Face's trainer does: of all substrings that repeat, those are kept
/// without which the words would be least likely.
/// </summary>
public sealed class UnigramTrainer
{
    readonly UnigramTrainerOptions options;

    /// <exception cref="TokenizerException">a size makes no sense</exception>
    public UnigramTrainer(UnigramTrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        this.options = options;
    }

    /// <summary>Learns from words.</summary>
    /// <param name="words">with their counts; <see cref="WordCounter"/> makes them</param>
    /// <param name="progress">hears of the pieces that are left</param>
    /// <param name="cancellation">ends the work</param>
    /// <returns>pieces and their scores, special tokens first, then in order of scores</returns>
    /// <exception cref="TokenizerException">there are no words, or the vocabulary has no room for their characters</exception>
    public IReadOnlyList<(string Piece, double Score)> Train(IReadOnlyDictionary<string, long> words, IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(words);
        (string Text, long Count)[] sorted =
            [.. words.Where(word => word.Key.Length > 0).OrderBy(word => word.Key, StringComparer.Ordinal).Select(word => (word.Key, word.Value))];
        if (sorted.Length == 0) throw new TokenizerException("There is no text to learn pieces from: all texts are empty.");
        string[] required = [.. sorted.Select(word => word.Text).Append(options.InitialAlphabet).SelectMany(text => text.EnumerateRunes()).Distinct().Order()
            .Select(rune => rune.ToString())];
        if (required.Length > options.VocabularySize - options.Special.Count)
            throw new TokenizerException($"A vocabulary of {options.VocabularySize} tokens has no room for the {required.Length} characters of the text.");
        var estimation = new Estimation(sorted, UnigramConvention.HuggingFace);
        var pieces = Seeds(sorted);
        var wanted = options.VocabularySize * 11L / 10;
        while (true)
        {
            for (var round = 0; round < options.Rounds; round++)
            {
                cancellation.ThrowIfCancellationRequested();
                pieces = estimation.Maximize(pieces);
            }
            progress?.Report(new(TrainingStage.PruningPieces, pieces.Count, null));
            if (pieces.Count <= wanted) break;
            var pruned = estimation.Prune(pieces, (int)Math.Max(wanted, (int)(pieces.Count * options.ShrinkingFactor)));
            // Where all that is left is needed, nothing more goes.
            if (pruned.Count >= pieces.Count) break;
            pieces = pruned;
        }
        return [.. options.Special.Select(token => (token, 0.0)), .. Final(pieces[1..], required)];
    }

    /// <summary>All characters, the most frequent first, then what repeats in distinct words, weighed by its length.</summary>
    List<ScoredPiece> Seeds((string Text, long Count)[] words)
    {
        var characters = new Dictionary<int, long>();
        var text = new List<int>();
        foreach (var (word, count) in words)
        {
            foreach (var rune in word.EnumerateRunes())
            {
                text.Add(rune.Value);
                if (rune.Value != 0) characters[rune.Value] = characters.GetValueOrDefault(rune.Value) + count;
            }
            text.Add(0);                                    // no piece reaches over the end of a word
        }
        int[] all = [.. text];
        var repeated = Substrings.Repeated(all)
            .Where(found => found.Length > 1 && found.Length <= options.MaximumPieceLength && Array.IndexOf(all, 0, found.Start, found.Length) < 0)
            .Select(found => new ScoredPiece(Text(all.AsSpan(found.Start, found.Length)), (long)found.Count * found.Length))
            .OrderByDescending(piece => piece.Score).ThenByDescending(piece => piece.Text, CodePointOrder.Instance);
        ScoredPiece[] seeds = [.. characters.OrderByDescending(pair => pair.Value).ThenByDescending(pair => pair.Key)
            .Select(pair => new ScoredPiece(new Rune(pair.Key).ToString(), pair.Value)).Concat(repeated).Take(options.SeedSize)];
        var logarithm = Math.Log(seeds.Sum(seed => seed.Score));
        return [new("", double.NaN), .. seeds.Select(seed => seed with { Score = Math.Log(seed.Score) - logarithm })];

        static string Text(ReadOnlySpan<int> characters) => string.Concat(characters.ToArray().Select(c => new Rune(c).ToString()));
    }

    /// <summary>Every character stays, at worst with the least score; then pieces in their order, as the last pruning left it, until there are enough.</summary>
    IEnumerable<(string, double)> Final(List<ScoredPiece> pieces, string[] required)
    {
        var known = pieces.ToDictionary(piece => piece.Text, piece => piece.Score, StringComparer.Ordinal);
        var (least, penalty) = (known.Values.Min(), 0.0);
        var final = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var character in required)
        {
            final[character] = known.TryGetValue(character, out var score) ? score : least + penalty;
            if (!known.ContainsKey(character)) penalty += 0.0001;
        }
        var room = options.VocabularySize - options.Special.Count;
        foreach (var piece in pieces)
        {
            if (final.Count >= room) break;
            if (!options.Special.Contains(piece.Text)) final.TryAdd(piece.Text, piece.Score);
        }
        return final.OrderByDescending(piece => piece.Value).ThenBy(piece => piece.Key, CodePointOrder.Instance).Select(piece => (piece.Key, piece.Value));
    }
}
