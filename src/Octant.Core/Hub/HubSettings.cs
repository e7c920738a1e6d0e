namespace Octant.Hub;

/// <summary>Where the hub, its cache and the embedded models are, and how patiently to ask.</summary>
public sealed record HubSettings
{
    /// <summary>The cache that Hugging Face's own tools use, so that nothing is fetched twice.</summary>
    public required string Cache { get; init; }

    /// <summary>Where the embedded models are, each in a folder of its name; beside the program if nobody says otherwise.</summary>
    public string Embedded { get; init; } = Path.Combine(AppContext.BaseDirectory, "models");

    /// <summary>The hub's address, or a mirror's; looked at when something is asked for the first time.</summary>
    public string Endpoint { get; init; } = "https://huggingface.co";

    /// <summary>Who asks; null for nobody.</summary>
    public string? Token { get; init; }

    /// <summary>Uses what is in the cache only.</summary>
    public bool Offline { get; init; }

    /// <summary>How often a request is repeated when the hub is busy or a connection breaks without a byte having come.</summary>
    public int Retries { get; init; } = 5;

    /// <summary>The pause before the first repetition; each further one is twice as long.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A connection on which nothing comes for so long counts as broken.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Reads the variables that Hugging Face's tools read: HF_HUB_CACHE, HF_HOME, XDG_CACHE_HOME, HF_ENDPOINT, HF_TOKEN,
    /// HF_TOKEN_PATH, HF_HUB_OFFLINE; and OCTANT_MODELS, the folder of the embedded models.
    /// </summary>
    /// <param name="variable">the environment; that of the process if not given</param>
    public static HubSettings FromEnvironment(Func<string, string?>? variable = null)
    {
        variable ??= Environment.GetEnvironmentVariable;
        string? Read(string name) => variable(name) is { Length: > 0 } value ? value : null;
        var profile = Read("HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        // A service may have no home; what it fetches then lives as long as the machine's temporary files.
        if (profile.Length == 0) profile = Path.GetTempPath();
        string Expand(string path) =>
            path == "~" || path.StartsWith("~/", StringComparison.Ordinal) ? Path.Join(profile, path[1..]) : path;
        var home = Expand(Read("HF_HOME")
            ?? Path.Combine(Read("XDG_CACHE_HOME") ?? Path.Combine(profile, ".cache"), "huggingface"));
        return new HubSettings
        {
            Embedded = Path.GetFullPath(Expand(Read("OCTANT_MODELS") ?? Path.Combine(AppContext.BaseDirectory, "models"))),
            Cache = Path.GetFullPath(Expand(Read("HF_HUB_CACHE") ?? Read("HUGGINGFACE_HUB_CACHE")
                ?? Path.Combine(home, "hub"))),
            Endpoint = Read("HF_ENDPOINT") ?? "https://huggingface.co",
            Token = CleanToken(Read("HF_TOKEN") ?? Read("HUGGING_FACE_HUB_TOKEN")
                ?? ReadTokenFile(Expand(Read("HF_TOKEN_PATH") ?? Path.Combine(home, "token")))),
            Offline = IsSet(Read("HF_HUB_OFFLINE")) || IsSet(Read("TRANSFORMERS_OFFLINE")),
        };
    }

    /// <summary>The address to ask: who only uses what is on this machine never comes here.</summary>
    /// <exception cref="HubException">it is no web address</exception>
    internal Uri Address() =>
        Uri.TryCreate(Endpoint.TrimEnd('/'), UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http" ? uri
        : throw new HubException($"HF_ENDPOINT is '{Endpoint}', which is no web address: give one such as https://huggingface.co, or unset it.");

    static bool IsSet(string? value) => value?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE";

    static string? ReadTokenFile(string path)
    {
        try
        {
            return File.Exists(path) && new FileInfo(path).Length < 10_000 ? File.ReadAllText(path) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>A token goes into a header: line ends around it go, and what has odd characters inside is none.</summary>
    static string? CleanToken(string? token) =>
        token?.Trim() is { Length: > 0 } clean && clean.All(c => c is > ' ' and < '\u007f') ? clean : null;
}
