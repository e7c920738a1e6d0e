namespace Octant.Formats.Quantizing;

/// <summary>Where a scale is looked for around the obvious one.</summary>
/// <param name="First">added to the number of steps, at first</param>
/// <param name="Increment">from try to try</param>
/// <param name="Tries">after the first</param>
/// <param name="IsAbsolute">whether errors are weighed by size, not by square</param>
readonly record struct ScaleSearch(float First, float Increment, int Tries, bool IsAbsolute);

/// <summary>Finds scales with the least weighted error: ggml's searches (make_qx_quants, make_q3_quants, make_qkx2_quants).</summary>
static class Scales
{
    /// <summary>Groups whose values are all below it are zero.</summary>
    public const float Tiny = 1e-15f;

    /// <summary>Halves go to the even number, as the processor rounds.</summary>
    public static int Nearest(float value) => (int)MathF.Round(value, MidpointRounding.ToEven);

    /// <summary>Steps from -middle to middle - 1, weighed by squares: 18 scales near the one at which the furthest value is the lowest step.</summary>
    public static float Symmetric(ReadOnlySpan<float> values, int middle, Span<byte> steps)
    {
        var furthest = BlocksOf32.Furthest(values);
        steps.Clear();
        if (MathF.Abs(furthest) < Tiny) return 0;
        var (products, squares) = Sums(values, -middle / furthest, middle);
        Set(values, -middle / furthest, middle, steps);
        var scale = squares > 0 ? products / squares : 0;
        var best = scale * products;
        for (var shift = -9; shift <= 9; shift++)
        {
            if (shift == 0) continue;
            var inverse = -(middle + 0.1f * shift) / furthest;
            (products, squares) = Sums(values, inverse, middle);
            if (!(squares > 0) || products * products <= best * squares) continue;
            Set(values, inverse, middle, steps);
            scale = products / squares;
            best = scale * products;
        }
        return scale;
    }

    static (float Products, float Squares) Sums(ReadOnlySpan<float> values, float inverse, int middle)
    {
        var (products, squares) = (0f, 0f);
        foreach (var value in values)
        {
            var (step, weight) = (Math.Clamp(Nearest(inverse * value), -middle, middle - 1), value * value);
            products += weight * value * step;
            squares += weight * step * step;
        }
        return (products, squares);
    }

    static void Set(ReadOnlySpan<float> values, float inverse, int middle, Span<byte> steps)
    {
        for (var i = 0; i < values.Length; i++) steps[i] = (byte)(Math.Clamp(Nearest(inverse * values[i]), -middle, middle - 1) + middle);
    }

    /// <summary>The same for few steps: one value after the other moves to the step that serves all best, up to five rounds.</summary>
    public static float OneByOne(ReadOnlySpan<float> values, int middle, Span<byte> steps)
    {
        var furthest = BlocksOf32.Furthest(values);
        steps.Clear();
        if (MathF.Abs(furthest) < Tiny) return 0;
        Set(values, -middle / furthest, middle, steps);
        var (products, squares) = Sums(values, -middle / furthest, middle);
        for (var round = 0; round < 5; round++)
        {
            var changed = false;
            for (var i = 0; i < values.Length; i++)
            {
                var (value, weight, step) = (values[i], values[i] * values[i], steps[i] - middle);
                var others = products - weight * value * step;
                if (!(others > 0)) continue;
                var otherSquares = squares - weight * step * step;
                var next = Math.Clamp(Nearest(value * otherSquares / others), -middle, middle - 1);
                if (next == step) continue;
                others += weight * value * next;
                otherSquares += weight * next * next;
                if (!(otherSquares > 0) || others * others * squares <= products * products * otherSquares) continue;
                (steps[i], products, squares, changed) = ((byte)(next + middle), others, otherSquares, true);
            }
            if (!changed) break;
        }
        return squares > 0 ? products / squares : 0;
    }

    /// <summary>Steps from 0 to most above a least value that is not above zero; scale and least value by weighted least squares.</summary>
    /// <param name="values">of a group</param>
    /// <param name="most">the highest step</param>
    /// <param name="weights">of their errors</param>
    /// <param name="steps">takes the steps</param>
    /// <param name="depth">the least value below zero, as a positive number</param>
    /// <param name="search">where scales are looked for</param>
    public static float WithLeast(ReadOnlySpan<float> values, int most, ReadOnlySpan<float> weights, Span<byte> steps, out float depth, ScaleSearch search)
    {
        var (least, largest, weight, sum) = (values[0], values[0], weights[0], weights[0] * values[0]);
        for (var i = 1; i < values.Length; i++)
        {
            (least, largest) = (MathF.Min(least, values[i]), MathF.Max(largest, values[i]));
            weight += weights[i];
            sum += weights[i] * values[i];
        }
        least = MathF.Min(least, 0);
        if (largest == least)
        {
            steps.Clear();
            depth = -least;
            return 0;
        }
        var range = largest - least;
        var scale = 1 / (most / range);
        Fill(values, least, most / range, most, steps);
        var error = Error(values, weights, steps, scale, least, search.IsAbsolute);
        Span<byte> tried = stackalloc byte[values.Length];
        for (var i = 0; i <= search.Tries; i++)
        {
            // The least value that was found is where the next search begins.
            Fill(values, least, (search.First + search.Increment * i + most) / (largest - least), most, tried);
            if (!Fitted(values, weights, tried, weight, sum, out var thisScale, out var thisLeast)) continue;
            var thisError = Error(values, weights, tried, thisScale, thisLeast, search.IsAbsolute);
            if (thisError >= error) continue;
            tried.CopyTo(steps);
            (error, scale, least) = (thisError, thisScale, thisLeast);
        }
        depth = -least;
        return scale;
    }

    /// <summary>The straight line through steps and values with the least weighted squares; through zero where it would begin above.</summary>
    static bool Fitted(ReadOnlySpan<float> values, ReadOnlySpan<float> weights, ReadOnlySpan<byte> steps, float weight, float sum, out float scale, out float least)
    {
        var (stepSum, squares, products) = (0f, 0f, 0f);
        for (var i = 0; i < values.Length; i++)
        {
            stepSum += weights[i] * steps[i];
            squares += weights[i] * steps[i] * steps[i];
            products += weights[i] * steps[i] * values[i];
        }
        var determinant = weight * squares - stepSum * stepSum;
        (scale, least) = ((weight * products - sum * stepSum) / determinant, (squares * sum - stepSum * products) / determinant);
        if (least > 0) (scale, least) = (products / squares, 0);
        return determinant > 0;
    }

    static void Fill(ReadOnlySpan<float> values, float least, float inverse, int most, Span<byte> steps)
    {
        for (var i = 0; i < values.Length; i++) steps[i] = (byte)Math.Clamp(Nearest(inverse * (values[i] - least)), 0, most);
    }

    static float Error(ReadOnlySpan<float> values, ReadOnlySpan<float> weights, ReadOnlySpan<byte> steps, float scale, float least, bool isAbsolute)
    {
        var error = 0f;
        for (var i = 0; i < values.Length; i++)
        {
            var difference = scale * steps[i] + least - values[i];
            error += weights[i] * (isAbsolute ? MathF.Abs(difference) : difference * difference);
        }
        return error;
    }
}
