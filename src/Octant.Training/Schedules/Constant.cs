namespace Octant.Training.Schedules;

/// <summary>One rate for all steps.</summary>
/// <param name="Rate">after the warm-up</param>
/// <param name="WarmUpSteps">until the full rate is reached</param>
public sealed record Constant(double Rate, int WarmUpSteps = 0) : ISchedule
{
    /// <inheritdoc/>
    public double At(int step) => WarmUp.Covers(step, WarmUpSteps, out var share) ? Rate * share : Rate;
}
