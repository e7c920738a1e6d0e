namespace Octant.Training.Schedules;

/// <summary>Down to the last rate along a power of what is left.</summary>
/// <param name="Rate">after the warm-up</param>
/// <param name="TotalSteps">warm-up included</param>
/// <param name="WarmUpSteps">until the full rate is reached</param>
/// <param name="LastRate">from the last step on</param>
/// <param name="Power">1 is a straight line</param>
public sealed record Polynomial(double Rate, int TotalSteps, int WarmUpSteps = 0, double LastRate = 1e-7, double Power = 1) : ISchedule
{
    /// <inheritdoc/>
    public double At(int step)
    {
        if (WarmUp.Covers(step, WarmUpSteps, out var share)) return Rate * share;
        var left = Math.Max(0, 1 - WarmUp.Progress(step, WarmUpSteps, TotalSteps));
        return LastRate + (Rate - LastRate) * Math.Pow(left, Power);
    }
}
