using static TorchSharp.torch;

namespace Octant.Training.Optimizers;

/// <summary>Moves parameters against their gradients. The gradients are read, never changed nor cleared.</summary>
public interface IOptimizer : IDisposable
{
    /// <summary>What is trained, and how fast; rates may be set between steps.</summary>
    IReadOnlyList<ParameterGroup> Groups { get; }

    /// <summary>One step of all parameters that have a gradient.</summary>
    void Step();

    /// <summary>
    /// All that the next step depends on, besides parameters and rates: <c>PARAMETER.SLOT</c>, numbers as float64 scalars. The
    /// tensors are the living ones, not copies: write them before the next step.
    /// </summary>
    IReadOnlyDictionary<string, Tensor> Save();

    /// <summary>Goes on from what <see cref="Save"/> gave.</summary>
    /// <exception cref="OctantException">it is another optimiser's or another model's: all that does not fit is listed</exception>
    void Load(IReadOnlyDictionary<string, Tensor> saved);
}
