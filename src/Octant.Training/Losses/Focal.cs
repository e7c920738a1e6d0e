using Octant.Models.Nn;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Octant.Training.Losses;

/// <summary>Cross-entropy in which what is easy counts little (Lin et al. 2017, arXiv:1708.02002).</summary>
public static class Focal
{
    /// <summary>
    /// Of independent classes: α (1 - p)^γ · cross-entropy, p the probability of what is true; the mean over all elements.
    /// </summary>
    /// <param name="logits">[..., C]</param>
    /// <param name="targets">[..., C], 0 or 1</param>
    /// <param name="alpha">weight of what is there; what is not has 1 - α</param>
    /// <param name="gamma">how little what is easy counts; 0 is cross-entropy</param>
    public static Tensor Sigmoid(Tensor logits, Tensor targets, double alpha = 0.25, double gamma = 2)
    {
        using var scope = NewDisposeScope();
        var p = logits.sigmoid();
        var others = targets.Complement();
        var wrong = (p * others).Plus(p.Complement() * targets);
        var weights = targets.Times(alpha).Plus(others, 1 - alpha);
        return (weights * wrong.Power(gamma) * BinaryCrossEntropy.Elements(logits, targets)).mean().MoveToOuterDisposeScope();
    }

    /// <summary>Of classes that exclude each other: -(1 - p)^γ log p, p the probability of the label; the mean over the rows.</summary>
    /// <param name="logits">[N, C]</param>
    /// <param name="labels">[N] int64</param>
    /// <param name="gamma">how little what is easy counts; 0 is cross-entropy</param>
    public static Tensor Softmax(Tensor logits, Tensor labels, double gamma = 2)
    {
        using var scope = NewDisposeScope();
        var logP = F.log_softmax(logits, -1).gather(1, labels.unsqueeze(1)).squeeze(1);
        return (-logP.exp().Complement().Power(gamma) * logP).mean().MoveToOuterDisposeScope();
    }
}
