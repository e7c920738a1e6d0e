namespace Octant.Formats;

/// <summary>
/// Files that are read whole: configurations, tokenizers, templates, schemas. What calls itself one and has gigabytes, or no end at all (a
/// device), is refused before memory is asked for; what cannot be read at all is an error that names it.
/// </summary>
public static class SmallFiles
{
    /// <summary>The largest configuration: those of models are thousands of times smaller.</summary>
    public const long LargestText = 64L << 20;

    /// <summary>The largest tokenizer: those of 256,000 tokens have some 35 MB.</summary>
    public const long LargestTokenizer = 1L << 30;

    /// <summary>Reads a text in UTF-8.</summary>
    /// <exception cref="CheckpointException">it cannot be read, or is larger than any of its kind</exception>
    public static string ReadText(string path)
    {
        using var reader = new StreamReader(new MemoryStream(ReadBytes(path, LargestText)));
        return reader.ReadToEnd();
    }

    /// <summary>Reads the lines of a text in UTF-8.</summary>
    /// <inheritdoc cref="ReadText"/>
    public static IEnumerable<string> ReadLines(string path)
    {
        using var reader = new StreamReader(new MemoryStream(ReadBytes(path, LargestText)));
        while (reader.ReadLine() is { } line) yield return line;
    }

    /// <summary>Reads a file's bytes.</summary>
    /// <inheritdoc cref="ReadText"/>
    public static byte[] ReadBytes(string path, long most) => Told(path, () =>
    {
        using var file = File.OpenRead(path);
        if (file.CanSeek && file.Length > most) throw TooLarge();
        using var bytes = new MemoryStream(file.CanSeek ? (int)file.Length : 0);
        var buffer = new byte[1 << 16];
        for (int count; (count = file.Read(buffer)) > 0;)
        {
            if (bytes.Length + count > most) throw TooLarge();
            bytes.Write(buffer.AsSpan(0, count));
        }
        return bytes.ToArray();

        CheckpointException TooLarge() => new($"{path} has more than the {most >> 20} MB that a file of its kind may have.");
    });

    /// <summary>Reads a file's first bytes, by which its kind is told; fewer where it has fewer.</summary>
    /// <exception cref="CheckpointException">it cannot be read</exception>
    public static byte[] ReadStart(string path, int count) => Told(path, () =>
    {
        using var file = File.OpenRead(path);
        var start = new byte[count];
        return start[..file.ReadAtLeast(start, count, throwOnEndOfStream: false)];
    });

    /// <summary>The files of a folder whose names fit a pattern, in the order of their names.</summary>
    /// <exception cref="CheckpointException">it cannot be read</exception>
    public static string[] In(string folder, string pattern) =>
        Told(folder, () => Directory.GetFiles(folder, pattern).Order(StringComparer.Ordinal).ToArray(), needsFile: false);

    static T Told<T>(string path, Func<T> read, bool needsFile = true)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CheckpointException(needsFile && Directory.Exists(path) ? $"{path} is a folder; a file is needed." : $"{(path.Length > 0 ? path : "A file without a name")} cannot be read: {e.Message}", e);
        }
    }
}
