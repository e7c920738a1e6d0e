using System.Text.Json.Nodes;

namespace Octant.Configs;

/// <summary>
/// The size of a decoder in words that all architectures share: each says in its own what it makes of it, so that a recipe for one
/// differs from a recipe for another by its name.
/// </summary>
/// <param name="Vocabulary">how many tokens there are</param>
/// <param name="Context">the longest sequence, in tokens</param>
/// <param name="Layers">depth</param>
/// <param name="Heads">query heads</param>
/// <param name="Width">of the residual stream</param>
/// <param name="KeyValueHeads">a divisor of the heads; as many as those when null</param>
/// <param name="Inner">width inside the MLP; what the architecture is known for when null</param>
/// <param name="Dropout">wherever the architecture drops in training</param>
/// <param name="Tied">whether the head is the embedding; what the architecture is known for when null</param>
public sealed record DecoderShape(
    int Vocabulary, int Context, int Layers, int Heads, int Width, int? KeyValueHeads = null, int? Inner = null, double Dropout = 0,
    bool? Tied = null)
{
    /// <summary>The config.json of the decoders that are built like Llama.</summary>
    /// <param name="modelType">its model_type</param>
    /// <param name="className">what Transformers calls the whole model</param>
    internal JsonObject LlamaLike(string modelType, string className) => new()
    {
        ["model_type"] = modelType,
        ["architectures"] = new JsonArray(className),
        ["vocab_size"] = Vocabulary,
        ["max_position_embeddings"] = Context,
        ["num_hidden_layers"] = Layers,
        ["num_attention_heads"] = Heads,
        ["num_key_value_heads"] = KeyValueHeads ?? Heads,
        ["head_dim"] = Width / Math.Max(1, Heads),
        ["hidden_size"] = Width,
        ["intermediate_size"] = Inner ?? GatedInner,
        ["attention_dropout"] = Dropout,
        ["tie_word_embeddings"] = Tied ?? false,
    };

    // A gated MLP has three matrices where a plain one has two: two thirds of 4 D keep the number of weights (Shazeer 2020,
    // arXiv:2002.05202, section 2), rounded up to whole vectors.
    int GatedInner => (8 * Width / 3 + 63) / 64 * 64;
}
