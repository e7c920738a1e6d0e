using System.Text.Json.Nodes;
using Octant.Training.Losses;
using static TorchSharp.torch;

namespace Goldens.Kinds;

/// <summary>Losses of given logits, and their gradients.</summary>
static class Losses
{
    public static void Verify(Golden golden, Differences differences)
    {
        if ((string?)golden["call"] is not "F.cross_entropy(logits, labels, **options)")
        {
            Assert.Skip($"{golden["call"]}: no such loss yet");
            return;
        }
        using var scope = NewDisposeScope();
        var inputs = new GoldenTensors(golden.Tensors("inputs.safetensors"));
        var expected = new GoldenTensors(golden.Tensors("expected.safetensors"));
        foreach (var (name, options) in golden["cases"]!.AsObject())
        {
            differences.Variant = name;
            var logits = inputs["logits"].clone().requires_grad_(true);
            var found = Compute(name, logits, inputs, options!.AsObject());
            found["loss"].backward();
            found["grad.logits"] = logits.grad!;
            foreach (var key in expected.Names.Where(key => key.StartsWith($"{name}.", StringComparison.Ordinal)))
                differences.Compare(key[(name.Length + 1)..], found[key[(name.Length + 1)..]], expected[key]);
        }
    }

    static Dictionary<string, Tensor> Compute(string name, Tensor logits, GoldenTensors inputs, JsonObject o)
    {
        var labels = inputs[(string)o["labels"]!];
        double Number(string key, double otherwise = 0) => (double?)o[key] ?? otherwise;
        Tensor? Input(string key) => o[key] is { } input ? inputs[(string)input!] : null;
        if (name == "z-loss")
        {
            var (crossEntropy, z) = (CrossEntropy.OfLabels(logits, labels), CrossEntropy.LogPartition(logits, labels));
            return new() { ["loss"] = crossEntropy + Number("coefficient") * z, ["cross_entropy"] = crossEntropy, ["z"] = z };
        }
        return new()
        {
            ["loss"] = name switch
            {
                "bce-with-logits" => BinaryCrossEntropy.OfLogits(logits, labels, Input("pos_weight")),
                "focal-sigmoid" => Focal.Sigmoid(logits, labels, Number("alpha"), Number("gamma")),
                "focal-softmax" => Focal.Softmax(logits, labels, Number("gamma")),
                "mse" => Regression.MeanSquare(logits, labels),
                "l1" => Regression.MeanAbsolute(logits, labels),
                "huber" => Regression.Huber(logits, labels, Number("delta", 1)),
                "smooth-l1" => Regression.SmoothAbsolute(logits, labels, Number("beta", 1)),
                _ when labels.is_floating_point() => CrossEntropy.OfProbabilities(logits, labels),
                _ => CrossEntropy.OfLabels(
                    logits, labels, Input("weight"), Number("label_smoothing"), sum: (string?)o["reduction"] == "sum"),
            },
        };
    }
}
