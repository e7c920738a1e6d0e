using Octant.Models.Nn;
using Octant.Testing;
using static TorchSharp.torch;

namespace Octant.Models.Tests;

/// <summary>Tests that would disturb others run by themselves: here those others, which use TorchSharp's own optimisers.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class Alone;

/// <summary>Numbers handed to libtorch were once freed by the collector while it still read them (see Nn/Numbers.cs).</summary>
[Collection("alone")]
public sealed class CollectorTests
{
    public static TheoryData<string> Models => TinyModels.All;

    [Theory, MemberData(nameof(Models))]
    public void A_busy_collector_changes_no_result(string modelType)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (checkpoint, model) = TinyModels.Build(modelType);
        using var _ = checkpoint;
        var ids = tensor([1L, 2, 3, 4, 5, 6, 7, 8]).unsqueeze(0);
        var expected = Logits(model, ids);
        BusyCollector.During(() =>
        {
            for (var i = 0; i < 400; i++) Assert.Equal(expected, Logits(model, ids));
        });
    }

    static float[] Logits(IDecoder model, Tensor ids)
    {
        using var scope = NewDisposeScope();
        return model.Logits(model.Hidden(ids, new Pass())).data<float>().ToArray();
    }
}
