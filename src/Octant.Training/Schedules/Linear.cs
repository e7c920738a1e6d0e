namespace Octant.Training.Schedules;

/// <summary>Down to zero in a straight line.</summary>
/// <param name="Rate">after the warm-up</param>
/// <param name="TotalSteps">warm-up included</param>
/// <param name="WarmUpSteps">until the full rate is reached</param>
public sealed record Linear(double Rate, int TotalSteps, int WarmUpSteps = 0) : ISchedule
{
    /// <inheritdoc/>
    public double At(int step) => WarmUp.Covers(step, WarmUpSteps, out var share)
        ? Rate * share
        : Rate * Math.Max(0, 1 - WarmUp.Progress(step, WarmUpSteps, TotalSteps));
}
