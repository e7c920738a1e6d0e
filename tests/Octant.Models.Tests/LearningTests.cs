using Octant.Models.Nn;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Octant.Models.Tests;

/// <summary>Every decoder learns: from nothing, to repeat a sequence that it has never seen.</summary>
public sealed class LearningTests
{
    const int Length = 8, Letters = 24, Separator = 28;

    public static TheoryData<string> Models => TinyModels.All;

    [Theory, MemberData(nameof(Models))]
    public void A_small_one_copies_a_sequence_that_it_has_never_seen(string modelType)
    {
        var config = TinyModels.Config(modelType);
        // The word to copy lies nine tokens back: every window must reach that far.
        if (config.ContainsKey("sliding_window")) config["sliding_window"] = 12;
        using var checkpoint = Checkpoint.Fresh(seed: 1);
        var model = Architectures.Decoder(checkpoint, config);
        using var optimizer = optim.AdamW(checkpoint.Parameters.Values, lr: 1e-2);
        // A generator of its own: tests run side by side, and share libtorch's.
        using var random = new Generator(1);
        for (var step = 0; step < 400; step++)
        {
            using var scope = NewDisposeScope();
            foreach (var group in optimizer.ParamGroups) group.LearningRate = 1e-2 * Math.Min(1, (step + 1) / 20.0) * (1 - step / 400.0);
            var (ids, labels) = Batch(32, random);
            var logits = model.Logits(model.Hidden(ids, new Pass { Training = true }));             // [B, T, V]
            var loss = F.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index: -100);
            optimizer.zero_grad();
            loss.backward();
            optimizer.step();
        }
        var accuracy = Accuracy(model, random);
        Assert.True(accuracy >= 0.99, $"{modelType} copies {accuracy:P1} of what it has never seen");
    }

    static double Accuracy(IDecoder model, Generator random)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (ids, labels) = Batch(64, random);
        var found = model.Logits(model.Hidden(ids, new Pass())).argmax(-1);
        return found.eq(labels).sum().item<long>() / (64.0 * Length);
    }

    /// <summary>A random word, a separator, the word again; only the second time counts.</summary>
    static (Tensor Ids, Tensor Labels) Batch(int rows, Generator random)
    {
        var word = randint(Letters, [rows, Length], int64, generator: random);
        var ids = cat([word, full([rows, 1], Separator, int64), word], 1);                          // [B, 2L + 1]
        var labels = cat([full([rows, Length], -100L, int64), word], 1);                            // [B, 2L]
        return (ids[.., ..^1], labels);
    }
}
