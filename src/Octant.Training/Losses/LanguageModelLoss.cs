using Octant.Models.Nn;
using static TorchSharp.torch;

namespace Octant.Training.Losses;

// N = tokens that count, n = tokens of a chunk, D = hidden size, V = vocabulary

/// <summary>
/// Cross-entropy of the tokens that follow, from hidden states. Logits are made for a chunk of tokens at a time and their gradient is
/// written down rather than derived (softmax less target), so that the whole [B, T, V] never exists and a chunk exists twice, not five
/// times as under automatic differentiation.
/// </summary>
/// <param name="LabelSmoothing">share of the target that all tokens have in common</param>
/// <param name="ZLoss">how much log²(Z) counts (Chowdhery et al. 2022, arXiv:2204.02311, section 5)</param>
/// <param name="ChunkLogits">how many logits are held at a time; four bytes each, twice</param>
public sealed record LanguageModelLoss(double LabelSmoothing = 0, double ZLoss = 0, long ChunkLogits = 1L << 24)
{
    /// <summary>The losses of all tokens that count.</summary>
    /// <param name="model">whose head scores</param>
    /// <param name="hidden">[B, T, D]</param>
    /// <param name="labels">[B, T] int64, the token that follows each; <see cref="CrossEntropy.Ignored"/> where none counts</param>
    public TokenLosses Measure(IDecoder model, Tensor hidden, Tensor labels)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (rows, targets) = Counted(hidden, labels);
        var sum = default(TokenLosses);
        foreach (var (at, length) in Chunks(rows.size(0), model.Shape.Vocabulary))
        {
            using var chunk = NewDisposeScope();
            var logits = model.Logits(rows.narrow(0, at, length));                                  // [n, V]
            sum += Losses(logits, targets.narrow(0, at, length)).Sum;
        }
        return sum;
    }

    /// <summary>
    /// Adds the gradient of the losses' sum to all parameters that hidden states and head depend on. Their graph is used up.
    /// </summary>
    /// <inheritdoc cref="Measure"/>
    public TokenLosses Backward(IDecoder model, Tensor hidden, Tensor labels)
    {
        using var scope = NewDisposeScope();
        var (rows, targets) = Counted(hidden, labels);
        var sum = default(TokenLosses);
        if (rows.size(0) == 0) return sum;
        var (values, gradients) = (rows.detach(), empty_like(rows));                                // [N, D]
        foreach (var (at, length) in Chunks(rows.size(0), model.Shape.Vocabulary))
        {
            using var chunk = NewDisposeScope();
            var x = values.narrow(0, at, length).requires_grad_(true);                              // [n, D]
            var logits = model.Logits(x);                                                           // [n, V]
            var (losses, gradient) = LossesAndGradient(logits, targets.narrow(0, at, length));
            logits.backward([gradient]);
            gradients.narrow(0, at, length).copy_(x.grad!);
            sum += losses;
        }
        if (rows.requires_grad) rows.backward([gradients]);
        return sum;
    }

    /// <summary>What counts: of padding and prompts no logits are made.</summary>
    static (Tensor Rows, Tensor Targets) Counted(Tensor hidden, Tensor labels)
    {
        var (rows, targets) = (hidden.flatten(0, -2), labels.flatten());
        var counted = targets.IsNot(CrossEntropy.Ignored).nonzero().squeeze(1);
        return counted.size(0) == targets.size(0) ? (rows, targets) : (rows.index_select(0, counted), targets.index_select(0, counted));
    }

    /// <summary>Chunks of equal size, but for the last.</summary>
    IEnumerable<(long At, long Length)> Chunks(long tokens, long vocabulary)
    {
        var count = Math.Max(1, (tokens * vocabulary + ChunkLogits - 1) / ChunkLogits);
        var length = (tokens + count - 1) / count;
        for (var at = 0L; at < tokens; at += length) yield return (at, Math.Min(length, tokens - at));
    }

    (TokenLosses Sum, Tensor Gradient) LossesAndGradient(Tensor logits, Tensor targets)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (sum, logP, logZ) = Losses(logits.detach(), targets);
        // d/dx of -Σ q log p + c log²Z is p (1 + 2 c log Z) - q, where the target q is 1 - ε at the label and ε / V everywhere.
        var gradient = logP.exp_();                                                                 // [n, V]
        if (logZ is not null) gradient.mul_(logZ.Times(2 * ZLoss).Plus(1));
        if (LabelSmoothing > 0) gradient.PlusInPlace(-LabelSmoothing / logits.size(1));
        var labels = targets.unsqueeze(1);                                                          // [n, 1]
        gradient.scatter_add_(1, labels, Numbers.Full(labels.shape, LabelSmoothing - 1, gradient.dtype, gradient.device));
        return (sum, gradient.to_type(logits.dtype).MoveToOuterDisposeScope());
    }

    /// <summary>log Z is there only where it counts.</summary>
    (TokenLosses Sum, Tensor LogP, Tensor? LogZ) Losses(Tensor logits, Tensor targets)
    {
        var exact = logits.dtype == float64 ? float64 : float32;
        var logP = special.log_softmax(logits, -1, exact);                                                // [n, V]
        var labels = targets.unsqueeze(1);                                                          // [n, 1]
        var own = logP.gather(1, labels);                                                           // [n, 1]
        var crossEntropy = -own.sum(float64).Number();
        var objective = crossEntropy;
        if (LabelSmoothing > 0)
            objective = (1 - LabelSmoothing) * crossEntropy - LabelSmoothing * logP.mean([1]).sum(float64).Number();
        if (ZLoss == 0) return (new(objective, crossEntropy, targets.size(0)), logP, null);
        var logZ = logits.gather(1, labels).to_type(exact) - own;                                   // [n, 1]
        objective += ZLoss * logZ.Square().sum(float64).Number();
        return (new(objective, crossEntropy, targets.size(0)), logP, logZ);
    }
}

/// <summary>Sums over tokens, so that parts can be added and divided once.</summary>
/// <param name="Objective">what is minimised, smoothing and z-loss included</param>
/// <param name="CrossEntropy">in nats, without them: what can be compared</param>
/// <param name="Tokens">that count</param>
public readonly record struct TokenLosses(double Objective, double CrossEntropy, long Tokens)
{
    /// <summary>Of two parts together.</summary>
    public static TokenLosses operator +(TokenLosses a, TokenLosses b) =>
        new(a.Objective + b.Objective, a.CrossEntropy + b.CrossEntropy, a.Tokens + b.Tokens);
}
