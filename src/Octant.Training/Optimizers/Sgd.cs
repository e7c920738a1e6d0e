using Octant.Models.Nn;
using static TorchSharp.torch;

namespace Octant.Training.Optimizers;

/// <summary>Stochastic gradient descent, with momentum (Sutskever et al. 2013).</summary>
public sealed class Sgd : IOptimizer
{
    readonly OptimizerState state;
    readonly double momentum, dampening;
    readonly bool nesterov;

    /// <summary>Starts at rest.</summary>
    /// <param name="groups">what is trained; decay is L2</param>
    /// <param name="momentum">share of the last step that goes on</param>
    /// <param name="dampening">what a gradient loses on entering the momentum, but for the first</param>
    /// <param name="nesterov">whether the step looks ahead by one momentum more</param>
    public Sgd(IReadOnlyList<ParameterGroup> groups, double momentum = 0, double dampening = 0, bool nesterov = false)
    {
        (Groups, this.momentum, this.dampening, this.nesterov) = (groups, momentum, dampening, nesterov);
        state = new(groups, slots =>
        {
            if (momentum != 0) slots.Add("momentum_buffer");
        });
    }

    /// <inheritdoc/>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <inheritdoc/>
    public void Step() => state.Step((group, slots, gradient) =>
    {
        gradient = gradient.WithL2(slots.Parameter, group.WeightDecay);
        if (momentum != 0)
        {
            var buffer = slots["momentum_buffer"].TimesInPlace(momentum).PlusInPlace(gradient, slots.Steps == 1 ? 1 : 1 - dampening);
            gradient = nesterov ? gradient.Plus(buffer, momentum) : buffer;
        }
        slots.Parameter.PlusInPlace(gradient, -group.LearningRate);
    });

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, Tensor> Save() => state.Save();

    /// <inheritdoc/>
    public void Load(IReadOnlyDictionary<string, Tensor> saved) => state.Load(saved);

    /// <inheritdoc/>
    public void Dispose() => state.Dispose();
}
