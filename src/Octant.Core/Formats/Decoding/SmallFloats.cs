namespace Octant.Formats.Decoding;

/// <summary>Floats of 8 bits and less: a table each, made from the format's exponent, fraction and special codes.</summary>
static class SmallFloats
{
    // Specials: OCP 8-bit floating point (1.0) for E4M3 and E5M2; the "fnuz" ones (finite, no negative zero) have the code of
    // the negative zero as their only NaN; OCP microscaling formats (1.0) for E8M0, FP6 and FP4, which have neither.
    public static readonly float[] E4M3 = Table(8, 4, 3, 7, code => (code & 0x7F) == 0x7F ? float.NaN : null);
    public static readonly float[] E5M2 = Table(8, 5, 2, 15, code => (code & 0x7C) != 0x7C ? null
        : (code & 3) != 0 ? float.NaN : code < 0x80 ? float.PositiveInfinity : float.NegativeInfinity);
    public static readonly float[] E4M3Fnuz = Table(8, 4, 3, 8, code => code == 0x80 ? float.NaN : null);
    public static readonly float[] E5M2Fnuz = Table(8, 5, 2, 16, code => code == 0x80 ? float.NaN : null);
    public static readonly float[] E8M0 = [.. Enumerable.Range(0, 256).Select(code => code == 255 ? float.NaN : MathF.ScaleB(1, code - 127))];
    public static readonly float[] E2M3 = Table(6, 2, 3, 1, _ => null);
    public static readonly float[] E3M2 = Table(6, 3, 2, 3, _ => null);
    public static readonly float[] E2M1 = Table(4, 2, 1, 1, _ => null);

    public static void Decode(float[] table, ReadOnlySpan<byte> source, Span<float> target)
    {
        for (var i = 0; i < source.Length; i++) target[i] = table[source[i]];
    }

    /// <summary>Two a byte, the lower half first, as Torch's float4_e2m1fn_x2 has them.</summary>
    public static void DecodeF4(ReadOnlySpan<byte> source, Span<float> target)
    {
        for (var i = 0; i < source.Length; i++)
            (target[2 * i], target[2 * i + 1]) = (E2M1[source[i] & 15], E2M1[source[i] >> 4]);
    }

    /// <summary>Four in three bytes, from the lowest bit on.</summary>
    public static void DecodeF6(float[] table, ReadOnlySpan<byte> source, Span<float> target)
    {
        for (var (from, to) = (0, 0); from < source.Length; (from, to) = (from + 3, to + 4))
        {
            var bits = source[from] | source[from + 1] << 8 | source[from + 2] << 16;
            for (var i = 0; i < 4; i++) target[to + i] = table[bits >> 6 * i & 63];
        }
    }

    static float[] Table(int bits, int exponentBits, int fractionBits, int bias, Func<int, float?> special)
    {
        var table = new float[1 << bits];
        for (var code = 0; code < table.Length; code++)
        {
            var exponent = code >> fractionBits & (1 << exponentBits) - 1;
            var fraction = code & (1 << fractionBits) - 1;
            var magnitude = exponent == 0
                ? MathF.ScaleB(fraction, 1 - bias - fractionBits)
                : MathF.ScaleB(fraction + (1 << fractionBits), exponent - bias - fractionBits);
            table[code] = special(code) ?? (code >> bits - 1 == 0 ? magnitude : -magnitude);
        }
        return table;
    }
}
