using Octant.Models.Nn;
using static TorchSharp.torch;

namespace Octant.Training;

/// <summary>Operators over all gradients in one call.</summary>
static class Gradients
{
    static readonly Script All = new("""
        def length(gradients: List[Tensor]):
            return torch.norm(torch.stack([each.double() for each in torch._foreach_norm(gradients)]))

        def multiply(gradients: List[Tensor], factor: float):
            torch._foreach_mul_(gradients, factor)
            return gradients[0]

        """);

    /// <summary>The root of the sum of all squares, whatever tensor they are in.</summary>
    public static double Norm(Tensor[] gradients)
    {
        using var norm = All.Invoke("length", (object)gradients);
        return norm.Number();
    }

    /// <summary>In place.</summary>
    public static void Multiply(Tensor[] gradients, double factor)
    {
        using var first = All.Invoke("multiply", gradients, factor);
    }
}
