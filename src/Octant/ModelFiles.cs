using System.Text.Json.Nodes;
using Octant.Chat;
using Octant.Formats;
using Octant.Generation;
using Octant.Models;
using Octant.Tokenizers;

namespace Octant;

/// <summary>What lies beside a model's weights, or in the same GGUF file.</summary>
sealed record ModelFiles(string Weights, Tokenizer Tokenizer, ChatTemplate? Template, GenerationOptions Defaults)
{
    /// <summary>Control tokens that end a turn, by the names that models give them: older GGUF files do not say so.</summary>
    static readonly string[] EndsOfTurns =
        ["<|eot_id|>", "<|eom_id|>", "<|im_end|>", "<|end|>", "<end_of_turn>", "<|endoftext|>", "<|end_of_text|>", "<EOT>"];

    public static ModelFiles Read(string path)
    {
        using var tensors = OpenTensors(path);
        return tensors switch
        {
            GgufFile gguf => OfGguf(path, gguf),
            Llama2CFile file => OfLlama2C(path, file),
            _ => OfFolder(path, FolderOf(path)),
        };
    }

    public static Tokenizer ReadTokenizer(string path)
    {
        if (path.EndsWith(".json", StringComparison.OrdinalIgnoreCase)) return Tokenizer.Open(path);
        // No weights need be there.
        if (Directory.Exists(path) ? !Directory.EnumerateFiles(path, "*.gguf").Any() : Tokenizer.IsFileName(path)) return Tokenizer.Open(path);
        using var tensors = OpenTensors(path);
        return tensors switch
        {
            GgufFile gguf => Tokenizer.FromGguf(GgufVocabulary.Read(gguf)),
            Llama2CFile file => Tokenizer.Open(TokenizerOf(path, file)),
            _ => Tokenizer.Open(FolderOf(path)),
        };
    }

    static ITensorFile OpenTensors(string path) => Directory.Exists(path) || File.Exists(path)
        ? TensorFiles.Open(path)
        : throw new OctantException($"There is no model {path}: name a folder with config.json and model.safetensors, or a .gguf file.");

    static string FolderOf(string path) => Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!;

    static ModelFiles OfFolder(string path, string folder)
    {
        var config = JsonFiles.ReadObject(Path.Combine(folder, "config.json"));
        // Said first: what belongs to an unknown architecture may be unknown, too.
        if (config is not null) Architectures.Of(config);
        var tokenizer = Tokenizer.Open(folder);
        var defaults = GenerationOptions.Read(JsonFiles.ReadObject(Path.Combine(folder, "generation_config.json")) ?? []);
        // Old folders name the end only in config.json, some only beside the tokenizer.
        var ends = defaults.EndIds ?? (config is null ? null : GenerationOptions.ReadEnds(config));
        if (ends is null && tokenizer.SpecialTokens.Eos is { } eos) ends = [eos];
        return new(path, tokenizer, ChatTemplate.Find(folder), defaults with { EndIds = ends });
    }

    /// <summary>llama2.c's files have their tokens beside them, and stop where a new text would begin.</summary>
    static ModelFiles OfLlama2C(string path, Llama2CFile file)
    {
        var tokenizer = Tokenizer.Open(TokenizerOf(path, file));
        return new(path, tokenizer, null, new() { EndIds = [.. new[] { tokenizer.SpecialTokens.Bos, tokenizer.SpecialTokens.Eos }.OfType<int>()] });
    }

    static string TokenizerOf(string path, Llama2CFile file)
    {
        var folder = FolderOf(path);
        string[] names = ["tokenizer.bin", $"tok{file.Config["vocab_size"]}.bin", "tokenizer.model", "tokenizer.json"];
        return names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
            ?? throw new OctantException($"{path} needs its tokenizer beside it: {string.Join(", ", names)}.");
    }

    static ModelFiles OfGguf(string path, GgufFile file)
    {
        Architectures.Of(file);
        var metadata = file.Metadata;
        var tokenizer = Tokenizer.FromGguf(GgufVocabulary.Read(file));
        return new(path, tokenizer, ChatTemplate.FromGguf(metadata, SpecialTokenTexts(tokenizer)), new()
        {
            Temperature = metadata.Number("general.sampling.temp") ?? 0,
            TopK = (int?)metadata.Integer("general.sampling.top_k"),
            TopP = metadata.Number("general.sampling.top_p"),
            MinP = metadata.Number("general.sampling.min_p"),
            RepetitionPenalty = metadata.Number("general.sampling.penalty_repeat"),
            EndIds = [.. Ends(file, tokenizer).Distinct()],
        });
    }

    static IEnumerable<int> Ends(GgufFile file, Tokenizer tokenizer)
    {
        foreach (var key in (string[])["eos", "eot", "eom"])
            if (file.Metadata.Integer($"tokenizer.ggml.{key}_token_id") is { } id) yield return (int)id;
        foreach (var name in EndsOfTurns)
            if (tokenizer.IdOf(name) is { } id && tokenizer.IsSpecial(id)) yield return id;
    }

    static Dictionary<string, JsonNode?> SpecialTokenTexts(Tokenizer tokenizer)
    {
        var texts = new Dictionary<string, JsonNode?>();
        foreach (var (name, id) in (ReadOnlySpan<(string, int?)>)[
            ("bos_token", tokenizer.SpecialTokens.Bos), ("eos_token", tokenizer.SpecialTokens.Eos),
            ("pad_token", tokenizer.SpecialTokens.Pad), ("unk_token", tokenizer.SpecialTokens.Unk)])
            if (id is { } known && tokenizer.TokenOf(known) is { } text) texts[name] = text;
        return texts;
    }
}
