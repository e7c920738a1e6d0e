using System.Buffers.Binary;
using System.Text;

namespace Octant.Formats;

/// <summary>Walks through the header of a GGUF file; nothing is believed before it is known to lie inside the file.</summary>
sealed class GgufCursor(MappedFile file, long at)
{
    /// <summary>No writer nests arrays at all; the format allows it.</summary>
    const int MaximalNesting = 8;

    const int MaximalName = 65_535;                         // the format's own limit for keys

    static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public long At { get; private set; } = at;

    public long Left => file.Length - At;

    public uint U32(string what) => BinaryPrimitives.ReadUInt32LittleEndian(Take(4, what));

    public ulong U64(string what) => BinaryPrimitives.ReadUInt64LittleEndian(Take(8, what));

    /// <summary>A count of things that take at least so many bytes each: refused when there is no room for them.</summary>
    public long Count(int leastBytes, string what)
    {
        var count = U64($"the number of {what}");
        return count <= (ulong)(Left / leastBytes) ? (long)count
            : throw Bad($"it claims {count} {what}, for which its {file.Length} bytes have no room");
    }

    /// <summary>A name: text that must be sound UTF-8, as two broken ones might become equal.</summary>
    public string Name(string what)
    {
        var bytes = Utf8(what);
        if (bytes.Length > MaximalName) throw Bad($"{what} takes {bytes.Length} bytes, {MaximalName} is the most");
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Bad($"{what} at byte {At} is no UTF-8");
        }
    }

    /// <summary>The bytes of a text.</summary>
    public ReadOnlySpan<byte> Utf8(string what)
    {
        var length = U64(what);
        if (length > (ulong)Left || length > int.MaxValue)
            throw Bad($"{what} at byte {At} claims {length} bytes, {Left} are left");
        return Take((int)length, what);
    }

    public GgufType Type(string what)
    {
        var number = U32(what);
        return number <= (uint)GgufType.F64 ? (GgufType)number : throw Bad($"{what} has the unknown metadata type {number}");
    }

    /// <summary>One value, from here on; the cursor passes it.</summary>
    public GgufValue Value(GgufType type, string key, int depth = 0)
    {
        if (type == GgufType.Array) return new(type, At, Array(key, depth));
        var start = At;
        Pass(type, key);
        return new(type, start, null);
    }

    GgufArray Array(string key, int depth)
    {
        if (depth >= MaximalNesting) throw Bad($"{key} nests arrays deeper than {MaximalNesting}");
        var type = Type($"the array {key}");
        var count = Count(type.LeastBytes(), $"elements of {key}");
        var start = At;
        if (type.Element() is { } element)
            At += count * element.Layout().Bytes;
        else
            for (var i = 0L; i < count; i++)
                if (type == GgufType.Array) Array(key, depth + 1);
                else Utf8(key);
        return new(file, key, type, count, start, At);
    }

    void Pass(GgufType type, string key)
    {
        if (type == GgufType.Text) Utf8(key);
        else Take(type.LeastBytes(), key);
    }

    ReadOnlySpan<byte> Take(int count, string what)
    {
        if (count > Left) throw Bad($"it ends in the middle of {what}");
        var taken = file.Read(At, count);
        At += count;
        return taken;
    }

    public CheckpointException Bad(string what) => new($"{file.Path} is no sound GGUF file: {what}. Fetch it again.");
}

/// <summary>Where a value stands; for an array also what is in it.</summary>
readonly record struct GgufValue(GgufType Type, long Offset, GgufArray? Array)
{
    public string Kind => Array?.Kind ?? $"{Type}";
}
