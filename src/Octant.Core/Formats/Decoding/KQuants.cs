using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Octant.Formats.Decoding;

/// <summary>
/// GGML's K types: 256 integers in 8 or 16 groups, whose scales (and minima) are small integers themselves, under one or two
/// float16 factors of the whole block (https://github.com/ggml-org/llama.cpp/pull/1684).
/// </summary>
static class KQuants
{
    /// <summary>16 groups of 16; 2 bits; a scale and a minimum of 4 bits each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Q2_K(ReadOnlySpan<byte> block, Span<float> target)
    {
        var (factor, minimumFactor) = (HalfFloats.F16(block[80..]), HalfFloats.F16(block[82..]));
        for (var group = 0; group < 16; group++)
        {
            var scale = block[group];
            Lanes.Store(Lanes.Bits(Lanes.Load(block, 16 + 32 * (group / 8) + 16 * (group % 2)), Shift(group), 3),
                factor * (scale & 15), -(minimumFactor * (scale >> 4)), target[(16 * group)..]);
        }
    }

    /// <summary>16 groups of 16; 3 bits, the third inverted in a mask of its own; a scale of 6 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Q3_K(ReadOnlySpan<byte> block, Span<float> target)
    {
        var factor = HalfFloats.F16(block[108..]);
        for (var group = 0; group < 16; group++)
        {
            var quants = Lanes.Bits(Lanes.Load(block, 32 + 32 * (group / 8) + 16 * (group % 2)), Shift(group), 3);
            var third = Lanes.Bits(Lanes.Load(block, 16 * (group % 2)), group / 2, 1);
            var four = Vector128.ShiftLeft(third.AsUInt16(), 2).AsByte() ^ Vector128.Create((byte)4);
            Lanes.Store((quants - four).AsSByte(), factor * ScaleOf6Bits(block.Slice(96, 12), group), target[(16 * group)..]);
        }
    }

    /// <summary>8 groups of 32; 4 bits; a scale and a minimum of 6 bits each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Q4_K(ReadOnlySpan<byte> block, Span<float> target)
    {
        var (factor, minimumFactor) = (HalfFloats.F16(block), HalfFloats.F16(block[2..]));
        for (var group = 0; group < 8; group++)
        {
            var (scale, minimum) = ScaleAndMinimum(block.Slice(4, 12), group);
            for (var half = 0; half < 32; half += 16)
                Lanes.Store(Lanes.Bits(Lanes.Load(block, 16 + 32 * (group / 2) + half), 4 * (group % 2), 15),
                    factor * scale, -(minimumFactor * minimum), target[(32 * group + half)..]);
        }
    }

    /// <summary>As Q4_K, with bit g of byte i in a mask as fifth bit of value i of group g.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Q5_K(ReadOnlySpan<byte> block, Span<float> target)
    {
        var (factor, minimumFactor) = (HalfFloats.F16(block), HalfFloats.F16(block[2..]));
        for (var group = 0; group < 8; group++)
        {
            var (scale, minimum) = ScaleAndMinimum(block.Slice(4, 12), group);
            for (var half = 0; half < 32; half += 16)
            {
                var quants = Lanes.Bits(Lanes.Load(block, 48 + 32 * (group / 2) + half), 4 * (group % 2), 15);
                var fifth = Vector128.ShiftLeft(Lanes.Bits(Lanes.Load(block, 16 + half), group, 1).AsUInt16(), 4).AsByte();
                Lanes.Store(quants | fifth, factor * scale, -(minimumFactor * minimum), target[(32 * group + half)..]);
            }
        }
    }

    /// <summary>16 groups of 16; 6 bits, the upper two apart; a scale of 8 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Q6_K(ReadOnlySpan<byte> block, Span<float> target)
    {
        var factor = HalfFloats.F16(block[208..]);
        var centre = Vector128.Create((sbyte)32);
        for (var group = 0; group < 16; group++)
        {
            // Within 128 values: the lower halves of 64 bytes, then their upper halves.
            var (part, quarter, half) = (group / 8, group % 8 / 2, 16 * (group % 2));
            var low = Lanes.Bits(Lanes.Load(block, 64 * part + 32 * (quarter % 2) + half), 4 * (quarter / 2), 15);
            var high = Lanes.Bits(Lanes.Load(block, 128 + 32 * part + half), 2 * quarter, 3);
            var quants = low | Vector128.ShiftLeft(high.AsUInt16(), 4).AsByte();
            Lanes.Store(quants.AsSByte() - centre, factor * (sbyte)block[192 + group], target[(16 * group)..]);
        }
    }

    /// <summary>A float32 scale and 8 bits; the sums that follow are for dot products.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Q8_K(ReadOnlySpan<byte> block, Span<float> target)
    {
        var scale = BitConverter.ToSingle(block);
        for (var i = 0; i < 256; i += 16) Lanes.Store(Lanes.Load(block, 4 + i).AsSByte(), scale, target[i..]);
    }

    /// <summary>Four groups' pairs of bits share a byte.</summary>
    static int Shift(int group) => 2 * (group % 8 / 2);

    /// <summary>Q3_K: lower four bits as halves of 8 bytes, upper two as quarters of the last 4.</summary>
    static int ScaleOf6Bits(ReadOnlySpan<byte> scales, int group)
    {
        var low = scales[group % 8] >> 4 * (group / 8) & 15;
        var high = scales[8 + group % 4] >> 2 * (group / 4) & 3;
        return (low | high << 4) - 32;
    }

    /// <summary>
    /// Q4_K, Q5_K: groups 0 to 3 take the lower six bits of bytes 0 to 3 (scale) and 4 to 7 (minimum); groups 4 to 7 four bits
    /// of bytes 8 to 11 and two of what the others left over.
    /// </summary>
    static (int Scale, int Minimum) ScaleAndMinimum(ReadOnlySpan<byte> scales, int group)
    {
        if (group < 4) return (scales[group] & 63, scales[group + 4] & 63);
        return (scales[group + 4] & 15 | scales[group - 4] >> 6 << 4, scales[group + 4] >> 4 | scales[group] >> 6 << 4);
    }
}
