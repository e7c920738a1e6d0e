using Octant.Constraints;

namespace Octant.Generation;

/// <summary>Why a text ended.</summary>
public enum FinishReason
{
    /// <summary>The model said so, or a stop string was reached.</summary>
    Stop,
    /// <summary>As many tokens as were allowed, or as the context holds.</summary>
    Length,
}

/// <summary>A token and how likely the model held it, before penalties and temperature.</summary>
public readonly record struct ScoredToken(int Id, float LogProbability);

/// <summary>One token of a text as it comes out.</summary>
/// <param name="Text">which of the texts of a batch</param>
/// <param name="Id">the token; end tokens come out too</param>
/// <param name="Finish">why it is the last; null when it is not</param>
/// <param name="LogProbability">of this token; null when not asked for</param>
/// <param name="Likeliest">the best tokens of this step; null when not asked for</param>
public sealed record GeneratedToken(
    int Text, int Id, FinishReason? Finish, float? LogProbability = null, IReadOnlyList<ScoredToken>? Likeliest = null);

/// <summary>A text to be continued: its sequence, which may hold a part of the prompt already, and how.</summary>
public sealed class Continuation
{
    readonly List<int> ids;
    readonly Sampler sampler;
    readonly ConstraintState? constraint;

    /// <param name="sequence">has seen a beginning of the prompt, but not all of it; grows with the text</param>
    /// <param name="prompt">all of it, one token at least</param>
    /// <param name="options">complete: nothing more is asked of the model's defaults</param>
    /// <param name="vocabulary">what the model's tokens say; needed for a constraint alone</param>
    /// <exception cref="OctantException">
    /// the prompt is empty, a value is out of its range, or the constraint allows no text of so few tokens
    /// </exception>
    public Continuation(ISequence sequence, ReadOnlySpan<int> prompt, GenerationOptions options, TokenVocabulary? vocabulary = null)
    {
        if (prompt.Length == 0) throw new OctantException("The prompt is empty: there is no token to go on from.");
        if (sequence.Length >= prompt.Length) throw new ArgumentException("The sequence leaves nothing to be seen.", nameof(sequence));
        (Sequence, ids, PromptLength, Options, sampler) = (sequence, [.. prompt], prompt.Length, options, new Sampler(options));
        constraint = options.Constraint?.Open(vocabulary ?? throw new ArgumentNullException(nameof(vocabulary), "A constraint needs the model's vocabulary."));
        if (constraint?.TokensToEnd > options.MaxTokens)
            throw new OctantException($"max_tokens is {options.MaxTokens}, but a shortest text that the constraint allows has {constraint.TokensToEnd} tokens: allow as many.");
    }

    /// <summary>What the model has seen of it.</summary>
    public ISequence Sequence { get; }

    /// <summary>How it is continued.</summary>
    public GenerationOptions Options { get; }

    /// <summary>Tokens of the prompt.</summary>
    public int PromptLength { get; }

    /// <summary>Prompt and continuation.</summary>
    public IReadOnlyList<int> Ids => ids;

    /// <summary>Why it ended; null while it has not.</summary>
    public FinishReason? Finish { get; private set; }

    internal int Unseen => ids.Count - Sequence.Length;

    internal ReadOnlyMemory<int> Next(int count) => ids.GetRange(Sequence.Length, count).ToArray();

    internal GeneratedToken Choose(int text, Span<float> logits, int room)
    {
        var best = Options.TopLogProbabilities is { } count ? LogProbabilities.Best(logits, count) : null;
        var (largest, sum) = best is null ? default : Softmax.Sum(logits);
        var raw = best is null ? [] : logits.ToArray();
        constraint?.Mask(logits, Options.EndIds);
        var id = sampler.Choose(new History(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(ids), PromptLength), logits);
        var left = Math.Min((long)PromptLength + (Options.MaxTokens ?? int.MaxValue), room + 1L) - ids.Count - 1;
        var ends = Options.EndIds?.Contains(id) == true && constraint?.IsComplete != false;
        if (constraint is not null && !ends) (id, ends) = Constrained(constraint, id, (int)left);
        ids.Add(id);
        // Without a token that ends texts, one that is complete ends where nothing fits into what is left.
        var isOver = constraint is not null && (constraint.IsOver
            || constraint.IsComplete && Options.EndIds is not { Count: > 0 } && !constraint.CanGoOn((int)left));
        Finish = ends || isOver ? FinishReason.Stop : left <= 0 ? FinishReason.Length : null;
        return new(text, id, Finish, best is null ? null : LogProbabilities.Of(raw[id], largest, sum), best);
    }

    /// <summary>The token itself, or what the constraint demands in its place: the way to the nearest end, or the end of the text.</summary>
    (int Id, bool Ends) Constrained(ConstraintState constraint, int id, int left)
    {
        if (constraint.Take(id, left) is { } taken) return (taken, false);
        return Options.EndIds is { Count: > 0 } ends ? (ends.First(), true) : (constraint.TakeNearest(), false);
    }
}

/// <summary>The one loop that decodes: prompts in pieces, then token by token, as many texts side by side as are given.</summary>
public static class DecodingLoop
{
    /// <summary>Tokens of a prompt that go through the model at once: enough to keep it busy, few enough to stay small.</summary>
    public const int ChunkLength = 256;

    /// <summary>Continues texts until each has ended. Tokens come out as they are chosen.</summary>
    /// <param name="model">whose sequences they are</param>
    /// <param name="texts">the texts</param>
    /// <param name="cancellation">looked at before every step</param>
    /// <exception cref="OctantException">a prompt is longer than the context, or an id is outside the vocabulary</exception>
    /// <exception cref="OperationCanceledException">the sequences hold what was seen so far</exception>
    public static IEnumerable<GeneratedToken> Run(
        ILanguageModel model, IReadOnlyList<Continuation> texts, CancellationToken cancellation = default)
    {
        foreach (var text in texts)
            if (text.PromptLength > model.Shape.Context)
                throw new OctantException(
                    $"The prompt has {text.PromptLength} tokens, the model's context holds {model.Shape.Context}: shorten it.");
        var logits = new float[texts.Count * model.Shape.Vocabulary];
        while (texts.Any(text => text.Finish is null))
        {
            cancellation.ThrowIfCancellationRequested();
            int[] running = [.. Enumerable.Range(0, texts.Count).Where(i => texts[i].Finish is null)];
            Slice[] batch = [.. running.Select(i => NextSlice(texts[i]))];
            model.Step(batch, logits);
            var scored = 0;
            foreach (var (slot, i) in running.Index())
            {
                if (batch[slot].Scored == Scored.None) continue;
                var scores = logits.AsMemory(scored++ * model.Shape.Vocabulary, model.Shape.Vocabulary);
                yield return texts[i].Choose(i, scores.Span, model.Shape.Context);
            }
        }
    }

    static Slice NextSlice(Continuation text)
    {
        var count = Math.Min(text.Unseen, ChunkLength);
        return new(text.Sequence, text.Next(count), count == text.Unseen ? Scored.Last : Scored.None);
    }
}

/// <summary>Log-probabilities of scores.</summary>
public static class LogProbabilities
{
    /// <summary>How likely one token is, in nats.</summary>
    /// <param name="scores">[V]</param>
    /// <param name="id">below V</param>
    public static double Of(ReadOnlySpan<float> scores, int id)
    {
        var (largest, sum) = Softmax.Sum(scores);
        return scores[id] - largest - Math.Log(sum);
    }

    internal static float Of(float score, float largest, double sum) => (float)(score - largest - Math.Log(sum));

    /// <summary>The likeliest tokens, best first.</summary>
    internal static IReadOnlyList<ScoredToken> Best(ReadOnlySpan<float> scores, int count)
    {
        var (largest, sum) = Softmax.Sum(scores);
        var best = new PriorityQueue<int, float>();
        for (var id = 0; id < scores.Length && count > 0; id++)
        {
            if (best.Count < count) best.Enqueue(id, scores[id]);
            else if (best.TryPeek(out _, out var least) && scores[id] > least) best.EnqueueDequeue(id, scores[id]);
        }
        var tokens = new ScoredToken[best.Count];
        for (var i = tokens.Length - 1; i >= 0; i--)
            if (best.TryDequeue(out var id, out var score)) tokens[i] = new(id, Of(score, largest, sum));
        return tokens;
    }
}
