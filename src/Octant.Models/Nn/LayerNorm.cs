using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;
using Parameter = TorchSharp.Modules.Parameter;

namespace Octant.Models.Nn;

/// <summary>Layer norm (Ba et al. 2016, arXiv:1607.06450).</summary>
public sealed class LayerNorm(Parameter weight, Parameter bias, double eps)
{
    /// <summary>(x - mean) / √(variance + ε) · w + b; libtorch keeps the statistics in float32.</summary>
    /// <param name="x">[..., D]</param>
    public Tensor Forward(Tensor x) => F.layer_norm(x, [weight.size(0)], weight.As(x), bias.As(x), eps);
}
