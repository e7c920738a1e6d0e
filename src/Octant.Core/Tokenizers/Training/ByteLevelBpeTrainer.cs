namespace Octant.Tokenizers.Training;

/// <summary>What a byte-level byte-pair encoding is to become.</summary>
/// <param name="VocabularySize">how many tokens at most, special ones and the alphabet's among them</param>
/// <param name="MinimumFrequency">a pair that occurs less often becomes no token</param>
/// <param name="SpecialTokens">
/// the first tokens, in this order; where they stand in texts, words end and begin; null for GPT-2's &lt;|endoftext|&gt;
/// </param>
/// <param name="Splitting">how texts are cut into words</param>
/// <param name="WholeAlphabet">all 256 bytes are tokens, so that any text can be said; else only those that occur</param>
/// <param name="LimitAlphabet">keeps so many bytes, the most frequent ones; not together with the whole alphabet</param>
/// <param name="MaximumTokenLength">a pair becomes a token only where it has fewer bytes than this</param>
public sealed record ByteLevelBpeOptions(int VocabularySize, long MinimumFrequency = 2,
    IReadOnlyList<string>? SpecialTokens = null, WordSplitting Splitting = WordSplitting.Gpt2, bool WholeAlphabet = true,
    int? LimitAlphabet = null, int? MaximumTokenLength = null)
{
    /// <summary>The token that ends a text where none are named.</summary>
    public const string EndOfText = "<|endoftext|>";

    internal IReadOnlyList<string> Special => SpecialTokens ?? [EndOfText];
}

/// <summary>
/// Learns a byte-level byte-pair encoding from texts: GPT-2's kind of tokenizer, which can say any text and has no unknown token.
/// The same texts give the same tokenizer as Hugging Face's trainer.
/// </summary>
public sealed class ByteLevelBpeTrainer
{
    // Parts of long texts are counted on several processors.
    const int PieceLength = 1 << 16;

    readonly ByteLevelBpeOptions options;
    readonly BpeTrainer trainer;

    /// <exception cref="TokenizerException">a size or a limit makes no sense</exception>
    public ByteLevelBpeTrainer(ByteLevelBpeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        this.options = options;
        trainer = new BpeTrainer(new BpeTrainerOptions(options.VocabularySize, options.MinimumFrequency, options.Special,
            options.WholeAlphabet ? ByteAlphabet.All : "", options.LimitAlphabet, options.MaximumTokenLength));
        if (options is { WholeAlphabet: true, LimitAlphabet: < 256 })
            throw new TokenizerException($"The whole alphabet has 256 bytes, and it is to be limited to {options.LimitAlphabet}: choose one.");
        var least = options.Special.Count + (options.WholeAlphabet ? 256 : 0);
        if (options.VocabularySize < least)
            throw new TokenizerException(
                $"A vocabulary of {options.VocabularySize} tokens was asked for: the special tokens and the bytes alone are {least}.");
    }

    /// <summary>Learns from texts.</summary>
    /// <param name="texts">read once, one by one</param>
    /// <param name="progress">hears of characters read (from several threads), then of tokens made</param>
    /// <param name="cancellation">ends the work</param>
    /// <exception cref="TokenizerException">there is no text to learn from</exception>
    public TrainedTokenizer Train(IEnumerable<string> texts, IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        // A separator that holds a line's end could be cut itself.
        var length = options.Special.Any(token => token.Contains('\n', StringComparison.Ordinal)) ? int.MaxValue : PieceLength;
        var words = WordCounter.Count(texts.SelectMany(text => WordSplittings.Pieces(text, length)), options.Special,
            options.Splitting.PreTokenizer(), normalizer: null, progress, cancellation);
        var learnt = trainer.Train(words, progress, cancellation);
        return TokenizerJson.Write(new(new BpeJsonModel(learnt), options.Special, options.Splitting.Json(), TokenizerJson.ByteLevelDecoder));
    }
}
