using Microsoft.Win32.SafeHandles;
using Octant.Formats;

namespace Octant.Training.Monitoring;

/// <summary>
/// A file that grows by whole records: each is handed to the system in one write, so that a reader sees it at once, and threads
/// don't interleave. A record that did not fit on the disk is taken back.
/// </summary>
sealed class RecordFile : IDisposable
{
    readonly Lock turn = new();
    readonly SafeFileHandle handle;
    long length;

    /// <exception cref="CheckpointException">no permission, or there must not be such a file and is</exception>
    public RecordFile(string path, FileMode mode)
    {
        Path = path;
        SafeFileHandle? opened = null;
        Drafts.Guard(path, () => opened = File.OpenHandle(path, mode, FileAccess.Write, FileShare.Read | FileShare.Delete));
        handle = opened!;
        length = RandomAccess.GetLength(handle);
    }

    public string Path { get; }

    /// <exception cref="CheckpointException">no room</exception>
    public void Append(ReadOnlyMemory<byte> record)
    {
        lock (turn)
        {
            try
            {
                Drafts.Guard(Path, () => RandomAccess.Write(handle, record.Span, length));
            }
            catch (CheckpointException)
            {
                TakeBack();
                throw;
            }
            length += record.Length;
        }
    }

    /// <summary>Returns when what was appended survives a power cut.</summary>
    /// <exception cref="CheckpointException">the disk refuses</exception>
    public void Flush() => Drafts.Guard(Path, () => RandomAccess.FlushToDisk(handle));

    public void Dispose() => handle.Dispose();

    void TakeBack()
    {
        try
        {
            RandomAccess.SetLength(handle, length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What went wrong before is what the user must hear of; readers drop half a record.
        }
    }
}
