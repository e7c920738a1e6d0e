using System.Text.Json.Nodes;
using Octant.Models.Nn;
using static TorchSharp.torch;

namespace Octant.Models.Tests;

/// <summary>A small configuration of every decoder in the table, whose sizes differ from each other.</summary>
static class TinyModels
{
    public static TheoryData<string> All => [.. Architectures.All.Select(architecture => architecture.ModelType)];

    /// <summary>Windows are short, so that they matter; vocabulary 29, context 64.</summary>
    public static JsonObject Config(string modelType) => modelType switch
    {
        "gpt2" => Parse("""
            {"model_type": "gpt2", "vocab_size": 29, "n_positions": 64, "n_embd": 24, "n_layer": 3, "n_head": 4,
             "n_inner": 40, "scale_attn_by_inverse_layer_idx": true}
            """),
        "llama" => Parse("""
            {"model_type": "llama", "vocab_size": 29, "hidden_size": 24, "intermediate_size": 40, "num_hidden_layers": 3,
             "num_attention_heads": 6, "num_key_value_heads": 2, "head_dim": 8, "max_position_embeddings": 64,
             "attention_bias": true, "mlp_bias": true, "rope_theta": 100.0, "rope_scaling": {"type": "linear", "factor": 1.5}}
            """),
        "mistral" => Parse("""
            {"model_type": "mistral", "vocab_size": 29, "hidden_size": 24, "intermediate_size": 40, "num_hidden_layers": 3,
             "num_attention_heads": 4, "num_key_value_heads": 1, "max_position_embeddings": 64, "sliding_window": 5}
            """),
        "qwen2" => Parse("""
            {"model_type": "qwen2", "vocab_size": 29, "hidden_size": 24, "intermediate_size": 40, "num_hidden_layers": 3,
             "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 64,
             "use_sliding_window": true, "sliding_window": 4, "max_window_layers": 1, "tie_word_embeddings": true}
            """),
        "qwen3" => Parse("""
            {"model_type": "qwen3", "vocab_size": 29, "hidden_size": 24, "intermediate_size": 40, "num_hidden_layers": 2,
             "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 10, "max_position_embeddings": 64,
             "use_sliding_window": true, "sliding_window": 6, "layer_types": ["sliding_attention", "full_attention"]}
            """),
        _ => throw new ArgumentException($"{modelType} has no tiny configuration: add one."),
    };

    /// <summary>Fresh weights; drawn wider than for training, so that every part matters.</summary>
    public static (Checkpoint, IDecoder) Build(string modelType, long seed = 1, ScalarType? type = null, double range = 0.3)
    {
        var config = Config(modelType);
        config["initializer_range"] = range;
        var checkpoint = Checkpoint.Fresh(seed, type);
        var model = Architectures.Decoder(checkpoint, config);
        return (checkpoint, model);
    }

    static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
