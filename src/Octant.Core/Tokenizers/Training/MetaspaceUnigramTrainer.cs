using System.Text.Json;
using Octant.Tokenizers.PreTokenizers;

namespace Octant.Tokenizers.Training;

/// <summary>
/// Learns a tokenizer of unigram pieces from texts: T5's and ALBERT's kind, with ▁ for the space before a word. The same texts give the
/// same pieces as Hugging Face's trainer behind its Metaspace.
/// </summary>
public sealed class MetaspaceUnigramTrainer
{
    const string Metaspace = """{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true}""";

    readonly UnigramTrainerOptions options;
    readonly UnigramTrainer trainer;

    /// <param name="options">without an unknown token, &lt;unk&gt; is taken: a text may hold characters that were never seen</param>
    /// <exception cref="TokenizerException">a size makes no sense</exception>
    public MetaspaceUnigramTrainer(UnigramTrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        this.options = options with { Unknown = options.Unknown ?? "<unk>" };
        trainer = new(this.options);
    }

    /// <summary>Learns from texts.</summary>
    /// <param name="texts">read once, one by one</param>
    /// <param name="progress">hears of characters read (from several threads), then of pieces left</param>
    /// <param name="cancellation">ends the work</param>
    /// <exception cref="TokenizerException">there is no text to learn from, or too many characters for the size</exception>
    public TrainedTokenizer Train(IEnumerable<string> texts, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var words = WordCounter.Count(texts.Select(text => text.AsMemory()), options.Special, PreTokenizer.Parse(JsonElement.Parse(Metaspace)),
            normalizer: null, progress, cancellation);
        var pieces = trainer.Train(words, progress, cancellation);
        return TokenizerJson.Write(new(new UnigramJsonModel(pieces, options.Special.ToList().IndexOf(options.Unknown!)), options.Special, Metaspace,
            Decoder: Metaspace));
    }
}
