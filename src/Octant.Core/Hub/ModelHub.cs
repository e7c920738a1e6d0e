using Octant.Formats;

namespace Octant.Hub;

/// <summary>Where a model lies.</summary>
/// <param name="Path">its folder, its GGUF file (the first, if it is split), or the .safetensors file that was named</param>
/// <param name="IsGguf">whether it is a GGUF file</param>
/// <param name="Commit">the commit on the hub that it is; null for an embedded model and for what the user named by its path</param>
public sealed record ResolvedModel(string Path, bool IsGguf, string? Commit = null);

/// <summary>What the cache holds of a model.</summary>
/// <param name="Name">org/name</param>
/// <param name="Revision">the branch or tag by which it was fetched, else its commit</param>
/// <param name="Commit">its commit</param>
/// <param name="Bytes">the size of its files</param>
/// <param name="Path">its folder</param>
/// <param name="Kind">what its weights are: safetensors, GGUF, PyTorch, or nothing of these</param>
public sealed record CachedModel(string Name, string Revision, string Commit, long Bytes, string Path, string Kind);

/// <summary>A model that lies beside the program.</summary>
/// <param name="Name">its folder's name, by which it is found</param>
/// <param name="Bytes">the size of its files</param>
/// <param name="Path">its folder</param>
public sealed record EmbeddedModel(string Name, long Bytes, string Path);

/// <summary>
/// From a model's name to its files: a folder, a .gguf file, a model that lies beside the program, or a name on the hub, which is looked
/// up in the cache that Hugging Face's own tools use and fetched if it is not there.
/// </summary>
public sealed class ModelHub : IDisposable
{
    /// <summary>The embedded model that is meant where none is named: it holds a Shakespearean dialogue.</summary>
    public const string DefaultModel = "shakespeare-chat";

    readonly HttpClient http;
    readonly bool ownsHttp;

    /// <summary>Opens the hub.</summary>
    /// <param name="settings">those of the environment if not given</param>
    /// <param name="http">another client, which must not follow redirections itself: they decide who may see the token</param>
    public ModelHub(HubSettings? settings = null, HttpClient? http = null)
    {
        Settings = settings ?? HubSettings.FromEnvironment();
        ownsHttp = http is null;
        this.http = http ?? new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false })
        {
            Timeout =
            Timeout.InfiniteTimeSpan
        };
    }

    /// <summary>Where the hub and its cache are.</summary>
    public HubSettings Settings { get; }

    /// <summary>Finds a model's files: at its path, beside the program, in the cache, or on the hub.</summary>
    /// <param name="name">a folder, a .gguf file, an embedded model's name, or org/name[@revision][:quantisation]</param>
    /// <param name="progress">told about ten times a second while something is fetched</param>
    /// <param name="cancellation">ends the wait; what has come is kept, and the next call goes on there</param>
    /// <exception cref="HubException">it cannot be found or fetched; says why and what to do</exception>
    public async Task<ResolvedModel> ResolveAsync(string name, IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellation = default) =>
        Find(name) ?? await PullAsync(Parse(name), progress, cancellation);

    /// <summary>Finds a model's files without asking the hub: at its path, beside the program or in the cache; null if the cache lacks something.</summary>
    /// <exception cref="HubException">the name is none, or a path that leads nowhere</exception>
    public ResolvedModel? Find(string name)
    {
        if (Local(name) is { } local) return local;
        var parsed = Parse(name);
        return new HubCache(Settings.Cache, parsed.Repository).Find(parsed);
    }

    /// <summary>Finds what turns a model's text into ids, and fetches that alone where it is not here.</summary>
    /// <returns>the model's folder, which may lack weights, or its .gguf file</returns>
    /// <inheritdoc cref="ResolveAsync"/>
    public async Task<ResolvedModel> ResolveTokenizerAsync(string name, IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        if (FindTokenizer(name) is { } here) return here;
        var parsed = Parse(name);
        return Settings.Offline ? throw NotHere(parsed) : await Pull(parsed, FileSelection.ChooseTokenizer, progress, cancellation);
    }

    /// <summary>Finds what turns a model's text into ids without asking the hub; null if the cache lacks it.</summary>
    /// <inheritdoc cref="Find"/>
    public ResolvedModel? FindTokenizer(string name)
    {
        if (File.Exists(name) && Tokenizers.Tokenizer.IsFileName(name)) return new ResolvedModel(name, IsGguf: false);
        if (Local(name) is { } local) return local;
        var parsed = Parse(name);
        return new HubCache(Settings.Cache, parsed.Repository).FindTokenizer(parsed);
    }

    /// <summary>Fetches what the cache lacks of a model's latest state on the hub; offline, that is what the cache has.</summary>
    /// <inheritdoc cref="ResolveAsync"/>
    public async Task<ResolvedModel> PullAsync(ModelName name, IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        name = ModelName.Parse(name.ToString());
        return Settings.Offline ? new HubCache(Settings.Cache, name.Repository).Find(name) ?? throw NotHere(name)
            : await Pull(name, FileSelection.Choose, progress, cancellation);
    }

    HubException NotHere(ModelName name) =>
        new($"{name} is not in the cache ({Settings.Cache}), and HF_HUB_OFFLINE is set: unset it to fetch the model, or give a folder.");

    async Task<ResolvedModel> Pull(ModelName name, Func<ModelName, IReadOnlyCollection<string>, FileSelection> choose,
        IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        var meter = new ProgressMeter(progress, TimeProvider.System);
        var client = new HubClient(http, Settings, meter.Trouble);
        var cache = new HubCache(Settings.Cache, name.Repository);
        try
        {
            var info = await client.Info(name, cancellation);
            var selection = choose(name, info.Files);
            await Fetch(selection.Files);
            if (selection.Index is { } index) await Fetch(Shards(name, Path.Combine(cache.Snapshot(info.Commit), index)));
            if (selection.Gguf is null && !info.Files.Contains("tokenizer.json")) cache.SetMissing(info.Commit, "tokenizer.json");
            cache.SetCommit(name.Revision, info.Commit);
            var snapshot = cache.Snapshot(info.Commit);
            return new ResolvedModel(selection.Gguf is null ? snapshot : Path.Combine(snapshot, selection.Gguf),
                selection.Gguf is not null, info.Commit);

            async Task Fetch(IEnumerable<string> files)
            {
                var missing = new List<RemoteFile>();
                foreach (var file in files)
                    if (!HubCache.IsWhole(HubCache.Inside(cache.Snapshot(info.Commit), file)))
                        missing.Add(await client.Head(name, info.Commit, file, cancellation));
                meter.Total += missing.Sum(file => file.Size);
                var download = new FileDownload(client, Settings, cache, meter);
                foreach (var file in missing) await download.Fetch(name, info.Commit, file, cancellation);
            }
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            throw HubDisk.Error(Settings.Cache, error);
        }
    }

    static IEnumerable<string> Shards(ModelName name, string index) =>
        HubCache.Shards(index) is { Count: > 0 } shards ? shards.Order(StringComparer.Ordinal)
        : throw new HubException($"{name.Repository}'s {Path.GetFileName(index)} names no files of weights: choose another revision or model.");

    /// <summary>What no cache is asked for. A path comes first: who trains a model of the same name means it.</summary>
    ResolvedModel? Local(string name) => AtPath(name)
        ?? (!name.Contains('/') && Embedded().FirstOrDefault(model => model.Name == name) is { } model
            ? new ResolvedModel(model.Path, IsGguf: false) : null);

    ModelName Parse(string name)
    {
        if (ModelName.TryParse(name, out var parsed)) return parsed;
        var embedded = Embedded();
        throw new HubException($"'{ModelName.Shorten(name)}' is neither a model that is here nor a model's name on the hub: {ModelName.Forms}" + (embedded.Count > 0
            ? $", or one of the embedded models: {string.Join(", ", embedded.Select(model => model.Name))}."
            : $" (no model is embedded: {Settings.Embedded} holds none)."));
    }

    /// <summary>A model at a path; null where the name is no path.</summary>
    static ResolvedModel? AtPath(string name)
    {
        if (File.Exists(name)) return AtFile(name);
        if (Directory.Exists(name)) return InFolder(name);
        var isPath = Path.IsPathRooted(name) || name.StartsWith('.') || name.StartsWith('~') || name.Contains('\\')
            || ((Ends(name, ".gguf") || Ends(name, ".safetensors")) && !name.Contains(':'));
        return isPath ? throw new HubException($"There is no file or folder {name}: name a folder with config.json and model.safetensors, a .gguf file, or org/name.") : null;
    }

    /// <summary>A GGUF file by whatever name, or weights: then it is the folder that holds their configuration and tokenizer.</summary>
    static ResolvedModel AtFile(string path)
    {
        if (Ends(path, ".gguf") || BeginsAsGguf(path)) return new ResolvedModel(path, IsGguf: true);
        if (Ends(path, ".bin") && Llama2CFile.Is(path)) return new ResolvedModel(path, IsGguf: false);
        if (!Ends(path, ".safetensors") && !Ends(path, ".bin") && !Ends(path, ".safetensors.index.json"))
            throw new HubException($"{path} is no model: give the folder that it lies in, or a GGUF file.");
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var file = Path.GetFileName(path);
        return file is FileSelection.Weights or FileSelection.WeightsIndex
            || HubCache.Shards(Path.Combine(folder, FileSelection.WeightsIndex))?.Contains(file) == true
            ? new ResolvedModel(folder, IsGguf: false)
            // A variant beside the weights that the folder is opened by: the folder would be another model.
            : new ResolvedModel(path, IsGguf: false);
    }

    /// <summary>Stores of models name files by their hash: the content tells.</summary>
    static bool BeginsAsGguf(string path) => SmallFiles.ReadStart(path, 4).AsSpan().SequenceEqual("GGUF"u8);

    static bool Ends(string path, string extension) => path.EndsWith(extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>A folder is a model in Hugging Face's layout, or holds one GGUF file.</summary>
    static ResolvedModel InFolder(string folder)
    {
        if (File.Exists(Path.Combine(folder, "config.json"))) return new ResolvedModel(folder, IsGguf: false);
        var files = SmallFiles.In(folder, "*.gguf").Select(file => Path.GetFileName(file)!).ToList();
        if (files.Count == 0) return new ResolvedModel(folder, IsGguf: false);
        var firsts = files.Where(file => FileSelection.Parts(file)[0] == file).ToList();
        return firsts.Count == 1 ? new ResolvedModel(Path.Combine(folder, firsts[0]), IsGguf: true)
            : throw new HubException($"{folder} holds several GGUF files: name one of {string.Join(", ", firsts.Order(StringComparer.Ordinal).Take(20))}.");
    }

    /// <summary>What the cache holds, in the order of names.</summary>
    /// <exception cref="HubException">the cache cannot be read</exception>
    public IReadOnlyList<CachedModel> Cached() => List(Settings.Cache, "models--*", Snapshots, "HF_HUB_CACHE");

    /// <summary>The models beside the program, in the order of names: folders with a config.json.</summary>
    /// <exception cref="HubException">their folder cannot be read</exception>
    public IReadOnlyList<EmbeddedModel> Embedded() => List<EmbeddedModel>(Settings.Embedded, "*", folder =>
        File.Exists(Path.Combine(folder, "config.json"))
            ? [new EmbeddedModel(Path.GetFileName(folder), Directory.EnumerateFiles(folder).Sum(Size), folder)] : [], "OCTANT_MODELS");

    static T[] List<T>(string place, string pattern, Func<string, IEnumerable<T>> models, string variable)
    {
        try
        {
            return Directory.Exists(place)
                ? [.. Directory.EnumerateDirectories(place, pattern).Order(StringComparer.Ordinal).SelectMany(models)] : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new HubException($"The folder {place} cannot be read ({error.Message.TrimEnd('.')}): set {variable} to another folder.", error);
        }
    }

    static IEnumerable<CachedModel> Snapshots(string folder)
    {
        var name = Path.GetFileName(folder)["models--".Length..].Replace("--", "/", StringComparison.Ordinal);
        var (snapshots, refs) = (Path.Combine(folder, "snapshots"), Path.Combine(folder, "refs"));
        if (!Directory.Exists(snapshots)) yield break;
        var revisions = Directory.Exists(refs)
            ? Directory.EnumerateFiles(refs, "*", SearchOption.AllDirectories).Where(file => new FileInfo(file).Length < 200)
                .ToLookup(file => File.ReadAllText(file).Trim(), file =>
                    Path.GetRelativePath(refs, file).Replace(Path.DirectorySeparatorChar, '/'))
            : Array.Empty<string>().ToLookup(commit => commit);
        foreach (var snapshot in Directory.EnumerateDirectories(snapshots).Order(StringComparer.Ordinal))
        {
            var files = HubCache.Files(snapshot).ToList();
            if (files.Count == 0) continue;
            var commit = Path.GetFileName(snapshot);
            yield return new CachedModel(name, revisions[commit].Order(StringComparer.Ordinal).FirstOrDefault()
                ?? commit, commit,
                files.Sum(file => Size(Path.Combine(snapshot, file))), snapshot, KindOf(files));
        }
    }

    static long Size(string path) =>
        new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true) is FileInfo target ? target.Length
        : new FileInfo(path).Length;

    static string KindOf(List<string> files) =>
        files.Any(file => file.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase)) ? "safetensors"
        : files.Any(file => file.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)) ? "GGUF"
        : files.Any(file => file.EndsWith(".bin", StringComparison.OrdinalIgnoreCase)) ? "PyTorch" : "other";

    /// <summary>Closes the connections.</summary>
    public void Dispose()
    {
        if (ownsHttp) http.Dispose();
    }
}
