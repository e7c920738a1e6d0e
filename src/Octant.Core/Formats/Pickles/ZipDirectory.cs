using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Octant.Formats.Pickles;

/// <summary>A file within a ZIP archive.</summary>
/// <param name="Name">with its folders</param>
/// <param name="Offset">of its first byte in the archive</param>
/// <param name="Stored">bytes that it takes there</param>
/// <param name="Length">bytes that it has</param>
/// <param name="Deflated">whether it is compressed</param>
readonly record struct ZipEntry(string Name, long Offset, long Stored, long Length, bool Deflated);

/// <summary>
/// The directory of a ZIP archive (PKWARE APPNOTE 6.3, with its 64-bit extension): where each file lies, so that what is not compressed is
/// read where it is. .NET's own reader does not tell.
/// </summary>
sealed class ZipDirectory
{
    const int EndLength = 22;
    const int End64Length = 56;
    const int Locator64Length = 20;
    const int EntryLength = 46;
    const int LocalLength = 30;

    readonly MappedFile file;
    readonly Dictionary<string, ZipEntry> entries = [];
    long stored;

    /// <exception cref="CheckpointException">the archive is damaged, or uses what is not supported</exception>
    public ZipDirectory(MappedFile file)
    {
        this.file = file;
        var (count, size, at) = FindDirectory();
        if (at < 0 || size < 0 || at > file.Length - size) throw Bad("its directory lies outside of it");
        // Each entry takes bytes of the directory: a count alone makes nothing be allocated.
        if (count < 0 || count > size / EntryLength) throw Bad($"it claims {count} files");
        var end = at + size;
        for (var i = 0L; i < count; i++) at = ReadEntry(at, end);
    }

    public IReadOnlyDictionary<string, ZipEntry> Entries => entries;

    /// <summary>Whether a file begins as an archive does.</summary>
    public static bool IsZip(MappedFile file) => file.Length >= EndLength && file.Read(0, 4).SequenceEqual("PK\x03\x04"u8);

    /// <summary>What a compressed file holds, from its beginning.</summary>
    public Stream Unpack(ZipEntry entry) => new DeflateStream(file.Open(entry.Offset, entry.Stored), CompressionMode.Decompress);

    /// <summary>Reads a file, or as much of its beginning as there is room for.</summary>
    /// <returns>bytes that were read</returns>
    public int Read(ZipEntry entry, Span<byte> bytes)
    {
        bytes = bytes[..(int)Math.Min(entry.Length, bytes.Length)];
        if (entry.Deflated) Unpack(entry, bytes);
        else file.Read(entry.Offset, bytes.Length).CopyTo(bytes);
        return bytes.Length;
    }

    void Unpack(ZipEntry entry, Span<byte> bytes)
    {
        try
        {
            using var stream = Unpack(entry);
            stream.ReadExactly(bytes);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw Bad($"{entry.Name} cannot be unpacked ({e.Message})");
        }
    }

    (long Count, long Size, long At) FindDirectory()
    {
        // A comment of up to 65,535 bytes may follow the end's record.
        var tail = file.Read(Math.Max(0, file.Length - EndLength - ushort.MaxValue), (int)Math.Min(file.Length, EndLength + ushort.MaxValue));
        var found = tail.LastIndexOf("PK\x05\x06"u8);
        if (found < 0 || found > tail.Length - EndLength) throw Bad("it has no directory: it may be cut off");
        var end = tail[found..];
        long count = U16(end, 10), size = U32(end, 12), at = U32(end, 16);
        var place = file.Length - tail.Length + found;
        if ((count == ushort.MaxValue || size == uint.MaxValue || at == uint.MaxValue) && place >= Locator64Length)
        {
            var locator = file.Read(place - Locator64Length, Locator64Length);
            if (!locator.StartsWith("PK\x06\x07"u8)) return (count, size, at);
            var end64 = I64(locator, 8);
            if (end64 < 0 || end64 > file.Length - End64Length) throw Bad("its directory lies outside of it");
            var record = file.Read(end64, End64Length);
            if (!record.StartsWith("PK\x06\x06"u8)) throw Bad("its directory is damaged");
            return (I64(record, 32), I64(record, 40), I64(record, 48));
        }
        return (count, size, at);
    }

    long ReadEntry(long at, long end)
    {
        if (at > end - EntryLength) throw Bad("its directory is cut off");
        var head = file.Read(at, EntryLength);
        if (!head.StartsWith("PK\x01\x02"u8)) throw Bad("its directory is damaged");
        var (flags, method) = (U16(head, 8), U16(head, 10));
        long stored = U32(head, 20), length = U32(head, 24), local = U32(head, 42);
        var (nameLength, extraLength, commentLength) = (U16(head, 28), U16(head, 30), U16(head, 32));
        var next = at + EntryLength + nameLength + extraLength + commentLength;
        if (next > end) throw Bad("its directory is cut off");
        var name = Encoding.UTF8.GetString(file.Read(at + EntryLength, nameLength));
        ReadExtra(file.Read(at + EntryLength + nameLength, extraLength), ref length, ref stored, ref local);
        if ((flags & 1) != 0) throw Bad($"{name} is encrypted");
        if (method is not (0 or 8)) throw Bad($"{name} is compressed by method {method}; 0 (stored) and 8 (deflated) are supported");
        var offset = DataOf(name, local);
        if (stored < 0 || length < 0 || stored > file.Length - offset) throw Bad($"{name} lies outside of it");
        if (method == 0 && stored != length) throw Bad($"{name} has {length} bytes in {stored}, uncompressed");
        // Deflate packs at most 1,032 bytes into one: a larger claim is a lie, and must not be allocated.
        if (method == 8 && length / 1032 > stored) throw Bad($"{name} claims {length} bytes in {stored}");
        // The same bytes as the content of many files would unpack to as much as one likes.
        if ((this.stored += stored) > file.Length) throw Bad("its files lie over one another");
        if (!entries.TryAdd(name, new(name, offset, stored, length, method == 8))) throw Bad($"{name} stands in it twice");
        return next;
    }

    /// <summary>Sizes that do not fit 32 bits stand in a field of their own, as far as they do not.</summary>
    static void ReadExtra(ReadOnlySpan<byte> extra, ref long length, ref long stored, ref long local)
    {
        while (extra.Length >= 4)
        {
            var (id, size) = (U16(extra, 0), U16(extra, 2));
            if (size > extra.Length - 4) return;
            var field = extra.Slice(4, size);
            extra = extra[(4 + size)..];
            if (id != 1) continue;
            Take(ref length, ref field);
            Take(ref stored, ref field);
            Take(ref local, ref field);
        }

        static void Take(ref long value, ref ReadOnlySpan<byte> field)
        {
            if (value != uint.MaxValue || field.Length < 8) return;
            value = I64(field, 0);
            field = field[8..];
        }
    }

    /// <summary>The file's own header repeats the name, and has an extra field of its own length.</summary>
    long DataOf(string name, long local)
    {
        if (local < 0 || local > file.Length - LocalLength) throw Bad($"{name} lies outside of it");
        var head = file.Read(local, LocalLength);
        if (!head.StartsWith("PK\x03\x04"u8)) throw Bad($"{name} is not where its directory says");
        var data = local + LocalLength + U16(head, 26) + U16(head, 28);
        return data <= file.Length ? data : throw Bad($"{name} lies outside of it");
    }

    static int U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    static long U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    static long I64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);

    CheckpointException Bad(string what) => new($"{file.Path} is no sound archive: {what}. Fetch it again.");
}
