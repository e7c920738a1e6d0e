using System.Text;
using Octant.Tokenizers.Training.Unigrams;
using Octant.Tokenizers.Unicode;

namespace Octant.Tokenizers.Training;

/// <summary>Which pieces SentencePiece learns.</summary>
public enum SentencePieceModelType
{
    /// <summary>Pieces without which the text would be least likely.</summary>
    Unigram,
    /// <summary>The pairs that are most frequent, again and again.</summary>
    Bpe,
    /// <summary>Whole words.</summary>
    Word,
    /// <summary>Characters.</summary>
    Char,
}

/// <summary>How SentencePiece learns: its own names and defaults.</summary>
/// <param name="ModelType">what is learnt</param>
/// <param name="VocabularySize">pieces in all</param>
/// <param name="CharacterCoverage">the share of the text whose characters become pieces, the rarest left out</param>
/// <param name="ByteFallback">whether 256 pieces stand for bytes</param>
/// <param name="MaximumPieceLength">characters that a piece has at most</param>
/// <param name="ShrinkingFactor">unigram: the share of the pieces that each round leaves</param>
/// <param name="SeedSize">unigram: how many pieces are begun with</param>
/// <param name="Rounds">unigram: of estimation between two prunings</param>
public sealed record SentencePieceTrainerOptions(SentencePieceModelType ModelType = SentencePieceModelType.Unigram, int VocabularySize = 8000,
    double CharacterCoverage = 0.9995, bool ByteFallback = false, int MaximumPieceLength = 16, double ShrinkingFactor = 0.75, int SeedSize = 1_000_000, int Rounds = 2);

/// <summary>
/// Learns pieces as SentencePiece's trainer does, with its order and its ties: texts without normalisation (the rule "identity"), spaces as
/// marks before words.
/// </summary>
/// <exception cref="TokenizerException">an option is out of its range</exception>
public sealed class SentencePieceTrainer(SentencePieceTrainerOptions options)
{
    const int Mark = '▁', Missing = 0x2585;

    readonly SentencePieceTrainerOptions options = Checked(options);

    /// <summary>Learns from texts.</summary>
    /// <param name="lines">a sentence each</param>
    /// <param name="cancellation">ends the work</param>
    /// <returns>pieces and their scores in order of their ids</returns>
    /// <exception cref="TokenizerException">there is no text, or the vocabulary has no room for its characters</exception>
    public IReadOnlyList<(string Piece, double Score)> Train(IEnumerable<string> lines, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(lines);
        string[] sentences = [.. lines.Select(Marked).Where(line => line.Length > 0)];
        if (sentences.Length == 0) throw new TokenizerException("There is no text to learn pieces from: all texts are empty.");
        var required = RequiredCharacters(sentences);
        var known = required.Keys.ToHashSet();
        sentences = [.. sentences.Select(sentence => Known(sentence, known))];
        var words = Words(sentences);
        List<(string, double)> meta = [("<unk>", 0), ("<s>", 0), ("</s>", 0)];
        if (options.ByteFallback) meta.AddRange(Enumerable.Range(0, 256).Select(value => ($"<0x{value:X2}>", 0.0)));
        var room = options.VocabularySize - meta.Count;
        if (room < 1 || options.ModelType is SentencePieceModelType.Unigram or SentencePieceModelType.Bpe && room < required.Count)
            throw new TokenizerException($"A vocabulary of {options.VocabularySize} has no room for the {required.Count} characters of the text.");
        return [.. meta, .. options.ModelType switch
        {
            SentencePieceModelType.Unigram => Unigram(Seeds(sentences), words, required, room, cancellation),
            SentencePieceModelType.Bpe => new SentencePieceMerges(words, IsPiece).Train(room - required.Count, required, cancellation),
            SentencePieceModelType.Word => Logarithms(words, room),
            _ => Logarithms([.. Sorted(required).Select(pair => (new Rune(pair.Key).ToString(), pair.Value))], room),
        }];
    }

    static SentencePieceTrainerOptions Checked(SentencePieceTrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options switch
        {
            { CharacterCoverage: not (> 0 and <= 1) } => throw Wrong(nameof(options.CharacterCoverage), options.CharacterCoverage, "above 0 and at most 1"),
            { ShrinkingFactor: not (> 0 and < 1) } => throw Wrong(nameof(options.ShrinkingFactor), options.ShrinkingFactor, "above 0 and below 1"),
            { MaximumPieceLength: not (>= 1 and <= 512) } => throw Wrong(nameof(options.MaximumPieceLength), options.MaximumPieceLength, "between 1 and 512"),
            { SeedSize: < 1 } => throw Wrong(nameof(options.SeedSize), options.SeedSize, "at least 1"),
            { Rounds: < 1 } => throw Wrong(nameof(options.Rounds), options.Rounds, "at least 1"),
            _ => options,
        };

        static TokenizerException Wrong(string name, double value, string range) => new($"{name} is {value}: it must be {range}.");
    }

    /// <summary>Runs of spaces become one mark, one goes before the first word, none stays at the end.</summary>
    static string Marked(string line) =>
        string.Concat(line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => $"▁{word}"));

    Dictionary<int, long> RequiredCharacters(string[] sentences)
    {
        var counts = new Dictionary<int, long>();
        foreach (var rune in sentences.SelectMany(sentence => sentence.EnumerateRunes()))
            if (rune.Value != 0) counts[rune.Value] = counts.GetValueOrDefault(rune.Value) + 1;
        var (required, total, covered) = (new Dictionary<int, long>(), counts.Values.Sum(), 0L);
        foreach (var (character, count) in Sorted(counts))
        {
            if ((float)(1.0 * covered / total) >= (float)options.CharacterCoverage) break;
            covered += count;
            required.Add(character, count);
        }
        return required;
    }

    static IEnumerable<KeyValuePair<int, long>> Sorted(Dictionary<int, long> counts) => counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key);

    static string Known(string sentence, HashSet<int> required) =>
        string.Concat(sentence.EnumerateRunes().Select(rune => required.Contains(rune.Value) ? rune : new Rune(Missing)));

    static List<(string Text, long Count)> Words(IEnumerable<string> sentences)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var sentence in sentences)
            for (var start = 0; start < sentence.Length;)
            {
                var end = sentence.IndexOf((char)Mark, start + 1) is >= 0 and var found ? found : sentence.Length;
                counts[sentence[start..end]] = counts.GetValueOrDefault(sentence[start..end]) + 1;
                start = end;
            }
        return [.. counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, CodePointOrder.Instance).Select(pair => (pair.Key, pair.Value))];
    }

    static IEnumerable<(string, double)> Logarithms(List<(string Text, long Count)> counts, int room)
    {
        var logarithm = (float)Math.Log(counts.Sum(pair => pair.Count));
        return counts.Where(pair => !pair.Text.Contains((char)Missing)).Take(room).Select(pair => (pair.Text, (double)((float)Math.Log(pair.Count) - logarithm)));
    }

    List<(string, double)> Unigram(List<ScoredPiece> pieces, List<(string Text, long Count)> words, Dictionary<int, long> required, int room, CancellationToken cancellation)
    {
        var estimation = new Estimation(words, UnigramConvention.SentencePiece);
        var wanted = (int)(options.VocabularySize * 1.1);
        while (true)
        {
            for (var round = 0; round < options.Rounds; round++)
            {
                cancellation.ThrowIfCancellationRequested();
                pieces = estimation.Maximize(pieces);
            }
            if (pieces.Count <= wanted) break;
            // Where all that is left is needed, nothing more goes.
            var pruned = estimation.Prune(pieces, Math.Max(wanted, (int)(options.ShrinkingFactor * pieces.Count)));
            if (pruned.Count >= pieces.Count) break;
            pieces = pruned;
            // The last pruning is followed by no estimation.
            if (pieces.Count <= wanted) break;
        }
        return Final(pieces, required, room);
    }

    /// <summary>What repeats in whole sentences: also a word that stands in all of them alike.</summary>
    List<ScoredPiece> Seeds(string[] sentences)
    {
        var characters = new Dictionary<int, long>();
        var text = new List<int>();
        foreach (var sentence in sentences)
        {
            foreach (var rune in sentence.EnumerateRunes())
            {
                text.Add(rune.Value);
                if (rune.Value != Missing) characters[rune.Value] = characters.GetValueOrDefault(rune.Value) + 1;
            }
            text.Add(0);
        }
        int[] all = [.. text];
        var repeated = Substrings.Repeated(all).Where(found => found.Length > 1 && IsPiece(all.AsSpan(found.Start, Math.Min(found.Length, options.MaximumPieceLength + 1))))
            .Select(found => new ScoredPiece(string.Concat(all[found.Start..(found.Start + found.Length)].Select(c => new Rune(c).ToString())), (long)found.Count * found.Length))
            .OrderByDescending(piece => piece.Score);
        ScoredPiece[] seeds = [.. Sorted(characters).Select(pair => new ScoredPiece(new Rune(pair.Key).ToString(), pair.Value)).Concat(repeated).Take(options.SeedSize)];
        var logarithm = Math.Log(seeds.Sum(seed => seed.Score));
        return [.. seeds.Select(seed => seed with { Score = (float)(Math.Log(seed.Score) - logarithm) })];
    }

    /// <summary>Characters without a score get the least one, apart from each other by a little; the best of the rest fill what is left.</summary>
    static List<(string, double)> Final(List<ScoredPiece> pieces, Dictionary<int, long> required, int room)
    {
        var known = pieces.ToDictionary(piece => piece.Text, piece => piece.Score, StringComparer.Ordinal);
        var (least, penalty) = (known.Values.Min(), 0.0);
        var final = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (character, _) in Sorted(required))
        {
            var text = new Rune(character).ToString();
            final[text] = known.TryGetValue(text, out var score) ? score : least + penalty;
            if (!known.ContainsKey(text)) penalty += 0.0001;
        }
        foreach (var piece in pieces.OrderByDescending(piece => piece.Score).ThenBy(piece => piece.Text, CodePointOrder.Instance))
        {
            if (final.ContainsKey(piece.Text)) continue;
            if (final.Count == room) break;
            final.Add(piece.Text, piece.Score);
        }
        return [.. final.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, CodePointOrder.Instance).Select(pair => (pair.Key, pair.Value))];
    }

    /// <summary>A piece is within a word, has its mark only at its beginning, and is of one script.</summary>
    bool IsPiece(ReadOnlySpan<int> characters)
    {
        if (characters.IsEmpty || characters.Length > options.MaximumPieceLength) return false;
        string? script = null;
        for (var i = 0; i < characters.Length; i++)
        {
            var c = characters[i];
            if (c is 0 or Missing or ' ') return false;
            if (c == Mark)
            {
                if (i > 0) return false;
                continue;
            }
            var own = c is 0x30FC ? "Han" : UnicodeTables.Script(c) is "Hiragana" or "Katakana" ? "Han" : UnicodeTables.Script(c) ?? "Common";
            if (script is not null && own != script) return false;
            script = own;
        }
        return true;
    }
}
