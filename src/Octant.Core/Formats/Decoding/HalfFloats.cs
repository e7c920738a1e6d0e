using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Octant.Formats.Decoding;

/// <summary>
/// 16-bit floats by shifts, eight at a time: the conversion of <see cref="Half"/> itself goes one by one, through branches.
/// </summary>
static class HalfFloats
{
    /// <summary>IEEE binary16.</summary>
    public static float F16(ushort bits) => BitConverter.UInt32BitsToSingle(F16(Vector128.CreateScalarUnsafe((uint)bits)).AsUInt32().ToScalar());

    /// <summary>The first two bytes as IEEE binary16: the scale of most blocks.</summary>
    public static float F16(ReadOnlySpan<byte> source) => F16(MemoryMarshal.Read<ushort>(source));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void DecodeF16(ReadOnlySpan<byte> source, Span<float> target)
    {
        var halves = MemoryMarshal.Cast<byte, ushort>(source);
        var i = 0;
        for (; i <= halves.Length - 8; i += 8)
        {
            var (low, high) = Vector128.Widen(Vector128.Create(halves[i..]));
            F16(low).CopyTo(target[i..]);
            F16(high).CopyTo(target[(i + 4)..]);
        }
        for (; i < halves.Length; i++) target[i] = F16(halves[i]);
    }

    /// <summary>The upper half of a float32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void DecodeBF16(ReadOnlySpan<byte> source, Span<float> target)
    {
        var halves = MemoryMarshal.Cast<byte, ushort>(source);
        var i = 0;
        for (; i <= halves.Length - 8; i += 8)
        {
            var (low, high) = Vector128.Widen(Vector128.Create(halves[i..]));
            (low << 16).AsSingle().CopyTo(target[i..]);
            (high << 16).AsSingle().CopyTo(target[(i + 4)..]);
        }
        for (; i < halves.Length; i++) target[i] = BitConverter.UInt32BitsToSingle((uint)halves[i] << 16);
    }

    /// <summary>
    /// Exponent and fraction moved to their places in a float32 and the bias mended by a sum of integers, twice for infinities
    /// and NaN. A subnormal is its fraction in units of 2^-24, which are those of the floats from 0.5 on; a product with a power
    /// of two would normalise it too, but takes over a hundred cycles on many processors.
    /// </summary>
    static Vector128<float> F16(Vector128<uint> bits)
    {
        var sign = (bits & Vector128.Create(0x8000u)) << 16;
        var magnitude = bits & Vector128.Create(0x7FFFu);
        var rebias = Vector128.Create(112u << 23);
        var special = Vector128.GreaterThan(magnitude.AsInt32(), Vector128.Create(0x7BFF)).AsUInt32();
        var normal = (magnitude << 13) + rebias + (special & rebias);
        var half = Vector128.Create(0.5f);
        var subnormal = ((magnitude | half.AsUInt32()).AsSingle() - half).AsUInt32();
        var small = Vector128.LessThan(magnitude.AsInt32(), Vector128.Create(0x0400)).AsUInt32();
        return (Vector128.ConditionalSelect(small, subnormal, normal) | sign).AsSingle();
    }
}
