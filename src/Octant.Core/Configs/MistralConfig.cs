using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Octant.Formats;

namespace Octant.Configs;

/// <summary>What the config.json of a Mistral says.</summary>
/// <param name="VocabSize">how many tokens there are</param>
/// <param name="HiddenSize">width of the residual stream</param>
/// <param name="IntermediateSize">width inside the MLP</param>
/// <param name="NumHiddenLayers">depth</param>
/// <param name="NumAttentionHeads">query heads</param>
/// <param name="NumKeyValueHeads">key/value heads, a divisor of the query heads; as many as those when null</param>
/// <param name="HeadDim">size of a head; hidden size over heads when null</param>
/// <param name="HiddenAct">the activation inside the MLP</param>
/// <param name="MaxPositionEmbeddings">the context it is meant for, in tokens</param>
/// <param name="RmsNormEps">added to the mean square</param>
/// <param name="RopeParameters">rotary positions</param>
/// <param name="InitializerRange">deviation of fresh weights</param>
/// <param name="AttentionDropout">probability that an attention weight is dropped in training</param>
/// <param name="SlidingWindow">how many tokens a query sees, its own included; null for all</param>
/// <param name="TieWordEmbeddings">whether the head is the embedding</param>
public sealed record MistralConfig(
    int VocabSize,
    int HiddenSize,
    int IntermediateSize,
    int NumHiddenLayers,
    int NumAttentionHeads,
    int? NumKeyValueHeads = 8,
    int? HeadDim = null,
    string HiddenAct = "silu",
    int MaxPositionEmbeddings = 131_072,
    double RmsNormEps = 1e-6,
    RotaryConfig? RopeParameters = null,
    double InitializerRange = 0.02,
    double AttentionDropout = 0,
    int? SlidingWindow = 4096,
    bool TieWordEmbeddings = false)
{
    /// <summary>Reads a config.json of either spelling.</summary>
    /// <exception cref="CheckpointException">a key is missing, unknown, or makes no sense</exception>
    public static MistralConfig Read(JsonObject json)
    {
        var config = ConfigFile.Read(json, ConfigJson.Default.MistralConfig);
        Shapes.CheckHeads(config.HiddenSize, config.NumAttentionHeads, config.KeyValueHeads, config.HeadDim, rotary: true);
        Shapes.CheckPositive(
            (config.VocabSize, "vocab_size"), (config.IntermediateSize, "intermediate_size"),
            (config.NumHiddenLayers, "num_hidden_layers"), (config.MaxPositionEmbeddings, "max_position_embeddings"));
        if (config.SlidingWindow is { } window) Shapes.CheckPositive((window, "sliding_window"));
        Shapes.CheckEpsilon(config.RmsNormEps, "rms_norm_eps");
        Shapes.CheckDropout((config.AttentionDropout, "attention_dropout"));
        config.Rotary.Check();
        return config;
    }

    /// <summary>The config.json of a fresh one, whose layers see the whole context.</summary>
    public static JsonObject Fresh(DecoderShape shape)
    {
        var json = shape.LlamaLike("mistral", "MistralForCausalLM");
        json["sliding_window"] = null;
        return json;
    }

    /// <summary>The same as a GGUF file's metadata.</summary>
    /// <exception cref="CheckpointException">it has what llama.cpp would not read</exception>
    public GgufHeader ToGguf() => GgufHeader.LlamaLike(new("llama", VocabSize, HiddenSize, IntermediateSize, NumHiddenLayers, NumAttentionHeads,
        KeyValueHeads, HeadSize, MaxPositionEmbeddings, RmsNormEps, HiddenAct, Rotary, HasWindow: SlidingWindow < MaxPositionEmbeddings));

    /// <summary>Key/value heads.</summary>
    [JsonIgnore]
    public int KeyValueHeads => NumKeyValueHeads ?? NumAttentionHeads;

    /// <summary>Size of a head.</summary>
    [JsonIgnore]
    public int HeadSize => HeadDim ?? HiddenSize / NumAttentionHeads;

    /// <summary>Rotary positions.</summary>
    [JsonIgnore]
    public RotaryConfig Rotary => RopeParameters ?? new();
}
