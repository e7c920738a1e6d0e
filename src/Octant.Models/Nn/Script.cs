using TorchSharp;
using static TorchSharp.torch;

namespace Octant.Models.Nn;

/// <summary>
/// Operators that TorchSharp does not bind, reached through a script that is compiled once. Scripts are constants of ours: one that
/// names an unknown operator ends the process.
/// </summary>
/// <param name="source">definitions in TorchScript; ends in a newline</param>
public sealed class Script(string source)
{
    readonly jit.CompilationUnit unit = jit.compile(source);

    /// <summary>Calls a function of it that returns a tensor, which is the caller's to dispose, be it one of the arguments again.</summary>
    /// <param name="function">its name</param>
    /// <param name="arguments">tensors, arrays of tensors, numbers, truth values, or null for none; a single array must be cast to object</param>
    public Tensor Invoke(string function, params object?[] arguments)
    {
        // TorchSharp makes scalars of numbers and lets the collector free them while libtorch still reads them: here they are kept.
        var scalars = new List<Scalar>(arguments.Length);
        foreach (ref var argument in arguments.AsSpan())
        {
            Scalar? scalar = argument switch { double number => number, long number => number, int number => number, _ => null };
            if (scalar is null) continue;
            scalars.Add(scalar);
            argument = scalar;
        }
        var result = (Tensor)unit.invoke(function, arguments!);
        foreach (var scalar in scalars) scalar.Dispose();
        return result;
    }
}
