using Octant.Models.Nn;
using static TorchSharp.torch;

namespace Octant.Training.Optimizers;

/// <summary>Divides by the root of the sum of all squares (Duchi et al. 2011).</summary>
public sealed class Adagrad : IOptimizer
{
    readonly OptimizerState state;
    readonly double rateDecay, eps;

    /// <summary>Starts without memory.</summary>
    /// <param name="groups">what is trained; decay is L2</param>
    /// <param name="rateDecay">the rate is divided by one and so much for each step</param>
    /// <param name="initial">what the sum of squares starts from</param>
    /// <param name="eps">added to its root</param>
    public Adagrad(IReadOnlyList<ParameterGroup> groups, double rateDecay = 0, double initial = 0, double eps = 1e-10)
    {
        (Groups, this.rateDecay, this.eps) = (groups, rateDecay, eps);
        state = new(groups, slots => slots.Add("sum", fill: initial));
    }

    /// <inheritdoc/>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <inheritdoc/>
    public void Step() => state.Step((group, slots, gradient) =>
    {
        gradient = gradient.WithL2(slots.Parameter, group.WeightDecay);
        var scale = slots["sum"].PlusProductInPlace(gradient, gradient, 1).sqrt().PlusInPlace(eps);
        slots.Parameter.PlusQuotientInPlace(gradient, scale, -group.LearningRate / (1 + (slots.Steps - 1) * rateDecay));
    });

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, Tensor> Save() => state.Save();

    /// <inheritdoc/>
    public void Load(IReadOnlyDictionary<string, Tensor> saved) => state.Load(saved);

    /// <inheritdoc/>
    public void Dispose() => state.Dispose();
}
