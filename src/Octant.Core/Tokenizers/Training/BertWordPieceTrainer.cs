using System.Text.Json;
using Octant.Tokenizers.Normalizers;
using Octant.Tokenizers.PreTokenizers;

namespace Octant.Tokenizers.Training;

/// <summary>What a BERT tokenizer is to become.</summary>
/// <param name="VocabularySize">how many tokens at most, special ones among them</param>
/// <param name="MinimumFrequency">a pair that occurs less often becomes no token</param>
/// <param name="Lowercase">whether capitals and accents are taken away first</param>
/// <param name="LimitAlphabet">keeps so many characters, the most frequent ones</param>
/// <param name="SpecialTokens">tokens beside BERT's own five</param>
public sealed record BertWordPieceOptions(int VocabularySize, long MinimumFrequency = 2, bool Lowercase = true, int LimitAlphabet = 1000,
    IReadOnlyList<string>? SpecialTokens = null)
{
    internal IReadOnlyList<string> Special { get; } =
        [.. new[] { "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]" }.Concat(SpecialTokens ?? []).Distinct(StringComparer.Ordinal)];
}

/// <summary>
/// Learns a WordPiece tokenizer from texts: BERT's kind, where ## marks what goes on within a word. The same texts give the same tokens as
/// Hugging Face's BertWordPieceTokenizer.
/// </summary>
public sealed class BertWordPieceTrainer
{
    const string ContinuingPrefix = "##";

    readonly BertWordPieceOptions options;
    readonly BpeTrainer trainer;

    /// <exception cref="TokenizerException">a size or a limit makes no sense</exception>
    public BertWordPieceTrainer(BertWordPieceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        this.options = options;
        trainer = new BpeTrainer(new BpeTrainerOptions(options.VocabularySize, options.MinimumFrequency, options.Special,
            LimitAlphabet: options.LimitAlphabet, ContinuingPrefix: ContinuingPrefix));
        if (options.VocabularySize <= options.Special.Count)
            throw new TokenizerException($"A vocabulary of {options.VocabularySize} tokens was asked for: the special tokens alone are {options.Special.Count}.");
    }

    /// <summary>Learns from texts.</summary>
    /// <param name="texts">read once, one by one</param>
    /// <param name="progress">hears of characters read (from several threads), then of tokens made</param>
    /// <param name="cancellation">ends the work</param>
    /// <exception cref="TokenizerException">there is no text to learn from</exception>
    public TrainedTokenizer Train(IEnumerable<string> texts, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var normalizer = $$"""{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":{{(options.Lowercase ? "true" : "false")}}}""";
        const string PreTokenizerJson = """{"type":"BertPreTokenizer"}""";
        var words = WordCounter.Count(texts.Select(text => text.AsMemory()), options.Special, PreTokenizer.Parse(JsonElement.Parse(PreTokenizerJson)),
            Normalizer.Parse(JsonElement.Parse(normalizer)), progress, cancellation);
        var learnt = trainer.Train(words, progress, cancellation);
        return TokenizerJson.Write(new(new WordPieceJsonModel(learnt.Tokens, "[UNK]", ContinuingPrefix), options.Special, PreTokenizerJson,
            Decoder: """{"type":"WordPiece","prefix":"##","cleanup":true}""", normalizer,
            PostProcessor: $$"""{"type":"BertProcessing","sep":["[SEP]",{{IdOf("[SEP]")}}],"cls":["[CLS]",{{IdOf("[CLS]")}}]}"""));

        int IdOf(string token) => options.Special.ToList().IndexOf(token);
    }
}
