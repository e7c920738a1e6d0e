using System.Numerics;
using System.Runtime.InteropServices;

namespace Octant.Formats.Decoding;

/// <summary>
/// GGML's IQ types: eight (or four) values at once are a point of a code book, with signs and scales beside it; IQ4 takes each
/// value from a list of sixteen. Blocks of 256, in eight groups of 32.
/// </summary>
static class IqQuants
{
    static ReadOnlySpan<sbyte> NonLinear => [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

    /// <summary>A group: four indices of 8 bits, then four signs of 7 bits and a scale of 4.</summary>
    public static void IQ2_XXS(ReadOnlySpan<byte> block, Span<float> target)
    {
        var factor = HalfFloats.F16(block);
        for (var group = 0; group < 8; group++)
        {
            var indices = block.Slice(2 + 8 * group, 4);
            var rest = BitConverter.ToUInt32(block[(6 + 8 * group)..]);
            var scale = factor * (0.5f + (rest >> 28)) * 0.25f;
            for (var i = 0; i < 4; i++)
                Signed(IqGrids.Iq2Xxs, indices[i], 8, EvenSigns(rest >> 7 * i), scale, target[(32 * group + 8 * i)..]);
        }
    }

    /// <summary>Indices of 9 bits with signs of 7; a scale of 4 bits for each 16 values.</summary>
    public static void IQ2_XS(ReadOnlySpan<byte> block, Span<float> target)
    {
        var factor = HalfFloats.F16(block);
        var codes = MemoryMarshal.Cast<byte, ushort>(block[2..66]);
        for (var i = 0; i < 32; i++)
        {
            var scale = factor * (0.5f + Nibble(block[66..], i / 2)) * 0.25f;
            Signed(IqGrids.Iq2Xs, codes[i] & 511, 8, EvenSigns((uint)codes[i] >> 9), scale, target[(8 * i)..]);
        }
    }

    /// <summary>Indices of 10 bits, the upper two apart; signs in full; a scale of 4 bits for each 16 values.</summary>
    public static void IQ2_S(ReadOnlySpan<byte> block, Span<float> target)
    {
        var factor = HalfFloats.F16(block);
        for (var i = 0; i < 32; i++)
        {
            var index = block[2 + i] | (block[66 + i / 4] >> 2 * (i % 4) & 3) << 8;
            var scale = factor * (0.5f + Nibble(block[74..], i / 2)) * 0.25f;
            Signed(IqGrids.Iq2S, index, 8, block[34 + i], scale, target[(8 * i)..]);
        }
    }

    /// <summary>Indices of 8 bits for four values; for each 32 values signs of 7 bits and a scale of 4.</summary>
    public static void IQ3_XXS(ReadOnlySpan<byte> block, Span<float> target)
    {
        var factor = HalfFloats.F16(block);
        for (var i = 0; i < 64; i++)
        {
            var rest = BitConverter.ToUInt32(block[(66 + i / 8 * 4)..]);
            var signs = EvenSigns(rest >> i % 8 / 2 * 7) >> 4 * (i % 2);
            Signed(IqGrids.Iq3Xxs, block[2 + i], 4, signs, factor * (0.5f + (rest >> 28)) * 0.5f, target[(4 * i)..]);
        }
    }

    /// <summary>Indices of 9 bits, the uppermost apart; signs in full; an odd scale of 4 bits for each 32 values.</summary>
    public static void IQ3_S(ReadOnlySpan<byte> block, Span<float> target)
    {
        var factor = HalfFloats.F16(block);
        for (var i = 0; i < 64; i++)
        {
            var index = block[2 + i] | (block[66 + i / 8] >> i % 8 & 1) << 8;
            var scale = factor * (1 + 2 * Nibble(block[106..], i / 8));
            Signed(IqGrids.Iq3S, index, 4, block[74 + i / 2] >> 4 * (i % 2), scale, target[(4 * i)..]);
        }
    }

    /// <summary>Indices of 11 bits, the upper three in a word beside an odd scale of 3 bits and the shift's sign.</summary>
    public static void IQ1_S(ReadOnlySpan<byte> block, Span<float> target)
    {
        var factor = HalfFloats.F16(block);
        var words = MemoryMarshal.Cast<byte, ushort>(block[34..50]);
        for (var i = 0; i < 32; i++)
        {
            var word = words[i / 4];
            var index = block[2 + i] | (word >> 3 * (i % 4) & 7) << 8;
            Shifted(index, (word & 0x8000) != 0, factor * (2 * (word >> 12 & 7) + 1), target[(8 * i)..]);
        }
    }

    /// <summary>As IQ1_S, with a scale for each 16 values, a shift for each 8, and the factor in the scales' upper bits.</summary>
    public static void IQ1_M(ReadOnlySpan<byte> block, Span<float> target)
    {
        var scales = MemoryMarshal.Cast<byte, ushort>(block[48..56]);
        var factor = HalfFloats.F16((ushort)(scales[0] >> 12 | scales[1] >> 12 << 4 | scales[2] >> 12 << 8 | scales[3] >> 12 << 12));
        for (var i = 0; i < 32; i++)
        {
            var upper = Nibble(block[32..], i);
            var scale = factor * (2 * (scales[i / 8] >> i % 8 / 2 * 3 & 7) + 1);
            Shifted(block[i] | (upper & 7) << 8, (upper & 8) != 0, scale, target[(8 * i)..]);
        }
    }

    public static void IQ4_NL(ReadOnlySpan<byte> block, Span<float> target) =>
        Lanes.StoreListed(NonLinear, Lanes.Load(block, 2), HalfFloats.F16(block), target);

    /// <summary>Groups of 32 with a scale of 6 bits, the upper two in a word of their own.</summary>
    public static void IQ4_XS(ReadOnlySpan<byte> block, Span<float> target)
    {
        var factor = HalfFloats.F16(block);
        var upper = BitConverter.ToUInt16(block[2..]);
        for (var group = 0; group < 8; group++)
        {
            var scale = (Nibble(block[4..], group) | (upper >> 2 * group & 3) << 4) - 32;
            Lanes.StoreListed(NonLinear, Lanes.Load(block, 8 + 16 * group), factor * scale, target[(32 * group)..]);
        }
    }

    static void Signed(sbyte[] grid, int index, int count, int signs, float scale, Span<float> target)
    {
        var point = grid.AsSpan(index * count, count);
        for (var i = 0; i < point.Length; i++)
        {
            var minus = -(signs >> i & 1);                  // 0 or -1; no branch, as no processor can foretell signs
            target[i] = scale * ((point[i] ^ minus) - minus);
        }
    }

    /// <summary>IQ1: the points lie an eighth beside the integers.</summary>
    static void Shifted(int index, bool down, float scale, Span<float> target)
    {
        var point = IqGrids.Iq1.AsSpan(index * 8, 8);
        var shift = down ? -0.125f : 0.125f;
        for (var i = 0; i < point.Length; i++) target[i] = scale * (point[i] + shift);
    }

    /// <summary>Seven signs are stored; the eighth makes the number of minus signs even.</summary>
    static int EvenSigns(uint bits)
    {
        var seven = (int)(bits & 127);
        return seven | (BitOperations.PopCount((uint)seven) & 1) << 7;
    }

    static int Nibble(ReadOnlySpan<byte> bytes, int index) => bytes[index / 2] >> 4 * (index % 2) & 15;
}
