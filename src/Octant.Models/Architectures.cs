using System.Text.Json.Nodes;
using Octant.Configs;
using Octant.Formats;
using Octant.Models.Decoders;
using Octant.Models.Nn;

namespace Octant.Models;

/// <summary>The table of architectures: one line each.</summary>
public static class Architectures
{
    /// <summary>Every architecture that can be read, trained and run.</summary>
    public static IReadOnlyList<Architecture> All { get; } =
    [
        Architecture.Decoder("gpt2", "GPT-2", Gpt2Config.Read, Gpt2Config.Fresh, (c, w) => new Gpt2(c, w), (c => c.ToGguf(), Gpt2.GgufNames), Gpt2Config.FromGguf),
        Architecture.Decoder("llama", "Llama 1-3", LlamaConfig.Read, LlamaConfig.Fresh, (c, w) => new Llama(c, w), (c => c.ToGguf(), Llama.GgufNames), LlamaConfig.FromGguf),
        Architecture.Decoder("mistral", "Mistral", MistralConfig.Read, MistralConfig.Fresh, (c, w) => new Mistral(c, w),
            (c => c.ToGguf(), c => Llama.GgufNames(c.NumAttentionHeads, c.KeyValueHeads))),
        Architecture.Decoder("qwen2", "Qwen2, Qwen2.5", Qwen2Config.Read, Qwen2Config.Fresh, (c, w) => new Qwen2(c, w), (c => c.ToGguf(), Qwen2.GgufNames), Qwen2Config.FromGguf),
        Architecture.Decoder("qwen3", "Qwen3", Qwen3Config.Read, Qwen3Config.Fresh, (c, w) => new Qwen3(c, w), (c => c.ToGguf(), Qwen3.GgufNames), Qwen3Config.FromGguf),
    ];

    /// <summary>The architecture that a config.json names.</summary>
    /// <exception cref="CheckpointException">there is none of its model_type; those known are listed</exception>
    public static Architecture Of(JsonObject config)
    {
        var type = config["model_type"] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
        return All.FirstOrDefault(known => known.ModelType == type) ?? throw new CheckpointException(type is null
            ? "config.json: it lacks model_type."
            : $"config.json: no architecture for model_type \"{type}\"; there are {string.Join(", ", All.Select(a => a.ModelType))}.");
    }

    /// <summary>The architecture that a GGUF file names.</summary>
    /// <exception cref="CheckpointException">there is none of that name; those known are listed</exception>
    public static Architecture Of(GgufFile file)
    {
        var name = file.Metadata.Text("general.architecture");
        return All.FirstOrDefault(known => known.Gguf?.Config is not null && known.ModelType == name) ?? throw new CheckpointException(
            $"{file.Origin}: no architecture \"{name}\" in GGUF files; there are " +
            $"{string.Join(", ", All.Where(known => known.Gguf?.Config is not null).Select(known => known.ModelType))}.");
    }

    /// <summary>Builds the decoder that a checkpoint's own configuration describes.</summary>
    /// <exception cref="CheckpointException">the configuration is missing or not understood, or the tensors do not fit it</exception>
    public static IDecoder Decoder(Checkpoint checkpoint)
    {
        var config = checkpoint.Config ?? throw new CheckpointException("The checkpoint has no config.json.");
        return Decoder(checkpoint, config);
    }

    /// <summary>Builds the decoder that a configuration describes, on weights of a file or fresh ones.</summary>
    /// <exception cref="CheckpointException">the configuration is not understood, or the tensors do not fit it</exception>
    public static IDecoder Decoder(Checkpoint checkpoint, JsonObject config) =>
        checkpoint.Build(w => Of(config).Build(config, w));
}

/// <summary>One architecture: how its configuration is read, and a model built of it.</summary>
/// <param name="ModelType">the model_type of its config.json, and the architecture that a GGUF file names</param>
/// <param name="Name">as people call it</param>
/// <param name="Fresh">the config.json of a new one of a given size</param>
/// <param name="Keys">the record whose parameters are what its config.json may say</param>
/// <param name="Build">makes it of its configuration and its weights</param>
/// <param name="Gguf">how llama.cpp's files hold it; null when they have no architecture of that name</param>
public sealed record Architecture(
    string ModelType, string Name, Func<DecoderShape, JsonObject> Fresh, Type Keys, Func<JsonObject, Weights, IDecoder> Build,
    GgufForm? Gguf)
{
    /// <summary>The commands that run it.</summary>
    public IReadOnlyList<string> Can { get; init; } = ["train", "generate", "chat"];

    /// <summary>A line of the table.</summary>
    internal static Architecture Decoder<TConfig>(
        string modelType, string name, Func<JsonObject, TConfig> read, Func<DecoderShape, JsonObject> fresh,
        Func<TConfig, Weights, IDecoder> build,
        (Func<TConfig, GgufHeader> Header, Func<TConfig, GgufNames> Names) gguf, Func<GgufFile, JsonObject>? fromGguf = null) =>
        new(modelType, name, fresh, typeof(TConfig), (json, w) => build(read(json), w),
            new(fromGguf, json => gguf.Header(read(json)), json => gguf.Names(read(json))));
}

/// <summary>How llama.cpp's files hold an architecture.</summary>
/// <param name="Config">the config.json that says what their metadata say; null where they have no architecture of its own name</param>
/// <param name="Header">the metadata that say what a config.json says</param>
/// <param name="Names">how they name and arrange the tensors of a configuration</param>
public sealed record GgufForm(Func<GgufFile, JsonObject>? Config, Func<JsonObject, GgufHeader> Header, Func<JsonObject, GgufNames> Names);
