namespace Octant.Formats;

/// <summary>How numbers are stored in a checkpoint: the types of safetensors, and the block types of GGUF.</summary>
public enum ElementType
{
#pragma warning disable CS1591, CA1707 // The names are the formats' own.
    F64, F32, F16, BF16,
    F8E4M3, F8E5M2, F8E4M3Fnuz, F8E5M2Fnuz, F8E8M0, F6E2M3, F6E3M2, F4,
    I64, I32, I16, I8, U64, U32, U16, U8, Bool, C64,
    Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q8_1, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, Q8_K,
    IQ2_XXS, IQ2_XS, IQ2_S, IQ3_XXS, IQ3_S, IQ1_S, IQ1_M, IQ4_NL, IQ4_XS,
    TQ1_0, TQ2_0, MXFP4, NVFP4,
#pragma warning restore CS1591, CA1707
}

/// <summary>Numbers are stored in blocks of <paramref name="Count"/> values that take <paramref name="Bytes"/> bytes.</summary>
public readonly record struct BlockLayout(int Count, int Bytes);

/// <summary>What is known of each <see cref="ElementType"/>.</summary>
public static class ElementTypes
{
    /// <summary>Values and bytes of one block; one value a block for plain types.</summary>
    public static BlockLayout Layout(this ElementType type) => type switch
    {
        ElementType.F64 or ElementType.I64 or ElementType.U64 or ElementType.C64 => new(1, 8),
        ElementType.F32 or ElementType.I32 or ElementType.U32 => new(1, 4),
        ElementType.F16 or ElementType.BF16 or ElementType.I16 or ElementType.U16 => new(1, 2),
        ElementType.F6E2M3 or ElementType.F6E3M2 => new(4, 3),
        ElementType.F4 => new(2, 1),
        ElementType.Q4_0 or ElementType.IQ4_NL => new(32, 18),
        ElementType.Q4_1 => new(32, 20),
        ElementType.Q5_0 => new(32, 22),
        ElementType.Q5_1 => new(32, 24),
        ElementType.Q8_0 => new(32, 34),
        ElementType.Q8_1 => new(32, 36),
        ElementType.Q2_K => new(256, 84),
        ElementType.Q3_K or ElementType.IQ3_S => new(256, 110),
        ElementType.Q4_K => new(256, 144),
        ElementType.Q5_K => new(256, 176),
        ElementType.Q6_K => new(256, 210),
        ElementType.Q8_K => new(256, 292),
        ElementType.IQ2_XXS or ElementType.TQ2_0 => new(256, 66),
        ElementType.IQ2_XS => new(256, 74),
        ElementType.IQ2_S => new(256, 82),
        ElementType.IQ3_XXS => new(256, 98),
        ElementType.IQ1_S => new(256, 50),
        ElementType.IQ1_M => new(256, 56),
        ElementType.IQ4_XS => new(256, 136),
        ElementType.TQ1_0 => new(256, 54),
        ElementType.MXFP4 => new(32, 17),
        ElementType.NVFP4 => new(64, 36),
        _ => new(1, 1),
    };

    /// <summary>Whether these are numbers that a model computes with, not indices, masks or complex numbers.</summary>
    public static bool IsFloating(this ElementType type) =>
        type is < ElementType.I64 or >= ElementType.Q4_0;

    /// <summary>Whether these are whole numbers or truth values.</summary>
    public static bool IsInteger(this ElementType type) => type is >= ElementType.I64 and <= ElementType.Bool;
}
