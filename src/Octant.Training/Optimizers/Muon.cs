using Octant.Models.Nn;
using static TorchSharp.torch;

namespace Octant.Training.Optimizers;

/// <summary>
/// Steps whose singular values are all about one (Jordan et al. 2024). For the matrices inside a network; embeddings, heads and vectors
/// are AdamW's.
/// </summary>
public sealed class Muon : IOptimizer
{
    readonly OptimizerState state;
    readonly double momentum;
    readonly bool nesterov, matchAdamW;
    readonly ScalarType type;

    /// <summary>Starts without memory.</summary>
    /// <param name="groups">matrices only; decay is beside the gradient</param>
    /// <param name="momentum">decay of the mean</param>
    /// <param name="nesterov">whether the step looks ahead by one momentum more</param>
    /// <param name="matchAdamW">
    /// scales steps so that AdamW's rates can be kept (Liu et al. 2025, arXiv:2502.16982); else tall matrices step further
    /// </param>
    /// <param name="type">what the iteration computes in: bfloat16 suffices where the processor is faster in it</param>
    /// <exception cref="OctantException">a parameter is no matrix</exception>
    public Muon(
        IReadOnlyList<ParameterGroup> groups, double momentum = 0.95, bool nesterov = true, bool matchAdamW = false,
        ScalarType type = ScalarType.Float32)
    {
        (Groups, this.momentum, this.nesterov, this.matchAdamW, this.type) = (groups, momentum, nesterov, matchAdamW, type);
        state = new(groups, slots =>
        {
            if (slots.Parameter.dim() != 2)
                throw new OctantException($"{slots.Name} is no matrix: Muon trains matrices only, give the rest to AdamW.");
            slots.Add("momentum_buffer");
        });
    }

    /// <inheritdoc/>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <inheritdoc/>
    public void Step() => state.Step((group, slots, gradient) =>
    {
        var buffer = slots["momentum_buffer"].Follow(gradient, momentum);
        var direction = nesterov ? gradient.Times(1 - momentum).PlusInPlace(buffer, momentum) : buffer;
        var (rows, columns) = ((double)gradient.size(0), (double)gradient.size(1));
        var scale = matchAdamW ? 0.2 * Math.Sqrt(Math.Max(rows, columns)) : Math.Sqrt(Math.Max(1, rows / columns));
        slots.Parameter.DecayBy(group.LearningRate * group.WeightDecay);
        slots.Parameter.PlusInPlace(Orthogonal(direction, type).to_type(slots.Parameter.dtype), -group.LearningRate * scale);
    });

    /// <summary>
    /// Five rounds of a Newton-Schulz iteration: x ← a x + (b x xᵀ + c (x xᵀ)²) x, whose polynomial drives singular values in
    /// (0, 1] to between 0.7 and 1.2.
    /// </summary>
    static Tensor Orthogonal(Tensor matrix, ScalarType type)
    {
        const double a = 3.4445, b = -4.775, c = 2.0315, eps = 1e-7;
        const int rounds = 5;
        var tall = matrix.size(0) > matrix.size(1);                             // the product of the short side is the smaller
        var x = (tall ? matrix.t() : matrix).to_type(type);
        x = x / x.norm().AtLeast(eps);
        for (var round = 0; round < rounds; round++)
        {
            var gram = x.mm(x.t());
            x = x.Times(a).addmm_(gram.addmm(gram, gram, (float)b, (float)c), x, 1, 1);
        }
        return tall ? x.t() : x;
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, Tensor> Save() => state.Save();

    /// <inheritdoc/>
    public void Load(IReadOnlyDictionary<string, Tensor> saved) => state.Load(saved);

    /// <inheritdoc/>
    public void Dispose() => state.Dispose();
}
