using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Octant.Formats;

/// <summary>
/// A tensor to be written: its bytes are asked for when its turn comes, so that a checkpoint need not fit into memory.
/// </summary>
/// <param name="Name">unique in its checkpoint</param>
/// <param name="Type">one of safetensors'</param>
/// <param name="Shape">outermost dimension first</param>
/// <param name="WriteTo">writes its bytes, little-endian, exactly as many as type and shape say</param>
public sealed record TensorSource(string Name, ElementType Type, IReadOnlyList<long> Shape, Action<Stream> WriteTo)
{
    /// <summary>Its bytes as another file has them.</summary>
    public static TensorSource Copy(TensorInfo tensor) => new(tensor.Name, tensor.Type, tensor.Shape, stream =>
    {
        const int Piece = 1 << 24;
        for (var at = 0L; at < tensor.Bytes; at += Piece) stream.Write(tensor.Read(at, (int)Math.Min(Piece, tensor.Bytes - at)));
    });

    /// <summary>Numbers from memory, as float32.</summary>
    public static TensorSource Floats(string name, ReadOnlyMemory<float> values, params long[] shape) =>
        new(name, ElementType.F32, shape, stream => stream.Write(MemoryMarshal.AsBytes(values.Span)));

    internal long Bytes
    {
        get
        {
            var block = Type.Layout();
            var count = Shape.Aggregate(1L, (product, size) => checked(product * size));
            return count % block.Count == 0 && Shape.All(size => size >= 0) ? checked(count / block.Count * block.Bytes)
                : throw new ArgumentException($"{Name} cannot be {Type} [{string.Join(", ", Shape)}].");
        }
    }
}

/// <summary>
/// Writes .safetensors files as the reference does, byte for byte the same each time: types from wide to narrow, then names;
/// the header padded with spaces to a multiple of 8. Files are written beside and renamed.
/// </summary>
public static class SafetensorsWriter
{
    /// <summary>What Transformers takes for a shard at most, unless told otherwise.</summary>
    public const long DefaultShardBytes = 5_000_000_000;

    const string Single = "model.safetensors";
    const string Index = "model.safetensors.index.json";

    static readonly Dictionary<string, string> FromTorch = new() { ["format"] = "pt" };
    static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes one file.</summary>
    /// <param name="path">of the file; its folder exists</param>
    /// <param name="tensors">with distinct names</param>
    /// <param name="metadata">noted under <c>__metadata__</c>; without it <c>format: pt</c>, which Transformers asks for</param>
    /// <exception cref="ArgumentException">two tensors have one name, a type is GGUF's, or a source wrote another number of bytes</exception>
    /// <exception cref="CheckpointException">the file cannot be written: no room, no permission</exception>
    public static void Write(string path, IEnumerable<TensorSource> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var ordered = Ordered(tensors);
        using var drafts = new Drafts();
        drafts.Write(path, stream => WriteTensors(stream, ordered, metadata ?? FromTorch));
        drafts.Commit();
    }

    /// <summary>
    /// Writes a checkpoint into a folder: model.safetensors where it fits into one shard, else
    /// model-00001-of-0000N.safetensors and their index. Such files of an older checkpoint there are removed at the end.
    /// </summary>
    /// <param name="folder">exists, or is made</param>
    /// <param name="tensors">with distinct names; filled into shards in this order</param>
    /// <param name="shardBytes">a shard's size at most; a larger tensor gets one of its own</param>
    /// <param name="metadata">as of <see cref="Write"/></param>
    /// <exception cref="ArgumentException">as of <see cref="Write"/></exception>
    /// <exception cref="CheckpointException">as of <see cref="Write"/></exception>
    public static void WriteFolder(
        string folder, IEnumerable<TensorSource> tensors, long shardBytes = DefaultShardBytes,
        IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(shardBytes);
        var all = tensors.ToList();
        _ = Ordered(all);                                   // distinct over all shards
        Drafts.Guard(folder, () => Directory.CreateDirectory(folder));
        var shards = Filled(all, shardBytes);
        var names = shards.Count == 1 ? [Single]
            : Enumerable.Range(1, shards.Count).Select(i => $"model-{i:D5}-of-{shards.Count:D5}.safetensors").ToList();
        using var drafts = new Drafts();
        foreach (var (name, shard) in names.Zip(shards))
            drafts.Write(Path.Combine(folder, name), stream => WriteTensors(stream, Ordered(shard), metadata ?? FromTorch));
        if (shards.Count > 1)
        {
            drafts.Write(Path.Combine(folder, Index), stream => WriteIndex(stream, names.Zip(shards)));
            names.Add(Index);
        }
        drafts.Commit();
        Drafts.Guard(folder, () => RemoveOthers(folder, names));
    }

    static void RemoveOthers(string folder, List<string> kept)
    {
        foreach (var old in Directory.EnumerateFiles(folder, "model*.safetensors*").Where(IsCheckpoint).ToArray())
            if (!kept.Contains(Path.GetFileName(old))) File.Delete(old);
    }

    static List<TensorSource> Ordered(IEnumerable<TensorSource> tensors)
    {
        var ordered = tensors.OrderByDescending(tensor => SafetensorsTypes.Of(tensor.Type).Rank).ThenBy(tensor => tensor.Name, StringComparer.Ordinal).ToList();
        if (ordered.GroupBy(tensor => tensor.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"There are two tensors {twice.Key}.", nameof(tensors));
        return ordered;
    }

    static List<List<TensorSource>> Filled(List<TensorSource> tensors, long shardBytes)
    {
        List<List<TensorSource>> shards = [[]];
        var size = 0L;
        foreach (var tensor in tensors)
        {
            if (shards[^1].Count > 0 && size + tensor.Bytes > shardBytes)
            {
                shards.Add([]);
                size = 0;
            }
            shards[^1].Add(tensor);
            size += tensor.Bytes;
        }
        return shards;
    }

    static void WriteTensors(Stream stream, List<TensorSource> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var header = Header(tensors, metadata);
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (var tensor in tensors)
        {
            var start = stream.Position;
            tensor.WriteTo(stream);
            if (stream.Position - start != tensor.Bytes)
                throw new ArgumentException($"{tensor.Name} has {tensor.Bytes} bytes, its source wrote {stream.Position - start}.", nameof(tensors));
        }
    }

    static byte[] Header(List<TensorSource> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text, Plain))
        {
            json.WriteStartObject();
            if (metadata.Count > 0)
            {
                json.WriteStartObject("__metadata__");
                foreach (var (key, value) in metadata) json.WriteString(key, value);
                json.WriteEndObject();
            }
            var offset = 0L;
            foreach (var tensor in tensors) WriteEntry(json, tensor, ref offset);
            json.WriteEndObject();
        }
        while (text.Length % 8 != 0) text.WriteByte((byte)' ');
        return text.ToArray();
    }

    static void WriteEntry(Utf8JsonWriter json, TensorSource tensor, ref long offset)
    {
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype", SafetensorsTypes.Of(tensor.Type).Name);
        json.WriteStartArray("shape");
        foreach (var size in tensor.Shape) json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(offset);
        json.WriteNumberValue(offset += tensor.Bytes);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void WriteIndex(Stream stream, IEnumerable<(string Name, List<TensorSource> Tensors)> shards)
    {
        var places = shards.SelectMany(shard => shard.Tensors.Select(tensor => (tensor.Name, Shard: shard.Name, tensor.Bytes))).ToList();
        using var json = new Utf8JsonWriter(stream, Plain with { Indented = true });
        json.WriteStartObject();
        json.WriteStartObject("metadata");
        json.WriteNumber("total_size", places.Sum(place => place.Bytes));
        json.WriteEndObject();
        json.WriteStartObject("weight_map");
        foreach (var place in places.OrderBy(place => place.Name, StringComparer.Ordinal)) json.WriteString(place.Name, place.Shard);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    static bool IsCheckpoint(string path) =>
        Path.GetFileName(path) is var name && (name is Single or Index ||
            name.StartsWith("model-", StringComparison.Ordinal) && name.Contains("-of-", StringComparison.Ordinal)
            && name.EndsWith(".safetensors", StringComparison.Ordinal));
}
