using System.Text.Json.Nodes;
using Octant.Formats;
using Octant.Models.Nn;
using static TorchSharp.torch;

namespace Octant.Models.Tests;

public sealed class ActivationTests
{
    [Theory]
    [InlineData("relu", -1.5, 0.0), InlineData("relu2", 1.5, 2.25), InlineData("relu6", 7.0, 6.0), InlineData("leaky_relu", -2.0, -0.02)]
    [InlineData("silu", 1.0, 0.7310586), InlineData("gelu", 1.0, 0.8413447), InlineData("gelu_new", 1.0, 0.8411920), InlineData("gelu_10", 12.0, 10.0)]
    [InlineData("quick_gelu", 1.0, 0.8457958), InlineData("mish", 1.0, 0.8650984), InlineData("tanh", 1.0, 0.7615942), InlineData("linear", -3.0, -3.0)]
    [InlineData("laplace", 0.707107, 0.5)]
    public void An_activation_has_its_known_value(string name, double x, double y) =>
        Assert.Equal(y, Activation.Named(name)(tensor([(float)x])).Number(), 1e-5);

    [Theory]
    [InlineData("prelu", -2.0, -0.5), InlineData("prelu", 3.0, 3.0)]
    // alpha_p = 0.8: 0.8 x² + 0.5 x; alpha_n = 0.8: 0.8 (eˣ - 1 - x) + 0.5 x
    [InlineData("xielu", 2.0, 4.2), InlineData("xielu", -1.0, -0.2056964)]
    public void An_activation_that_learns_begins_as_the_reference_does(string name, double x, double y)
    {
        using var checkpoint = Checkpoint.Fresh(1);
        var activation = checkpoint.Build(w => w.Activation("act_fn", name));
        Assert.Equal(y, activation(tensor([(float)x])).Number(), 1e-5);
    }

    [Theory, InlineData("llama", "hidden_act", "prelu"), InlineData("llama", "hidden_act", "xielu"), InlineData("gpt2", "activation_function", "prelu")]
    public void Its_parameters_are_part_of_the_model_and_get_gradients(string modelType, string key, string name)
    {
        using var scope = NewDisposeScope();
        JsonObject config = TinyModels.Config(modelType);
        config[key] = name;
        using var checkpoint = Checkpoint.Fresh(1);
        var model = Architectures.Decoder(checkpoint, config);
        model.Logits(model.Hidden(arange(9, int64).unsqueeze(0), new Pass())).sum().backward();
        var own = checkpoint.Parameters.Where(p => p.Key.Contains(".act")).ToArray();
        Assert.NotEmpty(own);
        Assert.All(own, p => Assert.NotEqual(0, p.Value.grad!.Number()));
    }

    [Fact]
    public void An_unknown_activation_is_told_which_there_are() =>
        Assert.Contains("silu", Assert.Throws<CheckpointException>(() => Activation.Named("swiglu")).Message);
}
