using System.Numerics;
using System.Runtime.InteropServices;
using Octant.Formats.Decoding;

namespace Octant.Formats;

/// <summary>Stored numbers as .NET's own: every <see cref="ElementType"/> as float or double, the integers as long.</summary>
public static unsafe class Elements
{
    /// <summary>How many numbers these bytes hold; a complex number counts as two.</summary>
    /// <exception cref="ArgumentException">they are no whole number of blocks</exception>
    public static long CountIn(ElementType type, long bytes)
    {
        var block = type.Layout();
        if (bytes % block.Bytes != 0)
            throw new ArgumentException($"{bytes} bytes are no whole number of {type} blocks, which have {block.Bytes} bytes.", nameof(bytes));
        return bytes / block.Bytes * block.Count * (type == ElementType.C64 ? 2 : 1);
    }

    /// <summary>
    /// Numbers as float32: exact for floats of up to 32 bits, rounded from F64 and wide integers; quantised ones as GGML's
    /// reference computes them, to the last bit. A complex number becomes two: real, imaginary.
    /// </summary>
    /// <param name="type">how they are stored</param>
    /// <param name="source">whole blocks</param>
    /// <param name="target">takes exactly <see cref="CountIn"/> numbers</param>
    /// <exception cref="ArgumentException">the sizes do not fit</exception>
    public static void Decode(ElementType type, ReadOnlySpan<byte> source, Span<float> target)
    {
        CheckSizes(type, source, target.Length);
        switch (type)
        {
            case ElementType.F32 or ElementType.C64: MemoryMarshal.Cast<byte, float>(source).CopyTo(target); break;
            case ElementType.F16: HalfFloats.DecodeF16(source, target); break;
            case ElementType.BF16: HalfFloats.DecodeBF16(source, target); break;
            case ElementType.F64: Convert<double, float>(source, target); break;
            case ElementType.F8E4M3: SmallFloats.Decode(SmallFloats.E4M3, source, target); break;
            case ElementType.F8E5M2: SmallFloats.Decode(SmallFloats.E5M2, source, target); break;
            case ElementType.F8E4M3Fnuz: SmallFloats.Decode(SmallFloats.E4M3Fnuz, source, target); break;
            case ElementType.F8E5M2Fnuz: SmallFloats.Decode(SmallFloats.E5M2Fnuz, source, target); break;
            case ElementType.F8E8M0: SmallFloats.Decode(SmallFloats.E8M0, source, target); break;
            case ElementType.F6E2M3: SmallFloats.DecodeF6(SmallFloats.E2M3, source, target); break;
            case ElementType.F6E3M2: SmallFloats.DecodeF6(SmallFloats.E3M2, source, target); break;
            case ElementType.F4: SmallFloats.DecodeF4(source, target); break;
            case < ElementType.Q4_0: DecodeIntegers(type, source, target); break;
            default: DecodeBlocks(type, source, target); break;
        }
    }

    /// <summary>As <see cref="Decode(ElementType, ReadOnlySpan{byte}, Span{float})"/>, exact for all but 64-bit integers above 2^53.</summary>
    /// <inheritdoc cref="Decode(ElementType, ReadOnlySpan{byte}, Span{float})"/>
    public static void Decode(ElementType type, ReadOnlySpan<byte> source, Span<double> target)
    {
        CheckSizes(type, source, target.Length);
        if (type == ElementType.F64) MemoryMarshal.Cast<byte, double>(source).CopyTo(target);
        else if (type.IsInteger()) DecodeIntegers(type, source, target);
        else DecodeThroughFloats(type, source, target);
    }

    /// <summary>Integers and truth values exactly; U64 as its bits, so that those above 2^63 - 1 appear negative.</summary>
    /// <exception cref="ArgumentException">the sizes do not fit, or these are no integers</exception>
    public static void Decode(ElementType type, ReadOnlySpan<byte> source, Span<long> target)
    {
        CheckSizes(type, source, target.Length);
        if (!type.IsInteger()) throw new ArgumentException($"{type} are no integers.", nameof(type));
        DecodeIntegers(type, source, target);
    }

    static void CheckSizes(ElementType type, ReadOnlySpan<byte> source, int numbers)
    {
        if (CountIn(type, source.Length) is var count && count != numbers)
            throw new ArgumentException($"{source.Length} bytes of {type} are {count} numbers, the target takes {numbers}.");
    }

    static void DecodeIntegers<T>(ElementType type, ReadOnlySpan<byte> source, Span<T> target) where T : INumberBase<T>
    {
        switch (type)
        {
            case ElementType.I64: Convert<long, T>(source, target); break;
            case ElementType.I32: Convert<int, T>(source, target); break;
            case ElementType.I16: Convert<short, T>(source, target); break;
            case ElementType.I8: Convert<sbyte, T>(source, target); break;
            case ElementType.U64: Convert<ulong, T>(source, target); break;
            case ElementType.U32: Convert<uint, T>(source, target); break;
            case ElementType.U16: Convert<ushort, T>(source, target); break;
            case ElementType.U8: Convert<byte, T>(source, target); break;
            default:
                for (var i = 0; i < source.Length; i++) target[i] = source[i] == 0 ? T.Zero : T.One;
                break;
        }
    }

    static void Convert<TFrom, TTo>(ReadOnlySpan<byte> source, Span<TTo> target)
        where TFrom : unmanaged, INumberBase<TFrom> where TTo : INumberBase<TTo>
    {
        var numbers = MemoryMarshal.Cast<byte, TFrom>(source);
        for (var i = 0; i < numbers.Length; i++) target[i] = TTo.CreateTruncating(numbers[i]);
    }

    static void DecodeThroughFloats(ElementType type, ReadOnlySpan<byte> source, Span<double> target)
    {
        Span<float> floats = stackalloc float[1024];        // whole blocks of every type
        while (target.Length > 0)
        {
            var part = floats[..Math.Min(floats.Length, target.Length)];
            var bytes = (int)((long)source.Length * part.Length / target.Length);
            Decode(type, source[..bytes], part);
            for (var i = 0; i < part.Length; i++) target[i] = part[i];
            source = source[bytes..];
            target = target[part.Length..];
        }
    }

    static void DecodeBlocks(ElementType type, ReadOnlySpan<byte> source, Span<float> target)
    {
        var decode = BlockDecoder(type);
        var block = type.Layout();
        for (var (from, to) = (0, 0); from < source.Length; (from, to) = (from + block.Bytes, to + block.Count))
            decode(source.Slice(from, block.Bytes), target.Slice(to, block.Count));
    }

    static delegate*<ReadOnlySpan<byte>, Span<float>, void> BlockDecoder(ElementType type) => type switch
    {
        ElementType.Q4_0 => &BlocksOf32.Q4_0,
        ElementType.Q4_1 => &BlocksOf32.Q4_1,
        ElementType.Q5_0 => &BlocksOf32.Q5_0,
        ElementType.Q5_1 => &BlocksOf32.Q5_1,
        ElementType.Q8_0 => &BlocksOf32.Q8_0,
        ElementType.Q8_1 => &BlocksOf32.Q8_1,
        ElementType.Q2_K => &KQuants.Q2_K,
        ElementType.Q3_K => &KQuants.Q3_K,
        ElementType.Q4_K => &KQuants.Q4_K,
        ElementType.Q5_K => &KQuants.Q5_K,
        ElementType.Q6_K => &KQuants.Q6_K,
        ElementType.Q8_K => &KQuants.Q8_K,
        ElementType.IQ2_XXS => &IqQuants.IQ2_XXS,
        ElementType.IQ2_XS => &IqQuants.IQ2_XS,
        ElementType.IQ2_S => &IqQuants.IQ2_S,
        ElementType.IQ3_XXS => &IqQuants.IQ3_XXS,
        ElementType.IQ3_S => &IqQuants.IQ3_S,
        ElementType.IQ1_S => &IqQuants.IQ1_S,
        ElementType.IQ1_M => &IqQuants.IQ1_M,
        ElementType.IQ4_NL => &IqQuants.IQ4_NL,
        ElementType.IQ4_XS => &IqQuants.IQ4_XS,
        ElementType.TQ1_0 => &TernaryAndFp4.TQ1_0,
        ElementType.TQ2_0 => &TernaryAndFp4.TQ2_0,
        ElementType.MXFP4 => &TernaryAndFp4.MXFP4,
        ElementType.NVFP4 => &TernaryAndFp4.NVFP4,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };
}
