using System.Text.Json.Nodes;

namespace Octant.Formats;

/// <summary>The files of a folder in Hugging Face's layout that belong to a model besides its weights: of one kind or another, all have some.</summary>
public static class FolderFiles
{
    /// <summary>SentencePiece's models, by the names that transformers' classes give them; Llama 3's file of ranks has the first one, too.</summary>
    internal static IReadOnlyList<string> SentencePieceModels { get; } = ["tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "spm.model"];

    /// <summary>Chat templates besides the usual one, a file each.</summary>
    public const string MoreTemplates = "additional_chat_templates";

    static readonly string[] names =
    [
        "config.json", "generation_config.json",
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json", "vocab.txt", "merges.txt", "tekken.json",
        .. SentencePieceModels,
        "chat_template.jinja", "chat_template.json",
    ];

    /// <summary>What a folder says of its tokenizer; empty where it says nothing.</summary>
    /// <exception cref="CheckpointException">the file is damaged</exception>
    internal static JsonObject TokenizerConfig(string folder) => JsonFiles.ReadObject(Path.Combine(folder, "tokenizer_config.json")) ?? [];

    /// <summary>What a folder names its special tokens, in files of before the configuration said so; empty where it says nothing.</summary>
    /// <exception cref="CheckpointException">the file is damaged</exception>
    internal static JsonObject SpecialTokensMap(string folder) => JsonFiles.ReadObject(Path.Combine(folder, "special_tokens_map.json")) ?? [];

    /// <summary>Whether a file is one of them.</summary>
    /// <param name="file">its name within the folder, with / where it lies deeper</param>
    public static bool Belongs(string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return names.Contains(file)
            || file.EndsWith(".tiktoken", StringComparison.Ordinal) && !file.Contains('/')
            || file.StartsWith($"{MoreTemplates}/", StringComparison.Ordinal) && file.EndsWith(".jinja", StringComparison.Ordinal);
    }

    /// <summary>Whether a file is one of those that say how text becomes ids, and conversations become text.</summary>
    /// <inheritdoc cref="Belongs"/>
    public static bool BelongsToTokenizer(string file) => Belongs(file) && file is not ("config.json" or "generation_config.json");

    /// <summary>Copies those that a folder has.</summary>
    /// <param name="from">the folder</param>
    /// <param name="to">another one, that exists</param>
    /// <param name="drafts">what they are written with</param>
    /// <param name="wanted">which of them, by their names within the folder; all when null</param>
    /// <exception cref="CheckpointException">one cannot be read or written</exception>
    public static void Copy(string from, string to, Drafts drafts, Func<string, bool>? wanted = null)
    {
        ArgumentNullException.ThrowIfNull(drafts);
        foreach (var name in Of(from).Where(name => wanted?.Invoke(name) != false))
        {
            var path = Path.Combine(to, name);
            Drafts.Guard(path, () => Directory.CreateDirectory(Path.GetDirectoryName(path)!));
            drafts.Write(path, stream =>
            {
                using var given = File.OpenRead(Path.Combine(from, name));
                given.CopyTo(stream);
            });
        }
    }

    /// <summary>Those that a folder has, by their names within it.</summary>
    /// <exception cref="CheckpointException">it cannot be read</exception>
    public static string[] Of(string folder)
    {
        var more = Path.Combine(folder, MoreTemplates);
        return [.. SmallFiles.In(folder, "*").Select(path => Path.GetFileName(path))
            .Concat(Directory.Exists(more) ? SmallFiles.In(more, "*").Select(path => $"{MoreTemplates}/{Path.GetFileName(path)}") : []).Where(Belongs)];
    }
}
