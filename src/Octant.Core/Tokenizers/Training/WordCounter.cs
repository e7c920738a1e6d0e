using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Octant.Tokenizers.Normalizers;
using Octant.Tokenizers.PreTokenizers;

namespace Octant.Tokenizers.Training;

/// <summary>
/// Counts the words that a pre-tokenizer cuts texts into: all that trainers learn from. Texts are read one by one and counted on
/// all processors; memory is that of the distinct words.
/// </summary>
public static class WordCounter
{
    // Characters that a thread takes at once: lines are bundled, so that taking them costs nothing.
    const int Bundle = 1 << 16;

    /// <summary>Counts the words of texts.</summary>
    /// <param name="texts">read once, in order</param>
    /// <param name="preTokenizer">what cuts them; without one a text is a word</param>
    /// <param name="normalizer">rewrites each text before</param>
    /// <param name="progress">hears of the characters read; called from several threads</param>
    /// <param name="cancellation">ends the work</param>
    /// <returns>the words as the pre-tokenizer leaves them, with their counts</returns>
    public static IReadOnlyDictionary<string, long> Count(IEnumerable<string> texts, PreTokenizer? preTokenizer = null,
        Normalizer? normalizer = null, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return Count(texts.Select(text => (text ?? throw new ArgumentException("A text is null.", nameof(texts))).AsMemory()),
            separators: null, preTokenizer, normalizer, progress, cancellation);
    }

    /// <summary>The words of texts in which special tokens stand, which words do not reach over, and are not part of.</summary>
    /// <exception cref="TokenizerException">there are none</exception>
    internal static IReadOnlyDictionary<string, long> Count(IEnumerable<ReadOnlyMemory<char>> pieces, IReadOnlyList<string> special,
        PreTokenizer preTokenizer, Normalizer? normalizer, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        var separators = new AddedTokens(special.Select((token, id) => new AddedToken(id, token, Special: true)), null);
        var words = Count(pieces, separators, preTokenizer, normalizer, progress, cancellation);
        return words.Count > 0 ? words : throw new TokenizerException("There is no text to learn a tokenizer from: all texts are empty.");
    }

    /// <param name="pieces">texts, or parts of texts cut where words end anyway</param>
    /// <param name="separators">tokens that words do not reach over, and are not part of</param>
    /// <param name="preTokenizer">as above</param>
    /// <param name="normalizer">as above</param>
    /// <param name="progress">as above</param>
    /// <param name="cancellation">as above</param>
    static IReadOnlyDictionary<string, long> Count(IEnumerable<ReadOnlyMemory<char>> pieces, AddedTokens? separators,
        PreTokenizer? preTokenizer, Normalizer? normalizer, IProgress<TrainingProgress>? progress, CancellationToken cancellation)
    {
        // Bytes are written as characters once for each distinct word at the end, instead of for each word of the text.
        var plain = preTokenizer?.WithoutByteCharacters();
        var total = new Dictionary<string, long>(StringComparer.Ordinal);
        var read = 0L;
        var bundles = Partitioned(Bundles(pieces));
        try
        {
            Parallel.ForEach(bundles, new ParallelOptions { CancellationToken = cancellation },
                () => new Tally(plain ?? preTokenizer, normalizer, separators),
                (bundle, _, tally) =>
                {
                    foreach (var piece in bundle) tally.Add(piece.Span);
                    var done = Interlocked.Add(ref read, bundle.Sum(piece => (long)piece.Length));
                    progress?.Report(new TrainingProgress(TrainingStage.CountingWords, done, null));
                    return tally;
                },
                tally =>
                {
                    lock (total) tally.AddTo(total);
                });
        }
        catch (AggregateException error) when (error.InnerExceptions[0] is OctantException or ArgumentException)
        {
            ExceptionDispatchInfo.Throw(error.InnerExceptions[0]);
        }
        return plain is null ? total : total.ToDictionary(word => ByteAlphabet.NameOf(word.Key), word => word.Value, StringComparer.Ordinal);
    }

    static IEnumerable<ReadOnlyMemory<char>[]> Bundles(IEnumerable<ReadOnlyMemory<char>> pieces)
    {
        var bundle = new List<ReadOnlyMemory<char>>();
        var length = 0L;
        foreach (var piece in pieces)
        {
            bundle.Add(piece);
            if ((length += piece.Length) < Bundle && bundle.Count < Bundle) continue;
            yield return [.. bundle];
            bundle.Clear();
            length = 0;
        }
        if (bundle.Count > 0) yield return [.. bundle];
    }

    // The default partitioner reads ahead by the hundred: of bundles, that is memory without use.
    static System.Collections.Concurrent.OrderablePartitioner<T> Partitioned<T>(IEnumerable<T> items) =>
        System.Collections.Concurrent.Partitioner.Create(items,
            System.Collections.Concurrent.EnumerablePartitionerOptions.NoBuffering);

    /// <summary>One thread's counts.</summary>
    sealed class Tally(PreTokenizer? preTokenizer, Normalizer? normalizer, AddedTokens? separators)
    {
        readonly Dictionary<string, long> counts = new(StringComparer.Ordinal);
        readonly AlignedText plain = AlignedText.Of([], tracks: false);
        readonly List<Segment> segments = [];
        readonly Words words = new();

        public void Add(ReadOnlySpan<char> text)
        {
            text = Surrogates.Mend(text);
            if (separators is null)
            {
                AddSegment(text);
                return;
            }
            segments.Clear();
            separators.SplitOriginal(text, parseSpecial: true, segments);
            foreach (var segment in segments)
                if (segment.Id is null) AddSegment(text[segment.Stretch.Start..segment.Stretch.End]);
        }

        public void AddTo(Dictionary<string, long> total)
        {
            foreach (var (word, count) in counts)
                CollectionsMarshal.GetValueRefOrAddDefault(total, word, out _) += count;
        }

        void AddSegment(ReadOnlySpan<char> segment)
        {
            AlignedText text;
            if (preTokenizer is { NeedsOffsets: true }) text = AlignedText.Of(segment, tracks: true);
            else (text = plain).Reset(segment, 0);
            words.Reset(normalizer?.Apply(text) ?? text);
            preTokenizer?.Apply(words);
            var lookup = counts.GetAlternateLookup<ReadOnlySpan<char>>();
            foreach (var word in words.Stretches)
                CollectionsMarshal.GetValueRefOrAddDefault(lookup, words.Text[word], out _)++;
        }
    }
}
