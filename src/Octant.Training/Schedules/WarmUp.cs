namespace Octant.Training.Schedules;

/// <summary>The straight line from nothing that most schedules begin with.</summary>
static class WarmUp
{
    /// <summary>Whether a step lies in it, and then its share of the full rate: 0 at the first step, as in Transformers.</summary>
    public static bool Covers(int step, int steps, out double share)
    {
        share = step / (double)Math.Max(1, steps);
        return step < steps;
    }

    /// <summary>How much of what follows the warm-up is over: 1 after the last step, more beyond it.</summary>
    public static double Progress(int step, int warmUpSteps, int totalSteps) =>
        (step - warmUpSteps) / (double)Math.Max(1, totalSteps - warmUpSteps);
}
