using System.Globalization;

namespace Octant.Training.Monitoring.Drawing;

/// <summary>From values to places between 0 and 1, and the round values to write beside them.</summary>
/// <param name="Low">at 0</param>
/// <param name="High">at 1; larger than the least</param>
/// <param name="Logarithmic">whether equal ratios are equal distances; all values are positive then</param>
sealed record Axis(double Low, double High, bool Logarithmic = false)
{
    /// <summary>
    /// An axis that holds the finite ones of some values, with a share of its length to spare at both ends. Where they are all the
    /// same, it lies around them; where there are none, it is that from 0 to 1.
    /// </summary>
    public static Axis Over(IEnumerable<double> values, double spare = 0, double logarithmicFrom = double.PositiveInfinity)
    {
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values.Where(double.IsFinite)) (low, high) = (Math.Min(low, value), Math.Max(high, value));
        if (low > high) return new(0, 1);

        var size = Math.Max(Math.Abs(low), Math.Abs(high));
        if (size < 1e-100) return new(low - 1, high + 1);
        if (high - low <= size * 1e-9) return new(low - size * 0.05, high + size * 0.05);
        if (low > 1e-100 && high / low >= logarithmicFrom)
        {
            var factor = Math.Pow(high / low, spare);
            return new(low / factor, high * factor, true);
        }
        var room = (high - low) * spare;
        return new(low - room, high + room);
    }

    /// <summary>Where a value lies.</summary>
    public double At(double value)
    {
        var place = Logarithmic
            ? (Math.Log(value) - Math.Log(Low)) / (Math.Log(High) - Math.Log(Low))
            : (value - Low) / (High - Low);
        return Math.Clamp(place, 0, 1);
    }

    /// <summary>Round values on the axis.</summary>
    /// <param name="most">how many there is room for</param>
    /// <param name="least">the smallest distance that means something: 1 for steps</param>
    public IEnumerable<(double Value, string Label)> Ticks(int most, double least = 0) =>
        Logarithmic && DecadeTicks(most) is { Length: > 1 } decades ? decades : EvenTicks(most, least);

    /// <summary>A value in as many digits as set it apart from one that lies a distance away.</summary>
    public string Label(double value, double distance)
    {
        var size = Math.Max(Math.Abs(Low), Math.Abs(High));
        var digits = Math.Clamp((int)Math.Ceiling(-Math.Log10(distance) - 1e-6), 0, 15);
        if (size is >= 1e-3 and < 1e7) return Write(value, digits == 0 ? "#,0" : $"0.{new string('0', digits)}");
        var significant = Math.Clamp((int)Math.Ceiling(Math.Log10(size / distance)), 1, 6);
        return value == 0 ? "0" : Write(value, $"0.{new string('#', significant)}e0");
    }

    (double Value, string Label)[] EvenTicks(int most, double least)
    {
        var rough = Math.Max((High - Low) / most, least);
        var decade = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = new[] { 1, 2, 5, 10 }.Select(factor => factor * decade).First(step => step >= rough * (1 - 1e-9));
        var first = Math.Ceiling(Low / step - 1e-9);
        return [.. Enumerable.Range(0, most + 1).Select(i => (first + i) * step).Where(value => value <= High + step * 1e-9)
            .Select(value => (value, Label(value, step)))];
    }

    // Powers of ten, and 2 and 5 times them where they are few; one in two, three, ... of them where they are many.
    (double Value, string Label)[] DecadeTicks(int most)
    {
        var (first, last) = ((int)Math.Floor(Math.Log10(Low)), (int)Math.Floor(Math.Log10(High)));
        var every = Math.Max(1, (last - first + most) / most);
        double[] factors = 3 * (last - first) < most ? [1, 2, 5] : [1];
        return
        [
            .. from decade in Enumerable.Range(first, last - first + 1)
               where decade % every == 0
               from factor in factors
               let value = factor * Math.Pow(10, decade)
               where value >= Low && value <= High
               select (value, Write(value, value is >= 1e-3 and < 1e7 ? "#,0.###" : "0e0")),
        ];
    }

    static string Write(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
