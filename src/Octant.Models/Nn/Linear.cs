using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Octant.Models.Nn;

/// <summary>y = x Wᵀ + b</summary>
public sealed class Linear(Matrix weight, Parameter? bias = null)
{
    /// <summary>Applies it, in the type of x.</summary>
    /// <param name="x">[..., in]</param>
    /// <returns>[..., out]</returns>
    public Tensor Forward(Tensor x) => weight.Multiply(x, bias);
}
