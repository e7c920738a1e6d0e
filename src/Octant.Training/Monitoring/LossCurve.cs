using System.Globalization;
using Octant.Training.Monitoring.Drawing;

namespace Octant.Training.Monitoring;

/// <summary>The losses of a run as a picture.</summary>
public static class LossCurve
{
    /// <summary>
    /// Training loss over steps, each step's faintly and their running mean, and validation loss; an SVG that needs no other file.
    /// The scale is logarithmic where the largest loss is a hundred times the least. What is not finite leaves a gap.
    /// </summary>
    public static string Svg(IReadOnlyList<Measurement> run, string title) => Draw(run, title, width: 760, height: 420);

    internal static string Draw(IReadOnlyList<Measurement> run, string title, int width, int height)
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
        return new Chart(title, run, curves, width, height, LogarithmicFrom: 100).Svg();
    }

    static string Named(string name, Point[] points)
    {
        var last = points.LastOrDefault(point => double.IsFinite(point.Value)).Value;
        var format = last is >= 1e-3 and < 1e5 ? "G4" : "0.###e0";
        return points.Length == 0 ? name : $"{name}: {last.ToString(format, CultureInfo.InvariantCulture)} at the end";
    }
}
