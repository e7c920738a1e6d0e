using System.IO.Enumeration;
using System.Text;
using System.Text.Json;

namespace Octant.Data.Reading;

/// <summary>
/// Documents from files, folders and standard input, one after the other as they are asked for. Anything may be gzipped, which its
/// first bytes show.
/// </summary>
public static class Sources
{
    /// <summary>The name of standard input.</summary>
    public const string StandardInput = "-";

    /// <summary>The documents of several sources, one source after the other.</summary>
    /// <param name="paths">files, folders, or <see cref="StandardInput"/></param>
    /// <param name="options">how they are read</param>
    /// <exception cref="DatasetException">
    /// on reading: a source is missing, unreadable or empty, its bytes are not UTF-8, a line is not JSON or lacks the field
    /// </exception>
    public static IEnumerable<Document> Open(IEnumerable<string> paths, SourceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return paths.SelectMany(path => Open(path, options));
    }

    /// <summary>The documents of one source.</summary>
    /// <param name="path">a file, a folder (read with all below it, in order of names), or <see cref="StandardInput"/></param>
    /// <param name="options">how it is read</param>
    /// <exception cref="DatasetException">as of <see cref="Open(IEnumerable{string}, SourceOptions?)"/></exception>
    public static IEnumerable<Document> Open(string path, SourceOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new SourceOptions();
        if (options.Separator is "") throw new DatasetException("The separator of documents is empty: leave it out to read each file as one document.");
        if (path == StandardInput) return ReadStream(() => Console.OpenStandardInput(), "standard input", options);
        if (Directory.Exists(path)) return Files(path, options).SelectMany(file => ReadFile(file, options));
        return File.Exists(path) ? ReadFile(path, options)
            : throw new DatasetException($"There is no text at {path}: it is neither a file nor a folder.");
    }

    /// <summary>The documents of an open stream, which is closed at the end.</summary>
    /// <param name="stream">text or JSON lines, gzipped or not</param>
    /// <param name="name">what documents and errors call it; also says its format</param>
    /// <param name="options">how it is read</param>
    /// <exception cref="DatasetException">as of <see cref="Open(IEnumerable{string}, SourceOptions?)"/></exception>
    public static IEnumerable<Document> Read(Stream stream, string name, SourceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return ReadStream(() => stream, name, options ?? new SourceOptions());
    }

    static List<string> Files(string folder, SourceOptions options)
    {
        var enumeration = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = false };
        var found = SourceErrors.Guard(folder, () => new FileSystemEnumerable<string>(folder, (ref entry) => entry.ToSpecifiedFullPath(), enumeration)
        {
            ShouldIncludePredicate = (ref entry) => !entry.IsDirectory && IsWanted(entry.FileName, options),
            // A link to a folder above would lead round in a circle.
            ShouldRecursePredicate = (ref entry) => !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
        }.Order(StringComparer.Ordinal).ToList());
        return found.Count > 0 ? found
            : throw new DatasetException($"{folder} holds no file that ends in {string.Join(", ", options.Endings)} (or those with .gz).");
    }

    static bool IsWanted(ReadOnlySpan<char> name, SourceOptions options)
    {
        foreach (var ending in options.Endings)
            if (WithoutGzip(name).EndsWith(ending, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }

    static ReadOnlySpan<char> WithoutGzip(ReadOnlySpan<char> name) =>
        name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? name[..^3] : name;

    static IEnumerable<Document> ReadFile(string path, SourceOptions options) =>
        ReadStream(() => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1), path, options);

    static IEnumerable<Document> ReadStream(Func<Stream> open, string name, SourceOptions options)
    {
        var json = IsJsonLines(name, options);
        using var pieces = new PieceReader(SourceErrors.Guard(name, () => Gzip.Unpacked(open())), name,
            json ? "\n" : options.Separator);
        var any = false;
        while (pieces.Next() is { } piece)
        {
            var origin = piece.Line == 1 ? name : $"{name}:{piece.Line}";
            var text = json ? JsonText(piece, name, options) : Text(piece, name, options);
            if (text is null or "") continue;
            any = true;
            yield return new Document(text, origin);
        }
        if (!any) throw new DatasetException($"{name} is empty: it holds no text. Leave it out, or put text into it.");
    }

    static bool IsJsonLines(string name, SourceOptions options) => options.Format switch
    {
        SourceFormat.Text => false,
        SourceFormat.JsonLines => true,
        _ => WithoutGzip(name) is var plain && (plain.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase)
            || plain.EndsWith(".ndjson", StringComparison.OrdinalIgnoreCase)),
    };

    static string Text(Piece piece, string name, SourceOptions options)
    {
        var bytes = piece.Bytes.Span;
        if (options.Invalid == InvalidText.Refuse && FirstInvalid(bytes) is >= 0 and var at)
            throw new DatasetException(
                $"{name}:{piece.Line + bytes[..at].Count((byte)'\n')} is not UTF-8: byte 0x{bytes[at]:X2}. Convert the file, or have such bytes replaced by U+FFFD.");
        return Encoding.UTF8.GetString(bytes);
    }

    static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        if (System.Text.Unicode.Utf8.IsValid(bytes)) return -1;
        for (var at = 0; ;)
        {
            if (Rune.DecodeFromUtf8(bytes[at..], out _, out var width) != System.Buffers.OperationStatus.Done) return at;
            at += width;
        }
    }

    /// <summary>The text of a JSON line; null for a blank one.</summary>
    static string? JsonText(Piece piece, string name, SourceOptions options)
    {
        var line = Text(piece, name, options);
        if (string.IsNullOrWhiteSpace(line)) return null;
        try
        {
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.ValueKind != JsonValueKind.Object) throw Wrong("is no JSON object");
            if (!json.RootElement.TryGetProperty(options.TextField, out var text))
                throw Wrong($"lacks the field \"{options.TextField}\"; it has {Fields(json.RootElement)}");
            return text.ValueKind == JsonValueKind.String ? text.GetString()
                : throw Wrong($"has a field \"{options.TextField}\" that is no text");
        }
        catch (JsonException error)
        {
            throw new DatasetException($"{name}:{piece.Line} is not JSON: {error.Message}", error);
        }
        catch (InvalidOperationException error)
        {
            throw new DatasetException($"{name}:{piece.Line} holds half of a surrogate pair.", error);
        }

        DatasetException Wrong(string what) => new($"{name}:{piece.Line} {what}.");
    }

    static string Fields(JsonElement json)
    {
        var names = json.EnumerateObject().Take(9).Select(field => $"\"{field.Name}\"").ToList();
        return names.Count == 0 ? "none" : string.Join(", ", names.Take(8)) + (names.Count > 8 ? ", ..." : "");
    }
}
