using static TorchSharp.torch;

namespace Octant.Models.Nn;

/// <summary>Up, activation, down.</summary>
public sealed class Mlp(Linear up, Linear down, Func<Tensor, Tensor> activation)
{
    /// <summary>down(σ(up(x)))</summary>
    /// <param name="x">[..., D]</param>
    /// <returns>[..., D]</returns>
    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();                                    // what lies between is the widest of the layer
        return down.Forward(activation(up.Forward(x))).MoveToOuterDisposeScope();
    }
}

/// <summary>An MLP whose inside is gated (Shazeer 2020, arXiv:2002.05202): SwiGLU where the activation is SiLU.</summary>
public sealed class GatedMlp(Linear gate, Linear up, Linear down, Func<Tensor, Tensor> activation)
{
    /// <summary>down(σ(gate(x)) · up(x))</summary>
    /// <param name="x">[..., D]</param>
    /// <returns>[..., D]</returns>
    public Tensor Forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return down.Forward(activation(gate.Forward(x)) * up.Forward(x)).MoveToOuterDisposeScope();
    }
}
