using Octant.Models.Nn;
using static TorchSharp.torch;

namespace Octant.Training.Optimizers;

/// <summary>Adam that adapts only once it has seen enough to know the variance (Liu et al. 2020, arXiv:1908.03265).</summary>
public sealed class RAdam : IOptimizer
{
    readonly OptimizerState state;
    readonly double beta1, beta2, eps;

    /// <summary>Starts without memory.</summary>
    /// <param name="groups">what is trained; decay is L2</param>
    /// <param name="beta1">decay of the mean</param>
    /// <param name="beta2">decay of the mean square</param>
    /// <param name="eps">added to its root</param>
    public RAdam(IReadOnlyList<ParameterGroup> groups, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8)
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
        gradient = gradient.WithL2(slots.Parameter, group.WeightDecay);
        var mean = slots["exp_avg"].Follow(gradient, beta1);
        var square = slots["exp_avg_sq"].FollowSquare(gradient, beta2);
        var rate = group.LearningRate / (1 - Math.Pow(beta1, slots.Steps));
        var correction = 1 - Math.Pow(beta2, slots.Steps);
        if (Rectification(slots.Steps, correction) is { } rectification)
            slots.Parameter.PlusQuotientInPlace(mean, square.sqrt().PlusInPlace(eps), -rate * rectification * Math.Sqrt(correction));
        else
            slots.Parameter.PlusInPlace(mean, -rate);
    });

    /// <summary>Algorithm 2's r, where the average is long enough for it.</summary>
    double? Rectification(long step, double correction)
    {
        var longest = 2 / (1 - beta2) - 1;
        var length = longest - 2 * step * Math.Pow(beta2, step) / correction;
        if (length <= 5) return null;
        return Math.Sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length));
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, Tensor> Save() => state.Save();

    /// <inheritdoc/>
    public void Load(IReadOnlyDictionary<string, Tensor> saved) => state.Load(saved);

    /// <inheritdoc/>
    public void Dispose() => state.Dispose();
}
