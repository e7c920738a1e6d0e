namespace Octant.Formats;

/// <summary>Opens a checkpoint by its path, whatever its format.</summary>
public static class TensorFiles
{
    const string Single = "model.safetensors";
    const string Index = "model.safetensors.index.json";

    /// <summary>
    /// A folder (with model.safetensors, else model.safetensors.index.json, else one GGUF model), or a file: .safetensors, its
    /// index, or GGUF by whatever name.
    /// </summary>
    /// <exception cref="CheckpointException">there is none, more than one, or it is damaged</exception>
    public static ITensorFile Open(string path)
    {
        if (Directory.Exists(path)) return OpenFolder(path);
        if (!File.Exists(path)) throw new CheckpointException($"There is no file or folder {path}.");
        if (EndsWith(path, ".safetensors")) return new SafetensorsFile(path);
        if (EndsWith(path, ".index.json")) return new ShardedSafetensors(path);
        if (EndsWith(path, ".gguf") || IsGguf(path)) return new GgufFile(path);
        throw new CheckpointException($"{path} is no checkpoint that can be read: *.safetensors, *.safetensors.index.json and GGUF files are.");
    }

    static ITensorFile OpenFolder(string folder)
    {
        if (Path.Combine(folder, Single) is var single && File.Exists(single)) return new SafetensorsFile(single);
        if (Path.Combine(folder, Index) is var index && File.Exists(index)) return new ShardedSafetensors(index);
        var models = Models(folder);
        return models.Length switch
        {
            1 => new GgufFile(models[0]),
            0 => throw new CheckpointException($"{folder} holds no checkpoint: looked for {Single}, {Index} and *.gguf."),
            _ => throw new CheckpointException($"{folder} holds {models.Length} GGUF models: name one of them, " +
                $"{string.Join(", ", models.Take(8).Select(Path.GetFileName))}{(models.Length > 8 ? ", ..." : "")}."),
        };
    }

    static string[] Models(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFiles(folder, "*.gguf").Where(IsModel).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"{folder} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Of a split model its first part stands for all.</summary>
    static bool IsModel(string path) => GgufFile.PartNumber(path) is null or 1;

    static bool EndsWith(string path, string extension) => path.EndsWith(extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>Stores of models name files by their hash: the content tells.</summary>
    static bool IsGguf(string path)
    {
        using var file = new MappedFile(path);
        return file.Length >= 4 && file.Read(0, 4).SequenceEqual("GGUF"u8);
    }
}
