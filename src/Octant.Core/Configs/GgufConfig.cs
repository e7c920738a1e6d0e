using System.Text.Json.Nodes;
using Octant.Formats;

namespace Octant.Configs;

/// <summary>
/// Writes what a GGUF file's metadata say of a model as the config.json that the same model has elsewhere, so that there is one
/// way to read a configuration. Keys are those of llama.cpp's gguf-py/gguf/constants.py; one that is not asked for is an error.
/// </summary>
sealed class GgufConfig
{
    readonly GgufFile file;
    readonly string architecture;
    readonly HashSet<string> read = ["vocab_size", "tensor_data_layout"];

    public GgufConfig(GgufFile file)
    {
        this.file = file;
        architecture = file.Metadata.Text("general.architecture") ?? throw Bad("it lacks general.architecture");
        Json = new JsonObject { ["model_type"] = architecture };
    }

    /// <summary>The configuration so far.</summary>
    public JsonObject Json { get; }

    /// <summary>A whole number that every model of this kind has.</summary>
    public GgufConfig Integer(string key, string theirs)
    {
        Json[key] = file.Metadata.Integer(Named(theirs)) ?? throw Bad($"it lacks {Named(theirs)}");
        return this;
    }

    /// <summary>A whole number that may be missing.</summary>
    public GgufConfig IntegerIfPresent(string key, string theirs)
    {
        if (file.Metadata.Integer(Named(theirs)) is { } value) Json[key] = value;
        return this;
    }

    /// <summary>A number that may be missing.</summary>
    public GgufConfig NumberIfPresent(string key, string theirs)
    {
        if (file.Metadata.Finite(Named(theirs)) is { } value) Json[key] = value;
        return this;
    }

    /// <summary>The vocabulary is as long as the embedding: the metadata may lack it, or count differently.</summary>
    public GgufConfig Vocabulary()
    {
        Json["vocab_size"] = file.Tensors.TryGetValue("token_embd.weight", out var embedding) && embedding.Shape.Count == 2
            ? embedding.Shape[0] : throw Bad("it lacks the matrix token_embd.weight");
        Json["tie_word_embeddings"] = !file.Tensors.ContainsKey("output.weight");
        return this;
    }

    /// <summary>Whether the first layer has a tensor, and so all.</summary>
    public GgufConfig Presence(string key, string tensor)
    {
        Json[key] = file.Tensors.ContainsKey(tensor);
        return this;
    }

    /// <summary>Refuses a key but for one value: what the architecture's other members would bring.</summary>
    public GgufConfig Only(string theirs, long value)
    {
        if (file.Metadata.Integer(Named(theirs)) is { } found && found != value)
            throw Bad($"{Named(theirs)} is {found}; only {value} is supported");
        return this;
    }

    /// <summary>What every decoder in Llama's line has.</summary>
    public GgufConfig LlamaLike()
    {
        Vocabulary()
            .Integer("hidden_size", "embedding_length").Integer("num_hidden_layers", "block_count")
            .Integer("intermediate_size", "feed_forward_length").Integer("num_attention_heads", "attention.head_count")
            .IntegerIfPresent("num_key_value_heads", "attention.head_count_kv").IntegerIfPresent("head_dim", "attention.key_length")
            .Integer("max_position_embeddings", "context_length")
            .NumberIfPresent("rms_norm_eps", "attention.layer_norm_rms_epsilon")
            .Only("expert_count", 0).Only("expert_used_count", 0);
        if (Json["num_key_value_heads"] is null) Json["num_key_value_heads"] = (long)Json["num_attention_heads"]!;
        var head = (long?)Json["head_dim"] ?? (long)Json["hidden_size"]! / Math.Max(1, (long)Json["num_attention_heads"]!);
        Json["head_dim"] = head;
        return Only("attention.value_length", head).Only("rope.dimension_count", head).Rotary();
    }

    /// <summary>Rotary positions, whose scaling is spelled out or comes as a tensor of divisors.</summary>
    GgufConfig Rotary()
    {
        var rotary = new JsonObject();
        if (file.Metadata.Finite(Named("rope.freq_base")) is { } theta) rotary["rope_theta"] = theta;
        var type = file.Metadata.Text(Named("rope.scaling.type"));
        var factor = file.Metadata.Finite(Named("rope.scaling.factor"));
        if (file.Metadata.Finite(Named("rope.scale_linear")) is { } linear and not 1) (type, factor) = ("linear", linear);
        switch (type)
        {
            case null or "none":
                break;
            case "linear" or "yarn":
                rotary["rope_type"] = type;
                rotary["factor"] = factor ?? throw Bad($"it lacks {Named("rope.scaling.factor")}");
                break;
            default:
                throw Bad($"{Named("rope.scaling.type")} is {type}; none, linear and yarn are supported");
        }
        foreach (var (key, theirs) in (ReadOnlySpan<(string, string)>)[
            ("beta_fast", "rope.scaling.yarn_beta_fast"),
            ("beta_slow", "rope.scaling.yarn_beta_slow")])
            if (file.Metadata.Finite(Named(theirs)) is { } value) rotary[key] = value;
        if (file.Metadata.Integer(Named("rope.scaling.original_context_length")) is { } original)
            rotary["original_max_position_embeddings"] = original;
        // llama.cpp multiplies by it what config.json's attention_factor replaces.
        if (file.Metadata.Finite(Named("rope.scaling.attn_factor")) is { } warmth and not 1)
            throw Bad($"{Named("rope.scaling.attn_factor")} is {warmth}; only 1 is supported");
        _ = Named("rope.scaling.finetuned");                // says how the model was made, not what it computes
        if (file.Tensors.TryGetValue("rope_freqs.weight", out var divisors)) rotary["divisors"] = Divisors(divisors);
        Json["rope_parameters"] = rotary;
        return this;
    }

    /// <summary>The configuration, once every key of the architecture has been asked for.</summary>
    /// <exception cref="CheckpointException">the file says something of the model that was not asked for</exception>
    public JsonObject Done()
    {
        var prefix = $"{architecture}.";
        var unread = file.Metadata.Entries.Select(entry => entry.Key)
            .Where(key => key.StartsWith(prefix, StringComparison.Ordinal) && !read.Contains(key[prefix.Length..])).ToArray();
        return unread.Length == 0 ? Json
            : throw Bad($"it has keys that might change what the model computes and are not known: {string.Join(", ", unread.Take(10))}");
    }

    JsonArray Divisors(TensorInfo tensor)
    {
        if (tensor.Count is 0 or > 4096) throw Bad($"rope_freqs.weight holds {tensor.Count} numbers, not one for each pair of a head");
        var values = new float[tensor.Count];
        Elements.Decode(tensor.Type, tensor.Read(0, (int)tensor.Bytes), values);
        if (values.FirstOrDefault(value => !(value > 0 && float.IsFinite(value)), 1) is not 1 and var odd) throw Bad(FormattableString.Invariant($"rope_freqs.weight divides by {odd}"));
        return [.. values.Select(value => (JsonNode)value)];
    }

    string Named(string key)
    {
        read.Add(key);
        return $"{architecture}.{key}";
    }

    CheckpointException Bad(string what) => new($"{file.Origin}: {what}.");
}
