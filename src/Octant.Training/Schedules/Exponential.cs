namespace Octant.Training.Schedules;

/// <summary>Multiplied by a factor at every step.</summary>
/// <param name="Rate">at first</param>
/// <param name="Factor">each step</param>
public sealed record Exponential(double Rate, double Factor) : ISchedule
{
    /// <inheritdoc/>
    public double At(int step) => Rate * Math.Pow(Factor, step);
}
