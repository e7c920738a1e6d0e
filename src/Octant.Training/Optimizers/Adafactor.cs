using Octant.Models.Nn;
using static TorchSharp.torch;

namespace Octant.Training.Optimizers;

/// <summary>
/// Remembers a row and a column instead of a matrix of squares (Shazeer and Stern 2018, arXiv:1804.04235), as Transformers has it;
/// torch's is another algorithm: <see cref="TorchAdafactor"/>.
/// </summary>
public sealed class Adafactor : IOptimizer
{
    readonly OptimizerState state;
    readonly double epsSquare, epsScale, clip, decayRate;
    readonly double? beta1;
    readonly bool scaleParameter, relativeStep, warmUp;

    /// <summary>Starts without memory.</summary>
    /// <param name="groups">what is trained; decay is beside the gradient, at the step's own rate</param>
    /// <param name="epsSquare">added to squared gradients</param>
    /// <param name="epsScale">the least size of a parameter that counts</param>
    /// <param name="clip">largest root mean square of a step</param>
    /// <param name="decayRate">the mean square forgets 1 - t to this power</param>
    /// <param name="beta1">decay of a mean of steps; null saves its memory</param>
    /// <param name="scaleParameter">whether a step is as large as its parameter</param>
    /// <param name="relativeStep">whether the rate is 1/√t, at most 0.01, instead of the group's</param>
    /// <param name="warmUp">whether that rate grows from a millionth a step</param>
    public Adafactor(
        IReadOnlyList<ParameterGroup> groups, double epsSquare = 1e-30, double epsScale = 1e-3, double clip = 1, double decayRate = -0.8,
        double? beta1 = null, bool scaleParameter = true, bool relativeStep = true, bool warmUp = false)
    {
        (Groups, this.epsSquare, this.epsScale, this.clip, this.decayRate) = (groups, epsSquare, epsScale, clip, decayRate);
        (this.beta1, this.scaleParameter, this.relativeStep, this.warmUp) = (beta1, scaleParameter, relativeStep, warmUp);
        state = new(groups, slots =>
        {
            var shape = slots.Parameter.shape;
            if (shape.Length < 2) slots.Add("exp_avg_sq");
            else
            {
                slots.Add("exp_avg_sq_row", shape[..^1]);
                slots.Add("exp_avg_sq_col", [.. shape[..^2], shape[^1]]);
            }
            if (beta1 is not null) slots.Add("exp_avg");
        });
    }

    /// <inheritdoc/>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <inheritdoc/>
    public void Step() => state.Step((group, slots, gradient) =>
    {
        var rate = Rate(group, slots);
        var decay = 1 - Math.Pow(slots.Steps, decayRate);
        var square = gradient.Square().PlusInPlace(epsSquare);
        Tensor step;
        if (gradient.dim() >= 2)
        {
            var row = slots["exp_avg_sq_row"].Follow(square.mean([-1]), decay);
            var column = slots["exp_avg_sq_col"].Follow(square.mean([-2]), decay);
            var rowFactor = (row / row.mean([-1], keepdim: true)).rsqrt_().unsqueeze(-1);
            step = (rowFactor * column.unsqueeze(-2).rsqrt()).mul_(gradient);
        }
        else step = slots["exp_avg_sq"].Follow(square, decay).rsqrt().mul_(gradient);
        step.TimesInPlace(rate / Math.Max(1, step.RootMeanSquare() / clip));
        if (beta1 is { } memory) step = slots["exp_avg"].Follow(step, memory);
        slots.Parameter.DecayBy(rate * group.WeightDecay);
        slots.Parameter.sub_(step);
    });

    double Rate(ParameterGroup group, Slots slots)
    {
        var rate = relativeStep
            ? Math.Min(warmUp ? 1e-6 * slots.Steps : 1e-2, 1 / Math.Sqrt(slots.Steps))
            : group.LearningRate;
        return scaleParameter ? rate * Math.Max(epsScale, slots.Parameter.RootMeanSquare()) : rate;
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, Tensor> Save() => state.Save();

    /// <inheritdoc/>
    public void Load(IReadOnlyDictionary<string, Tensor> saved) => state.Load(saved);

    /// <inheritdoc/>
    public void Dispose() => state.Dispose();
}
