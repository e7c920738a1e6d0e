namespace Octant.Generation;

/// <summary>Probabilities of scores, without overflow: every exponent is taken relative to the largest score.</summary>
static class Softmax
{
    public static float Largest(ReadOnlySpan<float> scores)
    {
        var largest = float.NegativeInfinity;
        foreach (var score in scores) largest = Math.Max(largest, score);
        return largest;
    }

    /// <summary>The largest score m, and Σ exp(s - m).</summary>
    public static (float Largest, double Sum) Sum(ReadOnlySpan<float> scores)
    {
        var largest = Largest(scores);
        var sum = 0d;
        foreach (var score in scores)
            if (!float.IsNegativeInfinity(score)) sum += MathF.Exp(score - largest);
        return (largest, sum);
    }

    /// <summary>-Σ p log p, in nats.</summary>
    public static double Entropy(ReadOnlySpan<float> scores)
    {
        var (largest, sum) = Sum(scores);
        var (logSum, entropy) = (Math.Log(sum), 0d);
        foreach (var score in scores)
        {
            if (float.IsNegativeInfinity(score)) continue;
            var logP = score - largest - logSum;
            entropy -= Math.Exp(logP) * logP;
        }
        return entropy;
    }
}
