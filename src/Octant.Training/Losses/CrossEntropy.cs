using Octant.Models.Nn;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Octant.Training.Losses;

/// <summary>
/// -log p of what is right, as torch has it. For a language model's large vocabulary see <see cref="LanguageModelLoss"/>.
/// </summary>
public static class CrossEntropy
{
    /// <summary>A label that does not count.</summary>
    public const long Ignored = -100;

    /// <summary>Against one class each.</summary>
    /// <param name="logits">[N, C]</param>
    /// <param name="labels">[N] int64; those that are <see cref="Ignored"/> do not count</param>
    /// <param name="classWeights">[C]; the mean divides by the weights of the labels that count</param>
    /// <param name="labelSmoothing">share of the target that all classes have in common (Szegedy et al. 2016, arXiv:1512.00567)</param>
    /// <param name="sum">whether the sum is returned instead of the mean</param>
    public static Tensor OfLabels(
        Tensor logits, Tensor labels, Tensor? classWeights = null, double labelSmoothing = 0, bool sum = false)
    {
        using var scope = NewDisposeScope();
        var counted = labels.IsNot(Ignored).nonzero().squeeze(1);
        labels = labels.index_select(0, counted);
        var logP = F.log_softmax(logits.index_select(0, counted), -1);                              // [n, C]
        var weights = classWeights?.index_select(0, labels) ?? ones(labels.size(0), dtype: logits.dtype, device: logits.device);
        var loss = -(logP.gather(1, labels.unsqueeze(1)).squeeze(1) * weights).sum();
        if (labelSmoothing > 0)
        {
            var all = -(classWeights is null ? logP : logP * classWeights).sum().Over(logits.size(1));
            loss = loss.Times(1 - labelSmoothing).Plus(all, labelSmoothing);
        }
        return (sum ? loss : loss / weights.sum()).MoveToOuterDisposeScope();
    }

    /// <summary>Against a distribution each; the mean over the rows.</summary>
    /// <param name="logits">[N, C]</param>
    /// <param name="probabilities">[N, C]</param>
    public static Tensor OfProbabilities(Tensor logits, Tensor probabilities)
    {
        using var scope = NewDisposeScope();
        return (F.log_softmax(logits, -1) * probabilities).sum().Over(-logits.size(0)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The mean of log²(Z), where Z is the softmax's divisor: a little of it keeps logits from drifting (Chowdhery et al. 2022,
    /// arXiv:2204.02311, section 5).
    /// </summary>
    /// <param name="logits">[N, C]</param>
    /// <param name="labels">[N] int64; rows whose label is <see cref="Ignored"/> do not count</param>
    public static Tensor LogPartition(Tensor logits, Tensor labels)
    {
        using var scope = NewDisposeScope();
        var counted = labels.IsNot(Ignored).nonzero().squeeze(1);
        return logits.index_select(0, counted).logsumexp(-1).Square().mean().MoveToOuterDisposeScope();
    }
}
