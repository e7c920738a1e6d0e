using System.Buffers.Binary;
using System.Text;

namespace Octant.Formats;

/// <summary>Metadata for a GGUF file, in the order in which they are added; a key that is there already is replaced in its place.</summary>
public sealed class GgufKeys
{
    readonly List<(string Key, GgufType Type, byte[] Value)> entries = [];

    internal IReadOnlyList<(string Key, GgufType Type, byte[] Value)> Entries => entries;

    /// <summary>A text.</summary>
    public GgufKeys Add(string key, string value) => Add(key, GgufType.Text, Bytes(value));

    /// <summary>A count or an id: 32 bits, as llama.cpp reads them.</summary>
    public GgufKeys Add(string key, uint value) => Add(key, GgufType.U32, BitConverter.GetBytes(value));

    /// <summary>A number.</summary>
    public GgufKeys Add(string key, float value) => Add(key, GgufType.F32, BitConverter.GetBytes(value));

    /// <summary>A truth value.</summary>
    public GgufKeys Add(string key, bool value) => Add(key, GgufType.Bool, [value ? (byte)1 : (byte)0]);

    /// <summary>Texts.</summary>
    public GgufKeys Add(string key, IReadOnlyList<string> values) => AddArray(key, GgufType.Text, values.Select(Bytes), values.Count);

    /// <summary>Numbers.</summary>
    public GgufKeys Add(string key, IReadOnlyList<float> values) => AddArray(key, GgufType.F32, values.Select(BitConverter.GetBytes), values.Count);

    /// <summary>Whole numbers.</summary>
    public GgufKeys Add(string key, IReadOnlyList<int> values) => AddArray(key, GgufType.I32, values.Select(BitConverter.GetBytes), values.Count);

    /// <summary>All of another file, as they stand there.</summary>
    public GgufKeys AddAll(GgufMetadata metadata, Func<string, bool>? where = null)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        foreach (var entry in metadata.Entries)
            if (where?.Invoke(entry.Key) != false) Add(entry.Key, entry.Type, metadata.Raw(entry.Key));
        return this;
    }

    GgufKeys AddArray(string key, GgufType elements, IEnumerable<byte[]> values, int count)
    {
        var bytes = new MemoryStream();
        bytes.Write(BitConverter.GetBytes((uint)elements));
        bytes.Write(BitConverter.GetBytes((ulong)count));
        foreach (var value in values) bytes.Write(value);
        return Add(key, GgufType.Array, bytes.ToArray());
    }

    GgufKeys Add(string key, GgufType type, byte[] value)
    {
        var at = entries.FindIndex(entry => entry.Key == key);
        if (at < 0) entries.Add((key, type, value));
        else entries[at] = (key, type, value);
        return this;
    }

    internal static byte[] Bytes(string text)
    {
        var bytes = new byte[8 + Encoding.UTF8.GetByteCount(text)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, bytes.Length - 8);
        Encoding.UTF8.GetBytes(text, bytes.AsSpan(8));
        return bytes;
    }
}

/// <summary>Writes GGUF files, version 3. Tensors are asked for one by one; files are written beside and renamed.</summary>
public static class GgufWriter
{
    const int Alignment = 32;

    /// <summary>Writes one file.</summary>
    /// <param name="path">of the file; its folder exists</param>
    /// <param name="keys">metadata</param>
    /// <param name="tensors">with distinct names of up to 63 bytes (llama.cpp keeps 64, with a zero at the end) and up to four dimensions, in this order</param>
    /// <exception cref="ArgumentException">two tensors have one name, or a source wrote another number of bytes</exception>
    /// <exception cref="CheckpointException">the file cannot be written, or GGUF has no such type or shape</exception>
    public static void Write(string path, GgufKeys keys, IEnumerable<TensorSource> tensors)
    {
        ArgumentNullException.ThrowIfNull(keys);
        TensorSource[] all = [.. tensors];
        foreach (var tensor in all) Check(tensor);
        if (all.GroupBy(tensor => tensor.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"There are two tensors {twice.Key}.", nameof(tensors));
        using var drafts = new Drafts();
        drafts.Write(path, stream => Write(stream, keys, all));
        drafts.Commit();
    }

    static void Check(TensorSource tensor)
    {
        if (GgufTypes.NumberOf(tensor.Type) is null) throw new CheckpointException($"{tensor.Name} holds {tensor.Type}, which GGUF files do not have.");
        if (tensor.Shape.Count is 0 or > 4) throw new CheckpointException($"{tensor.Name} has {tensor.Shape.Count} dimensions; GGUF's tensors have 1 to 4.");
        if (Encoding.UTF8.GetByteCount(tensor.Name) > 63) throw new CheckpointException($"{tensor.Name} is a name of more than 63 bytes, which GGUF files do not have.");
    }

    static void Write(Stream stream, GgufKeys keys, TensorSource[] tensors)
    {
        stream.Write("GGUF"u8);
        stream.Write(BitConverter.GetBytes(3u));
        stream.Write(BitConverter.GetBytes((ulong)tensors.Length));
        stream.Write(BitConverter.GetBytes((ulong)keys.Entries.Count));
        foreach (var (key, type, value) in keys.Entries)
        {
            stream.Write(GgufKeys.Bytes(key));
            stream.Write(BitConverter.GetBytes((uint)type));
            stream.Write(value);
        }
        var offset = 0L;
        foreach (var tensor in tensors)
        {
            stream.Write(GgufKeys.Bytes(tensor.Name));
            stream.Write(BitConverter.GetBytes(tensor.Shape.Count));
            foreach (var size in tensor.Shape.Reverse()) stream.Write(BitConverter.GetBytes(size));
            stream.Write(BitConverter.GetBytes(GgufTypes.NumberOf(tensor.Type)!.Value));
            stream.Write(BitConverter.GetBytes(offset));
            offset += Padded(tensor.Bytes);
        }
        Pad(stream);
        foreach (var tensor in tensors)
        {
            var start = stream.Position;
            tensor.WriteTo(stream);
            if (stream.Position - start != tensor.Bytes)
                throw new ArgumentException($"{tensor.Name} has {tensor.Bytes} bytes, its source wrote {stream.Position - start}.", nameof(tensors));
            Pad(stream);
        }
    }

    static void Pad(Stream stream) => stream.Write(new byte[Padded(stream.Position) - stream.Position]);

    static long Padded(long length) => (length + Alignment - 1) / Alignment * Alignment;
}
