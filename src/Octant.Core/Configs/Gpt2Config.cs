using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Octant.Formats;

namespace Octant.Configs;

/// <summary>What the config.json of a GPT-2 says.</summary>
/// <param name="VocabSize">how many tokens there are</param>
/// <param name="NPositions">the longest sequence, in tokens</param>
/// <param name="NEmbd">width of the residual stream</param>
/// <param name="NLayer">depth</param>
/// <param name="NHead">heads, a divisor of the width</param>
/// <param name="NInner">width inside the MLP; four times the outer when null</param>
/// <param name="ActivationFunction">the activation inside the MLP</param>
/// <param name="LayerNormEpsilon">added to the variance</param>
/// <param name="EmbdPdrop">dropout of the embeddings</param>
/// <param name="AttnPdrop">dropout of attention weights</param>
/// <param name="ResidPdrop">dropout of what is added to the residual stream</param>
/// <param name="InitializerRange">deviation of fresh weights</param>
/// <param name="ScaleAttnWeights">whether scores are divided by the root of the head's size</param>
/// <param name="ScaleAttnByInverseLayerIdx">whether those of layer i are divided by i + 1 as well</param>
/// <param name="TieWordEmbeddings">whether the head is the embedding</param>
public sealed record Gpt2Config(
    int VocabSize,
    int NPositions,
    int NEmbd,
    int NLayer,
    int NHead,
    int? NInner = null,
    string ActivationFunction = "gelu_new",
    double LayerNormEpsilon = 1e-5,
    double EmbdPdrop = 0.1,
    double AttnPdrop = 0.1,
    double ResidPdrop = 0.1,
    double InitializerRange = 0.02,
    bool ScaleAttnWeights = true,
    bool ScaleAttnByInverseLayerIdx = false,
    bool TieWordEmbeddings = true)
{
    // What the language model's head does not read. The reordering keeps float16 scores small, and changes no result.
    static readonly string[] OfOtherHeads =
    [
        "n_ctx", "n_special", "predict_special_tokens", "reorder_and_upcast_attn", "summary_activation",
        "summary_first_dropout", "summary_proj_to_labels", "summary_type", "summary_use_proj",
    ];

    /// <summary>Reads a config.json.</summary>
    /// <exception cref="CheckpointException">a key is missing, unknown, or makes no sense</exception>
    public static Gpt2Config Read(JsonObject json)
    {
        var read = (JsonObject)json.DeepClone();
        foreach (var key in OfOtherHeads) read.Remove(key);
        var config = ConfigFile.Read(read, ConfigJson.Default.Gpt2Config);
        Shapes.CheckPositive(
            (config.VocabSize, "vocab_size"), (config.NPositions, "n_positions"), (config.NEmbd, "n_embd"),
            (config.NLayer, "n_layer"), (config.NHead, "n_head"), (config.InnerSize, "n_inner"));
        if (config.NEmbd % config.NHead != 0)
            throw new CheckpointException($"config.json: n_embd {config.NEmbd} is no multiple of n_head {config.NHead}.");
        Shapes.CheckEpsilon(config.LayerNormEpsilon, "layer_norm_epsilon");
        Shapes.CheckDropout((config.EmbdPdrop, "embd_pdrop"), (config.AttnPdrop, "attn_pdrop"), (config.ResidPdrop, "resid_pdrop"));
        return config;
    }

    /// <summary>The config.json of a fresh one.</summary>
    /// <exception cref="CheckpointException">it asks for fewer key/value heads, which GPT-2 lacks</exception>
    public static JsonObject Fresh(DecoderShape shape)
    {
        if (shape.KeyValueHeads is { } kept && kept != shape.Heads)
            throw new CheckpointException(
                $"GPT-2 has as many key/value heads as heads, {shape.Heads}, not {kept}: leave them out, or take another architecture.");
        return new()
        {
            ["model_type"] = "gpt2",
            ["architectures"] = new JsonArray("GPT2LMHeadModel"),
            ["vocab_size"] = shape.Vocabulary,
            ["n_positions"] = shape.Context,
            ["n_layer"] = shape.Layers,
            ["n_head"] = shape.Heads,
            ["n_embd"] = shape.Width,
            ["n_inner"] = shape.Inner,
            ["embd_pdrop"] = shape.Dropout,
            ["attn_pdrop"] = shape.Dropout,
            ["resid_pdrop"] = shape.Dropout,
            ["tie_word_embeddings"] = shape.Tied ?? true,
        };
    }

    /// <summary>The config.json that says what a GGUF file's metadata say.</summary>
    /// <exception cref="CheckpointException">a key is missing, or not known</exception>
    public static JsonObject FromGguf(GgufFile file) => new GgufConfig(file).Vocabulary()
        .Integer("n_positions", "context_length").Integer("n_embd", "embedding_length").Integer("n_layer", "block_count")
        .Integer("n_head", "attention.head_count").IntegerIfPresent("n_inner", "feed_forward_length")
        .NumberIfPresent("layer_norm_epsilon", "attention.layer_norm_epsilon").Done();

    /// <summary>The same as a GGUF file's metadata.</summary>
    /// <exception cref="CheckpointException">it has what llama.cpp would not read</exception>
    public GgufHeader ToGguf()
    {
        if (ActivationFunction is not ("gelu_new" or "gelu_pytorch_tanh")) throw GgufHeader.Refused($"activation_function is {ActivationFunction}; only gelu_new");
        if (!ScaleAttnWeights || ScaleAttnByInverseLayerIdx) throw GgufHeader.Refused("attention is scaled in another way; only by the root of the head's size");
        return new("gpt2", GgufHeader.Common("gpt2", NLayer, NPositions, NEmbd, InnerSize, NHead)
            .Add("gpt2.attention.layer_norm_epsilon", (float)LayerNormEpsilon), null);
    }

    /// <summary>Size of a head.</summary>
    [JsonIgnore]
    public int HeadSize => NEmbd / NHead;

    /// <summary>Width inside the MLP.</summary>
    [JsonIgnore]
    public int InnerSize => NInner ?? 4 * NEmbd;
}
