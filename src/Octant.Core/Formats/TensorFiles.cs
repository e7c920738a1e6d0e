using Octant.Formats.Pickles;

namespace Octant.Formats;

/// <summary>Opens a checkpoint by its path, whatever its format.</summary>
public static class TensorFiles
{
    const string Single = "model.safetensors";
    const string Torch = "pytorch_model.bin";
    const string Index = "model.safetensors.index.json";

    /// <summary>
    /// A folder (with model.safetensors, else model.safetensors.index.json, else pytorch_model.bin, else one GGUF model), or a file:
    /// .safetensors, its index, or GGUF, PyTorch's, NumPy's and llama2.c's by whatever name.
    /// </summary>
    /// <exception cref="CheckpointException">there is none, more than one, or it is damaged</exception>
    public static ITensorFile Open(string path)
    {
        if (Directory.Exists(path)) return OpenFolder(path);
        if (!File.Exists(path)) throw new CheckpointException($"There is no file or folder {path}.");
        if (EndsWith(path, ".safetensors")) return new SafetensorsFile(path);
        if (EndsWith(path, ".index.json")) return new ShardedCheckpoint(path);
        return KindOf(path) switch
        {
            Kind.Gguf => new GgufFile(path),
            Kind.Numpy => new NumpyFile(path),
            Kind.Torch => new TorchFile(path),
            Kind.Llama2C => new Llama2CFile(path),
            _ => throw new CheckpointException($"{path} is no checkpoint that can be read: *.safetensors, *.safetensors.index.json, GGUF, PyTorch's (.pt, .pth, .bin), NumPy's (.npy, .npz) and llama2.c's (.bin) files are."),
        };
    }

    /// <summary>Whether a folder has a checkpoint, by the names of its files.</summary>
    public static bool IsIn(string folder) =>
        ((string[])[Single, Index, Torch, $"{Torch}.index.json"]).Any(name => File.Exists(Path.Combine(folder, name))) || SmallFiles.In(folder, "*.gguf").Length > 0;

    static ITensorFile OpenFolder(string folder)
    {
        if (Path.Combine(folder, Single) is var single && File.Exists(single)) return new SafetensorsFile(single);
        if (Path.Combine(folder, Index) is var index && File.Exists(index)) return new ShardedCheckpoint(index);
        if (Path.Combine(folder, Torch) is var torch && File.Exists(torch)) return new TorchFile(torch);
        if (Path.Combine(folder, $"{Torch}.index.json") is var torchIndex && File.Exists(torchIndex)) return new ShardedCheckpoint(torchIndex);
        string[] models = [.. SmallFiles.In(folder, "*.gguf").Where(IsModel)];
        return models.Length switch
        {
            1 => new GgufFile(models[0]),
            0 => throw new CheckpointException($"{folder} holds no checkpoint: looked for {Single}, {Index}, {Torch} and *.gguf."),
            _ => throw new CheckpointException($"{folder} holds {models.Length} GGUF models: name one of them, " +
                $"{string.Join(", ", models.Take(8).Select(Path.GetFileName))}{(models.Length > 8 ? ", ..." : "")}."),
        };
    }

    /// <summary>Of a split model its first part stands for all.</summary>
    static bool IsModel(string path) => GgufFile.PartNumber(path) is null or 1;

    static bool EndsWith(string path, string extension) => path.EndsWith(extension, StringComparison.OrdinalIgnoreCase);

    enum Kind { Unknown, Gguf, Numpy, Torch, Llama2C }

    /// <summary>Stores of models name files by their hash, and PyTorch's have a dozen endings: the content tells, but for archives.</summary>
    static Kind KindOf(string path)
    {
        if (EndsWith(path, ".gguf")) return Kind.Gguf;
        if (EndsWith(path, ".npz") || EndsWith(path, ".npy")) return Kind.Numpy;
        using var file = new MappedFile(path);
        return file.Length >= 4 && file.Read(0, 4).SequenceEqual("GGUF"u8) ? Kind.Gguf
            : NumpyFile.Is(file) ? Kind.Numpy
            : TorchFile.Is(file) ? Kind.Torch
            : Llama2CFile.Is(file) ? Kind.Llama2C
            : Kind.Unknown;
    }
}
