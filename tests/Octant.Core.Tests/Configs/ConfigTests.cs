using System.Text.Json.Nodes;
using Octant.Configs;
using Octant.Formats;

namespace Octant.Core.Tests.Configs;

/// <summary>Configurations are read strictly, in either spelling.</summary>
public sealed class ConfigTests
{
    const string Llama = """
        {"model_type": "llama", "vocab_size": 100, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
        """;

    [Fact]
    public void What_is_not_given_has_the_reference_s_default()
    {
        var config = LlamaConfig.Read(Json(Llama));
        Assert.Equal((4, 8, "silu", 2048, 1e-6, 10_000, false),
            (config.KeyValueHeads, config.HeadSize, config.HiddenAct, config.MaxPositionEmbeddings, config.RmsNormEps, config.Rotary.RopeTheta, config.TieWordEmbeddings));
    }

    [Theory]
    [InlineData("""{"rope_theta": 500.0, "rope_scaling": {"type": "linear", "factor": 2.0}}""")]
    [InlineData("""{"rope_theta": 500.0, "rope_scaling": {"rope_type": "linear", "factor": 2.0}}""")]
    [InlineData("""{"rope_parameters": {"rope_theta": 500.0, "rope_type": "linear", "factor": 2.0}}""")]
    [InlineData("""{"rope_theta": 500.0, "rope_parameters": {"rope_type": "linear", "factor": 2.0}}""")]
    public void Every_spelling_of_rotary_positions_means_the_same(string keys) =>
        Assert.Equal(new RotaryConfig(500, RotaryType.Linear, 2), LlamaConfig.Read(With(keys)).Rotary);

    [Theory]
    [InlineData("""{"attention_sinks": true}""", "attention_sinks")]
    [InlineData("""{"quantization_config": {"bits": 4}}""", "quantization_config")]
    [InlineData("""{"rope_scaling": {"type": "su"}}""", "rope_type")]
    [InlineData("""{"rope_scaling": {"type": "linear", "factor": 2.0, "strange": 1}}""", "strange")]
    [InlineData("""{"hidden_size": "wide"}""", "hidden_size")]
    [InlineData("""{"hidden_size": 1.5}""", "hidden_size")]
    [InlineData("""{"hidden_act": null}""", "hidden_act")]
    [InlineData("""{"hidden_size": -32}""", "hidden_size")]
    [InlineData("""{"vocab_size": 0}""", "vocab_size")]
    [InlineData("""{"vocab_size": 2000000000}""", "vocab_size")]
    [InlineData("""{"num_attention_heads": 5}""", "num_attention_heads")]
    [InlineData("""{"num_key_value_heads": 3}""", "num_key_value_heads")]
    [InlineData("""{"head_dim": 7}""", "7")]
    [InlineData("""{"partial_rotary_factor": 0.5}""", "partial_rotary_factor")]
    public void What_is_not_understood_or_makes_no_sense_is_refused_by_name(string keys, string named) =>
        Assert.Contains(named, Assert.Throws<CheckpointException>(() => LlamaConfig.Read(With(keys))).Message);

    [Theory]
    [InlineData("""{"rope_theta": 0}""", "rope_theta")]
    [InlineData("""{"rope_theta": -5}""", "rope_theta")]
    [InlineData("""{"rope_scaling": {"type": "linear", "factor": 0}}""", "factor")]
    [InlineData("""{"rms_norm_eps": -1}""", "rms_norm_eps")]
    [InlineData("""{"num_hidden_layers": 200000000}""", "num_hidden_layers")]
    [InlineData("""{"rope_scaling": {"type": "longrope"}}""", "default, linear, dynamic, llama3, yarn")]
    [InlineData("""{"use_mrope": true}""", "use_mrope")]
    public void Numbers_with_which_nothing_could_be_computed_are_refused(string keys, string named) =>
        Assert.Contains(named, Assert.Throws<CheckpointException>(() => LlamaConfig.Read(With(keys))).Message);

    [Theory]
    [InlineData("""{"_num_labels": 1, "gradient_checkpointing": false, "use_mrope": false, "output_past": true, "max_sequence_length": 2048}""")]
    [InlineData("""{"rope_parameters": {"rope_theta": 10000.0, "rope_type": "default", "partial_rotary_factor": 1.0}}""")]
    [InlineData("""{"rope_scaling": {"type": "yarn", "factor": 2.0, "finetuned": true}}""")]
    public void What_published_files_say_besides_does_no_harm(string keys) => LlamaConfig.Read(With(keys));

    [Fact]
    public void Two_spellings_of_rotary_positions_at_once_are_refused()
    {
        const string both = """{"rope_parameters": {"rope_type": "default"}, "rope_scaling": {"type": "linear", "factor": 2.0}}""";
        Assert.Contains("rope_scaling", Assert.Throws<CheckpointException>(() => LlamaConfig.Read(With(both))).Message);
        LlamaConfig.Read(With("""{"rope_parameters": {"rope_type": "default"}, "rope_scaling": null}"""));
    }

    [Fact]
    public void A_missing_key_is_named()
    {
        var json = Json(Llama);
        json.Remove("hidden_size");
        json.Remove("vocab_size");
        var error = Assert.Throws<CheckpointException>(() => LlamaConfig.Read(json)).Message;
        Assert.Contains("hidden_size", error);
        Assert.Contains("vocab_size", error);
    }

    [Theory]
    [InlineData("""{"rope_scaling": {"rope_type": "linear"}}""", "factor")]
    [InlineData("""{"rope_scaling": {"rope_type": "llama3", "factor": 8.0}}""", "low_freq_factor")]
    public void A_scaling_without_what_it_needs_says_what(string keys, string named) =>
        Assert.Contains(named, Assert.Throws<CheckpointException>(() => LlamaConfig.Read(With(keys)).Rotary.Frequencies(8, 64)).Message);

    [Fact]
    public void The_context_trained_on_may_stand_beside_the_rotary_keys()
    {
        const string yarn = """{"rope_scaling": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16}, "original_max_position_embeddings": 32}""";
        Assert.Equal(32, LlamaConfig.Read(With(yarn)).Rotary.OriginalMaxPositionEmbeddings);
    }

    [Theory]
    [InlineData("""{"rope_type": "yarn", "factor": 4.0, "attention_factor": 1.5}""", 1.5)]
    [InlineData("""{"rope_type": "yarn", "factor": 4.0}""", 1.1386294361)]
    [InlineData("""{"rope_type": "yarn", "factor": 4.0, "mscale": 0.7, "mscale_all_dim": 1.4}""", 0.9187329)]
    [InlineData("""{"rope_type": "linear", "factor": 4.0, "attention_factor": 1.5}""", 1)]
    public void Yarn_warms_attention_by_the_factor_given_or_by_the_paper_s(string scaling, double magnitude)
    {
        var config = With("{}");
        config["rope_scaling"] = Json(scaling);
        Assert.Equal(magnitude, LlamaConfig.Read(config).Rotary.Magnitude(64), 1e-6);
    }

    [Fact]
    public void Layers_slide_from_max_window_layers_on_or_as_listed()
    {
        const string qwen = """
            {"vocab_size": 10, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4,
             "num_key_value_heads": 4, "use_sliding_window": true, "sliding_window": 7, "max_window_layers": 1}
            """;
        Assert.Equal([null, 7, 7], Qwen2Config.Read(Json(qwen)).Windows);
        var listed = Json(qwen);
        listed["layer_types"] = new JsonArray("sliding_attention", "full_attention", "full_attention");
        Assert.Equal([7, null, null], Qwen2Config.Read(listed).Windows);
        listed["use_sliding_window"] = false;
        Assert.Contains("sliding_attention", Assert.Throws<CheckpointException>(() => Qwen2Config.Read(listed)).Message);
        listed["layer_types"] = new JsonArray("full_attention");
        Assert.Contains("layer_types", Assert.Throws<CheckpointException>(() => Qwen2Config.Read(listed)).Message);
    }

    [Fact]
    public void Divisors_of_a_GGUF_file_divide_the_frequencies()
    {
        var plain = new RotaryConfig(100).Frequencies(4, 64);
        Assert.Equal([plain[0], plain[1] / 8], new RotaryConfig(100, Divisors: [1, 8]).Frequencies(4, 64));
        Assert.Throws<CheckpointException>(() => new RotaryConfig(100, Divisors: [1, 8, 8]).Frequencies(4, 64));
    }

    static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();

    static JsonObject With(string keys)
    {
        var json = Json(Llama);
        foreach (var (key, value) in Json(keys)) json[key] = value?.DeepClone();
        return json;
    }
}
