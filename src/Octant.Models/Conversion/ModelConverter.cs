using Octant.Formats;
using Octant.Formats.Quantizing;

namespace Octant.Models.Conversion;

/// <summary>How far a conversion is.</summary>
/// <param name="Written">bytes</param>
/// <param name="Total">bytes of tensors in all</param>
public readonly record struct ConversionProgress(long Written, long Total);

/// <summary>Who looks on while tensors are written, and may end it.</summary>
readonly record struct Watch(IProgress<ConversionProgress>? Progress, CancellationToken Cancellation);

/// <summary>What was written.</summary>
/// <param name="Path">the file or folder</param>
/// <param name="Bytes">of tensors</param>
/// <param name="Types">how many tensors are of each type</param>
public sealed record Converted(string Path, long Bytes, IReadOnlyDictionary<ElementType, int> Types);

/// <summary>What the matrices of a model become.</summary>
/// <param name="Type">one type for all of them; null leaves them as they are, or for a mixture</param>
/// <param name="Mixture">several types, by a rule of llama.cpp's; for GGUF files</param>
public sealed record MatrixType(ElementType? Type = null, Mixture? Mixture = null)
{
    /// <summary>The names of all that can be written: types, then mixtures.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Quantizer.Types.Select(type => type.ToString()), .. Mixture.All.Select(mixture => mixture.Name)];

    /// <summary>Reads a name, in either case: Q8_0, Q4_K_M, float16.</summary>
    /// <exception cref="CheckpointException">there is no such type</exception>
    public static MatrixType Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var upper = name.ToUpperInvariant() switch { "FLOAT32" => "F32", "FLOAT16" => "F16", "BFLOAT16" => "BF16", var other => other };
        if (Mixture.All.FirstOrDefault(mixture => mixture.Name == upper) is { } mixture) return new(Mixture: mixture);
        // By name alone: .NET would also take numbers for types, and lists of names.
        return Enum.GetValues<ElementType>().Where(type => type.ToString() == upper).ToArray() is [var type] ? new(type)
            : throw new CheckpointException($"There is no number type {name}; there are {string.Join(", ", Names)}.");
    }
}

/// <summary>
/// Models from one form into another: folders in Hugging Face's layout, and GGUF files. Tensors go through one by one; a file is written
/// beside and renamed, so that what fails leaves nothing.
/// </summary>
public static class ModelConverter
{
    /// <summary>Converts a model.</summary>
    /// <param name="input">a folder, or a GGUF file</param>
    /// <param name="output">a name that ends in .gguf, or that of a folder</param>
    /// <param name="type">of the matrices; as the input has them when null (unpacked to float32 for a folder)</param>
    /// <param name="progress">told after each tensor</param>
    /// <exception cref="OctantException">it cannot be read, cannot be said in the other form, or the type cannot be written</exception>
    public static Converted Convert(string input, string output, ElementType? type = null, IProgress<ConversionProgress>? progress = null) =>
        Convert(input, output, new MatrixType(type), progress);

    /// <summary>Converts a model.</summary>
    /// <param name="input">a folder, or a GGUF file</param>
    /// <param name="output">a name that ends in .gguf, or that of a folder</param>
    /// <param name="matrices">what they become</param>
    /// <param name="progress">told after each tensor</param>
    /// <param name="cancellation">ends the work between two tensors; nothing of it is left</param>
    /// <exception cref="OctantException">it cannot be read, cannot be said in the other form, or the type cannot be written</exception>
    public static Converted Convert(string input, string output, MatrixType matrices, IProgress<ConversionProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(input);
        ArgumentException.ThrowIfNullOrEmpty(output);
        ArgumentNullException.ThrowIfNull(matrices);
        var type = matrices.Type ?? matrices.Mixture?.Most;
        if (type is { } wanted && !Quantizer.Types.Contains(wanted))
            throw new CheckpointException($"{wanted} can be read, but not written; there are {string.Join(", ", Quantizer.Types)}.");
        var isGguf = IsGguf(output);
        if (!isGguf && type is not (null or ElementType.F32 or ElementType.F16 or ElementType.BF16))
            throw new CheckpointException($"A folder holds F32, F16 or BF16, not {type}: name a .gguf file for it.");
        if (Path.GetExtension(output).ToLowerInvariant() is ".safetensors" or ".bin" or ".pt" or ".pth" or ".npy" or ".npz" or ".onnx" or ".ggml" or ".txt" or ".json" or ".model" or ".zip" or ".tar" or ".gz")
            throw new CheckpointException($"{output} is the name of a file; what is written is a GGUF file, whose name ends in .gguf, or a folder.");
        var made = isGguf ? null : FirstMissing(Path.Combine(Path.GetFullPath(output), FolderFiles.MoreTemplates));
        try
        {
            using var tensors = TensorFiles.Open(input);
            return Write(input, tensors, output, matrices, new(progress, cancellation));
        }
        catch (Exception) when (made is not null)
        {
            RemoveEmpty(made);
            throw;
        }
    }

    static Converted Write(string input, ITensorFile tensors, string output, MatrixType matrices, Watch watch) =>
        (tensors, IsGguf(output)) switch
        {
            (Llama2CFile, _) => throw new CheckpointException($"{input} is a checkpoint of llama2.c, which is run, but not converted."),
            (GgufFile file, true) => GgufExport.Again(file, output, matrices, watch),
            (GgufFile file, false) => GgufImport.Write(file, output, matrices.Type, watch),
            (_, true) => GgufExport.Write(input, tensors, output, matrices, watch),
            _ => FolderCopy.Write(input, tensors, output, matrices.Type, watch),
        };

    static bool IsGguf(string output) => output.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase);

    /// <summary>The outermost folder on the way to another that is not there yet; null where all are.</summary>
    static string? FirstMissing(string folder)
    {
        string? missing = null;
        for (var at = folder; at is not null && !Path.Exists(at); at = Path.GetDirectoryName(at)) missing = at;
        return missing;
    }

    /// <summary>The folders that were made for what then failed; what holds a file stays.</summary>
    static void RemoveEmpty(string folder)
    {
        try
        {
            if (!Directory.Exists(folder)) return;
            foreach (var inner in Directory.GetDirectories(folder)) RemoveEmpty(inner);
            if (!Directory.EnumerateFileSystemEntries(folder).Any()) Directory.Delete(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What went wrong before is what the user must hear of.
        }
    }

    internal static Converted Summary(string path, IReadOnlyList<TensorSource> tensors) => new(path, tensors.Sum(BytesOf),
        tensors.GroupBy(tensor => tensor.Type).OrderByDescending(group => group.Count()).ToDictionary(group => group.Key, group => group.Count()));

    internal static long BytesOf(TensorSource tensor)
    {
        var layout = tensor.Type.Layout();
        return tensor.Shape.Aggregate(1L, (product, size) => product * size) / layout.Count * layout.Bytes;
    }

    /// <summary>The same tensors, which tell when they are written.</summary>
    internal static List<TensorSource> Telling(IEnumerable<TensorSource> tensors, Watch watch)
    {
        TensorSource[] all = [.. tensors];
        var (total, written) = (all.Sum(BytesOf), 0L);
        return [.. all.Select(tensor => tensor with
        {
            WriteTo = stream =>
            {
                watch.Cancellation.ThrowIfCancellationRequested();
                tensor.WriteTo(stream);
                written += BytesOf(tensor);
                watch.Progress?.Report(new(written, total));
            },
        })];
    }
}
