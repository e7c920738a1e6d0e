using Octant.Models.Nn;
using static TorchSharp.torch;

namespace Octant.Training.Optimizers;

/// <summary>
/// Adam whose step of each tensor is as long as the tensor, for very large batches (You et al. 2020, arXiv:1904.00962, algorithm 2).
/// </summary>
public sealed class Lamb : IOptimizer
{
    readonly OptimizerState state;
    readonly double beta1, beta2, eps;

    /// <summary>Starts without memory.</summary>
    /// <param name="groups">what is trained; decay is part of the step that is scaled</param>
    /// <param name="beta1">decay of the mean</param>
    /// <param name="beta2">decay of the mean square</param>
    /// <param name="eps">added to its root</param>
    public Lamb(IReadOnlyList<ParameterGroup> groups, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-6)
    {
        (Groups, this.beta1, this.beta2, this.eps) = (groups, beta1, beta2, eps);
        state = new(groups, slots =>
        {
            slots.Add("exp_avg");
            slots.Add("exp_avg_sq");
        });
    }

    /// <inheritdoc/>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <inheritdoc/>
    public void Step() => state.Step((group, slots, gradient) =>
    {
        var mean = slots["exp_avg"].Follow(gradient, beta1).Over(1 - Math.Pow(beta1, slots.Steps));
        var square = slots["exp_avg_sq"].FollowSquare(gradient, beta2).Over(1 - Math.Pow(beta2, slots.Steps));
        var step = mean.div_(square.sqrt_().PlusInPlace(eps)).PlusInPlace(slots.Parameter, group.WeightDecay);
        var (length, stepLength) = (slots.Parameter.RootMeanSquare(), step.RootMeanSquare());
        var trust = length > 0 && stepLength > 0 ? length / stepLength : 1;
        slots.Parameter.PlusInPlace(step, -group.LearningRate * trust);
    });

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, Tensor> Save() => state.Save();

    /// <inheritdoc/>
    public void Load(IReadOnlyDictionary<string, Tensor> saved) => state.Load(saved);

    /// <inheritdoc/>
    public void Dispose() => state.Dispose();
}
