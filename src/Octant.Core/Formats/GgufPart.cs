using System.Buffers.Binary;
using System.Numerics;

namespace Octant.Formats;

/// <summary>
/// One GGUF file: magic, version, metadata, the tensors' names, shapes, types and offsets, then their bytes, each aligned
/// (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md).
/// </summary>
sealed class GgufPart : IDisposable
{
    const uint Magic = 0x46554747;                          // "GGUF"
    const int LeastBytesOfAnEntry = 8 + 4 + 1;              // an empty key, its type, one byte
    const int LeastBytesOfATensor = 8 + 4 + 4 + 8;          // an empty name, no dimensions, type, offset
    const int MaximalDimensions = 4;                        // GGML_MAX_DIMS

    readonly MappedFile file;
    readonly GgufCursor cursor;

    public GgufPart(string path)
    {
        file = new(path);
        cursor = new(file, 0);
        try
        {
            Version = ReadVersion();
            var tensors = cursor.Count(LeastBytesOfATensor, "tensors");
            Metadata = ReadMetadata(cursor.Count(LeastBytesOfAnEntry, "metadata keys"));
            ReadTensors(tensors);
        }
        catch (Exception)
        {
            file.Dispose();
            throw;
        }
    }

    public string Path => file.Path;

    public int Version { get; }

    public GgufMetadata Metadata { get; }

    public Dictionary<string, TensorInfo> Tensors { get; } = [];

    public CheckpointException Bad(string what) => cursor.Bad(what);

    public void Dispose() => file.Dispose();

    int ReadVersion()
    {
        if (file.Length < 24) throw Bad($"it is {file.Length} bytes long, too short for a header");
        if (cursor.U32("the magic") != Magic) throw Bad("it does not begin with \"GGUF\"");
        var version = cursor.U32("the version");
        return version switch
        {
            2 or 3 => (int)version,
            1 => throw new CheckpointException($"{Path} is GGUF version 1, which was given up in 2023. Convert the model anew."),
            _ when BinaryPrimitives.ReverseEndianness(version) is 2 or 3 => throw new CheckpointException(
                $"{Path} is a big-endian GGUF file; only little-endian ones are read. Fetch or convert the little-endian one."),
            _ => throw new CheckpointException($"{Path} is GGUF version {version}; versions 2 and 3 are read."),
        };
    }

    GgufMetadata ReadMetadata(long count)
    {
        var values = new Dictionary<string, GgufValue>((int)Math.Min(count, 1024));
        for (var i = 0L; i < count; i++)
        {
            var key = cursor.Name("a metadata key");
            if (!values.TryAdd(key, cursor.Value(cursor.Type(key), key))) throw Bad($"the key {key} stands in it twice");
        }
        return new(file, values);
    }

    void ReadTensors(long count)
    {
        var entries = new List<(string Name, ElementType Type, long[] Shape, long Offset)>((int)Math.Min(count, 1024));
        for (var i = 0L; i < count; i++) entries.Add(ReadTensor());
        var alignment = Alignment();
        var start = (cursor.At + alignment - 1) / alignment * alignment;
        foreach (var (name, type, shape, offset) in entries)
        {
            var bytes = SizeOf(name, type, shape);
            if (offset % alignment != 0) throw Bad($"{name} begins at {offset}, no multiple of the alignment {alignment}");
            if (start > file.Length || offset > file.Length - start || bytes > file.Length - start - offset)
                throw Bad($"{name} ({bytes} bytes from {offset} on) reaches beyond its end");
            if (!Tensors.TryAdd(name, new(name, type, shape, file, start + offset, bytes)))
                throw Bad($"the tensor {name} stands in it twice");
        }
        CheckThatNoneOverlap();
    }

    (string, ElementType, long[], long) ReadTensor()
    {
        var name = cursor.Name("a tensor's name");
        var dimensions = cursor.U32($"the dimensions of {name}");
        if (dimensions > MaximalDimensions)
            throw Bad($"{name} claims {dimensions} dimensions; {MaximalDimensions} is the most");
        var shape = new long[dimensions];
        // Innermost first in the file.
        for (var d = shape.Length - 1; d >= 0; d--)
        {
            var size = cursor.U64($"the shape of {name}");
            shape[d] = size <= long.MaxValue ? (long)size : throw Bad($"{name} claims a dimension of {size}");
        }
        var number = cursor.U32($"the type of {name}");
        var type = GgufTypes.TensorType(number) ?? throw new CheckpointException(
            $"{name} of {Path} has GGML's type number {number}, which is {Reason(number)}.");
        var offset = cursor.U64($"the offset of {name}");
        return offset <= long.MaxValue ? (name, type, shape, (long)offset) : throw Bad($"{name} claims to begin at {offset}");
    }

    static string Reason(uint number) => number switch
    {
        4 or 5 => "Q4_2 or Q4_3, given up by GGML: convert the model anew",
        31 or 32 or 33 or 36 or 37 or 38 => "a repacked 4-bit type, given up by GGML: take the Q4_0 or IQ4_NL file",
        _ => "not known here: take a file of another quantisation",
    };

    long Alignment()
    {
        var alignment = Metadata.Integer("general.alignment") ?? 32;
        return alignment is > 0 and <= int.MaxValue && BitOperations.IsPow2(alignment) ? alignment
            : throw Bad($"general.alignment is {alignment}, no power of two");
    }

    long SizeOf(string name, ElementType type, long[] shape)
    {
        var block = type.Layout();
        if (block.Count > 1 && (shape.Length == 0 || shape[^1] % block.Count != 0))
            throw Bad($"{name} is {type} [{string.Join(", ", shape)}]: its rows are no whole number of blocks of {block.Count}");
        try
        {
            var count = shape.Aggregate(1L, (product, size) => checked(product * size));
            return checked(count / block.Count * block.Bytes);
        }
        catch (OverflowException)
        {
            throw Bad($"{name} claims the shape [{string.Join(", ", shape)}]");
        }
    }

    void CheckThatNoneOverlap()
    {
        TensorInfo? before = null;
        foreach (var tensor in Tensors.Values.Where(tensor => tensor.Bytes > 0).OrderBy(tensor => tensor.Offset))
        {
            if (before is not null && before.Offset + before.Bytes > tensor.Offset)
                throw Bad($"{before.Name} and {tensor.Name} share bytes");
            before = tensor;
        }
    }
}
