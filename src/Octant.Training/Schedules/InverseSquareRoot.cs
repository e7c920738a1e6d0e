namespace Octant.Training.Schedules;

/// <summary>Down with the root of the steps so far: needs no planned end (Zhai et al. 2022, arXiv:2106.04560, appendix).</summary>
/// <param name="Rate">after the warm-up</param>
/// <param name="WarmUpSteps">until the full rate is reached</param>
/// <param name="TimeScale">steps until the rate has fallen to 0.7; as many as the warm-up's when null, and 10,000 without one</param>
public sealed record InverseSquareRoot(double Rate, int WarmUpSteps, int? TimeScale = null) : ISchedule
{
    /// <inheritdoc/>
    public double At(int step)
    {
        if (WarmUp.Covers(step, WarmUpSteps, out var share)) return Rate * share;
        double scale = TimeScale ?? (WarmUpSteps > 0 ? WarmUpSteps : 10_000);
        return Rate / Math.Sqrt((step - WarmUpSteps + scale) / scale);
    }
}
