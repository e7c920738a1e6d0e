using System.Text.Json;

namespace Octant.Hub;

/// <summary>
/// One model's part of the cache, in the layout of huggingface_hub: <c>models--org--name/</c> with <c>refs/</c> (a branch's commit),
/// <c>blobs/</c> (contents by their etag) and <c>snapshots/COMMIT/</c> (relative links into blobs, or the files where links cannot be made).
/// </summary>
sealed class HubCache(string root, string repository)
{
    readonly string folder = Path.Combine(root, FolderName(repository));

    public static string FolderName(string repository) => $"models--{repository.Replace("/", "--", StringComparison.Ordinal)}";

    public string Snapshot(string commit) => Path.Combine(folder, "snapshots", commit);

    public string Blob(string etag) => Path.Combine(folder, "blobs", etag);

    /// <summary>The commit that a revision meant when it was last asked for; null if it never was.</summary>
    public string? Commit(string revision)
    {
        if (IsCommit(revision)) return Directory.Exists(Snapshot(revision)) ? revision : null;
        var file = Path.Combine(folder, "refs", revision);
        if (!File.Exists(file) || new FileInfo(file).Length > 200) return null;
        var commit = File.ReadAllText(file).Trim();
        return IsCommit(commit) ? commit : null;
    }

    public static bool IsCommit(string text) => text.Length == 40 && text.All(char.IsAsciiHexDigit);

    /// <summary>The model as far as the cache has all of it; null if something is missing.</summary>
    public ResolvedModel? Find(ModelName name)
    {
        if (Commit(name.Revision) is not { } commit || !Directory.Exists(Snapshot(commit))) return null;
        var snapshot = Snapshot(commit);
        if (name.File is null && IsWholeModel(snapshot, commit)) return new ResolvedModel(snapshot, IsGguf: false, commit);
        var files = Files(snapshot).ToList();
        // Weights that are not all here are fetched, rather than a GGUF file opened in their place.
        if (!files.Any(file => file.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase))
            || (name.File is null && files.Contains("config.json")))
            return null;
        try
        {
            var choice = FileSelection.Choose(name, files);
            return choice.Gguf is not null && choice.Files.All(file => IsWhole(Path.Combine(snapshot, file)))
                ? new ResolvedModel(Path.Combine(snapshot, choice.Gguf), IsGguf: true, commit) : null;
        }
        catch (HubException)
        {
            // The hub may have the file that the cache lacks.
            return null;
        }
    }

    /// <summary>What turns a model's text into ids, as far as the cache has it; null if it lacks it.</summary>
    public ResolvedModel? FindTokenizer(ModelName name)
    {
        if (Find(name) is { } whole) return whole;
        return name.File is null && Commit(name.Revision) is { } commit
            && FileSelection.Tokenizers.Any(file => IsWhole(Path.Combine(Snapshot(commit), file)))
            ? new ResolvedModel(Snapshot(commit), IsGguf: false, commit) : null;
    }

    /// <summary>A file, or a link to one that is there.</summary>
    public static bool IsWhole(string path)
    {
        var file = new FileInfo(path);
        try
        {
            return file.LinkTarget is null ? file.Exists
                : file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo { Exists: true };
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>The names of a snapshot's files, with forward slashes.</summary>
    public static IEnumerable<string> Files(string snapshot) => Directory.Exists(snapshot)
        ? Directory.EnumerateFiles(snapshot, "*", SearchOption.AllDirectories).Where(IsWhole)
            .Select(file => Path.GetRelativePath(snapshot, file).Replace(Path.DirectorySeparatorChar, '/'))
        : [];

    bool IsWholeModel(string snapshot, string commit)
    {
        bool Has(string file) => IsWhole(Path.Combine(snapshot, file));
        var hasTokenizer = FileSelection.Tokenizers.Any(Has) || File.Exists(NoExist(commit, "tokenizer.json"));
        return Has("config.json") && hasTokenizer && HasWeights(snapshot, Has);
    }

    /// <summary>All that a folder is opened by: one file, or an index with every shard that it names.</summary>
    static bool HasWeights(string snapshot, Func<string, bool> has) => has(FileSelection.Weights)
        || (has(FileSelection.WeightsIndex) && Shards(Path.Combine(snapshot, FileSelection.WeightsIndex)) is { Count: > 0 } shards
            && shards.All(has));

    /// <summary>The files that an index names; null where it cannot be read.</summary>
    public static IReadOnlyCollection<string>? Shards(string index)
    {
        try
        {
            using var stream = File.OpenRead(index);
            using var json = JsonDocument.Parse(stream);
            return json.RootElement.GetProperty("weight_map").EnumerateObject().Select(entry => entry.Value.GetString() ?? throw new JsonException("a file is null")).ToHashSet();
        }
        catch (Exception error) when (error
            is JsonException or InvalidOperationException or KeyNotFoundException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Lets a snapshot's file be the content that its blob holds.</summary>
    public void Link(string commit, string file, string etag)
    {
        var pointer = Inside(Snapshot(commit), file);
        Directory.CreateDirectory(Path.GetDirectoryName(pointer)!);
        if (IsWhole(pointer)) return;
        var target = Path.GetRelativePath(Path.GetDirectoryName(pointer)!, Blob(etag));
        File.Delete(pointer);
        try
        {
            File.CreateSymbolicLink(pointer, target);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Windows without developer mode, or a file system without links: the same content twice would fill the disk.
            File.Move(Blob(etag), pointer, overwrite: true);
        }
    }

    /// <summary>Remembers what a revision means. Written only when all files are here, so that what was whole stays found.</summary>
    public void SetCommit(string revision, string commit)
    {
        if (IsCommit(revision)) return;
        Replace(Inside(Path.Combine(folder, "refs"), revision), commit);
    }

    /// <summary>Remembers that the hub has no such file.</summary>
    public void SetMissing(string commit, string file) => Replace(NoExist(commit, file), "");

    string NoExist(string commit, string file) => Inside(Path.Combine(folder, ".no_exist", commit), file);

    static void Replace(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var beside = $"{path}.{Guid.NewGuid():N}";
        File.WriteAllText(beside, text);
        File.Move(beside, path, overwrite: true);
    }

    /// <summary>Waits until no other process, Hugging Face's tools included, fetches the same content.</summary>
    public async Task<FileStream> Lock(string etag, CancellationToken cancellation)
    {
        var locks = Path.Combine(root, ".locks", FolderName(repository));
        Directory.CreateDirectory(locks);
        Directory.CreateDirectory(Path.GetDirectoryName(Blob(etag))!);
        while (true)
        {
            try
            {
                // FileShare.None is flock on Unix, which huggingface_hub takes as well.
                return new FileStream(Path.Combine(locks, $"{etag}.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite,
                    FileShare.None);
            }
            catch (IOException error) when (IsHeld(error))
            {
                await Task.Delay(200, cancellation);
            }
        }
    }

    // A sharing violation on Windows; EWOULDBLOCK as .NET reports it on Linux and macOS.
    static bool IsHeld(IOException error) =>
        error.GetType() == typeof(IOException) && (error.HResult & 0xFFFF) is 32 or 33 or 11 or 35;

    /// <summary>A path below a folder for a name from outside, which must not leave it.</summary>
    /// <exception cref="HubException">the name is not one that a model's files have</exception>
    public static string Inside(string folder, string name)
    {
        var path = Path.GetFullPath(Path.Combine(folder, name));
        return IsSafe(name) && path.StartsWith(Path.GetFullPath(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : throw new HubException($"The hub names a file '{new string([.. name.Take(100).Where(c => !char.IsControl(c))])}', which could lie outside the model's folder: nothing was fetched.");
    }

    static bool IsSafe(string name) => name.Length is > 0 and <= 500
        && !name.Any(c => char.IsControl(c) || c is '\\' or ':' or '*' or '?' or '"' or '<' or '>' or '|')
        && name.Split('/').All(part =>
            part.Length > 0 && part is not ("." or "..") && part[^1] is not ('.' or ' ') && part[0] != ' ');
}
