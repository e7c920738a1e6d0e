using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Octant.Core.Tests.Hub;

/// <summary>A request as the server saw it.</summary>
sealed record HubRequest(string Method, string Path, Dictionary<string, string> Headers)
{
    public string? this[string header] => Headers.GetValueOrDefault(header);

    public bool IsElsewhere => this["Host"]!.StartsWith("localhost", StringComparison.Ordinal);
}

/// <summary>What the server answers; the connection breaks after <paramref name="BreakAfter"/> bytes of the body.</summary>
sealed record HubAnswer(int Status, byte[] Body, int? BreakAfter = null)
{
    public Dictionary<string, string> Headers { get; init; } = [];

    public static HubAnswer Error(int status, string? code = null) =>
        new(status, []) { Headers = code is null ? [] : new() { ["X-Error-Code"] = code } };
}

/// <summary>
/// A hub on this machine: one model, its small files answered at once, its large ones (LFS) by a redirection to another host name, with
/// ranges. A test may answer in its place.
/// </summary>
sealed class HubServer : IDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";
    readonly TcpListener listener = new(IPAddress.Loopback, 0);

    public HubServer()
    {
        listener.Start();
        _ = Accept();
    }

    int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public Uri Address => new($"http://127.0.0.1:{Port}");

    public string Repository { get; init; } = "org/model";

    public Dictionary<string, byte[]> Files { get; } = [];

    /// <summary>Answers in the place of the server, if it gives something.</summary>
    public Func<HubRequest, HubAnswer?> Intercept { get; set; } = _ => null;

    public ConcurrentQueue<HubRequest> Requests { get; } = [];

    public IEnumerable<HubRequest> Gets(string part) =>
        Requests.Where(r => r.Method == "GET" && r.Path.Contains(part, StringComparison.Ordinal));

    public static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    static bool IsLarge(string file) =>
        file.EndsWith(".safetensors", StringComparison.Ordinal) || file.EndsWith(".gguf", StringComparison.Ordinal);

#pragma warning disable CA5350 // It is what git names contents by.
    public static string Etag(string file, byte[] content) => IsLarge(file) ? Sha256(content)
        : Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content]));
#pragma warning restore CA5350

    async Task Accept()
    {
        try
        {
            while (true) _ = Serve(await listener.AcceptTcpClientAsync());
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    async Task Serve(TcpClient client)
    {
        try
        {
            using (client)
            {
                var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.ASCII);
                while (await reader.ReadLineAsync() is { Length: > 0 } first)
                {
                    var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
                    while (await reader.ReadLineAsync() is { Length: > 0 } line)
                        headers[line[..line.IndexOf(':')]] = line[(line.IndexOf(':') + 1)..].Trim();
                    var request = new HubRequest(first.Split(' ')[0], first.Split(' ')[1], headers);
                    Requests.Enqueue(request);
                    if (!await Send(stream, request, Intercept(request) ?? Answer(request))) return;
                }
            }
        }
        catch (IOException)
        {
            // The client has gone.
        }
    }

    static async Task<bool> Send(NetworkStream stream, HubRequest request, HubAnswer answer)
    {
        var head = new StringBuilder($"HTTP/1.1 {answer.Status} X\r\n");
        if (!answer.Headers.ContainsKey("Content-Length"))
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {answer.Body.Length}\r\n");
        foreach (var (name, value) in answer.Headers) head.Append($"{name}: {value}\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{head}\r\n"));
        if (request.Method != "HEAD") await stream.WriteAsync(answer.Body.AsMemory(0, answer.BreakAfter ?? answer.Body.Length));
        await stream.FlushAsync();
        return answer.BreakAfter is null;
    }

    HubAnswer Answer(HubRequest request)
    {
        if (request.Path.StartsWith("/elsewhere/", StringComparison.Ordinal))
            return Content(request, Files.Values.Single(content => Sha256(content) == request.Path["/elsewhere/".Length..]));
        if (request.Path.StartsWith("/api/models/", StringComparison.Ordinal))
            return Info(request.Path["/api/models/".Length..]);
        var parts = request.Path[1..].Split("/resolve/");
        if (parts[0] != Repository) return HubAnswer.Error(401, "RepoNotFound");
        var file = Uri.UnescapeDataString(parts[1][(parts[1].IndexOf('/') + 1)..]);
        if (!Files.TryGetValue(file, out var content)) return HubAnswer.Error(404, "EntryNotFound");
        var etag = $"\"{Etag(file, content)}\"";
        return IsLarge(file)
            ? new HubAnswer(302, [])
            {
                Headers = new()
                {
                    ["Location"] = $"http://localhost:{Port}/elsewhere/{Sha256(content)}",
                    ["X-Linked-Etag"] = etag,
                    ["X-Linked-Size"] = content.Length.ToString(CultureInfo.InvariantCulture),
                    ["X-Repo-Commit"] = Commit,
                },
            }
            : Content(request, content) is var small ? small with { Headers = new(small.Headers) { ["ETag"] = etag } } : small;
    }

    HubAnswer Info(string path)
    {
        var parts = path.Split("/revision/");
        if (parts[0] != Repository) return HubAnswer.Error(401, "RepoNotFound");
        if (parts[1] is not ("main" or Commit)) return HubAnswer.Error(404, "RevisionNotFound");
        var siblings = new JsonArray([.. Files.Keys.Select(file => (JsonNode)new JsonObject { ["rfilename"] = file })]);
        return new HubAnswer(200,
            Encoding.UTF8.GetBytes(new JsonObject { ["sha"] = Commit, ["siblings"] = siblings }.ToJsonString()));
    }

    public static HubAnswer Content(HubRequest request, byte[] content)
    {
        if (request["Range"] is not { } range) return new HubAnswer(200, content);
        var from = int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture);
        return from >= content.Length ? HubAnswer.Error(416)
            : new HubAnswer(206,
                content[from..])
            {
                Headers =
                new() { ["Content-Range"] = $"bytes {from}-{content.Length - 1}/{content.Length}" }
            };
    }

    public void Dispose() => listener.Dispose();
}
