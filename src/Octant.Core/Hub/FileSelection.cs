using System.Text.RegularExpressions;
using Octant.Formats;

namespace Octant.Hub;

/// <summary>Which of a repository's files a model needs.</summary>
/// <param name="Files">what to fetch, small files first, so that a folder with its weights is whole</param>
/// <param name="Gguf">the GGUF file to open (the first, if it is split), or null for the folder</param>
/// <param name="Index">the one of the files whose shards are needed too; null where the weights are not split</param>
sealed partial record FileSelection(IReadOnlyList<string> Files, string? Gguf, string? Index = null)
{
    /// <summary>The weights of a folder, in one file.</summary>
    public const string Weights = "model.safetensors";

    /// <summary>Which files hold the weights of a folder, where there are several.</summary>
    public const string WeightsIndex = "model.safetensors.index.json";

    /// <summary>Files of which any makes a tokenizer.</summary>
    public static IReadOnlyList<string> Tokenizers { get; } =
        ["tokenizer.json", "vocab.json", "vocab.txt", "tekken.json", .. FolderFiles.SentencePieceModels];

    // The quantisation to take where none is named: small, and hardly worse than the whole.
    static readonly string[] Preferred = ["Q4_K_M", "Q4_K_S", "Q5_K_M", "Q4_0", "Q8_0"];

    /// <summary>Chooses from the names of all files of a repository.</summary>
    /// <exception cref="HubException">there is nothing that the name chooses, or too much</exception>
    public static FileSelection Choose(ModelName name, IReadOnlyCollection<string> files)
    {
        // Variants, adapters and the same weights again under other names are left where they are.
        if (name.File is null && files.Contains(Weights)) return new FileSelection([.. files.Where(FolderFiles.Belongs), Weights], null);
        if (name.File is null && files.Contains(WeightsIndex))
            return new FileSelection([.. files.Where(FolderFiles.Belongs), WeightsIndex], null, WeightsIndex);
        var gguf = ChooseGguf(name, files);
        return new FileSelection(Parts(gguf), gguf);
    }

    /// <summary>Chooses what turns text into ids: never weights, but where a GGUF file holds it.</summary>
    /// <inheritdoc cref="Choose"/>
    public static FileSelection ChooseTokenizer(ModelName name, IReadOnlyCollection<string> files) =>
        name.File is null && files.Any(file => Tokenizers.Contains(file))
            ? new FileSelection([.. files.Where(FolderFiles.BelongsToTokenizer)], null)
            : Choose(name, files);

    /// <summary>All parts of a split file, or the file itself.</summary>
    public static IReadOnlyList<string> Parts(string first)
    {
        var match = Split.Match(first);
        if (!match.Success) return [first];
        var (stem, count) = (match.Groups["stem"].Value, match.Groups["count"].Value);
        var parts = int.Parse(count, System.Globalization.CultureInfo.InvariantCulture);
        return [.. Enumerable.Range(1, parts).Select(part => $"{stem}-{part:00000}-of-{count}{match.Groups["end"].Value}")];
    }

    static string Unreadable(IReadOnlyCollection<string> files) =>
        files.Any(file => Path.GetExtension(file) is ".bin" or ".pt" or ".pth") ? "only PyTorch weights" : "no weights that can be read";

    static string ChooseGguf(ModelName name, IReadOnlyCollection<string> files)
    {
        var candidates = files.Where(IsFirstGguf).Order(StringComparer.Ordinal).ToList();
        if (candidates.Count == 0)
            throw new HubException(name.File is null
                ? $"{name.Repository} holds {Unreadable(files)}: {Weights} (or its shards with their index) or GGUF are read; choose another model."
                : $"{name.Repository} holds no GGUF file, so '{name.File}' chooses nothing: leave out ':{name.File}'.");
        if (name.File is not null) return Only(name, name.File, candidates) ?? throw NotThere(name, candidates);
        if (candidates.Count == 1) return candidates[0];
        return Preferred.Select(quantization => Only(name, quantization, candidates)).FirstOrDefault(found => found is not null)
            ?? throw new HubException($"{name.Repository} holds {candidates.Count} GGUF files: choose one as {name.Repository}:NAME of {Names(candidates)}.");
    }

    /// <summary>A GGUF model, of a split one the first part; what beside it holds a vision tower only is none.</summary>
    static bool IsFirstGguf(string file)
    {
        if (!file.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)
            || Path.GetFileName(file).StartsWith("mmproj", StringComparison.OrdinalIgnoreCase))
            return false;
        var match = Split.Match(file);
        return !match.Success || int.Parse(match.Groups["part"].Value, System.Globalization.CultureInfo.InvariantCulture) == 1;
    }

    static string? Only(ModelName name, string chosen, List<string> candidates)
    {
        var exact = candidates.Where(file => file == chosen || Path.GetFileName(file) == chosen).ToList();
        if (exact.Count == 0)
            exact = candidates.Where(file => Quantization(file).Equals(chosen, StringComparison.OrdinalIgnoreCase)).ToList();
        return exact.Count switch
        {
            0 => null,
            1 => exact[0],
            _ => throw new HubException($"{name.Repository} holds {exact.Count} GGUF files for '{chosen}': choose one as {name.Repository}:FILE of {string.Join(", ", exact.Take(20))}."),
        };
    }

    static HubException NotThere(ModelName name, List<string> candidates) =>
        new($"{name.Repository} holds no GGUF file '{name.File}': choose one of {Names(candidates)}.");

    static string Names(List<string> candidates) => string.Join(", ", candidates
        .Select(file => Quantization(file) is { Length: > 0 } quantization ? quantization
            : Path.GetFileName(file)).Distinct().Take(40));

    /// <summary>What a file's name says about its quantisation: model-Q4_K_M.gguf, model.IQ2_XS.gguf, model-f16-00001-of-00002.gguf.</summary>
    static string Quantization(string file) => QuantizationForm.Match(file).Groups["type"].Value;

    [GeneratedRegex(@"\A(?<stem>.+)-(?<part>[0-9]{5})-of-(?<count>[0-9]{5})(?<end>\.[A-Za-z]+)\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Split { get; }

    [GeneratedRegex(@"(?:\A|[-._/])(?<type>(?:UD-)?(?:I?Q[1-8]_[A-Z0-9_]+|TQ[12]_0|BF16|F16|F32|FP16|FP32|MXFP4(?:_[A-Z]+)*|NVFP4))(?:-[0-9]{5}-of-[0-9]{5})?\.gguf\z",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex QuantizationForm { get; }
}
