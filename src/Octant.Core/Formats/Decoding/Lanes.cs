using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Octant.Formats.Decoding;

/// <summary>
/// What the block decoders are made of: sixteen small integers at a time, scaled and stored as float32. Vectors of 128 bits,
/// since every processor has them and stores to memory, not arithmetic, are the limit. Products and sums are rounded one by
/// one, as the reference does: a fused one would differ in the last bit. Who calls them is compiled with all optimisations at
/// once: a model is decoded once, and most of it before the runtime would find these loops hot (four times slower, measured).
/// </summary>
static class Lanes
{
    /// <summary>Sixteen bytes of a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Load(ReadOnlySpan<byte> block, int offset) => Vector128.Create(block.Slice(offset, 16));

    /// <summary>Each byte shifted right, its bits under the mask kept.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Bits(Vector128<byte> bytes, int shift, byte mask) =>
        Vector128.ShiftRightLogical(bytes.AsUInt16(), shift).AsByte() & Vector128.Create(mask);

    /// <summary>The value in each byte whose bit of the sixteen is set, else zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Spread(int sixteenBits, byte value)
    {
        var bit = Vector128.Create(0x8040201008040201UL).AsByte();
        var copies = Vector128.Create(0x0101010101010101UL * (byte)sixteenBits, 0x0101010101010101UL * (byte)(sixteenBits >> 8));
        return Vector128.Equals(copies.AsByte() & bit, bit) & Vector128.Create(value);
    }

    /// <summary>scale · q</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<sbyte> quants, float scale, Span<float> target)
    {
        var (low, high) = Vector128.Widen(quants);
        var (a, b) = Vector128.Widen(low);
        var (c, d) = Vector128.Widen(high);
        var factor = Vector128.Create(scale);
        ref var to = ref MemoryMarshal.GetReference(target[..16]);
        (Vector128.ConvertToSingle(a) * factor).StoreUnsafe(ref to);
        (Vector128.ConvertToSingle(b) * factor).StoreUnsafe(ref to, 4);
        (Vector128.ConvertToSingle(c) * factor).StoreUnsafe(ref to, 8);
        (Vector128.ConvertToSingle(d) * factor).StoreUnsafe(ref to, 12);
    }

    /// <summary>scale · list[q] for the lower halves of sixteen bytes, then the upper ones.</summary>
    public static void StoreListed(ReadOnlySpan<sbyte> list, Vector128<byte> quants, float scale, Span<float> target)
    {
        var values = Vector128.Create(list);
        Store(Vector128.ShuffleNative(values, Bits(quants, 0, 15).AsSByte()), scale, target);
        Store(Vector128.ShuffleNative(values, Bits(quants, 4, 15).AsSByte()), scale, target[16..]);
    }

    /// <summary>scale · q + offset</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<byte> quants, float scale, float offset, Span<float> target)
    {
        var (low, high) = Vector128.Widen(quants);
        var (a, b) = Vector128.Widen(low);
        var (c, d) = Vector128.Widen(high);
        var (factor, term) = (Vector128.Create(scale), Vector128.Create(offset));
        ref var to = ref MemoryMarshal.GetReference(target[..16]);
        (Vector128.ConvertToSingle(a.AsInt32()) * factor + term).StoreUnsafe(ref to);
        (Vector128.ConvertToSingle(b.AsInt32()) * factor + term).StoreUnsafe(ref to, 4);
        (Vector128.ConvertToSingle(c.AsInt32()) * factor + term).StoreUnsafe(ref to, 8);
        (Vector128.ConvertToSingle(d.AsInt32()) * factor + term).StoreUnsafe(ref to, 12);
    }
}
