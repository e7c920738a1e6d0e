using System.Text.Json.Nodes;
using Octant.Chat;
using Octant.Configs;
using Octant.Formats;
using Octant.Generation;
using Octant.Tokenizers;
using static TorchSharp.torch;

namespace Octant.Models.Conversion;

/// <summary>Writes GGUF files: of folders in Hugging Face's layout, or of other GGUF files in another type.</summary>
static class GgufExport
{
    /// <summary>Buffers that checkpoints of old versions carry along.</summary>
    static readonly string[] notWeights = [".rotary_emb.inv_freq", ".attn.bias", ".attn.masked_bias"];

    public static Converted Write(string input, ITensorFile file, string output, MatrixType type, Watch watch)
    {
        var folder = Directory.Exists(input) ? input : Path.GetDirectoryName(Path.GetFullPath(input))!;
        var config = JsonFiles.ReadObject(Path.Combine(folder, "config.json")) ?? throw new CheckpointException($"{folder} has no config.json.");
        var form = Architectures.Of(config).Gguf ?? throw new CheckpointException($"GGUF files have no architecture {config["model_type"]}.");
        var header = form.Header(config);
        var sources = ModelConverter.Telling(Tensors(file, form.Names(config), header, IsTied(config), type, watch.Cancellation), watch);
        var keys = header.Keys.Add("general.name", NameOf(config) ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))));
        AddFileType(keys, sources, type);
        var size = VocabularySize(sources);
        var tokenizer = GgufVocabularyWriter.AddTo(keys, folder, size);
        var templates = ChatTemplate.Find(folder)?.Sources ?? new Dictionary<string, string>();
        var generation = JsonFiles.ReadObject(Path.Combine(folder, "generation_config.json"));
        var ends = GenerationOptions.ReadEnds(generation, config, tokenizer.SpecialTokens.Eos) ?? [];
        // What is beyond all tokens is never generated.
        GgufEndTokens.AddTo(keys, tokenizer, [.. ends.Where(id => id >= 0 && id < Math.Max(size, tokenizer.VocabularySize))],
            templates.Values.Any(template => template.Contains("eos_token", StringComparison.Ordinal)));
        if (generation is not null) AddSampling(keys, GenerationOptions.Read(generation));
        foreach (var (name, template) in templates)
            keys.Add(name == "default" ? "tokenizer.chat_template" : $"tokenizer.chat_template.{name}", template);
        GgufWriter.Write(output, keys, sources);
        return ModelConverter.Summary(output, sources);
    }

    /// <summary>The same model with its matrices in another type; all that is said of it stays.</summary>
    public static Converted Again(GgufFile file, string output, MatrixType type, Watch watch)
    {
        var sources = ModelConverter.Telling(Sources([.. file.Tensors.Values.Select(info => (info.Name, info, info.Shape, (Func<Tensor, Tensor>?)null))], type, keeps: true, watch.Cancellation), watch);
        var changes = type != new MatrixType();
        var keys = new GgufKeys().AddAll(file.Metadata, key => key != "general.alignment" && !(changes && key == "general.file_type") && !key.StartsWith("split.", StringComparison.Ordinal));
        if (changes) AddFileType(keys, sources, type);
        GgufWriter.Write(output, keys, sources);
        return ModelConverter.Summary(output, sources);
    }

    static IEnumerable<TensorSource> Tensors(ITensorFile file, GgufNames names, GgufHeader header, bool isTied, MatrixType type, CancellationToken cancellation)
    {
        var tensors = new List<(string, TensorInfo, IReadOnlyList<long>, Func<Tensor, Tensor>?)>();
        foreach (var info in file.Tensors.Values)
        {
            if (notWeights.Any(end => info.Name.EndsWith(end, StringComparison.Ordinal)) || isTied && info.Name == "lm_head.weight") continue;
            var (name, layout) = names.Theirs(info.Name) ?? names.Theirs($"model.{info.Name}") ?? names.Theirs($"transformer.{info.Name}")
                ?? throw new CheckpointException($"{file.Origin}: the tensor {info.Name} has no name in GGUF files.");
            tensors.Add((name, info, layout.ShapeRead([.. info.Shape]), layout.Changes(info.Shape.Count) ? layout.Write : null));
        }
        IEnumerable<TensorSource> divisors = header.Divisors is { } given ? [TensorSource.Floats("rope_freqs.weight", given.ToArray(), given.Count)] : [];
        return [.. Sources(tensors, type, keeps: false, cancellation), .. divisors];
    }

    /// <summary>
    /// Parts of names of matrices that llama.cpp never quantises: small, or of more weight than their size (llama-quant.cpp,
    /// tensor_allows_quantization); routers, norms, positions, convolutions, and what turns images and sound into vectors.
    /// </summary>
    static readonly string[] keptWhole =
    [
        "_norm.weight", "ffn_gate_inp.weight", "ffn_gate_tid2eid.", "altup", "laurel", "per_layer_model_proj", "position_embd", "token_types.", "ssm_conv1d",
        "shortconv.conv.", "indexer.k_proj.", "indexer.q_proj.", "attn_rel_b.", "time_mix_first.", "time_mix_w0.", "time_mix_w1.", "time_mix_w2.", "time_mix_v0.",
        "time_mix_v1.", "time_mix_v2.", "time_mix_a0.", "time_mix_a1.", "time_mix_a2.", "time_mix_g1.", "time_mix_g2.", "time_mix_decay_w1.", "time_mix_decay_w2.",
        "time_mix_lerp_fused.", "sam.pos_embd", "sam.neck.", "sam.net_", ".rel_pos", ".patch_embd", ".patch_merger", "a.rvq.codebook", "mm.a.code_embd",
    ];

    static IEnumerable<TensorSource> Sources(List<(string Name, TensorInfo Info, IReadOnlyList<long> Shape, Func<Tensor, Tensor>? Arrange)> tensors, MatrixType type, bool keeps, CancellationToken cancellation)
    {
        var model = Mixture.Model.Of([.. tensors.Select(tensor => (tensor.Name, tensor.Shape))]);
        return tensors.Select(tensor => EncodedTensor.Source(tensor.Name, tensor.Info, TypeOf(tensor.Name, tensor.Info.Type, tensor.Shape, type, model, keeps), tensor.Shape, tensor.Arrange, cancellation));
    }

    /// <summary>
    /// Vectors and small matrices become float32, as llama.cpp's operations want them, or are kept as a GGUF file has them, as whole numbers
    /// always are; a matrix whose rows are no whole blocks gets the type that llama.cpp falls back to (tensor_type_fallback; before 2026 it took
    /// IQ4_NL, not written here, where Q4_0 now stands for Q2_K and Q3_K). With K-quants embeddings and head are kept in Q6_K: of these the most
    /// is lost.
    /// </summary>
    static ElementType TypeOf(string name, ElementType given, IReadOnlyList<long> shape, MatrixType wanted, Mixture.Model model, bool keeps)
    {
        if (!given.IsFloating()) return given;
        if (shape.SkipLast(1).All(size => size == 1) || !name.EndsWith(".weight", StringComparison.Ordinal) || keptWhole.Any(part => name.Contains(part, StringComparison.Ordinal)))
            return keeps && given != ElementType.F64 ? given : ElementType.F32;
        if ((wanted.Mixture?.For(name, model) ?? wanted.Type) is not { } type) return given is ElementType.F64 ? ElementType.F32 : given;
        if (wanted.Mixture is null && type is ElementType.Q2_K or ElementType.Q3_K or ElementType.Q4_K or ElementType.Q5_K && name is "token_embd.weight" or "output.weight")
            type = ElementType.Q6_K;
        var row = shape[^1];
        if (row % type.Layout().Count == 0) return type;
        var smaller = type switch
        {
            ElementType.Q4_K => ElementType.Q5_0,
            ElementType.Q5_K => ElementType.Q5_1,
            ElementType.Q6_K => ElementType.Q8_0,
            _ => ElementType.Q4_0,
        };
        return row % smaller.Layout().Count == 0 && type.Layout().Count > 32 ? smaller : ElementType.F16;
    }

    /// <summary>llama.cpp's number of what most of the file is (llama.h, enum llama_ftype); some of its programs print it.</summary>
    static void AddFileType(GgufKeys keys, IReadOnlyList<TensorSource> tensors, MatrixType type)
    {
        var most = tensors.GroupBy(tensor => tensor.Type).MaxBy(group => group.Sum(ModelConverter.BytesOf))?.Key;
        var number = type.Mixture?.FileType ?? most switch
        {
            ElementType.F32 => (uint?)0,
            ElementType.F16 => 1,
            ElementType.Q4_0 => 2,
            ElementType.Q4_1 => 3,
            ElementType.Q8_0 => 7,
            ElementType.Q5_0 => 8,
            ElementType.Q5_1 => 9,
            ElementType.Q2_K => 10,
            ElementType.Q3_K => 12,
            ElementType.Q4_K => 15,
            ElementType.Q5_K => 17,
            ElementType.Q6_K => 18,
            ElementType.BF16 => 32,
            ElementType.TQ1_0 => 36,
            ElementType.TQ2_0 => 37,
            ElementType.MXFP4 => 38,
            _ => null,
        };
        if (number is { } known) keys.Add("general.file_type", known);
        keys.Add("general.quantization_version", 2u);
    }

    static int VocabularySize(IEnumerable<TensorSource> tensors) =>
        (int)(tensors.FirstOrDefault(tensor => tensor.Name == "token_embd.weight")?.Shape[0] ?? throw new CheckpointException("The model has no embedding of its tokens."));

    /// <summary>
    /// The model's name as transformers keeps it, a name alone or behind its organisation's; what has more parts is a place on some computer
    /// (gguf-py, metadata.py).
    /// </summary>
    static string? NameOf(JsonObject config) => config["_name_or_path"] is JsonValue value && value.TryGetValue<string>(out var name)
        && name.Split('/') is [.., { Length: > 0 } own] and { Length: <= 2 } ? own : null;

    static bool IsTied(JsonObject config) => config["tie_word_embeddings"] is JsonValue value && value.TryGetValue<bool>(out var tied) && tied
        || config["tie_word_embeddings"] is null && (string?)config["model_type"] == "gpt2";

    /// <summary>How its makers want text to be generated.</summary>
    static void AddSampling(GgufKeys keys, GenerationOptions options)
    {
        if (options.Temperature is > 0 and var temperature) keys.Add("general.sampling.temp", (float)temperature);
        if (options.TopK is > 0 and var topK) keys.Add("general.sampling.top_k", (uint)topK);
        if (options.TopP is { } topP) keys.Add("general.sampling.top_p", (float)topP);
        if (options.MinP is { } minP) keys.Add("general.sampling.min_p", (float)minP);
        if (options.RepetitionPenalty is { } penalty) keys.Add("general.sampling.penalty_repeat", (float)penalty);
    }
}
