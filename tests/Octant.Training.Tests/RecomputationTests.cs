using System.Runtime.InteropServices;
using Octant.Models.Nn;
using Octant.Training.Losses;
using static TorchSharp.torch;

namespace Octant.Training.Tests;

public sealed partial class RecomputationTests
{
    [Theory, InlineData(0.0), InlineData(0.3)]
    public void Recomputed_layers_give_the_same_gradients_bit_for_bit_dropout_included(double dropout)
    {
        using var scope = NewDisposeScope();
        var kept = Gradients(dropout, recompute: false);
        var again = Gradients(dropout, recompute: true);
        Assert.All(kept, named => Assert.True(named.Value.eq(again[named.Key]).all().item<bool>(), named.Key));
    }

    [Fact]
    public void Layers_learn_even_when_what_enters_the_first_wants_no_gradient()
    {
        using var scope = NewDisposeScope();
        var (checkpoint, model) = TinyModel.Build();
        using var _ = checkpoint;
        foreach (var name in (string[])["transformer.wte.weight", "transformer.wpe.weight"]) checkpoint.Parameters[name].requires_grad_(false);
        var batch = TinyModel.Batch(2, 8);
        new LanguageModelLoss().Backward(model, model.Hidden(batch.Ids, new Pass { Recompute = true }), batch.Labels);
        Assert.True(checkpoint.Parameters["transformer.h.0.attn.c_attn.weight"].grad!.abs().max().item<float>() > 0);
        Assert.Null(checkpoint.Parameters["transformer.wpe.weight"].grad);
    }

    [Fact]
    public void The_random_numbers_that_follow_are_those_that_would_have_followed()
    {
        using var scope = NewDisposeScope();
        _ = Gradients(0.3, recompute: false);
        var expected = rand(4);
        _ = Gradients(0.3, recompute: true);
        Assert.Equal(0, TinyModel.Distance(rand(4), expected));
    }

    [Fact]
    public void Recomputed_layers_need_less_memory()
    {
        Assert.SkipUnless(File.Exists("/proc/self/clear_refs") && NativeLibrary.TryLoad("libc.so.6", out var _), "peak memory is read from Linux");
        // Every tensor is a mapping of its own, so that what is freed is gone and the peak is exact.
        const int mappingThreshold = -3;
        Assert.Equal(1, mallopt(mappingThreshold, 64 << 10));
        _ = Gradients(0, recompute: true);                                      // for what libtorch sets up at first
        var (full, lean) = (Peak(recompute: false), Peak(recompute: true));
        Assert.True(lean < 0.5 * full, $"{lean} kB with recomputation, {full} kB without");
    }

    static long Peak(bool recompute)
    {
        var (checkpoint, model) = TinyModel.Build(width: 128, layers: 8, context: 128);
        using var _ = checkpoint;
        using var scope = NewDisposeScope();
        var batch = TinyModel.Batch(16, 128);
        File.WriteAllText("/proc/self/clear_refs", "5");                        // the peak is counted from here
        var before = Status("VmRSS");
        new LanguageModelLoss().Backward(model, model.Hidden(batch.Ids, new Pass { Training = true, Recompute = recompute }), batch.Labels);
        return Status("VmHWM") - before;
    }

    static long Status(string key) => long.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith($"{key}:", StringComparison.Ordinal))[(key.Length + 1)..^2].Trim());

    [LibraryImport("libc.so.6")]
    private static partial int mallopt(int parameter, int value);

    static Dictionary<string, Tensor> Gradients(double dropout, bool recompute)
    {
        var (checkpoint, model) = TinyModel.Build(dropout);
        using var _ = checkpoint;
        var batch = TinyModel.Batch(3, 9);
        random.manual_seed(1);                                                  // of what is dropped
        var pass = new Pass { Training = true, Recompute = recompute };
        new LanguageModelLoss().Backward(model, model.Hidden(batch.Ids, pass), batch.Labels);
        return checkpoint.Parameters.ToDictionary(named => named.Key, named => named.Value.grad!.clone());
    }
}
