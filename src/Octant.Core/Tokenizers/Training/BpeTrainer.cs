using System.Runtime.InteropServices;

namespace Octant.Tokenizers.Training;

/// <summary>
/// Learns a byte-pair encoding: again and again the most frequent pair of neighbouring symbols becomes a token (Sennrich et al.
/// 2016, https://arxiv.org/abs/1508.07909). Ids, ties and limits are those of Hugging Face's trainer, so that the same words give
/// the same vocabulary.
/// </summary>
public sealed class BpeTrainer
{
    readonly BpeTrainerOptions options;

    /// <exception cref="TokenizerException">a size or a limit makes no sense</exception>
    public BpeTrainer(BpeTrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        this.options = options;
    }

    /// <summary>Learns from words.</summary>
    /// <param name="words">with their counts; <see cref="WordCounter"/> makes them</param>
    /// <param name="progress">hears of the tokens made</param>
    /// <param name="cancellation">ends the work</param>
    public BpeVocabulary Train(IReadOnlyDictionary<string, long> words, IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(words);
        var symbols = new SymbolTable(options, words);
        var corpus = new Corpus(options, symbols, words);
        var merges = new List<(int Left, int Right)>();
        while (symbols.Tokens.Count < options.VocabularySize && corpus.MergeBest(options.MinimumFrequency) is { } pair)
        {
            cancellation.ThrowIfCancellationRequested();
            merges.Add(pair);
            if (merges.Count % 64 == 0) Report(progress, symbols);
        }
        Report(progress, symbols);
        return new BpeVocabulary(symbols.Tokens, [.. merges.Select(pair => (symbols.Tokens[pair.Left], symbols.Tokens[pair.Right]))]);
    }

    void Report(IProgress<TrainingProgress>? progress, SymbolTable symbols) =>
        progress?.Report(new TrainingProgress(TrainingStage.MergingPairs, symbols.Tokens.Count, options.VocabularySize));

    /// <summary>The distinct words as symbols, which merge in place.</summary>
    sealed class Corpus
    {
        readonly SymbolTable symbols;
        readonly PairCounts pairs = new();
        readonly int maximumLength;
        readonly List<int> all = [];
        readonly int[] starts;
        readonly int[] lengths;
        readonly long[] counts;

        public Corpus(BpeTrainerOptions options, SymbolTable symbols, IReadOnlyDictionary<string, long> words)
        {
            this.symbols = symbols;
            maximumLength = options.MaximumTokenLength ?? int.MaxValue;
            (starts, lengths, counts) = (new int[words.Count], new int[words.Count], new long[words.Count]);
            var word = 0;
            foreach (var (text, count) in words)
            {
                (starts[word], counts[word]) = (all.Count, count);
                symbols.Append(text, all);
                lengths[word] = all.Count - starts[word];
                for (var i = starts[word]; i + 1 < all.Count; i++) pairs.Add(all[i], all[i + 1], count, word);
                word++;
            }
        }

        /// <summary>Merges the most frequent pair wherever it occurs, from left to right.</summary>
        public (int Left, int Right)? MergeBest(long minimum)
        {
            if (pairs.Take(minimum) is not var (left, right, words)) return null;
            var merged = symbols.Merge(left, right);
            foreach (var word in words) MergeWithin(word, left, right, merged);
            return (left, right);
        }

        void MergeWithin(int word, int left, int right, int merged)
        {
            var text = CollectionsMarshal.AsSpan(all).Slice(starts[word], lengths[word]);
            var written = 0;
            for (var at = 0; at < text.Length; written++)
            {
                if (text[at] != left || at + 1 == text.Length || text[at + 1] != right)
                {
                    text[written] = text[at++];
                    continue;
                }
                at += 2;
                text[written] = merged;
                if (written > 0) Replace((text[written - 1], left), (text[written - 1], merged), word);
                if (at < text.Length) Replace((right, text[at]), (merged, text[at]), word);
            }
            lengths[word] = written;
        }

        void Replace((int Left, int Right) old, (int Left, int Right) next, int word)
        {
            if (IsShort(old)) pairs.Remove(old.Left, old.Right, counts[word]);
            if (IsShort(next)) pairs.Add(next.Left, next.Right, counts[word], word);
        }

        bool IsShort((int Left, int Right) pair) =>
            symbols.Length(pair.Left) + symbols.Length(pair.Right) is var length && (length == 2 || length < maximumLength);
    }
}
