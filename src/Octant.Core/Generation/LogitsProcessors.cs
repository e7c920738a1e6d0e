namespace Octant.Generation;

/// <summary>Changes the scores of the next token in place; -∞ forbids one.</summary>
public interface ILogitsProcessor
{
    /// <summary>Changes scores.</summary>
    /// <param name="history">the tokens so far</param>
    /// <param name="scores">[V]</param>
    void Process(History history, Span<float> scores);
}

/// <summary>The tokens so far: those of the prompt, then those generated.</summary>
public readonly ref struct History(ReadOnlySpan<int> all, int prompt)
{
    /// <summary>All of them.</summary>
    public ReadOnlySpan<int> All { get; } = all;

    /// <summary>Those generated.</summary>
    public ReadOnlySpan<int> Generated => All[prompt..];
}

/// <summary>Divides the positive scores of all tokens so far and multiplies the negative ones (Keskar et al. 2019, arXiv:1909.05858).</summary>
public sealed class RepetitionPenalty(double penalty) : ILogitsProcessor
{
    readonly HashSet<int> seen = [];

    /// <inheritdoc/>
    public void Process(History history, Span<float> scores)
    {
        seen.Clear();
        foreach (var id in history.All)
            if (seen.Add(id)) scores[id] = (float)(scores[id] < 0 ? scores[id] * penalty : scores[id] / penalty);
    }
}

/// <summary>
/// Takes from each generated token's score: presence once, frequency for each time
/// (https://platform.openai.com/docs/advanced-usage, "frequency and presence penalties").
/// </summary>
public sealed class OccurrencePenalty(double frequency, double presence) : ILogitsProcessor
{
    readonly Dictionary<int, int> counts = [];

    /// <inheritdoc/>
    public void Process(History history, Span<float> scores)
    {
        counts.Clear();
        foreach (var id in history.Generated) counts[id] = counts.GetValueOrDefault(id) + 1;
        foreach (var (id, count) in counts) scores[id] -= (float)(count * frequency + presence);
    }
}

/// <summary>Forbids what would complete a run of n tokens that occurred before.</summary>
public sealed class NoRepeatNgram(int size) : ILogitsProcessor
{
    /// <inheritdoc/>
    public void Process(History history, Span<float> scores)
    {
        var ids = history.All;
        if (ids.Length + 1 < size) return;
        var last = ids[(ids.Length - size + 1)..];
        for (var at = 0; at + size <= ids.Length; at++)
            if (ids.Slice(at, size - 1).SequenceEqual(last)) scores[ids[at + size - 1]] = float.NegativeInfinity;
    }
}

/// <summary>Forbids some tokens altogether.</summary>
public sealed class SuppressTokens(IReadOnlyCollection<int> ids) : ILogitsProcessor
{
    /// <inheritdoc/>
    public void Process(History history, Span<float> scores)
    {
        foreach (var id in ids)
            if ((uint)id < (uint)scores.Length) scores[id] = float.NegativeInfinity;
    }
}

/// <summary>Forbids an end before some tokens have been generated.</summary>
public sealed class LeastTokens(int least, IReadOnlyCollection<int> ends) : ILogitsProcessor
{
    readonly SuppressTokens noEnd = new(ends);

    /// <inheritdoc/>
    public void Process(History history, Span<float> scores)
    {
        if (history.Generated.Length < least) noEnd.Process(history, scores);
    }
}

/// <summary>Divides every score: below one sharpens the distribution, above one flattens it.</summary>
public sealed class Temperature(double temperature) : ILogitsProcessor
{
    /// <inheritdoc/>
    public void Process(History history, Span<float> scores)
    {
        foreach (ref var score in scores) score = (float)(score / temperature);
    }
}

/// <summary>Keeps the k best scores, and what equals the last of them.</summary>
public sealed class TopK(int k) : ILogitsProcessor
{
    readonly PriorityQueue<float, float> best = new();

    /// <inheritdoc/>
    public void Process(History history, Span<float> scores)
    {
        if (k >= scores.Length) return;
        best.Clear();
        foreach (var score in scores)
        {
            if (best.Count < k) best.Enqueue(score, score);
            else if (score > best.Peek()) best.EnqueueDequeue(score, score);
        }
        var least = best.Peek();
        foreach (ref var score in scores)
            if (score < least) score = float.NegativeInfinity;
    }
}

/// <summary>Keeps the likeliest tokens until they hold a share p of the probability (Holtzman et al. 2019, arXiv:1904.09751).</summary>
public sealed class TopP(double p) : ILogitsProcessor
{
    readonly PriorityQueue<int, float> order = new(Comparer<float>.Create((a, b) => b.CompareTo(a)));
    readonly List<(int, float)> candidates = [];

    /// <inheritdoc/>
    public void Process(History history, Span<float> scores)
    {
        var (top, sum) = Softmax.Sum(scores);
        candidates.Clear();
        for (var id = 0; id < scores.Length; id++)
            if (!float.IsNegativeInfinity(scores[id])) candidates.Add((id, scores[id]));
        order.Clear();
        order.EnqueueRange(candidates);                     // a heap in linear time: few of a vocabulary are ever taken out

        var held = 0d;
        while (held < p && order.TryDequeue(out _, out var score)) held += Math.Exp(score - top) / sum;
        foreach (var (id, _) in order.UnorderedItems) scores[id] = float.NegativeInfinity;
    }
}

/// <summary>Keeps what is at least p times as likely as the likeliest (Nguyen et al. 2024, arXiv:2407.01082).</summary>
public sealed class MinP(double p) : ILogitsProcessor
{
    /// <inheritdoc/>
    public void Process(History history, Span<float> scores)
    {
        var top = Softmax.Largest(scores);
        foreach (ref var score in scores)
            if (Math.Exp(score - top) < p) score = float.NegativeInfinity;
    }
}

/// <summary>
/// Keeps the tokens whose surprise lies nearest to the entropy until they hold a share of the probability
/// (locally typical sampling, Meister et al. 2022, arXiv:2202.00666).
/// </summary>
public sealed class Typical(double mass) : ILogitsProcessor
{
    readonly PriorityQueue<int, double> order = new();
    readonly List<(int, double)> candidates = [];

    /// <inheritdoc/>
    public void Process(History history, Span<float> scores)
    {
        var (top, sum) = Softmax.Sum(scores);
        var (logSum, entropy) = (Math.Log(sum), Softmax.Entropy(scores));
        candidates.Clear();
        for (var id = 0; id < scores.Length; id++)
            if (!float.IsNegativeInfinity(scores[id])) candidates.Add((id, Math.Abs(logSum - (scores[id] - top) - entropy)));
        order.Clear();
        order.EnqueueRange(candidates);

        var held = 0d;
        var furthest = 0d;
        while (held < mass && order.TryDequeue(out var id, out var distance))
        {
            held += Math.Exp(scores[id] - top) / sum;
            furthest = distance;
        }
        foreach (var (id, distance) in order.UnorderedItems)
            if (distance > furthest) scores[id] = float.NegativeInfinity;
    }
}

/// <summary>Leaves out what is less likely than ε, but never the likeliest (Hewitt et al. 2022, arXiv:2210.15191).</summary>
public sealed class EpsilonCutoff(double epsilon) : ILogitsProcessor
{
    /// <inheritdoc/>
    public void Process(History history, Span<float> scores) => Cut(scores, epsilon);

    internal static void Cut(Span<float> scores, double threshold)
    {
        var (top, sum) = Softmax.Sum(scores);
        foreach (ref var score in scores)
            if (score < top && Math.Exp(score - top) / sum < threshold) score = float.NegativeInfinity;
    }
}

/// <summary>Leaves out what is less likely than min(ε, √ε · exp(-entropy)), but never the likeliest (same paper, equation 4).</summary>
public sealed class EtaCutoff(double epsilon) : ILogitsProcessor
{
    /// <inheritdoc/>
    public void Process(History history, Span<float> scores) =>
        EpsilonCutoff.Cut(scores, Math.Min(epsilon, Math.Sqrt(epsilon) * Math.Exp(-Softmax.Entropy(scores))));
}
