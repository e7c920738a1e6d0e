using System.Text.Json.Nodes;
using Octant.Models;
using Octant.Models.Nn;
using Octant.Training;
using Octant.Training.Losses;
using Octant.Training.Optimizers;
using static TorchSharp.torch;

namespace Training;

/// <summary>The model of recipes/gpt-10m.yaml and its training step, on random ids.</summary>
sealed class Workload : IDisposable
{
    public const long Layers = 6, Heads = 6, Width = 384, Rows = 16, Block = 256, Vocabulary = 65, Tokens = Rows * Block;

    readonly Checkpoint checkpoint = Checkpoint.Fresh(seed: 1);
    readonly AdamW optimizer;
    readonly TrainingStep step;
    readonly MicroBatch batch;

    public Workload(ScalarType type)
    {
        Model = Architectures.Decoder(checkpoint, new JsonObject
        {
            ["model_type"] = "gpt2",
            ["vocab_size"] = Vocabulary,
            ["n_positions"] = Block,
            ["n_embd"] = Width,
            ["n_layer"] = Layers,
            ["n_head"] = Heads,
            ["embd_pdrop"] = 0.0,
            ["attn_pdrop"] = 0.0,
            ["resid_pdrop"] = 0.0,
        });
        optimizer = new(ParameterGroup.DecayMatrices(checkpoint.Parameters, learningRate: 1e-3, weightDecay: 0.1), beta2: 0.95);
        step = new(Model, optimizer, new()) { Type = type, LargestNorm = 1.0 };
        batch = new() { Ids = randint(Vocabulary, [Rows, Block]), Labels = randint(Vocabulary, [Rows, Block]) };
    }

    public IDecoder Model { get; }

    /// <summary>Of all parameters.</summary>
    public long Parameters => checkpoint.Parameters.Values.Sum(parameter => parameter.numel());

    /// <summary>
    /// Of one step: 6 a parameter and token, position embeddings left out, and 12 · layers · width · block a token for attention
    /// (Chowdhery et al. 2022, arXiv:2204.02311, appendix B).
    /// </summary>
    public double Flops => Tokens * (6.0 * (Parameters - Block * Width) + 12.0 * Layers * Width * Block);

    public StepResult Step() => step.Run([batch]);

    public Tensor Hidden(ScalarType type) => Model.Hidden(batch.Ids, new Pass { Type = type, Training = true });

    public void Backward(Tensor hidden) => new LanguageModelLoss().Backward(Model, hidden, batch.Labels);

    public void Optimize() => optimizer.Step();

    public void Dispose()
    {
        optimizer.Dispose();
        checkpoint.Dispose();
    }
}
