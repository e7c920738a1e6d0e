using System.Runtime.InteropServices;

namespace Octant.Formats.Quantizing;

/// <summary>
/// Encodes numbers as GGML does: the plain types and the blocks of 32, the ternary ones and MXFP4 equal gguf-py byte for byte, the
/// K-quants follow ggml's searches for the best scales.
/// </summary>
public static class Quantizer
{
    delegate void BlockEncoder(ReadOnlySpan<float> values, Span<byte> block);

    /// <summary>The types that can be written; all others are only read.</summary>
    public static IReadOnlyList<ElementType> Types { get; } =
    [
        ElementType.F32, ElementType.F16, ElementType.BF16, ElementType.Q8_0, ElementType.Q5_1, ElementType.Q5_0, ElementType.Q4_1,
        ElementType.Q4_0, ElementType.Q6_K, ElementType.Q5_K, ElementType.Q4_K, ElementType.Q3_K, ElementType.Q2_K, ElementType.TQ1_0,
        ElementType.TQ2_0, ElementType.MXFP4,
    ];

    /// <summary>The bytes of numbers.</summary>
    /// <param name="type">one of <see cref="Types"/></param>
    /// <param name="values">whole blocks of the type</param>
    /// <param name="bytes">takes as many bytes as the type's layout says</param>
    /// <exception cref="CheckpointException">the type can only be read</exception>
    /// <exception cref="ArgumentException">the lengths do not fit the type</exception>
    public static void Encode(ElementType type, ReadOnlySpan<float> values, Span<byte> bytes)
    {
        var layout = type.Layout();
        if (values.Length % layout.Count != 0 || bytes.Length != values.Length / layout.Count * layout.Bytes)
            throw new ArgumentException($"{values.Length} numbers do not make {bytes.Length} bytes of {type}.", nameof(bytes));
        switch (type)
        {
            case ElementType.F32:
                MemoryMarshal.AsBytes(values).CopyTo(bytes);
                return;
            case ElementType.F16:
                var halves = MemoryMarshal.Cast<byte, Half>(bytes);
                for (var i = 0; i < values.Length; i++) halves[i] = (Half)values[i];
                return;
            case ElementType.BF16:
                var upper = MemoryMarshal.Cast<byte, ushort>(bytes);
                for (var i = 0; i < values.Length; i++) upper[i] = BFloat16(values[i]);
                return;
        }
        var encode = EncoderOf(type) ?? throw new CheckpointException(
            $"{type} can be read, but not written; there are {string.Join(", ", Types)}.");
        for (var (from, to) = (0, 0); from < values.Length; from += layout.Count, to += layout.Bytes)
            encode(values.Slice(from, layout.Count), bytes.Slice(to, layout.Bytes));
    }

    /// <summary>The upper half, rounded to even; not-a-number stays one.</summary>
    static ushort BFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits & 0x7FFFFFFF) > 0x7F800000 ? bits >> 16 | 64 : bits + (0x7FFF + (bits >> 16 & 1)) >> 16);
    }

    static BlockEncoder? EncoderOf(ElementType type) => type switch
    {
        ElementType.Q4_0 => BlocksOf32.Q4_0,
        ElementType.Q4_1 => BlocksOf32.Q4_1,
        ElementType.Q5_0 => BlocksOf32.Q5_0,
        ElementType.Q5_1 => BlocksOf32.Q5_1,
        ElementType.Q8_0 => BlocksOf32.Q8_0,
        ElementType.Q2_K => KQuants.Q2_K,
        ElementType.Q3_K => KQuants.Q3_K,
        ElementType.Q4_K => KQuants.Q4_K,
        ElementType.Q5_K => KQuants.Q5_K,
        ElementType.Q6_K => KQuants.Q6_K,
        ElementType.TQ1_0 => TernaryAndFp4.TQ1_0,
        ElementType.TQ2_0 => TernaryAndFp4.TQ2_0,
        ElementType.MXFP4 => TernaryAndFp4.MXFP4,
        _ => null,
    };

    internal static void Half(Span<byte> target, float value) => BitConverter.TryWriteBytes(target, (Half)value);

    /// <summary>Halves go away from zero, as gguf-py rounds.</summary>
    internal static float Round(float value)
    {
        var size = MathF.Abs(value);
        var whole = MathF.Floor(size);
        return MathF.CopySign(whole + MathF.Floor(2 * (size - whole)), value);
    }
}
