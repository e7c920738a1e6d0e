using System.Text.Json;
using Octant.Testing;

namespace Octant.Cli.Tests;

/// <summary>What the commands do where no model is named: a tiny one stands where the embedded one would.</summary>
public sealed class EmbeddedModelTests : IDisposable
{
    readonly TinyModel model = new();
    readonly string models = Directory.CreateTempSubdirectory("octant-models-").FullName;

    public EmbeddedModelTests() => Directory.CreateSymbolicLink(Path.Combine(models, "shakespeare-chat"), model.Folder);

    public void Dispose()
    {
        Directory.Delete(models, recursive: true);
        model.Dispose();
    }

    async Task<string> Run(params string[] arguments) => (await OctantCommand.RunWith(models, "", arguments)).Succeeded();

    [Theory]
    [InlineData("chat", "--message", "hello", "-n", "6"), InlineData("generate", "-p", "to be", "-n", "6"), InlineData("tokenize", "-t", "hi")]
    public async Task Commands_without_a_model_take_the_embedded_one(params string[] command)
    {
        var unnamed = await Run(command);
        Assert.Equal(await Run([.. command, "--model", model.Folder]), unnamed);
        Assert.Equal(await Run([.. command, "--model", "shakespeare-chat"]), unnamed);
    }

    [Fact]
    public async Task Perplexity_without_a_model_is_that_of_the_embedded_one()
    {
        var text = model.PathOf("text.txt");
        File.WriteAllText(text, "to be or not to be");
        var json = JsonDocument.Parse(await Run("eval", "perplexity", "--text", text, "--json")).RootElement;
        Assert.Equal(17, json.GetProperty("tokens").GetInt32());
    }

    [Fact]
    public async Task A_conversation_goes_on_line_by_line()
    {
        var output = (await OctantCommand.RunWith(models, "hello\nagain\n", "chat", "-n", "5")).Succeeded();
        Assert.Equal([5, 5, 0], output.Split('\n').Select(line => line.Length));
    }

    [Fact]
    public async Task Models_lists_it()
    {
        var json = JsonDocument.Parse(await Run("models", "--json")).RootElement;
        var embedded = Assert.Single(json.GetProperty("embedded").EnumerateArray());
        Assert.Equal(("shakespeare-chat", true), (embedded.GetProperty("name").GetString(), embedded.GetProperty("default").GetBoolean()));
        Assert.Equal(Path.Combine(models, "shakespeare-chat"), embedded.GetProperty("path").GetString());
        Assert.True(embedded.GetProperty("size").GetInt64() > 10_000);
        Assert.Contains("shakespeare-chat", await Run("models"));
    }

    [Fact]
    public async Task Pull_says_where_it_is() =>
        Assert.Equal(Path.Combine(models, "shakespeare-chat") + "\n", await Run("pull", "shakespeare-chat"));

    [Fact]
    public async Task An_unknown_bare_name_is_an_error_that_lists_it() =>
        Assert.Contains("embedded models: shakespeare-chat.", (await OctantCommand.RunWith(models, "", "chat", "-m", "gpt2")).Failed());
}
