using static TorchSharp.torch;

namespace Octant.Training;

/// <summary>Operators over all gradients in one call.</summary>
static class Gradients
{
    // Scripts reach operators that TorchSharp does not bind. They must end in a newline.
    static readonly jit.CompilationUnit Scripts = jit.compile("""
        def length(gradients: List[Tensor]):
            return torch.norm(torch.stack([each.double() for each in torch._foreach_norm(gradients)]))

        def multiply(gradients: List[Tensor], factor: float):
            torch._foreach_mul_(gradients, factor)
            return gradients[0]

        """);

    /// <summary>The root of the sum of all squares, whatever tensor they are in.</summary>
    public static double Norm(Tensor[] gradients)
    {
        using var norm = (Tensor)Scripts.invoke("length", (object)gradients);
        return norm.item<double>();
    }

    /// <summary>In place.</summary>
    public static void Multiply(Tensor[] gradients, double factor) => _ = Scripts.invoke("multiply", gradients, factor);
}
