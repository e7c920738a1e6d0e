using System.Text.Json.Nodes;
using Octant.Models;
using Octant.Models.Nn;
using static TorchSharp.torch;

namespace Octant.Training.Tests;

/// <summary>A GPT-2 of three layers on a vocabulary of 29.</summary>
static class TinyModel
{
    public const int Vocabulary = 29;

    public static (Checkpoint, IDecoder) Build(double dropout = 0, int width = 24, int layers = 3, int context = 64, ScalarType? type = null)
    {
        var config = new JsonObject
        {
            ["model_type"] = "gpt2",
            ["vocab_size"] = Vocabulary,
            ["n_positions"] = context,
            ["n_embd"] = width,
            ["n_layer"] = layers,
            ["n_head"] = 4,
            ["initializer_range"] = 0.2,
            ["attn_pdrop"] = dropout,
            ["resid_pdrop"] = dropout,
            ["embd_pdrop"] = dropout,
        };
        var checkpoint = Checkpoint.Fresh(seed: 1, type);
        return (checkpoint, Architectures.Decoder(checkpoint, config));
    }

    /// <summary>Random tokens, of which those at the start of each row do not count.</summary>
    public static MicroBatch Batch(int rows, int length, int masked = 0, long seed = 1)
    {
        using var random = new Generator((ulong)seed);
        var ids = randint(Vocabulary, [rows, length + 1], int64, generator: random);
        var labels = ids[.., 1..].clone();
        if (masked > 0) labels.narrow(1, 0, masked).fill_(-100);
        return new() { Ids = ids[.., ..^1], Labels = labels };
    }

    public static double Distance(Tensor a, Tensor b) => (a - b).abs().max().to_type(float64).item<double>();
}
