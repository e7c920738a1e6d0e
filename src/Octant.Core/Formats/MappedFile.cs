using System.IO.MemoryMappedFiles;

namespace Octant.Formats;

/// <summary>A file as read-only memory, of any length: pages come in as they are touched, nothing is copied.</summary>
public sealed unsafe class MappedFile : IDisposable
{
    readonly PackedBytes? packed;
    readonly MemoryMappedFile? map;
    readonly MemoryMappedViewAccessor? view;
    byte* start;
    bool closed;

    /// <exception cref="CheckpointException">the file is missing, empty, or cannot be read</exception>
    public MappedFile(string path)
    {
        Path = path;
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            Length = stream.Length;
            if (Length == 0) throw new CheckpointException($"{path} is empty. Fetch it again.");
            map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, false);
            view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            start += view.PointerOffset;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            Dispose();
            throw new CheckpointException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>What stands packed within another file: unpacked when it is read.</summary>
    internal MappedFile(string path, long length, Func<Stream> unpack) =>
        (Path, Length, packed) = (path, length, new(path, length, unpack));

    /// <summary>Where it lies; what is packed within another file has that one's path, then ! and its own name.</summary>
    public string Path { get; }

    /// <summary>Whether there is a file of its own with these bytes.</summary>
    public bool IsOnDisk => packed is null;

    /// <summary>In bytes.</summary>
    public long Length { get; }

    /// <summary>A view of the file; valid until it is disposed of.</summary>
    /// <exception cref="ArgumentOutOfRangeException">the view leaves the file</exception>
    /// <exception cref="ObjectDisposedException">the file is closed</exception>
    public ReadOnlySpan<byte> Read(long offset, int count)
    {
        ObjectDisposedException.ThrowIf(closed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - count);
        return packed is null ? new(start + offset, count) : packed.Read(offset, count);
    }

    /// <summary>A stream of a part of a file on disk.</summary>
    internal Stream Open(long offset, long count) =>
        count == 0 ? Stream.Null : map!.CreateViewStream(offset, count, MemoryMappedFileAccess.Read);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (start is not null) view!.SafeMemoryMappedViewHandle.ReleasePointer();
        start = null;
        closed = true;
        packed?.Dispose();
        view?.Dispose();
        map?.Dispose();
    }
}
