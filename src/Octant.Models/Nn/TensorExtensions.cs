using static TorchSharp.torch;

namespace Octant.Models.Nn;

/// <summary>What every leaf needs.</summary>
static class TensorExtensions
{
    /// <summary>In the other's type; itself where it already is.</summary>
    public static Tensor As(this Tensor x, Tensor other) => x.dtype == other.dtype ? x : x.to_type(other.dtype);

    /// <summary>In float32, or float64 where it is that: for what is delicate.</summary>
    public static Tensor Exact(this Tensor x) => x.dtype is ScalarType.Float32 or ScalarType.Float64 ? x : x.to_type(float32);

    /// <summary>Splits the last dimension into heads.</summary>
    /// <param name="x">[B, T, heads * E]</param>
    /// <param name="headSize">E</param>
    /// <returns>[B, heads, T, E]</returns>
    public static Tensor Heads(this Tensor x, long headSize) => x.unflatten(2, [-1, headSize]).transpose(1, 2);

    /// <summary>Joins heads again.</summary>
    /// <param name="x">[B, heads, T, E]</param>
    /// <returns>[B, T, heads * E]</returns>
    public static Tensor Merge(this Tensor x) => x.transpose(1, 2).flatten(2);
}
