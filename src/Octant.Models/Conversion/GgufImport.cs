using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Octant.Chat;
using Octant.Configs;
using Octant.Formats;
using Octant.Tokenizers;

namespace Octant.Models.Conversion;

/// <summary>Writes a GGUF file's model as a folder in Hugging Face's layout.</summary>
static class GgufImport
{
    static readonly JsonSerializerOptions readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true, NewLine = "\n" };

    public static Converted Write(GgufFile file, string folder, ElementType? type, Watch watch)
    {
        var architecture = Architectures.Of(file);
        var config = architecture.Gguf!.Config!(file);
        var names = architecture.Gguf.Names(config);
        Spell(config, architecture, file);
        Shorten(config);
        var vocabulary = GgufVocabulary.Read(file);
        var sources = ModelConverter.Telling(Tensors(file, names, type, watch.Cancellation), watch);
        var (tokenizer, tokenizerConfig) = (GgufTokenizerJson.Of(vocabulary), GgufTokenizerJson.ConfigOf(vocabulary, ChatTemplate.FromGguf(file.Metadata)));
        tokenizerConfig["model_max_length"] = (config["max_position_embeddings"] ?? config["n_positions"])?.DeepClone();
        Drafts.Guard(folder, () => Directory.CreateDirectory(folder));
        using var drafts = new Drafts();
        drafts.Write(Path.Combine(folder, "tokenizer.json"), Text(tokenizer));
        drafts.Write(Path.Combine(folder, "tokenizer_config.json"), Text(tokenizerConfig));
        drafts.Write(Path.Combine(folder, "generation_config.json"), Text(Generation(file, vocabulary)));
        drafts.Write(Path.Combine(folder, "config.json"), Text(config));
        SafetensorsWriter.WriteFolder(folder, sources);
        drafts.Commit();
        return ModelConverter.Summary(folder, sources);
    }

    static IEnumerable<TensorSource> Tensors(GgufFile file, GgufNames names, ElementType? type, CancellationToken cancellation)
    {
        foreach (var info in file.Tensors.Values)
        {
            var (name, layout) = names.Ours(info.Name);
            if (name is null) continue;
            var isPlain = info.Type is ElementType.F32 or ElementType.F16 or ElementType.BF16;
            yield return EncodedTensor.Source(name, info, type ?? (isPlain ? info.Type : ElementType.F32), layout.ShapeRead([.. info.Shape]), layout.Changes(info.Shape.Count) ? layout.Read : null, cancellation);
        }
    }

    /// <summary>What config.json says that metadata do not: the class, the stretching of positions in words, the ids of special tokens.</summary>
    static void Spell(JsonObject config, Architecture architecture, GgufFile file)
    {
        // Where a name comes back from; one with a slash would come back shorter.
        if (file.Metadata.Text("general.name") is { Length: > 0 } called && !called.Contains('/')) config["_name_or_path"] = called;
        config["architectures"] = architecture.Fresh(new(1, 2, 1, 1, 2))["architectures"]!.DeepClone();
        if (config["rope_parameters"] is JsonObject rotary && rotary["divisors"] is JsonArray divisors)
        {
            rotary.Remove("divisors");
            var (rope, head, context) = ((double?)rotary["rope_theta"] ?? 10_000, (int)(long)config["head_dim"]!, (int)(long)config["max_position_embeddings"]!);
            var factor = Llama3Factor([.. divisors.Select(divisor => (float)divisor!)], rope, head, context)
                ?? throw new CheckpointException($"{file.Origin}: rope_freqs.weight stretches positions in no way that config.json has words for.");
            (rotary["rope_type"], rotary["factor"], rotary["low_freq_factor"], rotary["high_freq_factor"], rotary["original_max_position_embeddings"])
                = ("llama3", factor, 1.0, 4.0, 8192);
        }
        // Readers of before transformers 5 look for it here, and would else take their own default.
        if (config["rope_parameters"]?["rope_theta"] is { } theta) config["rope_theta"] = theta.DeepClone();
        foreach (var name in (string[])["bos", "eos", "padding"])
            if (file.Metadata.Integer($"tokenizer.ggml.{name}_token_id") is { } id) config[$"{(name == "padding" ? "pad" : name)}_token_id"] = id;
    }

    /// <summary>GGUF keeps 1e-5 in 32 bits, which 64 show as 9.999999747378752E-06: numbers are written as the shortest that mean the same.</summary>
    static void Shorten(JsonObject json)
    {
        foreach (var (key, value) in json.ToArray())
            if (value is JsonObject inner) Shorten(inner);
            else if (value is JsonValue number && number.TryGetValue<double>(out var wide) && wide == (float)wide && Math.Floor(wide) != wide)
                json[key] = double.Parse(((float)wide).ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }

    /// <summary>Llama 3's models differ in the factor alone: the one that gives these divisors.</summary>
    static double? Llama3Factor(float[] divisors, double theta, int head, int context)
    {
        double factor = divisors[^1];
        var (plain, slowed) = (new RotaryConfig(theta).Frequencies(head, context),
            new RotaryConfig(theta, RotaryType.Llama3, factor, 1, 4, 8192).Frequencies(head, context));
        return divisors.Length == plain.Length && Enumerable.Range(0, plain.Length).All(i => Math.Abs(plain[i] / slowed[i] / divisors[i] - 1) < 1e-4) ? factor : null;
    }

    static JsonObject Generation(GgufFile file, GgufVocabulary vocabulary)
    {
        var json = new JsonObject();
        var ends = GgufEndTokens.Of(vocabulary);
        if (ends.Count == 1) json["eos_token_id"] = ends[0];
        else if (ends.Count > 1) json["eos_token_id"] = new JsonArray([.. ends.Select(id => (JsonNode)id)]);
        if (vocabulary.BosId is { } bos) json["bos_token_id"] = bos;
        foreach (var (key, theirs) in (ReadOnlySpan<(string, string)>)[
            ("temperature", "temp"), ("top_k", "top_k"), ("top_p", "top_p"), ("min_p", "min_p"), ("repetition_penalty", "penalty_repeat")])
            if (file.Metadata.Finite($"general.sampling.{theirs}") is { } value)
            {
                json[key] = key == "top_k" ? (int)value : Math.Round(value, 6);
                if (key == "temperature" && value > 0) json["do_sample"] = true;
            }
        return json;
    }

    static string Text(JsonObject json) => json.ToJsonString(readable) + "\n";
}
