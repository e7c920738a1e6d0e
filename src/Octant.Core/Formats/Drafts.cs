namespace Octant.Formats;

/// <summary>
/// Files written beside their places, flushed to the disk and renamed together at the end: whoever reads sees the old files or
/// the whole new ones, and a full disk leaves the old ones.
/// </summary>
public sealed class Drafts : IDisposable
{
    readonly List<(string Draft, string Path)> written = [];

    /// <summary>Writes a file beside its place.</summary>
    /// <param name="path">where it is to be; its folder exists</param>
    /// <param name="write">writes its content; the stream can seek</param>
    /// <exception cref="CheckpointException">no room, no permission</exception>
    public void Write(string path, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        var draft = $"{path}.{Environment.ProcessId}.part";
        written.Add((draft, path));
        Guard(path, () =>
        {
            using var stream = new FileStream(draft, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
            write(stream);
            stream.Flush(flushToDisk: true);
        });
    }

    /// <summary>Writes a text beside its place, in UTF-8.</summary>
    /// <inheritdoc cref="Write(string, Action{Stream})"/>
    public void Write(string path, string text) => Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));

    /// <summary>Puts a text where another may be: readers see the old one or the whole new one.</summary>
    /// <inheritdoc cref="Write(string, string)"/>
    public static void Replace(string path, string text)
    {
        using var drafts = new Drafts();
        drafts.Write(path, text);
        drafts.Commit();
    }

    /// <summary>Renames them, in the order in which they were written.</summary>
    /// <exception cref="CheckpointException">no permission</exception>
    public void Commit()
    {
        foreach (var (draft, path) in written) Guard(path, () => File.Move(draft, path, overwrite: true));
        written.Clear();
    }

    /// <summary>Removes what was not committed.</summary>
    public void Dispose()
    {
        foreach (var (draft, _) in written)
        {
            try
            {
                File.Delete(draft);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // What went wrong before is what the user must hear of.
            }
        }
    }

    /// <summary>What the file system refuses becomes an error that names the path.</summary>
    /// <param name="path">what the error names</param>
    /// <param name="act">writes, makes or moves it</param>
    /// <exception cref="CheckpointException">no room, no permission</exception>
    public static void Guard(string path, Action act)
    {
        ArgumentNullException.ThrowIfNull(act);
        try
        {
            act();
        }
        // .NET's word for what a file system, or a limit of the process, does not let grow (EFBIG).
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException { ParamName: "value" })
        {
            throw new CheckpointException($"{path} cannot be written: {e.Message}", e);
        }
    }
}
