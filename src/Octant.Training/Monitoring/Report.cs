using System.Globalization;
using Octant.Formats;
using Octant.Training.Monitoring.Drawing;

namespace Octant.Training.Monitoring;

/// <summary>A page that tells of a run: one file, which asks the network for nothing and runs no script.</summary>
public static class Report
{
    const string Head = """
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        """;

    const string Style = """
        <style>
        :root { color-scheme: light dark; --ground: #f6f7f9; --card: #fff; --ink: #1c2128; --soft: #667080; --line: #dfe3e8 }
        @media (prefers-color-scheme: dark) {
          :root { --ground: #0e1116; --card: #161b22; --ink: #e4e8ee; --soft: #8f99a8; --line: #2a313b }
        }
        * { box-sizing: border-box }
        body { margin: 0; background: var(--ground); color: var(--ink) }
        body { font: 15px/1.55 system-ui, "Segoe UI", "DejaVu Sans", sans-serif }
        main { max-width: 1020px; margin: 0 auto; padding: 40px 20px 64px }
        h1 { margin: 0 0 24px; font-size: 28px; line-height: 1.25; letter-spacing: -.01em; overflow-wrap: anywhere }
        h2 { margin: 36px 0 12px; font-size: 17px }
        .card { background: var(--card); border: 1px solid var(--line); border-radius: 10px }
        dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); margin: 0; padding: 6px 0 }
        dl div { padding: 8px 18px }
        dt { color: var(--soft); font-size: 12.5px }
        dd { margin: 0; font-weight: 600; font-variant-numeric: tabular-nums; overflow-wrap: anywhere }
        figure { margin: 16px 0 0; padding: 12px 12px 6px }
        svg { display: block; width: 100%; height: auto; fill: var(--soft) }
        svg text:first-of-type { fill: var(--ink) }
        .small { display: grid; grid-template-columns: repeat(auto-fit, minmax(290px, 1fr)); gap: 16px }
        .small svg { max-width: 380px; margin: 0 auto }
        article { margin: 0 0 12px; padding: 12px 16px }
        article h3 { margin: 0 0 6px; color: var(--soft); font-size: 12.5px; font-weight: 500 }
        pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere }
        pre { font: 13px/1.5 ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", monospace }
        pre.card { padding: 16px }
        </style>
        """;

    /// <summary>Writes it, beside its place first: whoever looks sees the old page or the new one.</summary>
    /// <param name="path">its folder exists</param>
    /// <param name="content">what it tells</param>
    /// <exception cref="CheckpointException">no room, no permission</exception>
    public static void Write(string path, ReportContent content)
    {
        ArgumentNullException.ThrowIfNull(content);
        Drafts.Replace(path, Page(content));
    }

    static string Page(ReportContent content)
    {
        var title = Markup.Escape(content.Title);
        return $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            {Head}
            <title>{title}</title>
            {Style}
            </head>
            <body>
            <main>
            <h1>{title}</h1>
            {Facts(content.Facts)}
            <figure class="card">
            {LossCurve.Draw(content.Run, "Loss, in nats a token", width: 954, height: 440)}</figure>
            <div class="small">
            {Small("Learning rate", content.Run, measurement => measurement.LearningRate)}
            {Small("Norm of the gradient", content.Run, measurement => measurement.GradientNorm, logarithmicFrom: 100)}
            {Small("Tokens a second", content.Run, measurement => measurement.TokensPerSecond)}
            </div>
            {Samples(content.Samples)}
            {Recipe(content.Recipe)}
            </main>
            </body>
            </html>

            """.ReplaceLineEndings("\n");
    }

    static string Facts(IReadOnlyList<(string Name, string Value)> facts) => facts.Count == 0 ? "" :
        $"<dl class=\"card\">{string.Concat(facts.Select(fact =>
            $"\n<div><dt>{Markup.Escape(fact.Name)}</dt><dd>{Markup.Escape(fact.Value)}</dd></div>"))}\n</dl>";

    static string Small(string title, IReadOnlyList<Measurement> run, Func<Measurement, double?> value,
        double logarithmicFrom = double.PositiveInfinity)
    {
        var points = Series.Of(run, value);
        Curve[] curves =
        [
            new(Series.Thinned(points), Chart.Green, Width: 1, Opacity: 0.25),
            new(Series.Thinned(Series.Smoothed(points)), Chart.Green, Width: 2),
        ];
        return $"<figure class=\"card\">\n{new Chart(title, run, curves, Width: 300, Height: 210, logarithmicFrom).Svg()}</figure>";
    }

    static string Samples(IReadOnlyList<(long Step, string Text)> samples) => samples.Count == 0 ? "" :
        $"<h2>What it wrote</h2>{string.Concat(samples.Select(sample => string.Create(CultureInfo.InvariantCulture,
            $"\n<article class=\"card\"><h3>after step {sample.Step:N0}</h3><pre>{Markup.Escape(sample.Text)}</pre></article>")))}";

    static string Recipe(string recipe) =>
        recipe.Length == 0 ? "" : $"<h2>The recipe</h2>\n<pre class=\"card\">{Markup.Escape(recipe)}</pre>";
}
