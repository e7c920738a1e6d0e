using System.Text;

namespace Octant.Formats;

/// <summary>
/// What a GGUF file says of its model, by key. Every method gives null where the key is absent, and throws a
/// <see cref="CheckpointException"/> where its value is of another kind; numbers convert where nothing is lost. Values are read
/// from the mapped file when they are asked for, while it is open.
/// </summary>
public sealed class GgufMetadata
{
    readonly MappedFile file;
    readonly Dictionary<string, GgufValue> values;

    internal GgufMetadata(MappedFile file, Dictionary<string, GgufValue> values)
    {
        this.file = file;
        this.values = values;
    }

    /// <summary>Its keys in the file's order, with their kinds.</summary>
    public IEnumerable<GgufEntry> Entries =>
        from pair in values
        select new GgufEntry(pair.Key, pair.Value.Type, pair.Value.Array?.Elements, pair.Value.Array?.Count ?? 1);

    /// <summary>Whether there is such a key.</summary>
    public bool Has(string key) => values.ContainsKey(key);

    /// <summary>A text; bytes that are no UTF-8 become U+FFFD.</summary>
    public string? Text(string key) => Find(key, "a text", type => type == GgufType.Text) is { } value
        ? Encoding.UTF8.GetString(new GgufCursor(file, value.Offset).Utf8(key)) : null;

    /// <summary>A whole number of any width.</summary>
    public long? Integer(string key)
    {
        if (Find(key, "an integer", IsInteger) is not { } value) return null;
        var number = 0L;
        Elements.Decode(value.Type.Element()!.Value, Bytes(value), new Span<long>(ref number));
        return value.Type == GgufType.U64 && number < 0
            ? throw new CheckpointException($"{key} of {file.Path} is {(ulong)number}, larger than any number that it can stand for.")
            : number;
    }

    /// <summary>A number of any kind.</summary>
    public double? Number(string key)
    {
        if (Find(key, "a number", type => IsInteger(type) || type is GgufType.F32 or GgufType.F64) is not { } value) return null;
        var number = 0.0;
        Elements.Decode(value.Type.Element()!.Value, Bytes(value), new Span<double>(ref number));
        return number;
    }

    /// <summary>A number of any kind that is one: neither infinite nor NaN, which no configuration can mean.</summary>
    public double? Finite(string key) => Number(key) is not { } number ? null : double.IsFinite(number) ? number
        : throw new CheckpointException(FormattableString.Invariant($"{key} of {file.Path} is {number}; a finite number is needed."));

    /// <summary>A truth value.</summary>
    public bool? Flag(string key) =>
        Find(key, "a truth value", type => type == GgufType.Bool) is { } value ? Bytes(value)[0] != 0 : null;

    /// <summary>An array of any kind.</summary>
    public GgufArray? Array(string key) => Find(key, "an array", type => type == GgufType.Array)?.Array;

    /// <summary>An array of texts, which are decoded one by one when they are asked for.</summary>
    public IReadOnlyList<string>? Texts(string key) => Array(key)?.Texts();

    /// <summary>An array of numbers of any kind.</summary>
    public float[]? Floats(string key) => Array(key)?.Floats();

    /// <summary>An array of whole numbers of any width.</summary>
    public long[]? Longs(string key) => Array(key)?.Longs();

    /// <summary>An array of whole numbers of any width that fit into 32 bits.</summary>
    public int[]? Ints(string key) => Array(key)?.Ints();

    /// <summary>An array of truth values.</summary>
    public bool[]? Flags(string key) => Array(key)?.Flags();

    /// <summary>A value's bytes, as they stand in the file: also what is no UTF-8.</summary>
    internal byte[] Raw(string key)
    {
        var value = values[key];
        if (value.Array is { } array) return array.Raw();
        if (value.Type != GgufType.Text) return Bytes(value).ToArray();
        return file.Read(value.Offset, sizeof(ulong) + new GgufCursor(file, value.Offset).Utf8(key).Length).ToArray();
    }

    GgufValue? Find(string key, string wanted, Func<GgufType, bool> fits) =>
        !values.TryGetValue(key, out var value) ? null
        : fits(value.Type) ? value
        : throw new CheckpointException($"{key} of {file.Path} is {value.Kind}; {wanted} is needed.");

    ReadOnlySpan<byte> Bytes(GgufValue value) => file.Read(value.Offset, value.Type.LeastBytes());

    static bool IsInteger(GgufType type) => type != GgufType.Bool && type.Element()?.IsInteger() == true;
}
