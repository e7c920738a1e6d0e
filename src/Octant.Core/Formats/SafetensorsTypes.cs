namespace Octant.Formats;

/// <summary>The types of safetensors by the names in its headers.</summary>
static class SafetensorsTypes
{
    /// <summary>In the reference's own order, which its writer follows backwards.</summary>
    static readonly (string Name, ElementType Type)[] All =
    [
        ("BOOL", ElementType.Bool), ("F4", ElementType.F4), ("F6_E2M3", ElementType.F6E2M3), ("F6_E3M2", ElementType.F6E3M2),
        ("U8", ElementType.U8), ("I8", ElementType.I8), ("F8_E5M2", ElementType.F8E5M2), ("F8_E4M3", ElementType.F8E4M3),
        ("F8_E8M0", ElementType.F8E8M0), ("F8_E4M3FNUZ", ElementType.F8E4M3Fnuz), ("F8_E5M2FNUZ", ElementType.F8E5M2Fnuz),
        ("I16", ElementType.I16), ("U16", ElementType.U16), ("F16", ElementType.F16), ("BF16", ElementType.BF16),
        ("I32", ElementType.I32), ("U32", ElementType.U32), ("F32", ElementType.F32), ("C64", ElementType.C64),
        ("F64", ElementType.F64), ("I64", ElementType.I64), ("U64", ElementType.U64),
    ];

    public static ElementType? Named(string name)
    {
        foreach (var (known, type) in All)
            if (known == name) return type;
        return null;
    }

    /// <summary>Its place in the order, and its name.</summary>
    /// <exception cref="ArgumentException">a type of GGUF's</exception>
    public static (int Rank, string Name) Of(ElementType type)
    {
        var rank = Array.FindIndex(All, known => known.Type == type);
        return rank >= 0 ? (rank, All[rank].Name) : throw new ArgumentException($"{type} is no type of safetensors.", nameof(type));
    }
}
