using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Octant.Formats;

namespace Octant.Configs;

/// <summary>What the config.json of a Qwen2 says.</summary>
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
/// <param name="UseSlidingWindow">whether any layer slides</param>
/// <param name="SlidingWindow">how many tokens a query of a sliding layer sees, its own included</param>
/// <param name="MaxWindowLayers">how many layers, from the first on, do not slide</param>
/// <param name="LayerTypes">for each layer full_attention or sliding_attention; overrules the former when given</param>
/// <param name="TieWordEmbeddings">whether the head is the embedding</param>
public sealed record Qwen2Config(
    int VocabSize,
    int HiddenSize,
    int IntermediateSize,
    int NumHiddenLayers,
    int NumAttentionHeads,
    int? NumKeyValueHeads = 32,
    int? HeadDim = null,
    string HiddenAct = "silu",
    int MaxPositionEmbeddings = 32_768,
    double RmsNormEps = 1e-6,
    RotaryConfig? RopeParameters = null,
    double InitializerRange = 0.02,
    double AttentionDropout = 0,
    bool UseSlidingWindow = false,
    int? SlidingWindow = 4096,
    int MaxWindowLayers = 28,
    IReadOnlyList<string>? LayerTypes = null,
    bool TieWordEmbeddings = false)
{
    /// <summary>Reads a config.json of either spelling.</summary>
    /// <exception cref="CheckpointException">a key is missing, unknown, or makes no sense</exception>
    public static Qwen2Config Read(JsonObject json)
    {
        var config = ConfigFile.Read(json, ConfigJson.Default.Qwen2Config);
        Shapes.CheckHeads(config.HiddenSize, config.NumAttentionHeads, config.KeyValueHeads, config.HeadDim, rotary: true);
        Shapes.CheckPositive(
            (config.VocabSize, "vocab_size"), (config.IntermediateSize, "intermediate_size"),
            (config.NumHiddenLayers, "num_hidden_layers"), (config.MaxPositionEmbeddings, "max_position_embeddings"));
        if (config.SlidingWindow is { } window) Shapes.CheckPositive((window, "sliding_window"));
        _ = config.Windows;
        Shapes.CheckEpsilon(config.RmsNormEps, "rms_norm_eps");
        Shapes.CheckDropout((config.AttentionDropout, "attention_dropout"));
        config.Rotary.Check();
        return config;
    }

    /// <summary>The config.json of a fresh one.</summary>
    public static JsonObject Fresh(DecoderShape shape) => shape.LlamaLike("qwen2", "Qwen2ForCausalLM");

    /// <summary>The config.json that says what a GGUF file's metadata say.</summary>
    /// <exception cref="CheckpointException">a key is missing, or not known</exception>
    public static JsonObject FromGguf(GgufFile file) => new GgufConfig(file).LlamaLike().Done();

    /// <summary>The same as a GGUF file's metadata.</summary>
    /// <exception cref="CheckpointException">it has what llama.cpp would not read</exception>
    public GgufHeader ToGguf() => GgufHeader.LlamaLike(new("qwen2", VocabSize, HiddenSize, IntermediateSize, NumHiddenLayers, NumAttentionHeads,
        KeyValueHeads, HeadSize, MaxPositionEmbeddings, RmsNormEps, HiddenAct, Rotary, HasWindow: Windows.Any(window => window < MaxPositionEmbeddings)));

    /// <summary>Key/value heads.</summary>
    [JsonIgnore]
    public int KeyValueHeads => NumKeyValueHeads ?? NumAttentionHeads;

    /// <summary>Size of a head.</summary>
    [JsonIgnore]
    public int HeadSize => HeadDim ?? HiddenSize / NumAttentionHeads;

    /// <summary>How many tokens each layer sees back, null for all.</summary>
    /// <exception cref="CheckpointException">layer_types contradicts the other keys</exception>
    [JsonIgnore]
    public IReadOnlyList<int?> Windows =>
        Shapes.Windows(LayerTypes, NumHiddenLayers, UseSlidingWindow, SlidingWindow, MaxWindowLayers);

    /// <summary>Rotary positions.</summary>
    [JsonIgnore]
    public RotaryConfig Rotary => RopeParameters ?? new();
}
