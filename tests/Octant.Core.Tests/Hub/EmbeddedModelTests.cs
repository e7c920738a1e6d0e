using Octant.Hub;

namespace Octant.Core.Tests.Hub;

public sealed class EmbeddedModelTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("octant-models-").FullName;

    public EmbeddedModelTests()
    {
        foreach (var name in (string[])["shakespeare-chat", "another"])
        {
            Directory.CreateDirectory(Path.Combine(folder, name));
            File.WriteAllText(Path.Combine(folder, name, "config.json"), "{}");
        }
        File.WriteAllText(Path.Combine(folder, "another/tokenizer.json"), "[1]");
        Directory.CreateDirectory(Path.Combine(folder, "no-model"));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    ModelHub Open(string? embedded = null) =>
        new(new HubSettings { Cache = Path.Combine(folder, "cache"), Offline = true, Embedded = embedded ?? folder });

    [Fact]
    public void They_are_found_by_their_bare_names()
    {
        using var hub = Open();
        foreach (var name in (string[])["another", ModelHub.DefaultModel])
        {
            var expected = new ResolvedModel(Path.Combine(folder, name), IsGguf: false);
            Assert.Equal(expected, hub.Find(name));
            Assert.Equal(expected, hub.FindTokenizer(name));
        }
    }

    [Fact]
    public void They_are_folders_with_a_configuration_in_the_order_of_names()
    {
        using var hub = Open();
        Assert.Equal([new("another", 5, Path.Combine(folder, "another")), new("shakespeare-chat", 2, Path.Combine(folder, "shakespeare-chat"))], hub.Embedded());
        using var without = Open(Path.Combine(folder, "nowhere"));
        Assert.Empty(without.Embedded());
    }

    [Theory]
    [InlineData("no-model"), InlineData("gpt2"), InlineData("Another"), InlineData("")]
    public async Task Other_bare_names_are_errors_that_list_the_embedded_ones(string name)
    {
        using var hub = Open();
        Assert.Contains("another, shakespeare-chat", Assert.Throws<HubException>(() => hub.Find(name)).Message);
        Assert.Contains("another, shakespeare-chat", (await Assert.ThrowsAsync<HubException>(() => hub.ResolveAsync(name))).Message);
        using var without = Open(Path.Combine(folder, "no-model"));
        Assert.Contains($"{Path.Combine(folder, "no-model")} holds none", Assert.Throws<HubException>(() => without.Find(name)).Message);
    }

    [Fact]
    public void No_name_leads_out_of_their_folder()
    {
        using var hub = Open(Path.Combine(folder, "another"));
        Assert.Throws<HubException>(() => hub.Find("../shakespeare-chat"));
    }

    [Fact]
    public void A_path_comes_first()
    {
        var place = Directory.CreateDirectory(Path.Combine(Environment.CurrentDirectory, $"octant-{Guid.NewGuid():N}"));
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, place.Name));
            File.WriteAllText(Path.Combine(folder, place.Name, "config.json"), "{}");
            using var hub = Open();
            Assert.Equal(place.Name, hub.Find(place.Name)!.Path);
            place.Delete();
            Assert.Equal(Path.Combine(folder, place.Name), hub.Find(place.Name)!.Path);
        }
        finally
        {
            if (Directory.Exists(place.FullName)) place.Delete();
        }
    }
}
