using System.Globalization;
using System.Text.RegularExpressions;

namespace Octant.Formats;

/// <summary>
/// A model in GGML's format, versions 2 and 3, little-endian: one file, or all parts of a split one, opened by its first part
/// (name-00001-of-00003.gguf).
/// </summary>
public sealed partial class GgufFile : ITensorFile
{
    readonly List<GgufPart> parts = [];
    readonly Dictionary<string, TensorInfo> tensors;

    /// <exception cref="CheckpointException">the file is missing, truncated or contradicts itself, or a part of it is missing</exception>
    public GgufFile(string path)
    {
        var first = new GgufPart(path);
        parts.Add(first);
        tensors = first.Tensors;
        try
        {
            if (first.Metadata.Integer("split.count") is > 1 and var count) OpenOthers(count);
        }
        catch (Exception)
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Origin => parts[0].Path;

    /// <summary>Of the format.</summary>
    public int Version => parts[0].Version;

    /// <summary>What the (first) file says of the model.</summary>
    public GgufMetadata Metadata => parts[0].Metadata;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, TensorInfo> Tensors => tensors;

    /// <summary>How many files it consists of.</summary>
    public int Parts => parts.Count;

    /// <inheritdoc/>
    public void Dispose() => parts.ForEach(part => part.Dispose());

    /// <summary>Which part of a split model a file is by its name; null for a whole one.</summary>
    internal static int? PartNumber(string path) =>
        PartName().Match(Path.GetFileName(path)) is { Success: true } name ? Number(name, "number") : null;

    void OpenOthers(long count)
    {
        var paths = PartsNamed(count);
        if (paths.Where(path => !File.Exists(path)).Select(Path.GetFileName).ToArray() is { Length: > 0 } missing)
            throw new CheckpointException($"{Origin} is the first of {count} parts; missing beside it: " +
                $"{string.Join(", ", missing.Take(8))}{(missing.Length > 8 ? $" and {missing.Length - 8} more" : "")}. Fetch them too.");
        for (var i = 1; i < paths.Length; i++) Join(new(paths[i]), i, count);
        if (Metadata.Integer("split.tensors.count") is { } announced && announced != tensors.Count)
            throw parts[0].Bad($"its {count} parts hold {tensors.Count} tensors, {announced} were announced");
    }

    string[] PartsNamed(long count)
    {
        if (Metadata.Integer("split.no") is not 0 and var number)
            throw new CheckpointException($"{Origin} is part {number + 1} of {count}. Open the first part, ...-00001-of-{count:D5}.gguf.");
        var name = PartName().Match(Path.GetFileName(Origin));
        if (!name.Success || Number(name, "number") != 1 || Number(name, "count") != count)
            throw new CheckpointException(
                $"{Origin} is the first of {count} parts, whose names must end in -00001-of-{count:D5}.gguf, -00002-of-{count:D5}.gguf, " +
                "...: name them as they were.");
        var folder = Path.GetDirectoryName(Origin) ?? "";
        return [.. Enumerable.Range(1, (int)count).Select(i => Path.Combine(folder, $"{name.Groups["stem"].Value}-{i:D5}-of-{count:D5}.gguf"))];
    }

    void Join(GgufPart part, int number, long count)
    {
        parts.Add(part);
        if (part.Metadata.Integer("split.no") != number || part.Metadata.Integer("split.count") != count)
            throw part.Bad($"by its name it is part {number + 1} of {count}, by its metadata it is not");
        foreach (var (name, tensor) in part.Tensors)
            if (!tensors.TryAdd(name, tensor)) throw part.Bad($"the tensor {name} stands in another part too");
    }

    static int Number(Match name, string group) => int.Parse(name.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(?<stem>.+)-(?<number>[0-9]{5})-of-(?<count>[0-9]{5})\.gguf$")]
    private static partial Regex PartName();
}
