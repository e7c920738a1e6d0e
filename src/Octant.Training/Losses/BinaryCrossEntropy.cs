using Octant.Models.Nn;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Octant.Training.Losses;

/// <summary>Of classes that are independent of each other, each there or not.</summary>
public static class BinaryCrossEntropy
{
    /// <summary>The mean over all elements.</summary>
    /// <param name="logits">[..., C]</param>
    /// <param name="targets">[..., C], 0 to 1</param>
    /// <param name="positiveWeights">[C], how much more what is there counts</param>
    public static Tensor OfLogits(Tensor logits, Tensor targets, Tensor? positiveWeights = null)
    {
        using var scope = NewDisposeScope();
        return Elements(logits, targets, positiveWeights).mean().MoveToOuterDisposeScope();
    }

    // -w y log σ(x) - (1 - y) log σ(-x), where log σ(-x) = log σ(x) - x
    internal static Tensor Elements(Tensor logits, Tensor targets, Tensor? positiveWeights = null)
    {
        var positives = positiveWeights is null ? targets : targets * positiveWeights;
        var negatives = targets.Complement();
        return negatives * logits - negatives.Plus(positives) * F.logsigmoid(logits);
    }
}
