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
        var generation = JsonFiles.ReadObject(Path.Combine(folder, "generation_config.json"));
        var defaults = GenerationOptions.Read(generation ?? []) with { EndIds = GenerationOptions.ReadEnds(generation, config, tokenizer.SpecialTokens.Eos) };
        return new(path, tokenizer, ChatTemplate.Find(folder), defaults);
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
        var vocabulary = GgufVocabulary.Read(file);
        var tokenizer = Tokenizer.FromGguf(vocabulary);
        return new(path, tokenizer, ChatTemplate.FromGguf(metadata, SpecialTokenTexts(tokenizer)), new()
        {
            Temperature = metadata.Finite("general.sampling.temp") ?? 0,
            TopK = (int?)metadata.Integer("general.sampling.top_k"),
            TopP = metadata.Finite("general.sampling.top_p"),
            MinP = metadata.Finite("general.sampling.min_p"),
            RepetitionPenalty = metadata.Finite("general.sampling.penalty_repeat"),
            EndIds = GgufEndTokens.Of(vocabulary),
        });
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
