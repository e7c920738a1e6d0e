using CsCheck;
using Octant.Training.Monitoring;

namespace Octant.Training.Tests.Monitoring;

/// <summary>Runs to look at.</summary>
static class Runs
{
    /// <summary>A loss that falls from 4.2 towards 1.5 with some noise, evaluated every so often.</summary>
    public static List<Measurement> Falling(int steps, int evaluateEvery = 100)
    {
        var random = new Random(7);
        return
        [
            .. Enumerable.Range(1, steps).Select(step => new Measurement(
                step, 1.5 + 2.7 * Math.Exp(-6.0 * step / steps) + 0.2 * (random.NextDouble() - 0.5),
                LearningRate: 1e-3 * Math.Min(step / 100.0, 0.55 + 0.45 * Math.Cos(Math.PI * step / steps)),
                GradientNorm: 0.4 + random.NextDouble() * random.NextDouble() + 8.0 / step,
                TokensPerSecond: 14_000 + 900 * random.NextDouble(),
                ValidationLoss: step % evaluateEvery == 0 ? 1.62 + 2.6 * Math.Exp(-6.0 * step / steps) : null,
                Tokens: 768L * step, Seconds: 0.055 * step)),
        ];
    }

    static readonly Gen<double> Any = Gen.Frequency(
        (6, Gen.Double[0, 12]), (2, Gen.Double), (1, Gen.Int[0, 2].Select(i => new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity }[i])));

    /// <summary>Runs of any length with any numbers, the worst among them.</summary>
    public static readonly Gen<Measurement[]> Wild =
        from first in Gen.Long[1, 1_000_000]
        from rows in Gen.Select(Gen.Long[1, 50], Any, Any, Any.Nullable(0.7), Gen.Bool).Array[0, 60]
        select rows.Select((row, i) => new Measurement(
            first + i * row.Item1 + rows.Take(i).Sum(earlier => earlier.Item1), row.Item2, row.Item3, row.Item2, row.Item3,
            row.Item4, i, row.Item2, row.Item5)).OrderBy(row => row.Step).DistinctBy(row => row.Step).ToArray();
}
