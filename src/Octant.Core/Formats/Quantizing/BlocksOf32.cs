namespace Octant.Formats.Quantizing;

/// <summary>Blocks of 32 under one scale: the first half of the values in the low bits, the second in the high ones.</summary>
static class BlocksOf32
{
    /// <summary>The value furthest from zero, with its sign, becomes the lowest of the 16 steps.</summary>
    public static void Q4_0(ReadOnlySpan<float> values, Span<byte> block)
    {
        var scale = Furthest(values) / -8;
        Quantizer.Half(block, scale);
        Span<byte> steps = stackalloc byte[32];
        Signed(values, scale, 8, steps);
        Pack(steps, block[2..]);
    }

    public static void Q4_1(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<byte> steps = stackalloc byte[32];
        Offset(values, 15, steps, block);
        Pack(steps, block[4..]);
    }

    public static void Q5_0(ReadOnlySpan<float> values, Span<byte> block)
    {
        var scale = Furthest(values) / -16;
        Quantizer.Half(block, scale);
        Span<byte> steps = stackalloc byte[32];
        Signed(values, scale, 16, steps);
        PackFive(steps, block[2..]);
    }

    public static void Q5_1(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<byte> steps = stackalloc byte[32];
        Offset(values, 31, steps, block);
        PackFive(steps, block[4..]);
    }

    public static void Q8_0(ReadOnlySpan<float> values, Span<byte> block)
    {
        var scale = MathF.Abs(Furthest(values)) / 127;
        var inverse = Inverse(scale);
        Quantizer.Half(block, scale);
        for (var i = 0; i < 32; i++) block[2 + i] = (byte)(sbyte)Quantizer.Round(values[i] * inverse);
    }

    public static float Furthest(ReadOnlySpan<float> values)
    {
        var furthest = values[0];
        foreach (var value in values)
            if (MathF.Abs(value) > MathF.Abs(furthest)) furthest = value;
        return furthest;
    }

    public static float Inverse(float scale) => scale == 0 ? 0 : 1 / scale;

    /// <summary>Steps around a middle; the product is rounded once, as a fused multiplication does.</summary>
    static void Signed(ReadOnlySpan<float> values, float scale, int middle, Span<byte> steps)
    {
        var inverse = Inverse(scale);
        for (var i = 0; i < steps.Length; i++)
            steps[i] = (byte)Math.Clamp((int)(float)Math.Truncate((double)values[i] * inverse + (middle + 0.5)), 0, 2 * middle - 1);
    }

    /// <summary>Steps above the least value; writes scale and least value, too.</summary>
    static void Offset(ReadOnlySpan<float> values, int most, Span<byte> steps, Span<byte> block)
    {
        var (least, largest) = (values[0], values[0]);
        foreach (var value in values) (least, largest) = (MathF.Min(least, value), MathF.Max(largest, value));
        var scale = (largest - least) / most;
        var inverse = Inverse(scale);
        Quantizer.Half(block, scale);
        Quantizer.Half(block[2..], least);
        for (var i = 0; i < steps.Length; i++)
            steps[i] = (byte)Math.Clamp((int)MathF.Truncate((values[i] - least) * inverse + 0.5f), 0, most);
    }

    static void Pack(ReadOnlySpan<byte> steps, Span<byte> target)
    {
        for (var i = 0; i < 16; i++) target[i] = (byte)(steps[i] & 15 | steps[i + 16] << 4);
    }

    /// <summary>The fifth bits first, one behind the other.</summary>
    static void PackFive(ReadOnlySpan<byte> steps, Span<byte> target)
    {
        var fifths = 0u;
        for (var i = 0; i < 32; i++) fifths |= (uint)(steps[i] >> 4) << i;
        BitConverter.TryWriteBytes(target, fifths);
        Pack(steps, target[4..]);
    }
}
