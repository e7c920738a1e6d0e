namespace Octant.Training.Monitoring;

/// <summary>What a run's report tells. All texts stand in it as they are, whatever characters they hold.</summary>
/// <param name="Title">the run's name</param>
/// <param name="Facts">pairs for a table: model, parameters, time, losses, ...</param>
/// <param name="Run">all its measurements</param>
/// <param name="Samples">what the model wrote, and after which step</param>
/// <param name="Recipe">that makes it again</param>
public sealed record ReportContent(
    string Title,
    IReadOnlyList<(string Name, string Value)> Facts,
    IReadOnlyList<Measurement> Run,
    IReadOnlyList<(long Step, string Text)> Samples,
    string Recipe);
