using Octant.Models.Nn;
using static TorchSharp.torch;

namespace Octant.Models.Tests;

/// <summary>The fused kernel beside the formula that it stands for.</summary>
public sealed class AttentionTests
{
    [Theory]
    [InlineData(4, 4, 5, 5, true)]
    [InlineData(6, 2, 5, 9, false)]
    [InlineData(6, 1, 1, 9, false)]
    public void Attention_is_the_softmax_of_scaled_scores_times_values(int heads, int shared, int queries, int keys, bool causal)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1);
        var (q, k, v) = (randn(2, heads, queries, 8), randn(2, shared, keys, 8), randn(2, shared, keys, 8));
        var (allK, allV) = (k.repeat_interleave(heads / shared, 1), v.repeat_interleave(heads / shared, 1));
        var scores = matmul(q, allK.transpose(2, 3)) * 0.3;
        if (causal) scores = scores.masked_fill(ones(queries, keys, ScalarType.Bool).triu(1), double.NegativeInfinity);
        var expected = matmul(scores.softmax(-1), allV);
        Assert.True((Attention.Attend(q, k, v, null, causal, scale: 0.3) - expected).abs().max().item<float>() < 1e-5);
    }
}
