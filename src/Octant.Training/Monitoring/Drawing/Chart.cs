using System.Globalization;
using System.Text;

namespace Octant.Training.Monitoring.Drawing;

/// <summary>A line of a chart.</summary>
/// <param name="Points">in order of their steps; a value that is not finite is a gap</param>
/// <param name="Color">as CSS writes it</param>
/// <param name="Width">in pixels</param>
/// <param name="Name">in the legend; none without</param>
/// <param name="Opacity">1 covers what lies below</param>
/// <param name="Marked">whether its points show; a lone one always does</param>
sealed record Curve(IReadOnlyList<Point> Points, string Color, double Width, string? Name = null, double Opacity = 1,
    bool Marked = false);

/// <summary>Curves over steps, as SVG that needs nothing else and reads on light and dark ground alike.</summary>
/// <param name="Title">above it</param>
/// <param name="Run">whose steps the axis spans</param>
/// <param name="Curves">the last lies on top</param>
/// <param name="Width">in pixels</param>
/// <param name="Height">in pixels</param>
/// <param name="LogarithmicFrom">the ratio of largest to least value from which on ratios are shown</param>
sealed record Chart(string Title, IReadOnlyList<Measurement> Run, IReadOnlyList<Curve> Curves, int Width, int Height,
    double LogarithmicFrom = double.PositiveInfinity)
{
    public const string Blue = "#3b7ddd";
    public const string Orange = "#e8640c";
    public const string Green = "#2f9e5f";

    // A grey of equal contrast, 4.3 : 1, with white and with almost black.
    const string Ink = "#747b85";
    const int Left = 62, Right = 36, Bottom = 42;

    readonly Axis steps = Axis.Over(Run.Select(measurement => (double)measurement.Step));
    readonly Axis values =
        Axis.Over(Curves.SelectMany(curve => curve.Points).Select(point => point.Value), spare: 0.04, LogarithmicFrom);

    bool HasLegend => Curves.Any(curve => curve.Name is not null);

    int Top => HasLegend ? 62 : 40;

    int Middle => (Left + Width - Right) / 2;

    /// <summary>The whole of it.</summary>
    public string Svg()
    {
        var title = Markup.Escape(Title);
        var svg = new StringBuilder();
        Add(svg, $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" width="{Width}" height="{Height}"
              role="img" aria-label="{title}" font-family="system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif" font-size="12" fill="{Ink}">
            <text x="{Left}" y="22" font-size="15" font-weight="600">{title}</text>

            """);
        AddLegend(svg);
        AddValueTicks(svg);
        AddStepTicks(svg);
        foreach (var curve in Curves) AddCurve(svg, curve);
        if (!Curves.SelectMany(curve => curve.Points).Any(point => double.IsFinite(point.Value)))
            Add(svg, $"""<text x="{Middle}" y="{(Top + Height - Bottom) / 2}" text-anchor="middle">nothing to show yet</text>{'\n'}""");
        return svg.Append("</svg>\n").ToString();
    }

    void AddLegend(StringBuilder svg)
    {
        if (!HasLegend) return;
        Add(svg, $"""<text x="{Left}" y="44">""");
        foreach (var curve in Curves.Where(curve => curve.Name is not null))
        {
            Add(svg, $"""<tspan fill="{curve.Color}" font-weight="700">{(curve.Marked ? "●" : "━━")}</tspan>""");
            Add(svg, $"""<tspan dx="5">{Markup.Escape(curve.Name!)}</tspan><tspan dx="18"> </tspan>""");
        }
        svg.Append("</text>\n");
    }

    void AddValueTicks(StringBuilder svg)
    {
        foreach (var (value, label) in values.Ticks(Math.Min(8, (Height - Top - Bottom) / 24)))
        {
            Add(svg, $"""<path d="M{Left} {Y(value)}H{Width - Right}" stroke="{Ink}" stroke-opacity="0.22"/>""");
            Add(svg, $"""<text x="{Left - 8}" y="{Y(value)}" dy="4" text-anchor="end">{label}</text>{'\n'}""");
        }
    }

    void AddStepTicks(StringBuilder svg)
    {
        var floor = Height - Bottom;
        Add(svg, $"""<path d="M{Left} {floor}H{Width - Right}" stroke="{Ink}" stroke-opacity="0.7"/>{'\n'}""");
        foreach (var (step, label) in steps.Ticks(Math.Max(1, (Width - Left - Right) / 90), least: 1))
        {
            Add(svg, $"""<path d="M{X(step)} {floor}v4" stroke="{Ink}" stroke-opacity="0.7"/>""");
            Add(svg, $"""<text x="{X(step)}" y="{floor + 17}" text-anchor="middle">{label}</text>{'\n'}""");
        }
        Add(svg, $"""<text x="{Middle}" y="{Height - 7}" text-anchor="middle">step</text>{'\n'}""");
    }

    void AddCurve(StringBuilder svg, Curve curve)
    {
        var line = Line(curve.Points);
        if (line.Length == 0) return;
        Add(svg, $"""
            <path d="{line}" fill="none" stroke="{curve.Color}" stroke-width="{curve.Width}" stroke-opacity="{curve.Opacity}"
              stroke-linejoin="round" stroke-linecap="round"/>

            """);
        var shown = curve.Points.Where(point => double.IsFinite(point.Value)).ToArray();
        if (!curve.Marked && shown.Length > 1) return;
        foreach (var point in shown)
            Add(svg, $"""<circle cx="{X(point.Step)}" cy="{Y(point.Value)}" r="3" fill="{curve.Color}"/>""");
        svg.Append('\n');
    }

    string Line(IReadOnlyList<Point> points)
    {
        var line = new StringBuilder();
        var drawing = false;
        foreach (var point in points)
        {
            if (!double.IsFinite(point.Value))
            {
                drawing = false;
                continue;
            }
            // A line of no length and round ends is a dot: what stands between two gaps shows.
            Add(line, drawing ? $"L{X(point.Step)} {Y(point.Value)}" : (FormattableString)$"M{X(point.Step)} {Y(point.Value)}h0");
            drawing = true;
        }
        return line.ToString();
    }

    double X(double step) => Math.Round(Left + steps.At(step) * (Width - Left - Right), 1);

    double Y(double value) => Math.Round(Height - Bottom - values.At(value) * (Height - Top - Bottom), 1);

    static void Add(StringBuilder text, FormattableString part) => text.Append(part.ToString(CultureInfo.InvariantCulture));
}
