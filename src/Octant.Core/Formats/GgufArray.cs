using System.Collections;
using System.Text;

namespace Octant.Formats;

/// <summary>
/// An array in the metadata of a GGUF file. It stays in the file, where a vocabulary takes a few megabytes, and is read on
/// request; while the file is open.
/// </summary>
public sealed class GgufArray
{
    readonly MappedFile file;
    readonly string key;
    readonly long start, end;

    internal GgufArray(MappedFile file, string key, GgufType type, long count, long start, long end)
    {
        this.file = file;
        this.key = key;
        (this.start, this.end) = (start, end);
        Elements = type;
        Count = count;
    }

    /// <summary>What is in it.</summary>
    public GgufType Elements { get; }

    /// <summary>How much of it.</summary>
    public long Count { get; }

    internal string Kind => $"{Elements}[{Count}]";

    /// <summary>
    /// Its texts, each decoded when it is asked for; bytes that are no UTF-8 become U+FFFD.
    /// </summary>
    /// <exception cref="CheckpointException">it holds something else</exception>
    public IReadOnlyList<string> Texts() => Elements == GgufType.Text ? new TextList(file, Offsets()) : throw Not("texts");

    /// <summary>Its arrays.</summary>
    /// <inheritdoc cref="Texts"/>
    public IReadOnlyList<GgufArray> Arrays()
    {
        if (Elements != GgufType.Array) throw Not("arrays");
        var cursor = new GgufCursor(file, start);
        return [.. Enumerable.Range(0, Length()).Select(i => cursor.Value(GgufType.Array, $"{key}[{i}]").Array!)];
    }

    /// <summary>Its numbers as float32, whatever type they have.</summary>
    /// <inheritdoc cref="Texts"/>
    public float[] Floats()
    {
        var numbers = new float[NumberOf("numbers", Elements != GgufType.Bool)];
        Octant.Formats.Elements.Decode(Elements.Element()!.Value, Bytes(), numbers);
        return numbers;
    }

    /// <summary>Its integers, whatever type they have.</summary>
    /// <exception cref="CheckpointException">it holds something else, or one that is too large</exception>
    public long[] Longs()
    {
        var numbers = new long[NumberOf("integers", Elements.Element()?.IsInteger() == true && Elements != GgufType.Bool)];
        Octant.Formats.Elements.Decode(Elements.Element()!.Value, Bytes(), numbers);
        return Elements == GgufType.U64 && numbers.Any(number => number < 0) ? throw TooLarge("64") : numbers;
    }

    /// <inheritdoc cref="Longs"/>
    public int[] Ints()
    {
        var longs = Longs();
        var ints = new int[longs.Length];
        for (var i = 0; i < ints.Length; i++) ints[i] = longs[i] == (int)longs[i] ? (int)longs[i] : throw TooLarge("32");
        return ints;
    }

    /// <summary>Its truth values.</summary>
    /// <inheritdoc cref="Texts"/>
    public bool[] Flags()
    {
        var flags = new bool[NumberOf("truth values", Elements == GgufType.Bool)];
        var bytes = Bytes();
        for (var i = 0; i < flags.Length; i++) flags[i] = bytes[i] != 0;
        return flags;
    }

    /// <summary>Its bytes as they stand in the file: kind, count, elements.</summary>
    /// <exception cref="CheckpointException">there are too many</exception>
    internal byte[] Raw()
    {
        const int head = sizeof(uint) + sizeof(ulong);
        return end - start + head <= Array.MaxLength ? file.Read(start - head, (int)(end - start) + head).ToArray()
            : throw new CheckpointException($"{key} of {file.Path} takes {end - start} bytes, more than can be read at once.");
    }

    long[] Offsets()
    {
        var cursor = new GgufCursor(file, start);
        var offsets = new long[Length()];
        for (var i = 0; i < offsets.Length; i++)
        {
            offsets[i] = cursor.At;
            cursor.Utf8(key);
        }
        return offsets;
    }

    int NumberOf(string wanted, bool fitting) => fitting && Elements.Element() is not null ? Length() : throw Not(wanted);

    /// <summary>Bytes and elements both within what .NET holds in one piece.</summary>
    int Length() => Count * Elements.LeastBytes() <= Array.MaxLength ? (int)Count
        : throw new CheckpointException($"{key} of {file.Path} has {Count} elements, more than can be read at once.");

    ReadOnlySpan<byte> Bytes() => file.Read(start, (int)Count * Elements.LeastBytes());

    CheckpointException Not(string wanted) => new($"{key} of {file.Path} is {Kind}; an array of {wanted} is needed.");

    CheckpointException TooLarge(string bits) => new($"{key} of {file.Path} holds an integer that needs more than {bits} bits.");

    sealed class TextList(MappedFile file, long[] offsets) : IReadOnlyList<string>
    {
        public string this[int index] =>
            Encoding.UTF8.GetString(new GgufCursor(file, offsets[index]).Utf8("a text"));

        public int Count => offsets.Length;

        public IEnumerator<string> GetEnumerator()
        {
            for (var i = 0; i < offsets.Length; i++) yield return this[i];
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
