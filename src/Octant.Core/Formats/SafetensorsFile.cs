using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;

namespace Octant.Formats;

/// <summary>
/// One .safetensors file: 8 bytes of length, a JSON header of names, types, shapes and offsets, then the bytes
/// (https://github.com/huggingface/safetensors#format).
/// </summary>
public sealed class SafetensorsFile : ITensorFile
{
    const int MaximalHeader = 100_000_000;                  // the reference's own limit
    const int MaximalDimensions = 64;                       // Torch's and NumPy's

    readonly MappedFile file;
    readonly Dictionary<string, TensorInfo> tensors = [];
    readonly Dictionary<string, string> metadata = [];

    /// <exception cref="CheckpointException">the file is missing, truncated, or its header contradicts it</exception>
    public SafetensorsFile(string path)
    {
        file = new(path);
        try
        {
            ReadHeader();
        }
        catch (Exception)
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Origin => file.Path;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, TensorInfo> Tensors => tensors;

    /// <summary>What the writer noted under <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata => metadata;

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    void ReadHeader()
    {
        if (file.Length < 8) throw Bad($"it is {file.Length} bytes long, too short for a header");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(file.Read(0, 8));
        if (length > MaximalHeader || (long)length > file.Length - 8)
            throw Bad($"its header claims {length} bytes, the file has {file.Length}");
        var text = file.Read(8, (int)length);
        if (!Utf8.IsValid(text)) throw Bad("its header is no UTF-8");
        using var header = Parse(text);
        if (header.RootElement.ValueKind != JsonValueKind.Object) throw Bad("its header is no JSON object");
        foreach (var property in header.RootElement.EnumerateObject())
        {
            var name = NameOf(property);
            if (name == "__metadata__") ReadMetadata(property.Value);
            else if (!tensors.TryAdd(name, Entry(name, property.Value, 8 + (long)length))) throw Bad($"{name} stands in it twice");
        }
        CheckThatTensorsFillTheFile(8 + (long)length);
    }

    JsonDocument Parse(ReadOnlySpan<byte> header)
    {
        try
        {
            var reader = new Utf8JsonReader(header, new JsonReaderOptions { MaxDepth = 8 });
            var document = JsonDocument.ParseValue(ref reader);
            // ParseValue stops behind the first value; what follows may only be the padding.
            return header[(int)reader.BytesConsumed..].Trim(" \t\r\n"u8).IsEmpty ? document : throw Bad("something follows its header");
        }
        catch (JsonException e)
        {
            throw Bad($"its header is no JSON ({e.Message})");
        }
    }

    void ReadMetadata(JsonElement notes)
    {
        if (notes.ValueKind != JsonValueKind.Object) throw Bad("its __metadata__ is no JSON object");
        foreach (var note in notes.EnumerateObject())
            if (note.Value.ValueKind != JsonValueKind.String || !metadata.TryAdd(NameOf(note), TextOf(note.Value)))
                throw Bad($"__metadata__.{NameOf(note)} is no text, or stands in it twice");
    }

    TensorInfo Entry(string name, JsonElement entry, long start)
    {
        if (entry.ValueKind != JsonValueKind.Object) throw Bad($"{name} is no JSON object");
        var typeName = TextOf(Only(entry, name, "dtype"));
        var type = SafetensorsTypes.Named(typeName) ?? throw new CheckpointException(
            $"{name} of {Origin} has the type \"{typeName}\", which is not known to safetensors.");
        var shape = Sizes(Only(entry, name, "shape"), $"{name}.shape", MaximalDimensions);
        var offsets = Sizes(Only(entry, name, "data_offsets"), $"{name}.data_offsets", 2);
        if (offsets.Length != 2) throw Bad($"{name}.data_offsets are {offsets.Length} numbers, not two");
        var (from, to) = (offsets[0], offsets[1]);
        if (to < from || to > file.Length - start) throw Bad($"{name} claims bytes {from} to {to}, there are {file.Length - start}");
        if (SizeOf(name, type, shape) != to - from)
            throw Bad($"{name} is {type} [{string.Join(", ", shape)}] but has {to - from} bytes");
        return new(name, type, shape, file, start + from, to - from);
    }

    /// <summary>Of two equal keys a reader would take either: there must be one.</summary>
    JsonElement Only(JsonElement entry, string name, string key)
    {
        var found = entry.EnumerateObject().Where(property => NameOf(property) == key).Take(2).ToArray();
        return found.Length == 1 ? found[0].Value : throw Bad($"{name} has {(found.Length == 0 ? "no" : "more than one")} {key}");
    }

    long[] Sizes(JsonElement list, string what, int most)
    {
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > most)
            throw Bad($"{what} is no list of up to {most} numbers");
        return [.. list.EnumerateArray().Select(size => size.ValueKind == JsonValueKind.Number && size.TryGetInt64(out var value) && value >= 0
            ? value : throw Bad($"{what} has something else than whole numbers from 0 to 2^63 - 1"))];
    }

    string NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)               // an escaped half of a surrogate pair
        {
            throw Bad("a name in its header is no Unicode text");
        }
    }

    string TextOf(JsonElement value)
    {
        try
        {
            if (value.GetString() is { } text) return text;
        }
        catch (InvalidOperationException)
        {
            // The same, or no text at all.
        }
        throw Bad("a value in its header that should be text is none");
    }

    /// <summary>The reference demands it too: no holes, no overlaps, nothing behind the last.</summary>
    void CheckThatTensorsFillTheFile(long start)
    {
        var at = start;
        foreach (var tensor in tensors.Values.OrderBy(tensor => tensor.Offset).ThenBy(tensor => tensor.Bytes))
        {
            if (tensor.Offset != at)
                throw Bad($"{tensor.Name} begins at byte {tensor.Offset - start}, the tensor before it ends at {at - start}");
            at += tensor.Bytes;
        }
        if (at != file.Length) throw Bad($"{file.Length - at} bytes follow its last tensor");
    }

    long SizeOf(string name, ElementType type, long[] shape)
    {
        try
        {
            var block = type.Layout();
            var count = shape.Aggregate(1L, (product, size) => checked(product * size));
            return count % block.Count == 0 ? checked(count / block.Count * block.Bytes)
                : throw Bad($"{name} is {type} [{string.Join(", ", shape)}], no whole number of bytes");
        }
        catch (OverflowException)
        {
            throw Bad($"{name} claims the shape [{string.Join(", ", shape)}]");
        }
    }

    CheckpointException Bad(string what) => new($"{Origin} is no sound safetensors file: {what}. Fetch it again.");
}
