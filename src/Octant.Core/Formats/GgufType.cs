namespace Octant.Formats;

/// <summary>The kinds of metadata values in a GGUF file, with the numbers that the format gives them.</summary>
public enum GgufType
{
#pragma warning disable CS1591, CA1008 // The numbers are the format's own.
    U8 = 0, I8 = 1, U16 = 2, I16 = 3, U32 = 4, I32 = 5, F32 = 6, Bool = 7, Text = 8, Array = 9, U64 = 10, I64 = 11, F64 = 12,
#pragma warning restore CS1591, CA1008
}

/// <summary>One key of a GGUF file's metadata.</summary>
/// <param name="Key">its name</param>
/// <param name="Type">of its value</param>
/// <param name="Elements">for arrays: of their elements</param>
/// <param name="Count">for arrays: how many elements there are; else 1</param>
public readonly record struct GgufEntry(string Key, GgufType Type, GgufType? Elements, long Count)
{
    /// <summary>As in "Text" or "I32[49152]".</summary>
    public string Kind => Elements is null ? $"{Type}" : $"{Elements}[{Count}]";
}

static class GgufTypes
{
    /// <summary>What numbers and truth values are stored as; none for text and arrays.</summary>
    public static ElementType? Element(this GgufType type) => type switch
    {
        GgufType.U8 => ElementType.U8,
        GgufType.I8 => ElementType.I8,
        GgufType.U16 => ElementType.U16,
        GgufType.I16 => ElementType.I16,
        GgufType.U32 => ElementType.U32,
        GgufType.I32 => ElementType.I32,
        GgufType.U64 => ElementType.U64,
        GgufType.I64 => ElementType.I64,
        GgufType.F32 => ElementType.F32,
        GgufType.F64 => ElementType.F64,
        GgufType.Bool => ElementType.Bool,
        _ => null,
    };

    /// <summary>The least that a value of this type takes, in bytes.</summary>
    public static int LeastBytes(this GgufType type) =>
        type.Element() is { } element ? element.Layout().Bytes : type == GgufType.Text ? 8 : 12;

    /// <summary>The number of a tensor's type; null where GGML has none.</summary>
    public static uint? NumberOf(ElementType type)
    {
        for (var number = 0u; number <= MaximumTensorType; number++)
            if (TensorType(number) == type) return number;
        return null;
    }

    const uint MaximumTensorType = 40;

    /// <summary>GGML's number of a tensor's type (ggml.h, enum ggml_type).</summary>
    public static ElementType? TensorType(uint number) => number switch
    {
        0 => ElementType.F32,
        1 => ElementType.F16,
        2 => ElementType.Q4_0,
        3 => ElementType.Q4_1,
        6 => ElementType.Q5_0,
        7 => ElementType.Q5_1,
        8 => ElementType.Q8_0,
        9 => ElementType.Q8_1,
        10 => ElementType.Q2_K,
        11 => ElementType.Q3_K,
        12 => ElementType.Q4_K,
        13 => ElementType.Q5_K,
        14 => ElementType.Q6_K,
        15 => ElementType.Q8_K,
        16 => ElementType.IQ2_XXS,
        17 => ElementType.IQ2_XS,
        18 => ElementType.IQ3_XXS,
        19 => ElementType.IQ1_S,
        20 => ElementType.IQ4_NL,
        21 => ElementType.IQ3_S,
        22 => ElementType.IQ2_S,
        23 => ElementType.IQ4_XS,
        24 => ElementType.I8,
        25 => ElementType.I16,
        26 => ElementType.I32,
        27 => ElementType.I64,
        28 => ElementType.F64,
        29 => ElementType.IQ1_M,
        30 => ElementType.BF16,
        34 => ElementType.TQ1_0,
        35 => ElementType.TQ2_0,
        39 => ElementType.MXFP4,
        40 => ElementType.NVFP4,
        _ => null,
    };
}
