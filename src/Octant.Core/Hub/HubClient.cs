using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Octant.Hub;

/// <summary>What the hub says of one revision of a model.</summary>
sealed record RepositoryInfo(string Commit, IReadOnlyList<string> Files);

/// <summary>What the hub says of a file: its content's name in the cache, its size, and where to get it.</summary>
sealed record RemoteFile(string Name, string Etag, long Size);

/// <summary>The hub's HTTP interface: https://huggingface.co/docs/hub/api.</summary>
sealed class HubClient(HttpClient http, HubSettings settings, Action<string> trouble)
{
    const int LargestAnswer = 64 << 20;
    const int MostRedirects = 10;
    const long LargestFile = 1L << 50;
    static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(2);

    readonly Uri endpoint = settings.Address();

    // A mirror may lie below a path.
    readonly string site = $"{settings.Address().AbsoluteUri.TrimEnd('/')}/";

    /// <summary>The commit and files of a revision.</summary>
    public async Task<RepositoryInfo> Info(ModelName name, CancellationToken cancellation)
    {
        var address = new Uri($"{site}api/models/{name.Repository}/revision/{Uri.EscapeDataString(name.Revision)}");
        var answer = await Answer(address, new Subject(name, null), cancellation);
        try
        {
            using var json = JsonDocument.Parse(answer);
            var commit = json.RootElement.GetProperty("sha").GetString();
            var files = json.RootElement.GetProperty("siblings").EnumerateArray().Select(file =>
                file.GetProperty("rfilename").GetString()!).ToList();
            return commit is not null && HubCache.IsCommit(commit) ? new RepositoryInfo(commit, files)
                : throw new JsonException("no commit");
        }
        catch (Exception error) when (error
            is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentException)
        {
            throw new HubException($"{endpoint} gave an answer about {name} that is none of the hub's: check HF_ENDPOINT.", error);
        }
    }

    async Task<ReadOnlyMemory<byte>> Answer(Uri address, Subject subject, CancellationToken cancellation)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var response = await Send(HttpMethod.Get, address, 0, subject, cancellation);
                return await ReadAnswer(response, cancellation);
            }
            catch (Exception error) when (IsBroken(error, cancellation))
            {
                if (attempt >= settings.Retries) throw Unreachable(subject, error);
                await Pause(attempt, Reason(error), cancellation);
            }
        }
    }

    async Task<ReadOnlyMemory<byte>> ReadAnswer(HttpResponseMessage response, CancellationToken cancellation)
    {
        using var stream = await response.Content.ReadAsStreamAsync(cancellation);
        var answer = new MemoryStream();
        var buffer = new byte[1 << 16];
        while (await ReadOrStall(stream, buffer, cancellation) is > 0 and var read)
        {
            if (answer.Length + read > LargestAnswer)
                throw new HubException($"{endpoint} gave an endless answer: check HF_ENDPOINT.");
            answer.Write(buffer, 0, read);
        }
        return answer.GetBuffer().AsMemory(0, (int)answer.Length);
    }

    /// <summary>Reads what comes, or gives up when nothing does for too long.</summary>
    public async Task<int> ReadOrStall(Stream stream, Memory<byte> buffer, CancellationToken cancellation)
    {
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        stall.CancelAfter(settings.StallTimeout);
        try
        {
            return await stream.ReadAsync(buffer, stall.Token);
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new IOException($"nothing came for {settings.StallTimeout.TotalSeconds:0} seconds", error);
        }
    }

    /// <summary>A file's etag and size. What the hub keeps elsewhere (LFS) it answers with a redirection that has them.</summary>
    public async Task<RemoteFile> Head(ModelName name, string commit, string file, CancellationToken cancellation)
    {
        using var response = await Send(HttpMethod.Head, Address(name, commit, file), 0, new Subject(name, file), cancellation);
        string? Header(string header) => response.Headers.TryGetValues(header, out var values) ? values.First() : null;
        var etag = (Header("X-Linked-Etag") ?? Header("ETag"))?.Trim();
        if (etag?.StartsWith("W/", StringComparison.Ordinal) == true) etag = etag[2..];
        etag = etag?.Trim('"');
        var size = long.TryParse(Header("X-Linked-Size"), out var linked) ? linked : response.Content.Headers.ContentLength;
        if (etag is not { Length: > 0 and <= 128 } || !etag.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
            || size is not (>= 0 and < LargestFile))
            throw new HubException($"{endpoint} gave no etag and size of {file} in {name}: check HF_ENDPOINT.");
        return new RemoteFile(file, etag, size.Value);
    }

    /// <summary>A file's content from an offset on.</summary>
    public Task<HttpResponseMessage> Get(ModelName name, string commit, string file, long from,
        CancellationToken cancellation) =>
        Send(HttpMethod.Get, Address(name, commit, file), from, new Subject(name, file), cancellation);

    Uri Address(ModelName name, string commit, string file) =>
        new($"{site}{name.Repository}/resolve/{commit}/{string.Join('/', file.Split('/').Select(Uri.EscapeDataString))}");

    /// <summary>What was asked for, for errors.</summary>
    sealed record Subject(ModelName Name, string? File)
    {
        public override string ToString() => File is null ? Name.ToString() : $"{File} of {Name}";
    }

    /// <summary>Asks until there is an answer: follows redirections, and waits where the hub is busy or the connection breaks.</summary>
    async Task<HttpResponseMessage> Send(HttpMethod method, Uri address, long from, Subject subject,
        CancellationToken cancellation)
    {
        for (var attempt = 0; ; attempt++)
        {
            HttpResponseMessage? response = null;
            Exception? broken = null;
            try
            {
                response = await Follow(method, address, from, cancellation);
                if (response.IsSuccessStatusCode || IsRedirection(response)
                    || response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
                    return response;
            }
            catch (Exception error) when (IsBroken(error, cancellation))
            {
                broken = error;
            }
            var wait = response is null ? After(attempt) : Wait(response, attempt);
            var reason = response is null ? Reason(broken!) : $"it answered {(int)response.StatusCode}";
            var refusal = response is null ? Unreachable(subject, broken!) : Refused(response, subject);
            response?.Dispose();
            if (wait is null || attempt >= settings.Retries) throw refusal;
            await Pause(wait.Value, reason, cancellation);
        }
    }

    /// <summary>A connection that failed, rather than a caller who gave up.</summary>
    public static bool IsBroken(Exception error, CancellationToken cancellation) =>
        error is HttpRequestException or IOException
            || (error is OperationCanceledException && !cancellation.IsCancellationRequested);

    /// <summary>Waits before the next attempt, and says why.</summary>
    public Task Pause(int attempt, string reason, CancellationToken cancellation) => Pause(After(attempt), reason, cancellation);

    Task Pause(TimeSpan time, string reason, CancellationToken cancellation)
    {
        trouble($"{endpoint.Host}: {reason}; asked again in {Math.Ceiling(time.TotalSeconds):0} s");
        return Task.Delay(time, cancellation);
    }

    TimeSpan After(int attempt) => settings.RetryDelay * Math.Pow(2, Math.Min(attempt, 6));

    /// <summary>How long to wait until it is worth asking again; null where it never is.</summary>
    TimeSpan? Wait(HttpResponseMessage response, int attempt)
    {
        if (response.StatusCode != HttpStatusCode.TooManyRequests && response.StatusCode != HttpStatusCode.RequestTimeout
            && (int)response.StatusCode < 500)
            return null;
        var asked = RetryAfter(response) ?? After(attempt);
        return asked <= LongestWait ? asked : null;
    }

    static TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date - DateTimeOffset.UtcNow is var left => left > TimeSpan.Zero ? left : TimeSpan.Zero,
        _ => null,
    };

    async Task<HttpResponseMessage> Follow(HttpMethod method, Uri address, long from, CancellationToken cancellation)
    {
        for (var hop = 0; hop < MostRedirects; hop++)
        {
            using var request = new HttpRequestMessage(method, address);
            request.Headers.UserAgent.Add(new ProductInfoHeaderValue("octant",
                typeof(HubClient).Assembly.GetName().Version!.ToString(3)));
            request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
            if (from > 0) request.Headers.Range = new RangeHeaderValue(from, null);
            // The token is for the hub alone: never for where it keeps its files.
            if (settings.Token is not null && IsHub(address))
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", settings.Token);
            using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            stall.CancelAfter(settings.StallTimeout);
            var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stall.Token);
            if (!IsRedirection(response)) return response;
            var next = response.Headers.Location is { } location ? new Uri(address, location) : null;
            // Where a file's content lies is not asked for its size: the hub's own answer has it.
            if (next is null || (method == HttpMethod.Head && !IsHub(next))) return response;
            response.Dispose();
            if (next.Scheme is not ("https" or "http") || (address.Scheme == "https" && next.Scheme != "https"))
                throw new HubException($"{address.Host} redirects to {next.Scheme}://{next.Host}, which is not safe: check HF_ENDPOINT.");
            address = next;
        }
        throw new HubException($"{address.Host} redirects in a circle: check HF_ENDPOINT.");
    }

    bool IsHub(Uri address) =>
        Uri.Compare(address, endpoint, UriComponents.SchemeAndServer, UriFormat.Unescaped,
        StringComparison.OrdinalIgnoreCase) == 0;

    static bool IsRedirection(HttpResponseMessage response) => (int)response.StatusCode is 301 or 302 or 303 or 307 or 308;

    HubException Unreachable(Subject subject, Exception error) =>
        new($"{endpoint.Host} cannot be reached for {subject} ({Reason(error)}): check the network; what has come is kept.", error);

    /// <summary>The innermost reason, on one line.</summary>
    public static string Reason(Exception error) => error.GetBaseException() switch
    {
        OperationCanceledException => "no answer in time",
        var inner => inner.Message.ReplaceLineEndings(" ").TrimEnd('.'),
    };

    HubException Refused(HttpResponseMessage response, Subject subject)
    {
        var name = subject.Name;
        var code = response.Headers.TryGetValues("X-Error-Code", out var codes) ? codes.First() : "";
        var page = $"{site}{name.Repository}";
        return new HubException(((int)response.StatusCode, code) switch
        {
            (_, "GatedRepo") => $"{name.Repository} is gated: accept its licence at {page}{(settings.Token is null ? ", then set HF_TOKEN to a token from its settings page" : " with the account of your HF_TOKEN")}.",
            (_, "RevisionNotFound") =>
                $"{name.Repository} has no revision '{name.Revision}': see {page}/tree/main for its branches.",
            (_, "EntryNotFound") =>
                $"{name.Repository} has no file '{subject.File}' at '{name.Revision}': see {page}/tree/{name.Revision}.",
            (_, "RepoNotFound") or (401, _) when settings.Token is null =>
                $"{name.Repository} does not exist on {endpoint.Host}, or is private: check the name, or set HF_TOKEN to a token that may read it.",
            (401, _) => $"{endpoint.Host} does not accept the token for {name.Repository}: set HF_TOKEN to a valid one, or unset it.",
            (403, _) => $"{endpoint.Host} does not let this token read {name.Repository}: accept its licence at {page}, or set HF_TOKEN to a token that may.",
            (404, _) when subject.File is not null =>
                $"{name.Repository} has no file '{subject.File}' at '{name.Revision}': see {page}/tree/{name.Revision}.",
            (404, _) => $"{name.Repository} was not found on {endpoint.Host}: check the name and revision.",
            (429, _) => $"{endpoint.Host} has had too many requests from here: wait {Minutes(response)} and try again{(settings.Token is null ? ", or set HF_TOKEN, which allows more" : "")}.",
            var (status, _) => $"{endpoint.Host} answered {status} for {subject}: try again later.",
        });
    }

    static string Minutes(HttpResponseMessage response) =>
        RetryAfter(response) is { } wait ? $"{Math.Ceiling(wait.TotalSeconds):0} seconds" : "some minutes";
}
