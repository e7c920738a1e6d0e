using Octant.Models.Nn;
using static TorchSharp.torch;

namespace Octant.Training.Optimizers;

/// <summary>
/// Adafactor as torch.optim has it: the rate is at most 1/√t, times the parameter's size, and steps are clipped without being averaged.
/// </summary>
public sealed class TorchAdafactor : IOptimizer
{
    readonly OptimizerState state;
    readonly double beta2Decay, epsScale, clip;
    readonly double? epsSquare;

    /// <summary>Starts without memory.</summary>
    /// <param name="groups">what is trained; decay is beside the gradient, at the full rate</param>
    /// <param name="beta2Decay">the mean square forgets t to this power</param>
    /// <param name="epsSquare">least root of a mean square; the type's own precision when null</param>
    /// <param name="epsScale">the least size of a parameter that counts</param>
    /// <param name="clip">largest root mean square of a step</param>
    public TorchAdafactor(
        IReadOnlyList<ParameterGroup> groups, double beta2Decay = -0.8, double? epsSquare = null, double epsScale = 1e-3, double clip = 1)
    {
        (Groups, this.beta2Decay, this.epsSquare, this.epsScale, this.clip) = (groups, beta2Decay, epsSquare, epsScale, clip);
        state = new(groups, slots =>
        {
            var shape = slots.Parameter.shape;
            if (shape.Length < 2) slots.Add("variance");
            else
            {
                slots.Add("row_var", [.. shape[..^1], 1]);
                slots.Add("col_var", [.. shape[..^2], 1, shape[^1]]);
            }
        });
    }

    /// <inheritdoc/>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <inheritdoc/>
    public void Step() => state.Step((group, slots, gradient) =>
    {
        var parameter = slots.Parameter;
        var forget = Math.Pow(slots.Steps, beta2Decay);
        var rate = Math.Max(epsScale, parameter.RootMeanSquare()) * Math.Min(group.LearningRate, 1 / Math.Sqrt(slots.Steps));
        parameter.DecayBy(group.LearningRate * group.WeightDecay);
        var eps = epsSquare ?? finfo(parameter.dtype).eps;
        Tensor square;
        if (gradient.dim() >= 2)
        {
            var row = slots["row_var"].Follow(gradient.Square().mean([-1], keepdim: true), 1 - forget);
            var column = slots["col_var"].Follow(gradient.Square().mean([-2], keepdim: true), 1 - forget);
            square = row.matmul(column).div_(row.mean([-2], keepdim: true).AtLeast(eps));
        }
        else square = slots["variance"].FollowSquare(gradient, 1 - forget);
        var step = square.AtLeast(eps * eps).rsqrt_().mul_(gradient);
        parameter.PlusInPlace(step, -rate / Math.Max(1, step.RootMeanSquare() / clip));
    });

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, Tensor> Save() => state.Save();

    /// <inheritdoc/>
    public void Load(IReadOnlyDictionary<string, Tensor> saved) => state.Load(saved);

    /// <inheritdoc/>
    public void Dispose() => state.Dispose();
}
