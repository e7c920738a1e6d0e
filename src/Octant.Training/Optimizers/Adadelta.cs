using Octant.Models.Nn;
using static TorchSharp.torch;

namespace Octant.Training.Optimizers;

/// <summary>Steps as large as the last ones were, in the unit of the parameter (Zeiler 2012, arXiv:1212.5701).</summary>
public sealed class Adadelta : IOptimizer
{
    readonly OptimizerState state;
    readonly double rho, eps;

    /// <summary>Starts without memory.</summary>
    /// <param name="groups">what is trained; a rate of 1 is the method's own; decay is L2</param>
    /// <param name="rho">decay of both mean squares</param>
    /// <param name="eps">added to them</param>
    public Adadelta(IReadOnlyList<ParameterGroup> groups, double rho = 0.9, double eps = 1e-6)
    {
        (Groups, this.rho, this.eps) = (groups, rho, eps);
        state = new(groups, slots =>
        {
            slots.Add("square_avg");
            slots.Add("acc_delta");
        });
    }

    /// <inheritdoc/>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <inheritdoc/>
    public void Step() => state.Step((group, slots, gradient) =>
    {
        gradient = gradient.WithL2(slots.Parameter, group.WeightDecay);
        var scale = slots["square_avg"].FollowSquare(gradient, rho).Plus(eps).sqrt_();
        var delta = slots["acc_delta"].Plus(eps).sqrt_().div_(scale).mul_(gradient);
        slots["acc_delta"].FollowSquare(delta, rho);
        slots.Parameter.PlusInPlace(delta, -group.LearningRate);
    });

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, Tensor> Save() => state.Save();

    /// <inheritdoc/>
    public void Load(IReadOnlyDictionary<string, Tensor> saved) => state.Load(saved);

    /// <inheritdoc/>
    public void Dispose() => state.Dispose();
}
