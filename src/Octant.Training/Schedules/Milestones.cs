namespace Octant.Training.Schedules;

/// <summary>Multiplied by a factor at given steps.</summary>
/// <param name="Rate">at first</param>
/// <param name="StepsOfChange">the steps from which on the next factor holds</param>
/// <param name="Factor">each time</param>
public sealed record Milestones(double Rate, IReadOnlyList<int> StepsOfChange, double Factor = 0.1) : ISchedule
{
    /// <inheritdoc/>
    public double At(int step) => Rate * Math.Pow(Factor, StepsOfChange.Count(milestone => milestone <= step));
}
