using Octant.Generation;
using Octant.Tokenizers;

namespace Octant.Evaluation;

/// <summary>How well a model foretells a text.</summary>
/// <param name="Tokens">how many were foretold: all but the first</param>
/// <param name="NegativeLogLikelihood">the sum of -log p over them, in nats</param>
/// <param name="Bytes">of the text that they stand for, in UTF-8</param>
/// <param name="Words">in that text, by white space</param>
public sealed record Perplexity(int Tokens, double NegativeLogLikelihood, long Bytes, long Words)
{
    /// <summary>exp of the mean negative log-likelihood of a token: between how many tokens the model hesitates.</summary>
    public double PerToken => Math.Exp(NegativeLogLikelihood / Tokens);

    /// <summary>The same of a word: models with other tokenizers can be compared by it.</summary>
    public double PerWord => Math.Exp(NegativeLogLikelihood / Math.Max(1, Words));

    /// <summary>Bits that the model needs for a byte of the text: the fairest measure across tokenizers.</summary>
    public double BitsPerByte => NegativeLogLikelihood / Math.Log(2) / Math.Max(1, Bytes);

    /// <summary>
    /// Scores a text in windows. Each window's input is <paramref name="window"/> tokens, and what is scored are the tokens that follow
    /// each of its last <paramref name="stride"/>: with equal numbers every token is scored once, without what lies before its window.
    /// </summary>
    /// <param name="model">which is stepped window by window</param>
    /// <param name="tokenizer">its own</param>
    /// <param name="text">two tokens at least</param>
    /// <param name="window">tokens that the model sees at once, at most its context</param>
    /// <param name="stride">how far the next window begins after the last; at most the window</param>
    /// <param name="progress">told how many tokens are done</param>
    /// <param name="cancellation">looked at before every window</param>
    /// <exception cref="OctantException">the text is too short, or the numbers do not fit the model</exception>
    public static Perplexity Of(
        ILanguageModel model, Tokenizer tokenizer, string text, int window, int stride,
        IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        var ids = tokenizer.EncodeIds(text);
        if (ids.Length < 2) throw new OctantException($"The text has {ids.Length} tokens; two are needed, the first to foretell the second from.");
        if (window < 1 || window > model.Shape.Context)
            throw new OctantException($"The window is {window} tokens; it must be between 1 and the model's context, {model.Shape.Context}.");
        if (stride < 1 || stride > window) throw new OctantException($"The stride is {stride}; it must be between 1 and the window, {window}.");
        var sum = 0d;
        for (int begin = 0, scored = 0; scored < ids.Length - 1; begin += stride)
        {
            cancellation.ThrowIfCancellationRequested();
            var input = ids.AsMemory(begin, Math.Min(window, ids.Length - 1 - begin));
            sum += Score(model, input, ids, begin, from: scored);
            scored = begin + input.Length;
            progress?.Report(scored);
        }
        // A beginning-of-text stands for no byte; what remains is the text itself, whose first token nobody foretells.
        var first = tokenizer.Decode(ids.AsSpan(0, 1));
        var foretold = text.StartsWith(first, StringComparison.Ordinal) ? text[first.Length..] : text;
        return new(ids.Length - 1, sum, System.Text.Encoding.UTF8.GetByteCount(foretold), CountWords(text));
    }

    /// <summary>-log p of the tokens after positions from on, given the window.</summary>
    static double Score(ILanguageModel model, ReadOnlyMemory<int> input, int[] ids, int begin, int from)
    {
        using var sequence = model.Open();
        var context = from - begin;                         // positions of this window that an earlier one has scored
        var sum = 0d;
        for (var at = 0; at < input.Length;)
        {
            // Only scored positions get logits, a piece at a time: [window, V] of a large vocabulary is hundreds of megabytes.
            var count = Math.Min(at < context ? context - at : DecodingLoop.ChunkLength, input.Length - at);
            var scored = at >= context;
            var logits = scored ? new float[count * model.Shape.Vocabulary] : [];
            model.Step([new(sequence, input.Slice(at, count), scored ? Scored.All : Scored.None)], logits);
            for (var i = 0; scored && i < count; i++)
                sum -= LogProbabilities.Of(logits.AsSpan(i * model.Shape.Vocabulary, model.Shape.Vocabulary), ids[begin + at + i + 1]);
            at += count;
        }
        return sum;
    }

    static long CountWords(string text)
    {
        var (words, inside) = (0L, false);
        foreach (var letter in text)
        {
            var white = char.IsWhiteSpace(letter);
            if (!white && !inside) words++;
            inside = !white;
        }
        return words;
    }
}
