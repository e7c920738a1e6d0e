namespace Octant.Formats;

/// <summary>The files of a folder in Hugging Face's layout that belong to a model besides its weights: of one kind or another, all have some.</summary>
public static class FolderFiles
{
    /// <summary>SentencePiece's models, by the names that transformers' classes give them; Llama 3's file of ranks has the first one, too.</summary>
    internal static IReadOnlyList<string> SentencePieceModels { get; } = ["tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "spm.model"];

    /// <summary>Chat templates besides the usual one, a file each.</summary>
    internal const string MoreTemplates = "additional_chat_templates";

    static readonly string[] names =
    [
        "config.json", "generation_config.json",
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json", "vocab.txt", "merges.txt", "tekken.json",
        .. SentencePieceModels,
        "chat_template.jinja", "chat_template.json",
    ];

    /// <summary>Whether a file is one of them.</summary>
    /// <param name="file">its name within the folder, with / where it lies deeper</param>
    public static bool Belongs(string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return names.Contains(file)
            || file.EndsWith(".tiktoken", StringComparison.Ordinal) && !file.Contains('/')
            || file.StartsWith($"{MoreTemplates}/", StringComparison.Ordinal) && file.EndsWith(".jinja", StringComparison.Ordinal);
    }

    /// <summary>Those that a folder has.</summary>
    public static IEnumerable<string> Of(string folder)
    {
        var more = Path.Combine(folder, MoreTemplates);
        return Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path))
            .Concat(Directory.Exists(more) ? Directory.EnumerateFiles(more).Select(path => $"{MoreTemplates}/{Path.GetFileName(path)}") : [])
            .Where(Belongs).Order(StringComparer.Ordinal);
    }
}
