using System.Globalization;
using Octant.Training.Monitoring.Drawing;

namespace Octant.Training.Monitoring;

/// <summary>The losses of a run as characters: a line of braille dots (two by four in a cell), and ● where it was evaluated.</summary>
public static class TerminalCurve
{
    const char Validation = '●';
    const int LeastPlot = 8;

    // Bits of U+2800 by row and column: the six of the old cell first, the two below came later.
    static readonly byte[,] Dots = { { 0x01, 0x08 }, { 0x02, 0x10 }, { 0x04, 0x20 }, { 0x40, 0x80 } };

    /// <summary>
    /// Draws the running mean of the training loss, and the validation losses. Labels stand at the left and below where there is
    /// room for them.
    /// </summary>
    /// <param name="run">in order of its steps; losses that are not finite are left out</param>
    /// <param name="width">characters in each line</param>
    /// <param name="height">lines</param>
    /// <exception cref="ArgumentOutOfRangeException">there is no room at all</exception>
    public static string Draw(IReadOnlyList<Measurement> run, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        var training = Series.Smoothed(Series.Of(run, measurement => measurement.Loss));
        var validation = Series.Of(run, measurement => measurement.ValidationLoss);
        var steps = Axis.Over(run.Select(measurement => (double)measurement.Step));
        var values = Axis.Over(training.Concat(validation).Select(point => point.Value));

        var rows = height > 2 ? height - 1 : height;
        var labels = Labels(values, rows);
        var gutter = labels.Max(label => label.Length) + 2;
        if (width < gutter + LeastPlot) gutter = 0;

        var cells = Plot(training, validation, steps, values, width - gutter, rows);
        var lines = Enumerable.Range(0, rows).Select(row => Gutter(labels[row], gutter) + new string(cells[row]));
        if (rows < height) lines = lines.Append(new string(' ', gutter) + Foot(run, width - gutter, validation.Length > 0));
        return string.Join('\n', lines);
    }

    static char[][] Plot(Point[] training, Point[] validation, Axis steps, Axis values, int width, int height)
    {
        var cells = Enumerable.Range(0, height).Select(_ => Enumerable.Repeat('\u2800', width).ToArray()).ToArray();
        Point? before = null;
        foreach (var point in training)
        {
            if (double.IsFinite(point.Value))
            {
                DrawLine(Place(before ?? point, 2, 4), Place(point, 2, 4));
                before = point;
            }
            else before = null;
        }
        foreach (var point in validation.Where(point => double.IsFinite(point.Value)))
        {
            var (column, row) = Place(point, 1, 1);
            cells[row][column] = Validation;
        }
        foreach (var row in cells) row.AsSpan().Replace('\u2800', ' ');
        return cells;

        (int Column, int Row) Place(Point point, int across, int down) => (
            (int)Math.Round(steps.At(point.Step) * (width * across - 1)),
            (int)Math.Round((1 - values.At(point.Value)) * (height * down - 1)));

        void DrawLine((int Column, int Row) from, (int Column, int Row) to)
        {
            var length = Math.Max(Math.Max(Math.Abs(to.Column - from.Column), Math.Abs(to.Row - from.Row)), 1);
            for (var i = 0; i <= length; i++)
            {
                var column = from.Column + (int)Math.Round((to.Column - from.Column) * (double)i / length);
                var row = from.Row + (int)Math.Round((to.Row - from.Row) * (double)i / length);
                cells[row / 4][column / 2] |= (char)Dots[row % 4, column % 2];
            }
        }
    }

    /// <summary>Three values: at the top, in the middle, at the bottom; empty beside the other rows.</summary>
    static string[] Labels(Axis values, int rows)
    {
        var labels = Enumerable.Repeat("", rows).ToArray();
        foreach (var row in (int[])[rows - 1, rows / 2, 0])
        {
            var share = rows > 1 ? 1 - row / (rows - 1.0) : 0.5;
            labels[row] = values.Label(values.Low + share * (values.High - values.Low), (values.High - values.Low) / 100);
        }
        return labels;
    }

    static string Gutter(string label, int width) =>
        width == 0 ? "" : label.PadLeft(width - 2) + (label.Length > 0 ? " ┤" : " │");

    /// <summary>The first step at the left, the last at the right, between them what the marks mean: as far as there is room.</summary>
    static string Foot(IReadOnlyList<Measurement> run, int width, bool evaluated)
    {
        var (first, last) = run.Count > 1 ? (Number(run[0].Step), Number(run[^1].Step)) : ("", "");
        var room = width - first.Length - last.Length;
        if (room < 1) return new string(' ', width);
        var legend = evaluated ? $"step   ⠒⠒ training loss   {Validation} validation loss" : "step";
        if (run.Count == 1) legend = $"step {Number(run[0].Step)}";
        if (legend.Length + 4 > room) legend = room >= 8 ? "step" : "";
        return first + legend.PadLeft((room + legend.Length) / 2).PadRight(room) + last;
    }

    static string Number(long step) => step.ToString("N0", CultureInfo.InvariantCulture);
}
