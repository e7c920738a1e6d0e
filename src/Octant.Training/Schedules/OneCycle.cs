namespace Octant.Training.Schedules;

/// <summary>Up and then far down along half waves (Smith and Topin 2018, arXiv:1708.07120, in two parts).</summary>
/// <param name="Highest">rate</param>
/// <param name="TotalSteps">both parts together</param>
/// <param name="RisingShare">of the steps, until the highest rate</param>
/// <param name="FirstDivisor">the first rate is the highest divided by it</param>
/// <param name="LastDivisor">the last rate is the first divided by it</param>
public sealed record OneCycle(
    double Highest, int TotalSteps, double RisingShare = 0.3, double FirstDivisor = 25, double LastDivisor = 1e4) : ISchedule
{
    /// <inheritdoc/>
    public double At(int step)
    {
        var (first, top, end) = (Highest / FirstDivisor, RisingShare * TotalSteps - 1, TotalSteps - 1.0);
        return step <= top
            ? Between(first, Highest, step / top)
            : Between(Highest, first / LastDivisor, Math.Min(1, (step - top) / (end - top)));
    }

    static double Between(double from, double to, double progress) => to + (from - to) * 0.5 * (1 + Math.Cos(Math.PI * progress));
}
