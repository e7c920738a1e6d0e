using CsCheck;
using Octant.Models.Nn;
using Octant.Training.Losses;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Octant.Training.Tests;

/// <summary>The loss that writes its gradient down, beside the plain one that torch derives.</summary>
public sealed class LanguageModelLossTests
{
    [Fact]
    public void Loss_and_every_gradient_equal_the_plain_ones_whatever_the_chunks() =>
        Gen.Select(Gen.Int[1, 1000], Gen.Int[0, 8], Gen.Double[0, 0.3], Gen.Double[0, 0.1], Gen.Long[1, 400]).Sample(
            (seed, masked, smoothing, zLoss, chunk) =>
            {
                using var scope = NewDisposeScope();
                var (checkpoint, model) = TinyModel.Build();
                using var _ = checkpoint;
                var batch = TinyModel.Batch(3, 9, masked, seed);
                var loss = new LanguageModelLoss(smoothing, zLoss, chunk);

                var found = loss.Backward(model, model.Hidden(batch.Ids, new Pass()), batch.Labels);
                var gradients = checkpoint.Parameters.ToDictionary(named => named.Key, named => named.Value.grad!.clone());
                foreach (var parameter in checkpoint.Parameters.Values) parameter.grad = null;

                var (logits, labels) = (model.Logits(model.Hidden(batch.Ids, new Pass())).flatten(0, 1), batch.Labels.flatten());
                var crossEntropy = F.cross_entropy(logits, labels, ignore_index: -100, reduction: nn.Reduction.Sum);
                var objective = F.cross_entropy(logits, labels, ignore_index: -100, reduction: nn.Reduction.Sum, label_smoothing: smoothing)
                    + zLoss * (logits.logsumexp(-1).square() * labels.ne(-100)).sum();
                objective.backward();

                Assert.Equal(3 * (9 - masked), found.Tokens);
                Assert.Equal(crossEntropy.item<float>(), found.CrossEntropy, 1e-5 * Math.Max(1, found.CrossEntropy));
                Assert.Equal(objective.item<float>(), found.Objective, 1e-5 * Math.Max(1, found.Objective));
                var measured = loss.Measure(model, model.Hidden(batch.Ids, new Pass()), batch.Labels);
                Assert.Equal(found.Objective, measured.Objective, 1e-5 * Math.Max(1, found.Objective));
                foreach (var (name, parameter) in checkpoint.Parameters)
                {
                    var expected = parameter.grad!;
                    var allowed = 1e-5 * Math.Max(1, expected.abs().max().item<float>());
                    Assert.True(TinyModel.Distance(gradients[name], expected) <= allowed, name);
                }
            }, iter: 25);

    [Fact]
    public void Bfloat16_activations_give_nearly_the_same_loss_and_float32_gradients()
    {
        using var scope = NewDisposeScope();
        var (checkpoint, model) = TinyModel.Build();
        using var _ = checkpoint;
        var batch = TinyModel.Batch(3, 9);
        var exact = new LanguageModelLoss().Measure(model, model.Hidden(batch.Ids, new Pass()), batch.Labels);
        var mixed = new LanguageModelLoss().Backward(model, model.Hidden(batch.Ids, new Pass { Type = bfloat16 }), batch.Labels);
        Assert.Equal(exact.CrossEntropy, mixed.CrossEntropy, 0.02 * exact.CrossEntropy);
        Assert.All(checkpoint.Parameters.Values, parameter => Assert.Equal(float32, parameter.grad!.dtype));
    }

    [Fact]
    public void Where_no_token_counts_there_is_no_loss_and_no_gradient()
    {
        using var scope = NewDisposeScope();
        var (checkpoint, model) = TinyModel.Build();
        using var _ = checkpoint;
        var batch = TinyModel.Batch(2, 5, masked: 5);
        Assert.Equal(default, new LanguageModelLoss().Backward(model, model.Hidden(batch.Ids, new Pass()), batch.Labels));
        Assert.Equal(default, new LanguageModelLoss().Measure(model, model.Hidden(batch.Ids, new Pass()), batch.Labels));
        Assert.All(checkpoint.Parameters.Values, parameter => Assert.Null(parameter.grad));
    }
}
