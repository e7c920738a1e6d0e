using static TorchSharp.torch;

namespace Octant.Models;

/// <summary>Which number type to compute in.</summary>
public static class NumberType
{
    /// <summary>
    /// What this processor is fastest in. bfloat16 where it multiplies that in hardware (AMX or AVX512-BF16: four times as fast as
    /// float32); elsewhere libtorch emulates it, five times slower than float32.
    /// </summary>
    public static ScalarType Fastest { get; } = Processor.MultipliesBFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;

    /// <summary>The type of that name: auto, float32, bfloat16, float16 or float64.</summary>
    /// <exception cref="OctantException">there is no such name</exception>
    public static ScalarType Named(string name) => name switch
    {
        "auto" => Fastest,
        "float32" => ScalarType.Float32,
        "bfloat16" => ScalarType.BFloat16,
        "float16" => ScalarType.Float16,
        "float64" => ScalarType.Float64,
        _ => throw new OctantException($"The number type \"{name}\" is none of auto, float32, bfloat16, float16, float64."),
    };
}
