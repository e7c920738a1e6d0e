using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Octant.Formats;

namespace Octant.Configs;

/// <summary>
/// Reads a config.json strictly: a key that the record does not have is an error, since it may change the mathematics,
/// unless it is known not to matter. Configurations spelled as Transformers 4 wrote them are read as 5 writes them.
/// </summary>
public static class ConfigFile
{
    /// <summary>Bookkeeping, what concerns generation and saving alone, and what only other heads read.</summary>
    static readonly HashSet<string> Harmless =
    [
        "_attn_implementation", "_flash_attn_2_enabled", "_num_labels", "_attn_implementation_autoset", "_name_or_path", "architectures", "auto_map", "bos_token_id",
        "chunk_size_feed_forward", "decoder_start_token_id", "dtype", "eos_token_id", "finetuning_task", "gradient_checkpointing", "max_sequence_length", "num_labels", "output_past", "forced_bos_token_id",
        "forced_eos_token_id", "id2label", "is_decoder", "is_llama_config", "label2id", "model_type", "output_attentions",
        "output_hidden_states", "pad_token_id", "prefix", "pretraining_tp", "problem_type", "return_dict", "sep_token_id",
        "task_specific_params", "tokenizer_class", "torch_dtype", "torchscript", "transformers.js_config", "transformers_version",
        "unsloth_fixed", "unsloth_version", "use_bfloat16", "use_cache",
        // Defaults of generation, which old files keep here.
        "bad_words_ids", "begin_suppress_tokens", "diversity_penalty", "do_sample", "early_stopping", "encoder_no_repeat_ngram_size",
        "exponential_decay_length_penalty", "length_penalty", "max_length", "min_length", "no_repeat_ngram_size",
        "num_beam_groups", "num_beams", "num_return_sequences", "output_scores", "remove_invalid_values", "repetition_penalty",
        "return_dict_in_generate", "suppress_tokens", "temperature", "top_k", "top_p", "typical_p",
    ];

    static readonly string[] RotaryTypes = ["default", "linear", "dynamic", "llama3", "yarn"];

    /// <summary>What only one value of is supported, whatever the architecture.</summary>
    static readonly (string Key, JsonNode Value)[] OnlyEver =
    [
        ("add_cross_attention", false), ("is_encoder_decoder", false), ("tie_encoder_decoder", false),
        ("attention_bias", false), ("mlp_bias", false), ("rope_interleaved", false), ("use_mrope", false), ("pruned_heads", new JsonObject()), ("partial_rotary_factor", 1.0),
    ];

    /// <summary>Reads a configuration.</summary>
    /// <param name="json">the whole file</param>
    /// <param name="type">how the record is read</param>
    /// <param name="only">keys that are understood with this one value</param>
    /// <exception cref="CheckpointException">a key is missing, unknown, of the wrong type, or not supported in its value</exception>
    public static T Read<T>(JsonObject json, JsonTypeInfo<T> type, params (string Key, JsonNode Value)[] only)
    {
        var known = (JsonObject)json.DeepClone();
        UpgradeRotary(known);
        foreach (var key in Harmless) known.Remove(key);
        foreach (var (key, value) in (ReadOnlySpan<(string, JsonNode)>)[.. OnlyEver, .. only])
        {
            if (type.Properties.Any(property => property.Name == key)) continue;
            if (known.Remove(key, out var found) && found is not null && !JsonNode.DeepEquals(found, value))
                throw new CheckpointException($"config.json: {key} is {found.ToJsonString()}; only {value.ToJsonString()} is supported.");
        }
        try
        {
            return known.Deserialize(type) ?? throw new CheckpointException("config.json: it is null.");
        }
        catch (JsonException e)
        {
            throw new CheckpointException($"config.json: {Explain(e)}", e);
        }
    }

    /// <summary>Transformers 4 wrote rope_theta and rope_scaling, whose type could be spelled `type`; 5 has rope_parameters.</summary>
    static void UpgradeRotary(JsonObject json)
    {
        json.Remove("rope_theta", out var theta);
        json.Remove("rope_scaling", out var scaling);
        json.Remove("original_max_position_embeddings", out var original);
        if (json["rope_parameters"] is null) json.Remove("rope_parameters");
        else if (scaling is not null)
            throw new CheckpointException("config.json: it has rope_parameters and rope_scaling, two spellings of one thing: take one of them out.");
        if ((json["rope_parameters"] ?? scaling ?? (theta is null ? null : new JsonObject())) is not JsonObject parameters) return;
        if (theta is not null && parameters["rope_theta"] is null) parameters["rope_theta"] = theta;
        if (parameters.Remove("type", out var old) && parameters["rope_type"] is null) parameters["rope_type"] = old;
        // Says how the model was made; and the part of a head that turns, which is refused unless it is the whole.
        parameters.Remove("finetuned");
        if (parameters.Remove("partial_rotary_factor", out var part) && part is not null && json["partial_rotary_factor"] is null)
            json["partial_rotary_factor"] = part;
        if (parameters["rope_type"] is { } type && (type.GetValueKind() != JsonValueKind.String || !RotaryTypes.Contains((string)type!)))
            throw new CheckpointException($"config.json: rope_type is {type.ToJsonString()}, which is none of {string.Join(", ", RotaryTypes)}.");
        // Beside the other keys it overrules what stands among the rotary ones.
        if (original is not null) parameters["original_max_position_embeddings"] = original;
        if (json["rope_parameters"] is null) json["rope_parameters"] = parameters;
    }

    // Its own messages name .NET types, which no reader of a config.json knows.
    static string Explain(JsonException e)
    {
        var message = e.Message;
        if (message.IndexOf("missing required properties including: ", StringComparison.Ordinal) is var at and >= 0)
            return $"it lacks {message[(at + "missing required properties including: ".Length)..]}";
        var path = e.Path?.TrimStart('$', '.') ?? "?";
        if (message.Contains("nullab", StringComparison.Ordinal)) return $"{path} is null, which it must not be.";
        return message.Contains("could not be mapped", StringComparison.Ordinal)
            ? $"the key {path} is not known to this architecture, and might change what it computes."
            : $"the value of {path} is of the wrong kind.";
    }
}

/// <summary>How the records of this folder are read and written, generated at compile time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(LlamaConfig))]
[JsonSerializable(typeof(MistralConfig))]
[JsonSerializable(typeof(Qwen2Config))]
[JsonSerializable(typeof(Qwen3Config))]
[JsonSerializable(typeof(Gpt2Config))]
sealed partial class ConfigJson : JsonSerializerContext;
