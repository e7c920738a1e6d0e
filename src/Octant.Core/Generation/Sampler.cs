namespace Octant.Generation;

/// <summary>Chooses the next token of one text: the processors in the reference's order, then the best or a draw.</summary>
public sealed class Sampler
{
    /// <summary>Below this, scores overflow before a second token has any chance: the likeliest is taken.</summary>
    const double Coldest = 1e-5;

    readonly ILogitsProcessor[] processors;
    readonly bool draws;
    readonly Random random;

    /// <param name="options">complete or not: what is null is neutral</param>
    /// <exception cref="OctantException">a value is out of its range</exception>
    public Sampler(GenerationOptions options)
    {
        draws = options.Check().Temperature >= Coldest;
        processors = [.. Chain(options, draws)];
        random = options.Seed is { } seed ? new Random((int)(seed ^ seed >> 32)) : new Random();
    }

    /// <summary>Chooses a token.</summary>
    /// <param name="history">the tokens so far</param>
    /// <param name="scores">[V], changed in place</param>
    /// <exception cref="OctantException">the scores are no numbers, or every token is forbidden</exception>
    public int Choose(History history, Span<float> scores)
    {
        foreach (var processor in processors) processor.Process(history, scores);
        return draws ? Draw(scores) : Best(scores);
    }

    /// <summary>The order of the reference's generate(): penalties, temperature, then what narrows the choice.</summary>
    static IEnumerable<ILogitsProcessor> Chain(GenerationOptions o, bool draws)
    {
        if (o.RepetitionPenalty is { } repetition and not 1) yield return new RepetitionPenalty(repetition);
        if (o.FrequencyPenalty is not (null or 0) || o.PresencePenalty is not (null or 0))
            yield return new OccurrencePenalty(o.FrequencyPenalty ?? 0, o.PresencePenalty ?? 0);
        if (o.NoRepeatNgramSize is { } size and > 0) yield return new NoRepeatNgram(size);
        foreach (var processor in o.Processors ?? []) yield return processor;
        if (!draws) yield break;                            // the rest never changes which token is the best
        if (o.Temperature is { } temperature and not 1) yield return new Temperature(temperature);
        if (o.TopK is { } k and > 0) yield return new TopK(k);
        if (o.TopP is { } p and < 1) yield return new TopP(p);
        if (o.MinP is { } min and > 0) yield return new MinP(min);
        if (o.TypicalP is { } mass and < 1) yield return new Typical(mass);
        if (o.EpsilonCutoff is { } epsilon and > 0) yield return new EpsilonCutoff(epsilon);
        if (o.EtaCutoff is { } eta and > 0) yield return new EtaCutoff(eta);
    }

    static int Best(ReadOnlySpan<float> scores)
    {
        var best = 0;
        for (var id = 0; id < scores.Length; id++)
        {
            if (float.IsNaN(scores[id])) throw NoToken(float.NaN);
            if (scores[id] > scores[best]) best = id;
        }
        if (!float.IsFinite(scores[best])) throw NoToken(scores[best]);
        return best;
    }

    int Draw(ReadOnlySpan<float> scores)
    {
        var (largest, sum) = Softmax.Sum(scores);
        if (!float.IsFinite(largest) || !double.IsFinite(sum)) throw NoToken(largest);
        var left = random.NextDouble() * sum;
        var last = 0;
        for (var id = 0; id < scores.Length; id++)
        {
            if (float.IsNegativeInfinity(scores[id])) continue;
            last = id;
            left -= MathF.Exp(scores[id] - largest);
            if (left < 0) return id;
        }
        return last;                                        // rounding used up the sum
    }

    static OctantException NoToken(float best) => new(float.IsNegativeInfinity(best)
        ? "Every token is forbidden: loosen the constraint or the filters."
        : "The model's scores are not numbers: its weights are damaged, or overflow the number type (try --dtype float32).");
}
