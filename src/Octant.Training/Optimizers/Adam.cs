using Octant.Models.Nn;
using static TorchSharp.torch;

namespace Octant.Training.Optimizers;

/// <summary>Adam (Kingma and Ba 2015, arXiv:1412.6980). Its decay is part of the gradient: for language models take AdamW.</summary>
public sealed class Adam : IOptimizer
{
    readonly OptimizerState state;
    readonly double beta1, beta2, eps;
    readonly bool amsgrad;

    /// <summary>Starts without memory.</summary>
    /// <param name="groups">what is trained; decay is L2</param>
    /// <param name="beta1">decay of the mean</param>
    /// <param name="beta2">decay of the mean square</param>
    /// <param name="eps">added to its root</param>
    /// <param name="amsgrad">whether the largest mean square so far counts (Reddi et al. 2018, arXiv:1904.09237)</param>
    public Adam(IReadOnlyList<ParameterGroup> groups, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, bool amsgrad = false)
    {
        (Groups, this.beta1, this.beta2, this.eps, this.amsgrad) = (groups, beta1, beta2, eps, amsgrad);
        state = new(groups, slots =>
        {
            slots.Add("exp_avg");
            slots.Add("exp_avg_sq");
            if (amsgrad) slots.Add("max_exp_avg_sq");
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
        if (amsgrad) square = slots["max_exp_avg_sq"].copy_(maximum(slots["max_exp_avg_sq"], square));
        var (correction1, correction2) = (1 - Math.Pow(beta1, slots.Steps), 1 - Math.Pow(beta2, slots.Steps));
        var scale = square.sqrt().Over(Math.Sqrt(correction2)).PlusInPlace(eps);
        slots.Parameter.PlusQuotientInPlace(mean, scale, -group.LearningRate / correction1);
    });

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, Tensor> Save() => state.Save();

    /// <inheritdoc/>
    public void Load(IReadOnlyDictionary<string, Tensor> saved) => state.Load(saved);

    /// <inheritdoc/>
    public void Dispose() => state.Dispose();
}
