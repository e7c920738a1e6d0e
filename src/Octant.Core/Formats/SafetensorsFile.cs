using System.Buffers.Binary;
using System.Text.Json;

namespace Octant.Formats;

/// <summary>
/// One .safetensors file: 8 bytes of length, a JSON header of names, types, shapes and offsets, then the bytes
/// (https://github.com/huggingface/safetensors#format).
/// </summary>
public sealed class SafetensorsFile : ITensorFile
{
    const int MaximalHeader = 100_000_000;                  // the reference's own limit

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
        using var header = Parse(file.Read(8, (int)length));
        if (header.RootElement.ValueKind != JsonValueKind.Object) throw Bad("its header is no JSON object");
        foreach (var property in header.RootElement.EnumerateObject())
        {
            if (property.Name == "__metadata__")
                foreach (var note in property.Value.EnumerateObject()) metadata[note.Name] = note.Value.ToString();
            else if (!tensors.TryAdd(property.Name, Entry(property.Name, property.Value, 8 + (long)length)))
                throw Bad($"{property.Name} stands in it twice");
        }
        CheckThatTensorsFillTheFile(8 + (long)length);
    }

    JsonDocument Parse(ReadOnlySpan<byte> header)
    {
        try
        {
            var reader = new Utf8JsonReader(header, new JsonReaderOptions { MaxDepth = 8 });
            return JsonDocument.ParseValue(ref reader);
        }
        catch (JsonException e)
        {
            throw Bad($"its header is no JSON ({e.Message})");
        }
    }

    TensorInfo Entry(string name, JsonElement entry, long start)
    {
        try
        {
            var type = TypeNamed(entry.GetProperty("dtype").GetString() ?? "");
            long[] shape = [.. entry.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];
            var offsets = entry.GetProperty("data_offsets");
            var (from, to) = (offsets[0].GetInt64(), offsets[1].GetInt64());
            if (from < 0 || to < from || to > file.Length - start)
                throw Bad($"{name} claims bytes {from} to {to}, there are {file.Length - start}");
            if (SizeOf(type, shape) != to - from)
                throw Bad($"{name} is {type} [{string.Join(", ", shape)}] but has {to - from} bytes");
            return new(name, type, shape, file, start + from, to - from);
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException or OverflowException)
        {
            throw Bad($"the entry of {name} is not as it should be ({e.Message})");
        }
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

    static long SizeOf(ElementType type, long[] shape)
    {
        var count = 1L;
        foreach (var size in shape) count = checked(count * (size >= 0 ? size : throw new OverflowException("negative size")));
        var block = type.Layout();
        return checked(count * block.Bytes) / block.Count;
    }

    ElementType TypeNamed(string name) => name switch
    {
        "F64" => ElementType.F64,
        "F32" => ElementType.F32,
        "F16" => ElementType.F16,
        "BF16" => ElementType.BF16,
        "F8_E4M3" => ElementType.F8E4M3,
        "F8_E5M2" => ElementType.F8E5M2,
        "F8_E4M3FNUZ" => ElementType.F8E4M3Fnuz,
        "F8_E5M2FNUZ" => ElementType.F8E5M2Fnuz,
        "F8_E8M0" => ElementType.F8E8M0,
        "F6_E2M3" => ElementType.F6E2M3,
        "F6_E3M2" => ElementType.F6E3M2,
        "F4" => ElementType.F4,
        "I64" => ElementType.I64,
        "I32" => ElementType.I32,
        "I16" => ElementType.I16,
        "I8" => ElementType.I8,
        "U64" => ElementType.U64,
        "U32" => ElementType.U32,
        "U16" => ElementType.U16,
        "U8" => ElementType.U8,
        "BOOL" => ElementType.Bool,
        "C64" => ElementType.C64,
        _ => throw Bad($"the type \"{name}\" is not known to safetensors"),
    };

    CheckpointException Bad(string what) => new($"{Origin} is no sound safetensors file: {what}. Fetch it again.");
}
