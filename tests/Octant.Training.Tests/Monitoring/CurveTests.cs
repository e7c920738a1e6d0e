using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using CsCheck;
using Octant.Training.Monitoring;

namespace Octant.Training.Tests.Monitoring;

public sealed partial class CurveTests
{
    [Fact]
    public void An_svg_is_XML_and_no_curve_leaves_the_chart() => Runs.Wild.Sample(run =>
    {
        var svg = XElement.Parse(LossCurve.Svg(run, "<run> & \u0001\uD800"));
        var places = Curves(svg).SelectMany(Places).Concat(svg.Descendants().Where(part => part.Name.LocalName == "circle")
            .Select(circle => (X: Number(circle, "cx"), Y: Number(circle, "cy"))));
        Assert.All(places, place => Assert.True(place is { X: >= 62 and <= 724, Y: >= 62 and <= 378 }, $"{place}"));
    }, iter: 300, threads: 1);

    [Fact]
    public void A_curve_of_a_hundred_thousand_steps_has_about_600_points_and_keeps_its_extremes()
    {
        var run = Runs.Falling(100_000, evaluateEvery: 10_000);
        (run[31_234], run[77_777]) = (run[31_234] with { Loss = 9 }, run[77_777] with { Loss = 0.5 });
        var curves = Curves(XElement.Parse(LossCurve.Svg(run, "long"))).Select(Places).ToArray();
        Assert.InRange(curves[0].Count, 550, 600);
        Assert.InRange(curves[1].Count, 550, 600);
        Assert.Equal(10, curves[2].Count);
        // 9 and 0.5 are the ends of the axis but for the 4 % that it has to spare.
        Assert.Equal(62 + 316 * 0.04 / 1.08, curves[0].Min(place => place.Y), 0.1);
        Assert.Equal(378 - 316 * 0.04 / 1.08, curves[0].Max(place => place.Y), 0.1);
    }

    [Fact]
    public void What_is_not_finite_is_a_gap()
    {
        var run = Runs.Falling(9).Select(m => m.Step is 3 or 5 or 6 ? m with { Loss = double.NaN } : m).ToArray();
        var raw = (string)Curves(XElement.Parse(LossCurve.Svg(run, "gaps"))).First().Attribute("d")!;
        Assert.Equal(["MhL", "Mh", "MhLL"], Regex.Replace(raw, "[^MLh]", "").Split('M')[1..].Select(part => $"M{part}"));
    }

    [Fact]
    public void A_running_mean_begins_where_the_run_does_and_is_level_where_losses_are()
    {
        var run = Enumerable.Range(1, 800).Select(step => new Measurement(step, step == 1 ? 7 : 2, 0, 0, 0)).ToArray();
        var curves = Curves(XElement.Parse(LossCurve.Svg(run, "level"))).Select(Places).ToArray();
        Assert.Equal(curves[0][0], curves[1][0]);
        Assert.Equal(curves[0][^1].Y, Assert.Single(curves[1].Skip(100).Select(place => place.Y).Distinct()));
    }

    [Theory]
    [InlineData(1.5, 4.2, "1.5 2.0 2.5 3.0 3.5 4.0")]
    [InlineData(100, 1900, "500 1,000 1,500")]
    [InlineData(0, 0.001, "0.0000 0.0002 0.0004 0.0006 0.0008 0.0010")]
    [InlineData(-0.3, 0.3, "-0.3 -0.2 -0.1 0.0 0.1 0.2 0.3")]
    [InlineData(0, 3e-5, "0 5e-6 1e-5 1.5e-5 2e-5 2.5e-5 3e-5")]
    [InlineData(5e6, 3e7, "5e6 1e7 1.5e7 2e7 2.5e7 3e7")]
    [InlineData(1.5, 200, "2 5 10 20 50 100 200")]
    [InlineData(1e-4, 1e9, "1e-4 0.01 1 100 10,000 1,000,000 1e8")]
    [InlineData(2, 2, "1.90 1.95 2.00 2.05 2.10")]
    public void Losses_stand_at_round_values(double low, double high, string labels)
    {
        var svg = XElement.Parse(LossCurve.Svg([new(1, low, 0, 0, 0), new(2, high, 0, 0, 0)], "ticks"));
        Assert.Equal(labels, string.Join(' ', svg.Elements().Where(part => (string?)part.Attribute("text-anchor") == "end").Select(part => part.Value)));
    }

    [Fact]
    public void A_report_is_one_page_in_which_texts_are_texts()
    {
        var folder = Directory.CreateTempSubdirectory("octant-report-").FullName;
        var path = Path.Combine(folder, "report.html");
        const string evil = "</pre><script>alert('x')</script><img src=http://example.com/a.png>";
        foreach (var steps in (int[])[0, 1, 3000])
        {
            Report.Write(path, new(evil, [(evil, evil), ("parameters", "10,795,776")], Runs.Falling(steps),
                [(250, "To be, or not\n\tto be"), (500, evil)], $"training:\n  steps: {steps} # {evil}"));
            var page = File.ReadAllText(path);
            Assert.DoesNotMatch("(?i)<script|<img|<link|<iframe|src=\"|href=|url\\(|@import", page);
            Assert.Equal(4, Regex.Count(page, "<svg "));
            Assert.Contains("To be, or not\n\tto be", page, StringComparison.Ordinal);
            Assert.Contains($"  steps: {steps} # &lt;/pre&gt;&lt;script&gt;", page, StringComparison.Ordinal);
            Assert.Equal([path], Directory.GetFiles(folder));
        }
        Directory.Delete(folder, recursive: true);
    }

    static XElement[] Curves(XElement svg) => [.. svg.Elements().Where(part => (string?)part.Attribute("fill") == "none")];

    static List<(double X, double Y)> Places(XElement path) =>
        [.. Place().Matches((string)path.Attribute("d")!).Select(match => (Parse(match.Groups[1].Value), Parse(match.Groups[2].Value)))];

    static double Number(XElement part, string name) => Parse((string)part.Attribute(name)!);

    static double Parse(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"[ML](-?[\d.E+-]+|NaN) (-?[\d.E+-]+|NaN)")]
    private static partial Regex Place();
}
