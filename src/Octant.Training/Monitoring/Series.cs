namespace Octant.Training.Monitoring;

/// <summary>A point of a curve; a value that is no number is a gap.</summary>
readonly record struct Point(double Step, double Value);

/// <summary>What a run measured, made ready to be drawn.</summary>
static class Series
{
    const int MostBuckets = 300;
    const double Largest = 1e200;

    /// <summary>One quantity of a run, where it was measured. What is not finite, or so large that axes overflow, is a gap.</summary>
    public static Point[] Of(IReadOnlyList<Measurement> run, Func<Measurement, double?> value) =>
    [
        .. from measurement in run
           let measured = value(measurement)
           where measured is not null
           select new Point(measurement.Step, Math.Abs(measured.Value) <= Largest ? measured.Value : double.NaN),
    ];

    /// <summary>
    /// A running mean over a fortieth of the curve. Where it begins, the window grows with the distance from there, since losses fall
    /// fast at first; where it ends, it looks back.
    /// </summary>
    public static Point[] Smoothed(Point[] points)
    {
        // Means of means: a million steps cost no more than a pass, and no sum over the whole curve loses digits.
        Point[] means = [.. Buckets(points, 4 * MostBuckets).Select(bucket =>
            new Point(bucket.Average(point => point.Step), Mean(bucket)))];
        var reach = means.Length / 80;
        return [.. means.Select((point, i) => point with { Value = Mean(Around(i)) })];

        Point[] Around(int i) => means[Math.Max(0, i - reach)..Math.Min(means.Length, i + Math.Min(i, reach) + 1)];
    }

    /// <summary>About 600 points of a curve: the least and the largest of each stretch, and its first gap.</summary>
    public static Point[] Thinned(Point[] points) =>
        points.Length <= 2 * MostBuckets ? points : [.. Buckets(points, MostBuckets).SelectMany(Extremes)];

    static IEnumerable<Point> Extremes(Point[] bucket)
    {
        var finite = bucket.Where(point => double.IsFinite(point.Value)).ToArray();
        if (finite.Length == 0) return bucket.Take(1);
        return bucket.Where(point => !double.IsFinite(point.Value)).Take(1)
            .Append(finite.MinBy(point => point.Value)).Append(finite.MaxBy(point => point.Value))
            .Distinct().OrderBy(point => point.Step);
    }

    static IEnumerable<Point[]> Buckets(Point[] points, int most) =>
        points.Chunk(Math.Max(1, (points.Length + most - 1) / most));

    static double Mean(Point[] points)
    {
        var (sum, count) = (0.0, 0);
        foreach (var point in points)
        {
            if (!double.IsFinite(point.Value)) continue;
            sum += point.Value;
            count++;
        }
        return count > 0 ? sum / count : double.NaN;
    }
}
