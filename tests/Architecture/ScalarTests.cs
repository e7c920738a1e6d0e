using Mono.Cecil;
using Octant.Models;
using Octant.Training;

namespace Architecture;

/// <summary>
/// Where TorchSharp makes a scalar of a number (written, or meant, as the factor 1 of a sum), the collector may free it while libtorch
/// reads it; Nn/Numbers.cs and Nn/Script.cs keep theirs. The text does not show which `+` is a tensor's: the compiled code does.
/// </summary>
public sealed class ScalarTests
{
    static readonly HashSet<string> Keepers = ["Octant.Models.Nn.Numbers", "Octant.Models.Nn.Script"];

    [Theory, InlineData(typeof(Checkpoint)), InlineData(typeof(TrainingStep))]
    public void Scalars_that_TorchSharp_makes_of_numbers_are_kept(Type inAssembly)
    {
        var makers = Makers();
        using var assembly = AssemblyDefinition.ReadAssembly(inAssembly.Assembly.Location);
        var found = from method in Methods(assembly)
                    where !Keepers.Contains(method.DeclaringType.FullName)
                    from called in Calls(method)
                    where makers.Contains(called)
                    select $"{method.DeclaringType.FullName}.{method.Name} calls {called}";
        var all = found.Distinct().ToArray();
        Assert.True(all.Length == 0, $"TorchSharp would make a scalar; extend Numbers:\n{string.Join('\n', all)}");
    }

    /// <summary>TorchSharp's methods that make scalars, and those that call them.</summary>
    static HashSet<string> Makers()
    {
        using var assembly = AssemblyDefinition.ReadAssembly(typeof(TorchSharp.Scalar).Assembly.Location);
        var callers = Methods(assembly).SelectMany(method => Calls(method).Select(called => (called, method.FullName)))
            .ToLookup(call => call.called, call => call.FullName);
        var scalars = Methods(assembly).Where(method => method.IsConstructor && method.DeclaringType.FullName == typeof(TorchSharp.Scalar).FullName);
        var makers = new HashSet<string>();
        var waiting = new Stack<string>(scalars.Select(method => method.FullName));
        while (waiting.TryPop(out var maker))
            if (makers.Add(maker))
                foreach (var caller in callers[maker]) waiting.Push(caller);
        Assert.Contains(makers, maker => maker.EndsWith("Tensor::op_Addition(TorchSharp.torch/Tensor,TorchSharp.torch/Tensor)", StringComparison.Ordinal));
        Assert.Contains(makers, maker => maker.Contains("CompilationUnit::invoke", StringComparison.Ordinal));
        return makers;
    }

    static IEnumerable<MethodDefinition> Methods(AssemblyDefinition assembly) => assembly.MainModule.GetTypes().SelectMany(type => type.Methods);

    static IEnumerable<string> Calls(MethodDefinition method) => method.HasBody
        ? method.Body.Instructions.Select(instruction => instruction.Operand).OfType<MethodReference>()
            .Select(called => called.GetElementMethod().Resolve()?.FullName ?? "")
        : [];
}
