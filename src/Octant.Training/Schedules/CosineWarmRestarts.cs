namespace Octant.Training.Schedules;

/// <summary>Half waves that grow longer, each from the full rate (Loshchilov and Hutter 2017, arXiv:1608.03983, equation 5).</summary>
/// <param name="Rate">at every restart</param>
/// <param name="FirstCycle">steps of the first half wave</param>
/// <param name="Growth">how many times as long as the one before the next is</param>
/// <param name="LeastRate">at the bottom</param>
public sealed record CosineWarmRestarts(double Rate, int FirstCycle, int Growth = 1, double LeastRate = 0) : ISchedule
{
    /// <inheritdoc/>
    public double At(int step)
    {
        long at = step, cycle = Math.Max(1, FirstCycle);
        if (Growth <= 1) at %= cycle;
        else for (; at >= cycle; cycle *= Growth) at -= cycle;
        return LeastRate + (Rate - LeastRate) * 0.5 * (1 + Math.Cos(Math.PI * at / cycle));
    }
}
