namespace Octant.Formats.Quantizing;

/// <summary>Ternary digits under one scale, and 4-bit floats under a power of two.</summary>
static class TernaryAndFp4
{
    static ReadOnlySpan<sbyte> DoubledE2M1 => [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12];

    /// <summary>Five digits a byte in base 3, scaled up to all of a byte so that multiplications take them out again.</summary>
    public static void TQ1_0(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<byte> digits = stackalloc byte[256];
        Quantizer.Half(block[52..], Digits(values, digits));
        Pack(digits[..160], 32, 5, block);
        Pack(digits[160..240], 16, 5, block[32..]);
        Pack(digits[240..], 4, 4, block[48..]);
    }

    /// <summary>Two bits a digit, 32 bytes for each 128 values.</summary>
    public static void TQ2_0(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<byte> digits = stackalloc byte[256];
        Quantizer.Half(block[64..], Digits(values, digits));
        for (var i = 0; i < 64; i++)
        {
            var first = i / 32 * 128 + i % 32;
            block[i] = (byte)(digits[first] | digits[first + 32] << 2 | digits[first + 64] << 4 | digits[first + 96] << 6);
        }
    }

    /// <summary>The power under which the largest value just fits; then the nearest of the 16 floats, the first of equals.</summary>
    public static void MXFP4(ReadOnlySpan<float> values, Span<byte> block)
    {
        var largest = MathF.Abs(BlocksOf32.Furthest(values));
        block[0] = largest > 0 ? (byte)(MathF.Floor(MathF.Log2(largest)) - 2 + 127) : (byte)0;
        var scale = MathF.ScaleB(1, block[0] - 128);
        for (var i = 0; i < 16; i++) block[1 + i] = (byte)(Nearest(values[i], scale) | Nearest(values[i + 16], scale) << 4);
    }

    static int Nearest(float value, float scale)
    {
        var (best, least) = (0, float.PositiveInfinity);
        for (var code = 0; code < 16; code++)
            if (MathF.Abs(scale * DoubledE2M1[code] - value) is var error && error < least) (best, least) = (code, error);
        return best;
    }

    static float Digits(ReadOnlySpan<float> values, Span<byte> digits)
    {
        var scale = MathF.Abs(BlocksOf32.Furthest(values));
        var inverse = BlocksOf32.Inverse(scale);
        for (var i = 0; i < values.Length; i++) digits[i] = (byte)((int)Quantizer.Round(values[i] * inverse) + 1);
        return scale;
    }

    static void Pack(ReadOnlySpan<byte> digits, int bytes, int count, Span<byte> target)
    {
        for (var i = 0; i < bytes; i++)
        {
            var (number, power) = (0, 81);
            for (var digit = 0; digit < count; digit++, power /= 3) number += digits[digit * bytes + i] * power;
            target[i] = (byte)((number * 256 + 242) / 243);
        }
    }
}
