using Octant.Formats;
using Octant.Training.Monitoring;
using Octant.Training.Recipes;

namespace Octant.Training.Runs;

/// <summary>What a run writes down on the way: numbers for programs and for TensorBoard, samples and, at the end, pages for people.</summary>
sealed class RunLog : IDisposable
{
    readonly RunFolder folder;
    readonly MetricsFile metrics;
    readonly EventFile events;

    /// <param name="folder">the run's</param>
    /// <param name="after">what was written of later steps is dropped: it is written again</param>
    public RunLog(RunFolder folder, int after)
    {
        this.folder = folder;
        metrics = new(folder.Metrics, after);
        events = new(folder.Path, after);
        Samples = new(folder.Samples, after);
        Earlier = MetricsFile.Read(folder.Metrics);
    }

    /// <summary>What the model wrote.</summary>
    public SampleWriter Samples { get; }

    /// <summary>The steps that were made before.</summary>
    public IReadOnlyList<Measurement> Earlier { get; }

    public void Append(Measurement measurement)
    {
        metrics.Append(measurement);
        events.Append(measurement);
    }

    /// <summary>Returns when all of it survives a power cut.</summary>
    public void Flush()
    {
        metrics.Flush();
        events.Flush();
    }

    /// <summary>The curve and the report.</summary>
    public void WritePages(Recipe recipe, IReadOnlyList<(string Name, string Value)> facts)
    {
        var run = MetricsFile.Read(folder.Metrics);
        Drafts.Replace(folder.Curve, LossCurve.Svg(run, folder.Name));
        Report.Write(folder.Report, new(folder.Name, facts, run,
            [.. Samples.All.Select(sample => ((long)sample.Step, sample.Prompt + sample.Text))], RecipeText.Yaml(recipe)));
    }

    public void Dispose()
    {
        metrics.Dispose();
        events.Dispose();
    }
}
