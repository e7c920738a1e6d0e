namespace Octant.Training.Schedules;

/// <summary>
/// The learning rate as a pure function of the step: nothing has to be stored but the step's number, and whoever resumes gets the
/// rates of who was never interrupted. Rates go on after the last step that a schedule was planned for.
/// </summary>
public interface ISchedule
{
    /// <summary>The rate of a step.</summary>
    /// <param name="step">of the optimiser, the first is 0</param>
    double At(int step);
}
