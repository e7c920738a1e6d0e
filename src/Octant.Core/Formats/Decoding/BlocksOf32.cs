using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Octant.Formats.Decoding;

/// <summary>
/// GGML's first block types: 32 integers under one scale (and, in the "_1" types, a minimum). In those of 4 and 5 bits, byte i
/// holds value i in its lower half and value i + 16 in its upper half; a fifth bit stands in a word of its own.
/// </summary>
static class BlocksOf32
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Q4_0(ReadOnlySpan<byte> block, Span<float> target)
    {
        var scale = HalfFloats.F16(block);
        var quants = Lanes.Load(block, 2);
        var centre = Vector128.Create((sbyte)8);
        Lanes.Store(Lanes.Bits(quants, 0, 15).AsSByte() - centre, scale, target);
        Lanes.Store(Lanes.Bits(quants, 4, 15).AsSByte() - centre, scale, target[16..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Q4_1(ReadOnlySpan<byte> block, Span<float> target)
    {
        var (scale, minimum) = (HalfFloats.F16(block), HalfFloats.F16(block[2..]));
        var quants = Lanes.Load(block, 4);
        Lanes.Store(Lanes.Bits(quants, 0, 15), scale, minimum, target);
        Lanes.Store(Lanes.Bits(quants, 4, 15), scale, minimum, target[16..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Q5_0(ReadOnlySpan<byte> block, Span<float> target)
    {
        var scale = HalfFloats.F16(block);
        var fifth = BitConverter.ToInt32(block[2..]);
        var quants = Lanes.Load(block, 6);
        var centre = Vector128.Create((sbyte)16);
        Lanes.Store((Lanes.Bits(quants, 0, 15) | Lanes.Spread(fifth, 16)).AsSByte() - centre, scale, target);
        Lanes.Store((Lanes.Bits(quants, 4, 15) | Lanes.Spread(fifth >> 16, 16)).AsSByte() - centre, scale, target[16..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Q5_1(ReadOnlySpan<byte> block, Span<float> target)
    {
        var (scale, minimum) = (HalfFloats.F16(block), HalfFloats.F16(block[2..]));
        var fifth = BitConverter.ToInt32(block[4..]);
        var quants = Lanes.Load(block, 8);
        Lanes.Store(Lanes.Bits(quants, 0, 15) | Lanes.Spread(fifth, 16), scale, minimum, target);
        Lanes.Store(Lanes.Bits(quants, 4, 15) | Lanes.Spread(fifth >> 16, 16), scale, minimum, target[16..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Q8_0(ReadOnlySpan<byte> block, Span<float> target) => Eights(block[2..], HalfFloats.F16(block), target);

    /// <summary>Behind the scale stands the sum of the block, which only dot products need.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Q8_1(ReadOnlySpan<byte> block, Span<float> target) => Eights(block[4..], HalfFloats.F16(block), target);

    static void Eights(ReadOnlySpan<byte> quants, float scale, Span<float> target)
    {
        Lanes.Store(Lanes.Load(quants, 0).AsSByte(), scale, target);
        Lanes.Store(Lanes.Load(quants, 16).AsSByte(), scale, target[16..]);
    }
}
