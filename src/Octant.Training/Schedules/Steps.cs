namespace Octant.Training.Schedules;

/// <summary>Multiplied by a factor at every so many steps.</summary>
/// <param name="Rate">at first</param>
/// <param name="Every">steps</param>
/// <param name="Factor">each time</param>
public sealed record Steps(double Rate, int Every, double Factor = 0.1) : ISchedule
{
    /// <inheritdoc/>
    public double At(int step) => Rate * Math.Pow(Factor, step / Math.Max(1, Every));
}
