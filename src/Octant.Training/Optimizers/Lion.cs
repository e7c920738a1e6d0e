using Octant.Models.Nn;
using static TorchSharp.torch;

namespace Octant.Training.Optimizers;

/// <summary>Steps of one size in the direction of the momentum's sign (Chen et al. 2023, arXiv:2302.06675, program 1).</summary>
public sealed class Lion : IOptimizer
{
    readonly OptimizerState state;
    readonly double beta1, beta2;

    /// <summary>Starts without memory.</summary>
    /// <param name="groups">what is trained; decay is beside the gradient. Rates are three to ten times smaller than AdamW's</param>
    /// <param name="beta1">share of the momentum in the step's direction</param>
    /// <param name="beta2">decay of the momentum</param>
    public Lion(IReadOnlyList<ParameterGroup> groups, double beta1 = 0.9, double beta2 = 0.99)
    {
        (Groups, this.beta1, this.beta2) = (groups, beta1, beta2);
        state = new(groups, slots => slots.Add("exp_avg"));
    }

    /// <inheritdoc/>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <inheritdoc/>
    public void Step() => state.Step((group, slots, gradient) =>
    {
        var momentum = slots["exp_avg"];
        slots.Parameter.DecayBy(group.LearningRate * group.WeightDecay);
        slots.Parameter.PlusInPlace(momentum.Times(beta1).PlusInPlace(gradient, 1 - beta1).sign_(), -group.LearningRate);
        momentum.Follow(gradient, beta2);
    });

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, Tensor> Save() => state.Save();

    /// <inheritdoc/>
    public void Load(IReadOnlyDictionary<string, Tensor> saved) => state.Load(saved);

    /// <inheritdoc/>
    public void Dispose() => state.Dispose();
}
