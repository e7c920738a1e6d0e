namespace Octant.Training.Schedules;

/// <summary>Down a cosine's half wave and up again, for ever (Loshchilov and Hutter 2017, arXiv:1608.03983, without restarts).</summary>
/// <param name="Rate">at the top</param>
/// <param name="HalfWave">steps from the top to the bottom</param>
/// <param name="LeastRate">at the bottom</param>
public sealed record CosineAnnealing(double Rate, int HalfWave, double LeastRate = 0) : ISchedule
{
    /// <inheritdoc/>
    public double At(int step) => LeastRate + (Rate - LeastRate) * 0.5 * (1 + Math.Cos(Math.PI * step / HalfWave));
}
