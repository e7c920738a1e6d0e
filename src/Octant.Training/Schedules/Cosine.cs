namespace Octant.Training.Schedules;

/// <summary>Down a cosine's half wave, as most language models are trained.</summary>
/// <param name="Rate">after the warm-up</param>
/// <param name="TotalSteps">warm-up included; beyond them the wave rises again</param>
/// <param name="WarmUpSteps">until the full rate is reached</param>
/// <param name="LeastShare">of the rate, at the wave's bottom</param>
/// <param name="Cycles">whole waves; half a one by default</param>
public sealed record Cosine(double Rate, int TotalSteps, int WarmUpSteps = 0, double LeastShare = 0, double Cycles = 0.5) : ISchedule
{
    /// <inheritdoc/>
    public double At(int step)
    {
        if (WarmUp.Covers(step, WarmUpSteps, out var share)) return Rate * share;
        var wave = 0.5 * (1 + Math.Cos(2 * Math.PI * Cycles * WarmUp.Progress(step, WarmUpSteps, TotalSteps)));
        return Rate * (LeastShare + (1 - LeastShare) * wave);
    }
}
