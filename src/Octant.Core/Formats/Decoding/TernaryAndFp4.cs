using System.Runtime.Intrinsics;

namespace Octant.Formats.Decoding;

/// <summary>The small GGML types beside the main families: ternary (for BitNet), and 4-bit floats under block scales.</summary>
static class TernaryAndFp4
{
    /// <summary>FP4 (E2M1) doubled, so that they are integers; the scales are halved in turn.</summary>
    static ReadOnlySpan<sbyte> DoubledE2M1 => [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12];

    /// <summary>
    /// Five ternary digits a byte, as a fraction of 256: the leading digit of (byte · 3ⁿ mod 256) / 256 in base 3. 32 bytes,
    /// then 16, hold five digits each; the last four bytes hold four.
    /// </summary>
    public static void TQ1_0(ReadOnlySpan<byte> block, Span<float> target)
    {
        var scale = HalfFloats.F16(block[52..]);
        Digits(block[..32], 5, scale, target);
        Digits(block[32..48], 5, scale, target[160..]);
        Digits(block[48..52], 4, scale, target[240..]);
    }

    static void Digits(ReadOnlySpan<byte> bytes, int digits, float scale, Span<float> target)
    {
        for (var (digit, power, to) = (0, 1, 0); digit < digits; digit++, power *= 3)
            foreach (var packed in bytes)
                target[to++] = (((byte)(packed * power) * 3 >> 8) - 1) * scale;
    }

    /// <summary>Two bits a digit, 32 bytes for each 128 values.</summary>
    public static void TQ2_0(ReadOnlySpan<byte> block, Span<float> target)
    {
        var scale = HalfFloats.F16(block[64..]);
        for (var i = 0; i < 256; i += 16)
        {
            var digits = Lanes.Bits(Lanes.Load(block, i / 128 * 32 + i % 32), i % 128 / 32 * 2, 3).AsSByte();
            Lanes.Store(digits - Vector128<sbyte>.One, scale, target[i..]);
        }
    }

    /// <summary>32 values under a power of two (OCP microscaling formats).</summary>
    public static void MXFP4(ReadOnlySpan<byte> block, Span<float> target)
    {
        // 255 is NaN by the standard; GGML takes it as the next power, and so must who reads its files.
        var scale = MathF.ScaleB(1, block[0] - 128);
        Lanes.StoreListed(DoubledE2M1, Lanes.Load(block, 1), scale, target);
    }

    /// <summary>Four groups of 16, each under an unsigned E4M3.</summary>
    public static void NVFP4(ReadOnlySpan<byte> block, Span<float> target)
    {
        for (var group = 0; group < 4; group++)
        {
            var scale = HalvedUnsignedE4M3(block[group]);
            for (var i = 0; i < 8; i++)
            {
                var packed = block[4 + 8 * group + i];
                target[16 * group + i] = scale * DoubledE2M1[packed & 15];
                target[16 * group + i + 8] = scale * DoubledE2M1[packed >> 4];
            }
        }
    }

    /// <summary>As GGML reads it: the sign bit ignored, except that 0x7F, the NaN, is 0 and 0xFF a number.</summary>
    static float HalvedUnsignedE4M3(byte code)
    {
        if (code == 0x7F) return 0;
        var (exponent, fraction) = (code >> 3 & 15, code & 7);
        return exponent == 0 ? MathF.ScaleB(fraction, -10) : MathF.ScaleB(8 + fraction, exponent - 11);
    }
}
