using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Octant.Formats.Pickles;

namespace Octant.Formats;

/// <summary>
/// A file of NumPy's: .npy with one array (format versions 1 to 3, numpy.org/doc/stable/reference/generated/numpy.lib.format.html), named
/// after the file, or .npz, an archive of several. Arrays of Python objects are pickles, and refused.
/// </summary>
public sealed partial class NumpyFile : ITensorFile
{
    const int LongestHeader = 1 << 16;

    static readonly byte[] Magic = [0x93, .. "NUMPY"u8];

    readonly MappedFile file;
    readonly List<MappedFile> packed = [];
    readonly Dictionary<string, TensorInfo> tensors = [];

    /// <param name="path">of the file</param>
    /// <exception cref="CheckpointException">it is damaged, or holds what is no number</exception>
    public NumpyFile(string path)
    {
        file = new(path);
        try
        {
            if (ZipDirectory.IsZip(file)) ReadArchive();
            else Add(Path.GetFileNameWithoutExtension(path), file, 0, file.Read(0, (int)Math.Min(file.Length, LongestHeader)), file.Length);
        }
        catch (Exception)
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Origin => file.Path;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, TensorInfo> Tensors => tensors;

    /// <inheritdoc/>
    public void Dispose()
    {
        packed.ForEach(array => array.Dispose());
        file.Dispose();
    }

    /// <summary>Whether a file begins as a .npy does.</summary>
    internal static bool Is(MappedFile file) => file.Length >= Magic.Length && file.Read(0, Magic.Length).SequenceEqual(Magic);

    /// <summary>What is compressed is unpacked when it is read; before, only its beginning.</summary>
    void ReadArchive()
    {
        var archive = new ZipDirectory(file);
        var start = new byte[LongestHeader];
        foreach (var entry in archive.Entries.Values)
        {
            if (!entry.Name.EndsWith(".npy", StringComparison.Ordinal)) throw Bad($"it holds {entry.Name}, which is no array");
            var head = start.AsSpan(0, archive.Read(entry, start));
            if (entry.Deflated)
            {
                packed.Add(new($"{Origin}!{entry.Name}", entry.Length, () => archive.Unpack(entry)));
                Add(entry.Name[..^4], packed[^1], 0, head, entry.Length);
            }
            else Add(entry.Name[..^4], file, entry.Offset, head, entry.Length);
        }
    }

    /// <param name="name">of the array</param>
    /// <param name="holder">where its bytes are</param>
    /// <param name="start">of its .npy there</param>
    /// <param name="head">its first bytes</param>
    /// <param name="length">of the .npy</param>
    void Add(string name, MappedFile holder, long start, ReadOnlySpan<byte> head, long length)
    {
        if (!head.StartsWith(Magic)) throw Bad($"{name} does not begin as a .npy does");
        if (head.Length < 12) throw Bad($"{name} is cut off");
        var (at, size) = head[6] switch
        {
            1 => (10, BinaryPrimitives.ReadUInt16LittleEndian(head[8..])),
            2 or 3 => (12, BinaryPrimitives.ReadUInt32LittleEndian(head[8..])),
            var version => throw Bad($"{name} has version {version}; 1, 2 and 3 are known"),
        };
        if (size > head.Length - at) throw Bad($"{name}'s header claims {size} bytes");
        var header = Encoding.Latin1.GetString(head.Slice(at, (int)size));
        var (type, bigEndian) = TypeOf(name, header);
        var shape = ShapeOf(name, header);
        var (count, bytes) = SizeOf(name, type, shape);
        var data = at + size;
        if (bytes != length - data) throw Bad($"{name} is {type} [{string.Join(", ", shape)}] but has {length - data} bytes");
        var fortran = Match(name, header, FortranOrder(), "fortran_order") == "True";
        var strides = Arrangement.RowMajor(fortran ? [.. shape.Reverse()] : shape);
        if (fortran) strides.AsSpan().Reverse();
        var usual = !(fortran && shape.Length > 1 && count > 0) && !bigEndian;
        tensors.Add(name, new(name, type, shape, holder, start + data, bytes, usual ? null : new(strides, bigEndian)));
    }

    (ElementType Type, bool BigEndian) TypeOf(string name, string header)
    {
        if (Fields().IsMatch(header))
            throw new CheckpointException($"{name} of {Origin} holds records of several fields, which is not supported: save each field as an array of its own.");
        var written = Match(name, header, Descr(), "descr");
        ElementType? type = written[1..] switch
        {
            "f8" => ElementType.F64,
            "f4" => ElementType.F32,
            "f2" => ElementType.F16,
            "i8" => ElementType.I64,
            "i4" => ElementType.I32,
            "i2" => ElementType.I16,
            "i1" => ElementType.I8,
            "u8" => ElementType.U64,
            "u4" => ElementType.U32,
            "u2" => ElementType.U16,
            "u1" => ElementType.U8,
            "b1" => ElementType.Bool,
            "c8" => ElementType.C64,
            _ => null,
        };
        if (written[1..] == "O")
            throw new CheckpointException($"{name} of {Origin} holds Python objects, which are a pickle and may run any program: save it as numbers.");
        return (type ?? throw new CheckpointException($"{name} of {Origin} has the type '{written}', which is not supported: save it as another."),
            written[0] == '>' && type?.Layout().Bytes > 1);
    }

    long[] ShapeOf(string name, string header)
    {
        var sizes = Match(name, header, Shape(), "shape").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (sizes.Length > 64) throw Bad($"{name} has {sizes.Length} dimensions");
        return [.. sizes.Select(size => long.TryParse(size.TrimEnd('L'), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value : throw Bad($"{name} has the size {size}"))];
    }

    (long Count, long Bytes) SizeOf(string name, ElementType type, long[] shape)
    {
        try
        {
            var count = shape.Aggregate(1L, (product, size) => checked(product * size));
            return (count, checked(count * type.Layout().Bytes));
        }
        catch (OverflowException)
        {
            throw Bad($"{name} claims the shape [{string.Join(", ", shape)}]");
        }
    }

    string Match(string name, string header, Regex pattern, string what)
    {
        var match = pattern.Match(header);
        return match.Success ? match.Groups[1].Value : throw Bad($"{name}'s header says no {what} that is known");
    }

    [GeneratedRegex("""['"]descr['"]\s*:\s*\[""", RegexOptions.NonBacktracking)]
    private static partial Regex Fields();

    // The header is the text of a Python dictionary, whose keys come in any order.
    // Dates and spans of time say their unit: <M8[D], <m8[25s].
    [GeneratedRegex("""['"]descr['"]\s*:\s*['"]([<>|=][A-Za-z][0-9]*(?:\[[0-9A-Za-z/]*\])?)['"]""", RegexOptions.NonBacktracking)]
    private static partial Regex Descr();

    [GeneratedRegex("""['"]fortran_order['"]\s*:\s*(True|False)""", RegexOptions.NonBacktracking)]
    private static partial Regex FortranOrder();

    [GeneratedRegex("""['"]shape['"]\s*:\s*\(([0-9L,\s]*)\)""", RegexOptions.NonBacktracking)]
    private static partial Regex Shape();

    CheckpointException Bad(string what) => new($"{Origin} is no sound file of NumPy's: {what}. Fetch it again.");
}
