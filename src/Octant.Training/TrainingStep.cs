using Octant.Models;
using Octant.Models.Nn;
using Octant.Training.Losses;
using Octant.Training.Optimizers;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Octant.Training;

/// <summary>One step of a language model, from micro-batches to new parameters.</summary>
/// <param name="model">what learns</param>
/// <param name="optimizer">of all parameters that learn; its rates are set by who calls</param>
/// <param name="loss">what is minimised</param>
public sealed class TrainingStep(IDecoder model, IOptimizer optimizer, LanguageModelLoss loss)
{
    static TrainingStep() => NativeMemory.Keep();

    readonly Parameter[] parameters = [.. optimizer.Groups.SelectMany(group => group.Parameters.Values)];

    /// <summary>The type of activations; the weights' own when null. Masters and their gradients keep the weights' type.</summary>
    public ScalarType? Type { get; init; }

    /// <summary>Whether layers are computed again in the backward pass, for a third more time and far less memory.</summary>
    public bool Recompute { get; init; }

    /// <summary>The largest norm of the gradient of all parameters; longer ones are shortened to it.</summary>
    public double LargestNorm { get; init; } = double.PositiveInfinity;

    /// <summary>
    /// Where several processes train one model: sums each tensor over all of them, in place. Called once a step, in every process
    /// with the same shapes: the gradients of summed losses, then the sums and counts that they are divided by.
    /// </summary>
    public Action<IReadOnlyList<Tensor>>? SumOverProcesses { get; init; }

    /// <summary>Steps so far whose gradient was not finite, and which changed nothing.</summary>
    public long Refused { get; set; }

    /// <summary>
    /// Takes one step. The gradient is that of the mean over the tokens that count of all micro-batches, whichever they are in; it
    /// can be looked at, clipped, until the next step.
    /// </summary>
    /// <exception cref="OctantException">no token counts</exception>
    public StepResult Run(IReadOnlyList<MicroBatch> batches)
    {
        using var scope = NewDisposeScope();
        foreach (var parameter in parameters) parameter.grad = null;

        var sum = default(TokenLosses);
        foreach (var batch in batches) sum += Accumulate(batch);
        if (SumOverProcesses is not null) sum = Reduce(sum);
        if (sum.Tokens == 0)
            throw new OctantException("No token of this step counts: all of its labels are -100. Look at how the data mask labels.");

        // Losses were summed: one multiplication divides by the tokens and clips.
        Tensor[] gradients = [.. parameters.Select(parameter => parameter.grad).OfType<Tensor>()];
        var norm = Gradients.Norm(gradients) / sum.Tokens;
        var finite = double.IsFinite(norm);
        if (finite)
        {
            var clip = norm > LargestNorm ? LargestNorm / (norm + 1e-6) : 1;
            Gradients.Multiply(gradients, clip / sum.Tokens);
            optimizer.Step();
        }
        else Refused++;
        return new(sum.Objective / sum.Tokens, sum.CrossEntropy / sum.Tokens, sum.Tokens, norm, !finite);
    }

    TokenLosses Accumulate(MicroBatch batch)
    {
        using var scope = NewDisposeScope();
        var pass = new Pass
        {
            Present = batch.Present,
            Positions = batch.Positions,
            Type = Type,
            Training = true,
            Recompute = Recompute,
        };
        return loss.Backward(model, model.Hidden(batch.Ids, pass), batch.Labels);
    }

    /// <summary>The one place where processes meet.</summary>
    TokenLosses Reduce(TokenLosses sum)
    {
        foreach (var parameter in parameters) parameter.grad ??= zeros_like(parameter).detach();
        using var sums = tensor([sum.Objective, sum.CrossEntropy, sum.Tokens], float64);
        SumOverProcesses!([.. parameters.Select(parameter => parameter.grad!), sums]);
        var total = sums.data<double>();
        return new(total[0], total[1], (long)total[2]);
    }
}

/// <summary>What a step saw.</summary>
/// <param name="Loss">what is minimised, a token</param>
/// <param name="CrossEntropy">in nats a token, without label smoothing and z-loss</param>
/// <param name="Tokens">that counted</param>
/// <param name="GradientNorm">before clipping</param>
/// <param name="Refused">whether the gradient was not finite, so that nothing was changed</param>
public readonly record struct StepResult(double Loss, double CrossEntropy, long Tokens, double GradientNorm, bool Refused);
