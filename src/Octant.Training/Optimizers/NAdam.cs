using Octant.Models.Nn;
using static TorchSharp.torch;

namespace Octant.Training.Optimizers;

/// <summary>Adam with Nesterov's look ahead (Dozat 2016).</summary>
public sealed class NAdam : IOptimizer
{
    readonly OptimizerState state;
    readonly double beta1, beta2, eps, momentumDecay;

    /// <summary>Starts without memory.</summary>
    /// <param name="groups">what is trained; decay is L2</param>
    /// <param name="beta1">decay of the mean, and where the momentum grows to</param>
    /// <param name="beta2">decay of the mean square</param>
    /// <param name="eps">added to its root</param>
    /// <param name="momentumDecay">how fast the momentum grows</param>
    public NAdam(
        IReadOnlyList<ParameterGroup> groups, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double momentumDecay = 4e-3)
    {
        (Groups, this.beta1, this.beta2, this.eps, this.momentumDecay) = (groups, beta1, beta2, eps, momentumDecay);
        state = new(groups, slots =>
        {
            slots.Add("exp_avg");
            slots.Add("exp_avg_sq");
            slots.Numbers.Add(Product, 1);
        });
    }

    /// <inheritdoc/>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    const string Product = "mu_product";

    /// <inheritdoc/>
    public void Step() => state.Step((group, slots, gradient) =>
    {
        gradient = gradient.WithL2(slots.Parameter, group.WeightDecay);
        var (now, next) = (Momentum(slots.Steps), Momentum(slots.Steps + 1));
        var product = slots.Numbers[Product] *= now;
        var mean = slots["exp_avg"].Follow(gradient, beta1);
        var square = slots["exp_avg_sq"].FollowSquare(gradient, beta2);
        var scale = square.Over(1 - Math.Pow(beta2, slots.Steps)).sqrt_().PlusInPlace(eps);
        slots.Parameter.PlusQuotientInPlace(gradient, scale, -group.LearningRate * (1 - now) / (1 - product));
        slots.Parameter.PlusQuotientInPlace(mean, scale, -group.LearningRate * next / (1 - product * next));
    });

    double Momentum(long step) => beta1 * (1 - 0.5 * Math.Pow(0.96, step * momentumDecay));

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, Tensor> Save() => state.Save();

    /// <inheritdoc/>
    public void Load(IReadOnlyDictionary<string, Tensor> saved) => state.Load(saved);

    /// <inheritdoc/>
    public void Dispose() => state.Dispose();
}
