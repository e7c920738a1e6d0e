using Octant.Models.Nn;
using static TorchSharp.torch;

namespace Octant.Training.Optimizers;

/// <summary>Divides by the root of a running mean square (Tieleman and Hinton 2012; centered, Graves 2013, arXiv:1308.0850).</summary>
public sealed class RmsProp : IOptimizer
{
    readonly OptimizerState state;
    readonly double alpha, eps, momentum;
    readonly bool centered;

    /// <summary>Starts without memory.</summary>
    /// <param name="groups">what is trained; decay is L2</param>
    /// <param name="alpha">decay of the mean square</param>
    /// <param name="eps">added to its root</param>
    /// <param name="momentum">share of the last step that goes on</param>
    /// <param name="centered">whether the variance counts instead of the mean square</param>
    public RmsProp(IReadOnlyList<ParameterGroup> groups, double alpha = 0.99, double eps = 1e-8, double momentum = 0, bool centered = false)
    {
        (Groups, this.alpha, this.eps, this.momentum, this.centered) = (groups, alpha, eps, momentum, centered);
        state = new(groups, slots =>
        {
            slots.Add("square_avg");
            if (momentum > 0) slots.Add("momentum_buffer");
            if (centered) slots.Add("grad_avg");
        });
    }

    /// <inheritdoc/>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <inheritdoc/>
    public void Step() => state.Step((group, slots, gradient) =>
    {
        gradient = gradient.WithL2(slots.Parameter, group.WeightDecay);
        var square = slots["square_avg"].FollowSquare(gradient, alpha);
        if (centered)
        {
            var mean = slots["grad_avg"].Follow(gradient, alpha);
            square = square.clone().PlusProductInPlace(mean, mean, -1);
        }
        var scale = square.sqrt().PlusInPlace(eps);
        if (momentum > 0)
            slots.Parameter.PlusInPlace(
                slots["momentum_buffer"].TimesInPlace(momentum).PlusQuotientInPlace(gradient, scale, 1), -group.LearningRate);
        else
            slots.Parameter.PlusQuotientInPlace(gradient, scale, -group.LearningRate);
    });

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, Tensor> Save() => state.Save();

    /// <inheritdoc/>
    public void Load(IReadOnlyDictionary<string, Tensor> saved) => state.Load(saved);

    /// <inheritdoc/>
    public void Dispose() => state.Dispose();
}
