namespace Octant.Formats;

/// <summary>
/// Files that are read whole: configurations, tokenizers, templates, schemas. What calls itself one and has gigabytes, or no end at all (a
/// device), is refused before memory is asked for.
/// </summary>
public static class SmallFiles
{
    /// <summary>The largest configuration: those of models are thousands of times smaller.</summary>
    public const long LargestText = 64L << 20;

    /// <summary>The largest tokenizer: those of 256,000 tokens have some 35 MB.</summary>
    public const long LargestTokenizer = 1L << 30;

    /// <summary>Reads a text in UTF-8.</summary>
    /// <exception cref="IOException">it cannot be read</exception>
    /// <exception cref="OctantException">it is larger than any of its kind</exception>
    public static string ReadText(string path)
    {
        using var reader = new StreamReader(new MemoryStream(ReadBytes(path, LargestText)));
        return reader.ReadToEnd();
    }

    /// <summary>Reads a file's bytes.</summary>
    /// <inheritdoc cref="ReadText"/>
    public static byte[] ReadBytes(string path, long most)
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

        OctantException TooLarge() => new($"{path} has more than the {most >> 20} MB that a file of its kind may have.");
    }
}
