using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Octant.Formats.Decoding;

/// <summary>
/// 16-bit floats by shifts, eight at a time: the conversion of <see cref="Half"/> itself goes one by one, through branches.
/// </summary>
static class HalfFloats
{
    /// <summary>2^112, the difference of the two exponents' biases.</summary>
    const float Rebias = 5.192296858534828e33f;

    /// <summary>IEEE binary16.</summary>
    public static float F16(ushort bits) => BitConverter.UInt32BitsToSingle(F16(Vector128.CreateScalarUnsafe((uint)bits)).AsUInt32().ToScalar());

    /// <summary>The first two bytes as IEEE binary16: the scale of most blocks.</summary>
    public static float F16(ReadOnlySpan<byte> source) => F16(MemoryMarshal.Read<ushort>(source));

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
    /// Exponent and fraction moved to their places in a float32, the bias mended by a product, which also normalises what is
    /// subnormal; infinities and NaN get the full exponent that the product took from them.
    /// </summary>
    static Vector128<float> F16(Vector128<uint> bits)
    {
        var sign = (bits & Vector128.Create(0x8000u)) << 16;
        var magnitude = (bits & Vector128.Create(0x7FFFu)) << 13;
        var special = Vector128.GreaterThanOrEqual(magnitude.AsInt32(), Vector128.Create(0x0F800000)).AsUInt32();
        var value = (magnitude.AsSingle() * Vector128.Create(Rebias)).AsUInt32();
        return (value | sign | special & Vector128.Create(0x7F800000u)).AsSingle();
    }
}
