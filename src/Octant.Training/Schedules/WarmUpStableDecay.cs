namespace Octant.Training.Schedules;

/// <summary>
/// Up, level for long, then down in a last part (Hu et al. 2024, arXiv:2404.06395; with the root, Hägele et al. 2024,
/// arXiv:2405.18392): the level part can go on for as long as one likes.
/// </summary>
/// <param name="Rate">of the level part</param>
/// <param name="WarmUpSteps">up</param>
/// <param name="StableSteps">level</param>
/// <param name="DecaySteps">down</param>
/// <param name="LeastShare">of the rate, at both ends</param>
/// <param name="Rise">the curve up</param>
/// <param name="Fall">the curve down</param>
public sealed record WarmUpStableDecay(
    double Rate, int WarmUpSteps, int StableSteps, int DecaySteps, double LeastShare = 0,
    Curve Rise = Curve.Linear, Curve Fall = Curve.Cosine) : ISchedule
{
    /// <inheritdoc/>
    public double At(int step)
    {
        var falling = step - WarmUpSteps - StableSteps;
        var share = WarmUp.Covers(step, WarmUpSteps, out var risen) ? 1 - Left(Rise, 1 - risen)
            : falling < 0 ? 1
            : falling < DecaySteps ? 1 - Left(Fall, falling / (double)DecaySteps)
            : 0;
        return Rate * (LeastShare + (1 - LeastShare) * share);
    }

    /// <summary>What a curve has lost of its height.</summary>
    static double Left(Curve curve, double progress) => curve switch
    {
        Curve.Cosine => 0.5 * (1 - Math.Cos(Math.PI * progress)),
        Curve.SquareRoot => Math.Sqrt(progress),
        _ => progress,
    };
}

/// <summary>How a part of a schedule goes from one height to the other.</summary>
public enum Curve
{
    /// <summary>In a straight line.</summary>
    Linear,

    /// <summary>Along half a cosine wave.</summary>
    Cosine,

    /// <summary>One less the root of what is over: steep near the top.</summary>
    SquareRoot,
}
