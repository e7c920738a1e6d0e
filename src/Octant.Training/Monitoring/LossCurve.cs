using System.Globalization;

namespace Octant.Training.Monitoring;

/// <summary>The losses of a run as a picture.</summary>
public static class LossCurve
{
    /// <summary>
    /// Training loss over steps, each step's faintly and their running mean, and validation loss; an SVG that needs no other file.
    /// The scale is logarithmic where the largest loss is a hundred times the least. What is not finite leaves a gap.
    /// </summary>
    public static string Svg(IReadOnlyList<Measurement> run, string title)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(title);
        var training = Series.Of(run, measurement => measurement.Loss);
        var smoothed = Series.Smoothed(training);
        var validation = Series.Of(run, measurement => measurement.ValidationLoss);
        List<Curve> curves =
        [
            new(Series.Thinned(training), Chart.Blue, Width: 1, Opacity: 0.3),
            new(Series.Thinned(smoothed), Chart.Blue, Width: 2.2, Named("training loss, running mean", smoothed)),
        ];
        if (validation.Length > 0)
            curves.Add(new(Series.Thinned(validation), Chart.Orange, Width: 1.6, Named("validation loss", validation), Marked: true));
        return new Chart(title, curves, Width: 760, Height: 420, LogarithmicFrom: 100).Svg();
    }

    static string Named(string name, Point[] points) => points.LastOrDefault(point => double.IsFinite(point.Value)) is { Step: > 0 } last
        ? string.Create(CultureInfo.InvariantCulture, $"{name}: {last.Value:G4} at the end")
        : name;
}
