using Octant.Testing;

namespace Octant.Cli.Tests;

/// <summary>Ctrl-C.</summary>
public sealed class InterruptionTests : IDisposable
{
    /// <summary>Has room for an answer that never ends by itself while a test lasts.</summary>
    readonly TinyModel model = new(context: 1_000_000);

    public void Dispose() => model.Dispose();

    [Theory]
    [InlineData("generate", "--prompt"), InlineData("chat", "--message")]
    public async Task Ctrl_C_ends_a_text_and_the_program_says_so(string command, string option)
    {
        using var running = OctantCommand.Start(command, "--model", model.Folder, option, "hello");
        Assert.True(running.Output.Read() > 0);
        running.Interrupt();
        var result = await running.Result();
        Assert.Equal((130, "octant: interrupted\n"), (result.Code, result.Errors));
    }

    [Fact]
    public async Task Ctrl_C_ends_an_answer_and_the_conversation_goes_on()
    {
        using var running = OctantCommand.Start("chat", "--model", model.Folder);
        await running.Input.WriteLineAsync("hello");
        await running.Input.FlushAsync();
        Assert.True(running.Output.Read() > 0);
        running.Interrupt();
        Assert.EndsWith(" ...", await running.Output.ReadLineAsync());
        await running.Input.WriteLineAsync($"/set max_tokens 3\nagain\n/save {model.PathOf("talk.json")}");
        running.Input.Close();
        var result = await running.Result();
        Assert.Equal((0, 4, ""), (result.Code, result.Output.Length, result.Errors));
        // What was said of the first answer is part of the conversation.
        Assert.Equal(4, System.Text.Json.JsonDocument.Parse(File.ReadAllText(model.PathOf("talk.json"))).RootElement.GetArrayLength());
    }
}
