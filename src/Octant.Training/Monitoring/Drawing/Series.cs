namespace Octant.Training.Monitoring.Drawing;

/// <summary>A point of a curve; a value that is no number is a gap.</summary>
readonly record struct Point(double Step, double Value);

/// <summary>What a run measured, made ready to be drawn.</summary>
static class Series
{
    const int MostBuckets = 300;
    const double Largest = 1e200;

    /// <summary>One quantity of a run, where it was measured. What is not finite, or so large that axes overflow, is a gap.</summary>
    public static Point[] Of(IReadOnlyList<Measurement> run, Func<Measurement, double?> value)
    {
        var points = new List<Point>();
        for (var i = 0; i < run.Count; i++)
            if (value(run[i]) is { } measured)
                points.Add(new(run[i].Step, Math.Abs(measured) <= Largest ? measured : double.NaN));
        return [.. points];
    }

    /// <summary>
    /// A running mean over a fortieth of the curve. Where it begins, the window grows with the distance from there, since losses fall
    /// fast at first; where it ends, it looks back.
    /// </summary>
    public static Point[] Smoothed(Point[] points)
    {
        // Means of means: a million steps cost no more than a pass, and no sum over the whole curve loses digits.
        var means = Buckets(points, 4 * MostBuckets).Select(Mean).ToArray();
        var reach = means.Length / 80;
        return [.. means.Select((point, i) => point with { Value = Mean(Around(i)).Value })];

        ArraySegment<Point> Around(int i) =>
            new ArraySegment<Point>(means)[Math.Max(0, i - reach)..Math.Min(means.Length, i + Math.Min(i, reach) + 1)];
    }

    /// <summary>About 600 points of a curve: the least and the largest of each stretch, and its first gap.</summary>
    public static Point[] Thinned(Point[] points) =>
        points.Length <= 2 * MostBuckets ? points : [.. Buckets(points, MostBuckets).SelectMany(Extremes)];

    static IEnumerable<Point> Extremes(ArraySegment<Point> bucket)
    {
        var (least, largest, gap) = (-1, -1, -1);
        for (var i = 0; i < bucket.Count; i++)
        {
            if (!double.IsFinite(bucket[i].Value)) gap = gap < 0 ? i : gap;
            else
            {
                if (least < 0 || bucket[i].Value < bucket[least].Value) least = i;
                if (largest < 0 || bucket[i].Value > bucket[largest].Value) largest = i;
            }
        }
        return new[] { least, largest, gap }.Where(i => i >= 0).Distinct().Order().Select(i => bucket[i]);
    }

    static IEnumerable<ArraySegment<Point>> Buckets(Point[] points, int most)
    {
        var size = Math.Max(1, (points.Length + most - 1) / most);
        for (var start = 0; start < points.Length; start += size)
            yield return new(points, start, Math.Min(size, points.Length - start));
    }

    /// <summary>In the middle of some points, the mean of those that are finite.</summary>
    static Point Mean(ArraySegment<Point> points)
    {
        var (steps, sum, count) = (0.0, 0.0, 0);
        foreach (var point in points)
        {
            steps += point.Step;
            if (!double.IsFinite(point.Value)) continue;
            sum += point.Value;
            count++;
        }
        return new(steps / points.Count, count > 0 ? sum / count : double.NaN);
    }
}
