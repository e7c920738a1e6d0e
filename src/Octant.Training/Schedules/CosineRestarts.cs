namespace Octant.Training.Schedules;

/// <summary>Several half waves of equal length, each from the full rate down to zero; nothing after the last.</summary>
/// <param name="Rate">after the warm-up and after every restart</param>
/// <param name="TotalSteps">warm-up included</param>
/// <param name="WarmUpSteps">until the full rate is reached</param>
/// <param name="Cycles">half waves</param>
public sealed record CosineRestarts(double Rate, int TotalSteps, int WarmUpSteps = 0, int Cycles = 1) : ISchedule
{
    /// <inheritdoc/>
    public double At(int step)
    {
        if (WarmUp.Covers(step, WarmUpSteps, out var share)) return Rate * share;
        var progress = WarmUp.Progress(step, WarmUpSteps, TotalSteps);
        return progress >= 1 ? 0 : Rate * 0.5 * (1 + Math.Cos(Math.PI * (Cycles * progress % 1)));
    }
}
