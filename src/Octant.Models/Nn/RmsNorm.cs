using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Octant.Models.Nn;

/// <summary>Root mean square norm (Zhang and Sennrich 2019, arXiv:1910.07467).</summary>
public sealed class RmsNorm(Parameter weight, double eps)
{
    /// <summary>x / √(mean(x²) + ε) · w, the statistics in float32 or better.</summary>
    /// <param name="x">[..., D]</param>
    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var exact = x.Exact();
        var normed = (exact * (exact * exact).mean([-1], keepdim: true).Plus(eps).rsqrt()).As(x) * weight.As(x);
        return normed.MoveToOuterDisposeScope();
    }
}
