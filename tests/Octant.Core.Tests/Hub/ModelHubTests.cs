using System.Text;
using Octant.Hub;

namespace Octant.Core.Tests.Hub;

/// <summary>Against a server on this machine that behaves like the hub, well and badly.</summary>
public sealed class ModelHubTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("octant-hub-").FullName;
    readonly HubServer server = new();
    readonly byte[] weights = new byte[300_000];

    public ModelHubTests()
    {
        new Random(1).NextBytes(weights);
        server.Files["config.json"] = "{}"u8.ToArray();
        server.Files["tokenizer.json"] = "{\"t\": 1}"u8.ToArray();
        server.Files["model.safetensors"] = weights;
        server.Files["pytorch_model.bin"] = [1, 2, 3];
        server.Files["README.md"] = "no need"u8.ToArray();
    }

    public void Dispose()
    {
        server.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    string Cache => Path.Combine(folder, "cache");

    string Blob(string file) => Path.Combine(Cache, "models--org--model/blobs", HubServer.Etag(file, server.Files[file]));

    ModelHub Open(Func<HubSettings, HubSettings>? change = null)
    {
        var settings = new HubSettings
        {
            Cache = Cache,
            Endpoint = server.Address.AbsoluteUri,
            Retries = 2,
            RetryDelay = TimeSpan.FromMilliseconds(1),
            StallTimeout = TimeSpan.FromSeconds(10)
        };
        return new ModelHub(change is null ? settings : change(settings));
    }

    async Task<ResolvedModel> Resolve(string name = "org/model", Func<HubSettings, HubSettings>? change = null,
        IProgress<DownloadProgress>? progress = null)
    {
        using var hub = Open(change);
        return await hub.ResolveAsync(name, progress, TestContext.Current.CancellationToken);
    }

    async Task<string> Fails(string name = "org/model", Func<HubSettings, HubSettings>? change = null)
    {
        var error = await Assert.ThrowsAsync<HubException>(() => Resolve(name, change));
        Assert.DoesNotContain('\n', error.Message);
        return error.Message;
    }

    [Fact]
    public async Task A_model_is_fetched_into_the_cache_s_own_layout()
    {
        var model = await Resolve();
        Assert.Equal((Path.Combine(Cache, "models--org--model/snapshots", HubServer.Commit), false, HubServer.Commit),
            (model.Path, model.IsGguf, model.Commit));
        Assert.Equal(["config.json", "model.safetensors", "tokenizer.json"],
            Directory.EnumerateFiles(model.Path).Select(Path.GetFileName).Order());
        Assert.Equal(weights, File.ReadAllBytes(Path.Combine(model.Path, "model.safetensors")));
        Assert.Equal($"../../blobs/{HubServer.Sha256(weights)}",
            new FileInfo(Path.Combine(model.Path, "model.safetensors")).LinkTarget);
        Assert.Equal(HubServer.Commit, File.ReadAllText(Path.Combine(Cache, "models--org--model/refs/main")));
        Assert.Empty(Directory.EnumerateFiles(Cache, "*.incomplete", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task What_is_in_the_cache_is_used_without_asking()
    {
        await Resolve();
        server.Requests.Clear();
        Assert.Equal(HubServer.Commit, (await Resolve()).Commit);
        Assert.Equal(HubServer.Commit, (await Resolve($"org/model@{HubServer.Commit}")).Commit);
        Assert.Equal(HubServer.Commit, (await Resolve(change: s => s with { Offline = true })).Commit);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task A_snapshot_that_lacks_a_file_is_completed_and_only_that()
    {
        var model = await Resolve();
        File.Delete(Path.Combine(model.Path, "model.safetensors"));
        File.Delete(Blob("model.safetensors"));
        server.Requests.Clear();
        await Resolve();
        Assert.Equal(weights, File.ReadAllBytes(Path.Combine(model.Path, "model.safetensors")));
        Assert.Empty(server.Gets("config.json"));
    }

    [Fact]
    public async Task A_link_without_its_blob_is_no_file()
    {
        var model = await Resolve();
        File.Delete(Blob("model.safetensors"));
        Assert.Equal(model, await Resolve());
        Assert.Equal(weights, File.ReadAllBytes(Path.Combine(model.Path, "model.safetensors")));
    }

    [Fact]
    public async Task A_download_goes_on_where_a_broken_connection_left_it()
    {
        var broken = 0;
        server.Intercept = request =>
            request.IsElsewhere && broken++ < 3 ? HubServer.Content(request, weights) with { BreakAfter = 70_000 } : null;
        var model = await Resolve();
        Assert.Equal(weights, File.ReadAllBytes(Path.Combine(model.Path, "model.safetensors")));
        Assert.Equal([null, "bytes=70000-", "bytes=140000-", "bytes=210000-"],
            server.Gets("elsewhere").Select(r => r["Range"]));
    }

    [Fact]
    public async Task A_connection_that_stays_broken_keeps_what_came_and_the_next_attempt_goes_on_there()
    {
        var broken = 0;
        server.Intercept = request => !request.IsElsewhere ? null
            : broken++ == 0 ? new HubAnswer(200, weights, 100_000)
                : HubServer.Content(request, weights) with { BreakAfter = 0 };
        Assert.Contains("goes on at 100,000 of 300,000 bytes", await Fails());
        Assert.Equal(100_000, new FileInfo($"{Blob("model.safetensors")}.incomplete").Length);
        Assert.False(File.Exists(Path.Combine(Cache, "models--org--model/refs/main")));
        server.Intercept = _ => null;
        server.Requests.Clear();
        var model = await Resolve();
        Assert.Equal(["bytes=100000-"], server.Gets("elsewhere").Select(r => r["Range"]));
        Assert.Equal(weights, File.ReadAllBytes(Path.Combine(model.Path, "model.safetensors")));
    }

    [Fact]
    public async Task A_server_without_ranges_sends_all_of_it_again()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Blob("model.safetensors"))!);
        File.WriteAllBytes($"{Blob("model.safetensors")}.incomplete", weights[..1000]);
        server.Intercept = request => request.IsElsewhere ? new HubAnswer(200, weights) : null;
        Assert.Equal(weights, File.ReadAllBytes(Path.Combine((await Resolve()).Path, "model.safetensors")));
    }

    [Fact]
    public async Task A_damaged_rest_of_an_earlier_attempt_is_fetched_anew()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Blob("model.safetensors"))!);
        File.WriteAllBytes($"{Blob("model.safetensors")}.incomplete", new byte[1000]);
        Assert.Equal(weights, File.ReadAllBytes(Path.Combine((await Resolve()).Path, "model.safetensors")));
        Assert.Equal(["bytes=1000-", null], server.Gets("elsewhere").Select(r => r["Range"]));
    }

    [Theory]
    [InlineData("model.safetensors", "/elsewhere/")]
    [InlineData("tokenizer.json", "tokenizer.json")]
    public async Task A_damaged_file_is_removed_and_nothing_else_is_lost(string file, string path)
    {
        server.Intercept = request => request.Method == "GET" && request.Path.Contains(path)
            ? new HubAnswer(200, new byte[server.Files[file].Length]) : null;
        Assert.Contains($"{file} of org/model came damaged", await Fails());
        Assert.False(File.Exists(Blob(file)) || File.Exists($"{Blob(file)}.incomplete"));
        Assert.True(File.Exists(Blob("config.json")));
    }

    [Fact]
    public async Task The_token_goes_to_the_hub_alone()
    {
        await Resolve(change: s => s with { Token = "hf_secret" });
        Assert.All(server.Requests, request =>
            Assert.Equal(request.IsElsewhere ? null : "Bearer hf_secret", request["Authorization"]));
        Assert.Contains(server.Requests, request => request.IsElsewhere);
    }

    [Theory]
    [InlineData(401, "RepoNotFound", "", "does not exist on 127.0.0.1, or is private: check the name, or set HF_TOKEN")]
    [InlineData(401, null, "hf_bad", "does not accept the token")]
    [InlineData(403, "GatedRepo", "", "accept its licence at")]
    [InlineData(403, null, "hf_x", "does not let this token read")]
    [InlineData(404, "RevisionNotFound", "", "has no revision 'main'")]
    [InlineData(404, null, "", "was not found")]
    [InlineData(429, null, "", "too many requests")]
    [InlineData(503, null, "", "answered 503")]
    public async Task What_the_hub_refuses_is_said_in_one_line(int status, string? code, string token, string expected)
    {
        server.Intercept = _ => HubAnswer.Error(status, code);
        Assert.Contains(expected, await Fails(change: s => s with { Token = token.Length == 0 ? null : token }));
    }

    [Fact]
    public async Task A_file_that_vanished_is_named()
    {
        server.Intercept = request => request.Path.EndsWith("/tokenizer.json") ? HubAnswer.Error(404) : null;
        Assert.Contains("no file 'tokenizer.json'", await Fails());
    }

    [Fact]
    public async Task An_unknown_model_or_revision_is_named()
    {
        Assert.Contains("org/other does not exist", await Fails("org/other"));
        Assert.Contains("no revision 'v9'", await Fails("org/model@v9"));
    }

    [Fact]
    public async Task A_busy_hub_is_asked_again_when_it_says()
    {
        var answers = new Queue<HubAnswer?>([HubAnswer.Error(429) with { Headers = new() { ["Retry-After"] = "0" } },
            HubAnswer.Error(502), null]);
        server.Intercept = _ => answers.TryDequeue(out var answer) ? answer : null;
        Assert.Equal(HubServer.Commit, (await Resolve()).Commit);
    }

    [Fact]
    public async Task A_hub_that_is_busy_for_long_is_not_waited_for()
    {
        server.Intercept = _ => HubAnswer.Error(429) with { Headers = new() { ["Retry-After"] = "3600" } };
        Assert.Contains("wait 3600 seconds", await Fails());
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Offline_without_the_model_says_how_to_get_it() =>
        Assert.Contains("HF_HUB_OFFLINE is set: unset it", await Fails(change: s => s with { Offline = true }));

    [Fact]
    public async Task A_hub_that_cannot_be_reached_is_named()
    {
        server.Dispose();
        Assert.Contains("127.0.0.1 cannot be reached for org/model", await Fails());
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("<html>")]
    [InlineData("""{"sha": "../../etc", "siblings": []}""")]
    [InlineData("""{"sha": "0123456789abcdef0123456789abcdef01234567", "siblings": [{"name": 1}]}""")]
    public async Task An_answer_that_is_none_of_the_hub_s_is_refused(string answer)
    {
        server.Intercept = _ => new HubAnswer(200, Encoding.UTF8.GetBytes(answer));
        Assert.Contains("check HF_ENDPOINT", await Fails());
    }

    [Theory]
    [InlineData("additional_chat_templates/../../../x.jinja")]
    [InlineData("additional_chat_templates//x.jinja")]
    [InlineData("additional_chat_templates/a\\b.jinja")]
    [InlineData("additional_chat_templates/a:b.jinja")]
    [InlineData("additional_chat_templates/a\u0001.jinja")]
    public async Task A_file_name_that_leads_out_of_the_folder_fetches_nothing(string file)
    {
        server.Files[file] = [1];
        Assert.Contains("outside the model's folder", await Fails());
        Assert.False(Directory.Exists(Cache));
    }

    [Theory]
    [InlineData("../../../evil")]
    [InlineData("")]
    [InlineData("a/b")]
    public async Task An_etag_that_is_no_file_name_is_refused(string etag)
    {
        server.Intercept = request =>
            request.Method == "HEAD" ? new HubAnswer(200, [1]) { Headers = new() { ["ETag"] = $"\"{etag}\"" } } : null;
        Assert.Contains("no etag", await Fails());
    }

    [Theory]
    [InlineData("file:///etc/passwd", "not safe")]
    [InlineData("/org/model/resolve/x/config.json", "in a circle")]
    public async Task A_redirection_that_leads_astray_is_refused(string location, string expected)
    {
        server.Intercept = request => request.Method == "GET" && request.Path.Contains("resolve")
            ? new HubAnswer(302, []) { Headers = new() { ["Location"] = location } } : null;
        Assert.Contains(expected, await Fails());
    }

    [Fact]
    public async Task More_than_the_hub_announced_is_refused()
    {
        server.Intercept = request => request.IsElsewhere ? new HubAnswer(200, [.. weights, 1]) : null;
        Assert.Contains("longer than the hub said", await Fails());
    }

    [Fact]
    public async Task A_cache_that_cannot_be_written_is_named()
    {
        File.WriteAllText(Cache, "a file where the folder should be");
        Assert.Contains("set HF_HUB_CACHE to a folder that can", await Fails());
    }

    [Fact]
    public async Task A_read_only_cache_still_gives_what_it_has_and_says_that_it_cannot_take_more()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            Assert.Skip("the superuser writes everywhere");
            return;
        }
        await Resolve();
        var empty = Directory.CreateDirectory(Path.Combine(folder, "empty")).FullName;
        foreach (var cache in new[] { Cache, empty })
            File.SetUnixFileMode(cache, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            Assert.Equal(HubServer.Commit, (await Resolve()).Commit);
            Assert.Contains($"The cache {empty} cannot be written", await Fails(change: s => s with { Cache = empty }));
        }
        finally
        {
            File.SetUnixFileMode(Cache, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public async Task A_file_larger_than_the_disk_is_refused_before_it_comes()
    {
        server.Intercept = request => request.Method == "HEAD" && request.Path.EndsWith(".safetensors")
            ? new HubAnswer(200, []) { Headers = new() { ["ETag"] = "\"abc\"", ["X-Linked-Size"] = (1L << 49).ToString() } }
                : null;
        Assert.Contains("make room", await Fails());
    }

    [Fact]
    public async Task Many_at_once_fetch_each_file_once_and_whole()
    {
        var models = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Resolve()));
        Assert.All(models, model => Assert.Equal(weights, File.ReadAllBytes(Path.Combine(model.Path, "model.safetensors"))));
        Assert.Single(server.Gets("elsewhere"));
    }

    [Fact]
    public async Task A_caller_who_gives_up_keeps_what_came()
    {
        using var cancel = new CancellationTokenSource();
        var progress = new Sink(p =>
        {
            if (p.File == "model.safetensors" && p.FileBytes > 0) cancel.Cancel();
        });
        server.Intercept = request =>
            request.IsElsewhere ? new HubAnswer(200, weights[..100_000]) { Headers = new() { ["Content-Length"] = "300000" } }
            : null;
        using var hub = Open();
        var waiting = hub.ResolveAsync("org/model", progress, cancel.Token);
        while (!waiting.IsCompleted
            && new FileInfo($"{Blob("model.safetensors")}.incomplete") is not { Exists: true, Length: 100_000 })
            await Task.Yield();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(100_000, new FileInfo($"{Blob("model.safetensors")}.incomplete").Length);
    }

    [Fact]
    public async Task Progress_counts_to_the_end()
    {
        var seen = new List<DownloadProgress>();
        await Resolve(progress: new Sink(seen.Add));
        var total = weights.Length + 2 + server.Files["tokenizer.json"].Length;
        Assert.Equal((total, total, weights.Length), (seen[^1].Bytes, seen[^1].Total, seen[^1].FileBytes));
        Assert.Equal(seen.Select(p => p.Bytes).Order(), seen.Select(p => p.Bytes));
    }

    [Fact]
    public async Task A_sharded_model_comes_with_its_index_and_is_whole_only_with_every_shard()
    {
        server.Files.Remove("model.safetensors");
        server.Files["model-00001-of-00002.safetensors"] = weights[..1000];
        server.Files["model-00002-of-00002.safetensors"] = weights[1000..3000];
        server.Files["consolidated.safetensors"] = weights[..10];
        server.Files["model.safetensors.index.json"] =
            """{"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}"""u8.ToArray();
        var model = await Resolve();
        Assert.Equal(5, Directory.GetFiles(model.Path).Length);
        File.Delete(Path.Combine(model.Path, "model-00002-of-00002.safetensors"));
        using var hub = Open();
        Assert.Null(hub.Find("org/model"));
        Assert.Equal(model, await Resolve());
    }

    [Fact]
    public async Task A_model_without_tokenizer_is_whole_too()
    {
        server.Files.Remove("tokenizer.json");
        await Resolve();
        using var hub = Open();
        Assert.NotNull(hub.Find("org/model"));
    }

    [Theory]
    [InlineData("org/model", "m-Q4_K_M.gguf")]
    [InlineData("org/model:q8_0", "m-Q8_0.gguf")]
    [InlineData("org/model:m-Q4_K_M.gguf", "m-Q4_K_M.gguf")]
    [InlineData("org/model:BF16", "big/m-BF16-00001-of-00002.gguf")]
    public async Task A_GGUF_file_is_chosen_by_its_quantisation(string name, string expected)
    {
        server.Files.Clear();
        foreach (var file in new[] { "m-Q4_K_M.gguf", "m-Q8_0.gguf", "mmproj-F16.gguf", "big/m-BF16-00001-of-00002.gguf",
            "big/m-BF16-00002-of-00002.gguf" })
            server.Files[file] = Encoding.UTF8.GetBytes(file);
        var model = await Resolve(name);
        Assert.Equal((true, Path.Combine(Cache, "models--org--model/snapshots", HubServer.Commit, expected)),
            (model.IsGguf, model.Path));
        Assert.Equal(expected.Contains("of-00002") ? 2 : 1, Directory.GetFiles(Path.GetDirectoryName(model.Path)!).Length);
        Assert.Equal(model, await Resolve(name, s => s with { Offline = true }));
        Assert.Contains("choose one of BF16, Q4_K_M, Q8_0", await Fails("org/model:Q2_K"));
    }

    [Fact]
    public async Task Offline_a_pull_gives_what_the_cache_has()
    {
        var model = await Resolve();
        server.Requests.Clear();
        using var hub = Open(s => s with { Offline = true });
        Assert.Equal(model, await hub.PullAsync(new("org/model"), cancellation: TestContext.Current.CancellationToken));
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task An_address_that_is_none_disturbs_nobody_who_does_not_ask_the_hub()
    {
        var model = await Resolve();
        Assert.Equal(model, await Resolve(change: s => s with { Endpoint = "nonsense" }));
        Assert.Contains("HF_ENDPOINT is 'nonsense'", await Fails("org/other", s => s with { Endpoint = "nonsense" }));
    }

    [Fact]
    public async Task Every_repetition_is_reported_with_its_reason()
    {
        var answers = new Queue<HubAnswer?>([HubAnswer.Error(502), null]);
        server.Intercept = _ => answers.TryDequeue(out var answer) ? answer : null;
        var seen = new List<DownloadProgress>();
        await Resolve(progress: new Sink(seen.Add));
        Assert.Contains("502; asked again", Assert.Single(seen, p => p.Trouble is not null).Trouble);
        server.Dispose();
        seen.Clear();
        await Assert.ThrowsAsync<HubException>(() => Resolve("org/other", progress: new Sink(seen.Add)));
        Assert.Equal(2, seen.Count(p => p.Trouble?.StartsWith("127.0.0.1: ") == true));
    }

    [Fact]
    public async Task Only_what_a_model_needs_is_fetched()
    {
        foreach (var file in (string[])["model.fp16.safetensors", "adapter_model.safetensors", "adapter_config.json",
            "consolidated.safetensors", "modules.json", "preprocessor_config.json", "1_Pooling/config.json"])
            server.Files[file] = Encoding.UTF8.GetBytes(file);
        Assert.Equal(["config.json", "model.safetensors", "tokenizer.json"],
            Directory.EnumerateFiles((await Resolve()).Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task PyTorch_s_weights_are_refused_before_they_come()
    {
        server.Files.Remove("model.safetensors");
        Assert.Contains("holds only PyTorch weights", await Fails());
        Assert.Empty(server.Gets("resolve"));
        // As another tool may have fetched them.
        var snapshot = Directory.CreateDirectory(Path.Combine(Cache, "models--org--model/snapshots", HubServer.Commit)).FullName;
        foreach (var (file, content) in server.Files) File.WriteAllBytes(Path.Combine(snapshot, file), content);
        using var hub = Open();
        Assert.Null(hub.Find($"org/model@{HubServer.Commit}"));
    }

    [Fact]
    public async Task A_tokenizer_comes_without_the_weights_and_they_come_later()
    {
        server.Files["tokenizer_config.json"] = "{}"u8.ToArray();
        using var hub = Open();
        var cancellation = TestContext.Current.CancellationToken;
        var tokenizer = await hub.ResolveTokenizerAsync("org/model", cancellation: cancellation);
        Assert.Equal(["tokenizer.json", "tokenizer_config.json"], Directory.EnumerateFiles(tokenizer.Path).Select(Path.GetFileName).Order());
        server.Requests.Clear();
        Assert.Equal(tokenizer, await hub.ResolveTokenizerAsync("org/model", cancellation: cancellation));
        Assert.Empty(server.Requests);
        Assert.Null(hub.Find("org/model"));
        Assert.Equal(weights, File.ReadAllBytes(Path.Combine((await Resolve()).Path, "model.safetensors")));
    }

    [Fact]
    public async Task Shards_without_their_index_are_no_whole_model()
    {
        server.Files.Remove("model.safetensors");
        server.Files["model-00001-of-00002.safetensors"] = weights[..1000];
        server.Files.Remove("pytorch_model.bin");
        Assert.Contains("holds no weights", await Fails());
        server.Files["model.safetensors.index.json"] = """{"weight_map": {"a": "model-00001-of-00002.safetensors"}}"""u8.ToArray();
        var model = await Resolve();
        File.Delete(Path.Combine(model.Path, "model.safetensors.index.json"));
        using var hub = Open();
        Assert.Null(hub.Find("org/model"));
        server.Files["model.safetensors.index.json"] = """{"weight_map": {"a": "../../x"}}"""u8.ToArray();
        Assert.Contains("outside the model's folder", await Fails());
    }

    [Fact]
    public async Task Files_of_weights_can_be_named_whatever_they_are_called()
    {
        var local = Directory.CreateDirectory(Path.Combine(folder, "local")).FullName;
        File.WriteAllText(Path.Combine(local, "sha256-abc"), "GGUF and more");
        Assert.Equal(new ResolvedModel(Path.Combine(local, "sha256-abc"), true), await Resolve(Path.Combine(local, "sha256-abc")));
        foreach (var file in (string[])["model.safetensors", "variant.safetensors"]) File.WriteAllText(Path.Combine(local, file), "");
        Assert.Equal(new ResolvedModel(local, false), await Resolve(Path.Combine(local, "model.safetensors")));
        Assert.Equal(new ResolvedModel(Path.Combine(local, "variant.safetensors"), false), await Resolve(Path.Combine(local, "variant.safetensors")));
        Assert.Contains("no file or folder", await Fails("none/model.safetensors"));
    }

    [Fact]
    public async Task A_repository_without_weights_says_so()
    {
        server.Files.Clear();
        server.Files["README.md"] = [1];
        Assert.Contains("holds no weights", await Fails());
        Assert.Contains("holds no GGUF file", await Fails("org/model:Q4_0"));
    }

    [Fact]
    public async Task A_path_comes_before_the_hub()
    {
        var local = Directory.CreateDirectory(Path.Combine(folder, "local")).FullName;
        Assert.Equal(new ResolvedModel(local, false), await Resolve(local));
        File.WriteAllText(Path.Combine(local, "a.gguf"), "");
        Assert.Equal(new ResolvedModel(Path.Combine(local, "a.gguf"), true), await Resolve(local));
        Assert.Equal(new ResolvedModel(Path.Combine(local, "a.gguf"), true), await Resolve(Path.Combine(local, "a.gguf")));
        File.WriteAllText(Path.Combine(local, "b.gguf"), "");
        Assert.Contains("name one of a.gguf, b.gguf", await Fails(local));
        File.WriteAllText(Path.Combine(local, "config.json"), "{}");
        Assert.False((await Resolve(local)).IsGguf);
        Assert.Contains("is no model", await Fails(Path.Combine(local, "config.json")));
        Assert.Contains("no file or folder", await Fails(Path.Combine(local, "c.gguf")));
        Assert.Contains("no file or folder", await Fails("./nowhere"));
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task The_cache_s_content_is_listed()
    {
        using var hub = Open();
        Assert.Empty(hub.Cached());
        var model = await Resolve();
        var bytes = weights.Length + 2 + server.Files["tokenizer.json"].Length;
        Assert.Equal([new CachedModel("org/model", "main", HubServer.Commit, bytes, model.Path, "safetensors")], hub.Cached());
    }

    [Fact]
    public async Task Where_links_cannot_be_made_files_stand_in_the_snapshot()
    {
        // As huggingface_hub leaves it on such systems: no blobs, files in the snapshot.
        var model = await Resolve();
        foreach (var link in Directory.GetFiles(model.Path))
        {
            var target = new FileInfo(link).ResolveLinkTarget(true)!.FullName;
            File.Delete(link);
            File.Move(target, link);
        }
        server.Requests.Clear();
        Assert.Equal(model, await Resolve());
        Assert.Empty(server.Requests);
    }

    sealed class Sink(Action<DownloadProgress> report) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value) => report(value);
    }
}
