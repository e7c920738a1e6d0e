using Octant.Models.Nn;
using static TorchSharp.torch;

namespace Octant.Training.Optimizers;

/// <summary>Adam with decoupled decay (Loshchilov and Hutter 2019, arXiv:1711.05101): what language models are trained with.</summary>
public sealed class AdamW : IOptimizer
{
    static readonly Script Fused = new("""
        def step(parameters: List[Tensor], gradients: List[Tensor], means: List[Tensor], squares: List[Tensor], steps: List[Tensor],
                 rate: float, beta1: float, beta2: float, decay: float, eps: float):
            largest: List[Tensor] = []
            torch._fused_adamw_(parameters, gradients, means, squares, largest, steps, lr=rate, beta1=beta1, beta2=beta2,
                                weight_decay=decay, eps=eps, amsgrad=False, maximize=False)
            return steps[0]

        """);

    readonly OptimizerState state;
    readonly double beta1, beta2, eps;
    readonly bool fused;

    /// <summary>Starts without memory.</summary>
    /// <param name="groups">what is trained; decay is beside the gradient</param>
    /// <param name="beta1">decay of the mean</param>
    /// <param name="beta2">decay of the mean square</param>
    /// <param name="eps">added to its root</param>
    /// <param name="fused">one kernel for a whole group; else operator by operator, ten times slower on small tensors</param>
    public AdamW(IReadOnlyList<ParameterGroup> groups, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, bool fused = true)
    {
        (Groups, this.beta1, this.beta2, this.eps, this.fused) = (groups, beta1, beta2, eps, fused);
        state = new(groups, slots =>
        {
            slots.Add("exp_avg");
            slots.Add("exp_avg_sq");
        });
    }

    /// <inheritdoc/>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <inheritdoc/>
    public void Step()
    {
        if (fused) StepFused();
        else state.Step(Update);
    }

    void Update(ParameterGroup group, Slots slots, Tensor gradient)
    {
        slots.Parameter.DecayBy(group.LearningRate * group.WeightDecay);
        var mean = slots["exp_avg"].Follow(gradient, beta1);
        var square = slots["exp_avg_sq"].FollowSquare(gradient, beta2);
        var (correction1, correction2) = (1 - Math.Pow(beta1, slots.Steps), 1 - Math.Pow(beta2, slots.Steps));
        var scale = square.sqrt().Over(Math.Sqrt(correction2)).PlusInPlace(eps);
        slots.Parameter.PlusQuotientInPlace(mean, scale, -group.LearningRate / correction1);
    }

    void StepFused()
    {
        using var _ = no_grad();
        foreach (var group in Groups)
            // Almost always one part: parameters that once had no gradient have made fewer steps.
            foreach (var part in state.WithGradient(group).GroupBy(slots => slots.Steps))
            {
                using var scope = NewDisposeScope();
                Slots[] all = [.. part];
                var steps = tensor((float)(part.Key + 1));
                using var same = Fused.Invoke("step",
                    all.Select(slots => (Tensor)slots.Parameter).ToArray(), all.Select(slots => slots.Parameter.grad!).ToArray(),
                    all.Select(slots => slots["exp_avg"]).ToArray(), all.Select(slots => slots["exp_avg_sq"]).ToArray(),
                    Enumerable.Repeat(steps, all.Length).ToArray(),
                    group.LearningRate, beta1, beta2, group.WeightDecay, eps);
                foreach (var slots in all) slots.Steps++;
            }
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, Tensor> Save() => state.Save();

    /// <inheritdoc/>
    public void Load(IReadOnlyDictionary<string, Tensor> saved) => state.Load(saved);

    /// <inheritdoc/>
    public void Dispose() => state.Dispose();
}
