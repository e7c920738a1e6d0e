using Octant.Models.Nn;
using static TorchSharp.torch;

namespace Octant.Training.Optimizers;

/// <summary>Adam by the largest gradient instead of the mean square (Kingma and Ba 2015, arXiv:1412.6980, section 7).</summary>
public sealed class Adamax : IOptimizer
{
    readonly OptimizerState state;
    readonly double beta1, beta2, eps;

    /// <summary>Starts without memory.</summary>
    /// <param name="groups">what is trained; decay is L2</param>
    /// <param name="beta1">decay of the mean</param>
    /// <param name="beta2">decay of the largest gradient</param>
    /// <param name="eps">added to every gradient</param>
    public Adamax(IReadOnlyList<ParameterGroup> groups, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8)
    {
        (Groups, this.beta1, this.beta2, this.eps) = (groups, beta1, beta2, eps);
        state = new(groups, slots =>
        {
            slots.Add("exp_avg");
            slots.Add("exp_inf");
        });
    }

    /// <inheritdoc/>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <inheritdoc/>
    public void Step() => state.Step((group, slots, gradient) =>
    {
        gradient = gradient.WithL2(slots.Parameter, group.WeightDecay);
        var mean = slots["exp_avg"].Follow(gradient, beta1);
        var largest = slots["exp_inf"];
        largest.copy_(maximum(largest.TimesInPlace(beta2), gradient.abs().PlusInPlace(eps)));
        slots.Parameter.PlusQuotientInPlace(mean, largest, -group.LearningRate / (1 - Math.Pow(beta1, slots.Steps)));
    });

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, Tensor> Save() => state.Save();

    /// <inheritdoc/>
    public void Load(IReadOnlyDictionary<string, Tensor> saved) => state.Load(saved);

    /// <inheritdoc/>
    public void Dispose() => state.Dispose();
}
