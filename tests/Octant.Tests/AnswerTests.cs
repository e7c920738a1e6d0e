using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Octant.Chat;
using Octant.Generation;
using Octant.Testing;
using Octant.Tokenizers;

namespace Octant.Tests;

/// <summary>Calls and thoughts through <see cref="OctantChat"/>, from models that say what a test wants.</summary>
public sealed class AnswerTests
{
    const string Hermes = TinyModel.ChatMl + "{# tools <tool_call> </think> #}{% for m in messages %}{% if m.tool_calls %}{{ m.tool_calls | tojson }}{% endif %}{% endfor %}";
    const string Call = "<think>\nRain or not?\n</think>\n\nI shall look.\n<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Bonn\", \"days\": \"2\"}}\n</tool_call>";

    [Fact]
    public async Task A_function_is_called_and_its_result_answered()
    {
        using var scripted = new Scripted(Hermes, [Call, "It rains."]);
        var told = "";
        var function = AIFunctionFactory.Create((string city, int days) => told = $"{city} {days}", "weather", "The weather.");
        using var client = scripted.Chat.AsBuilder().UseFunctionInvocation().Build();
        var response = await client.GetResponseAsync("rain?", new() { Tools = [function] });
        Assert.Equal("Bonn 2", told);
        Assert.Equal("It rains.", response.Messages[^1].Text);
        Assert.Equal([ChatRole.Assistant, ChatRole.Tool, ChatRole.Assistant], response.Messages.Select(message => message.Role));
    }

    [Fact]
    public async Task A_function_is_called_while_streaming_too()
    {
        using var scripted = new Scripted(Hermes, [Call, "It rains."]);
        var told = "";
        var function = AIFunctionFactory.Create((string city, int days) => told = $"{city} {days}", "weather", "The weather.");
        using var client = scripted.Chat.AsBuilder().UseFunctionInvocation().Build();
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in client.GetStreamingResponseAsync("rain?", new() { Tools = [function] })) updates.Add(update);
        Assert.Equal("Bonn 2", told);
        Assert.Equal("I shall look.It rains.", string.Concat(updates.Select(update => update.Text)));
        Assert.Contains(updates, update => update.FinishReason == ChatFinishReason.ToolCalls);
    }

    [Theory]
    [InlineData(null, "Rain or not?")]
    [InlineData(ReasoningOutput.Full, "Rain or not?")]
    [InlineData(ReasoningOutput.None, "")]
    public async Task Thoughts_are_reasoning_and_left_out_on_request(ReasoningOutput? output, string expected)
    {
        using var scripted = new Scripted(Hermes, [Call]);
        var response = await scripted.Chat.GetResponseAsync("rain?", new() { Reasoning = new() { Output = output } });
        Assert.Equal(expected, string.Concat(response.Messages[0].Contents.OfType<TextReasoningContent>().Select(part => part.Text)));
        // No tool was offered: what looks like a call is a part of the answer.
        Assert.StartsWith("I shall look.\n<tool_call>", response.Text);
    }

    [Fact]
    public async Task Markers_that_are_special_tokens_reach_the_reader()
    {
        using var scripted = new Scripted(TinyModel.ChatMl + "{# tools [TOOL_CALLS] #}", ["[TOOL_CALLS][{\"name\": \"weather\", \"arguments\": {}}]"], special: "[TOOL_CALLS]");
        var response = await scripted.Chat.GetResponseAsync("rain?", new() { Tools = [AIFunctionFactory.Create(() => "", "weather")] });
        var call = Assert.IsType<FunctionCallContent>(Assert.Single(response.Messages[0].Contents));
        Assert.Equal(("weather", 9), (call.Name, call.CallId.Length));
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
    }

    [Theory]
    [InlineData("{% for m in messages %}{% if m.role == 'assistant' %}{% if m.content is none %}{{ m.tool_calls[0].function.name + m.tool_calls[0].function.arguments }}{% else %}[{{ m.content }}]{% endif %}{% endif %}{% endfor %}{# tools #}",
        "[Wait.]weather{\"city\":\"Bonn\"}")]
    [InlineData("{% for m in messages %}{% if m.tool_calls %}{{ m.content }}{{ m.tool_calls[0].function.name }}{{ m.tool_calls[0].function.arguments.city }}{% endif %}{% endfor %}{# tools #}",
        "Wait.weatherBonn")]
    public async Task Earlier_calls_are_told_in_the_shape_that_the_template_takes(string template, string expected)
    {
        using var scripted = new Scripted(template, ["Yes."]);
        await scripted.Chat.GetResponseAsync(
        [
            new(ChatRole.User, "rain?"),
            new(ChatRole.Assistant, [new TextContent("Wait."), new FunctionCallContent("c1", "weather", new Dictionary<string, object?> { ["city"] = "Bonn" })]),
            new(ChatRole.Tool, [new FunctionResultContent("c1", "yes")]),
        ]);
        Assert.Equal(expected, scripted.Prompt);
    }

    /// <summary>A model that says one given text after the other, letter by letter.</summary>
    sealed class Scripted : ILanguageModel
    {
        readonly TinyModel files = new();
        readonly Queue<int[]> answers;
        readonly Tokenizer tokenizer;
        int[] answer = [];
        int said;
        int[] prompt = [];

        public Scripted(string template, IReadOnlyList<string> texts, string? special = null)
        {
            if (special is not null)
                files.Change("tokenizer.json", json => json["added_tokens"]!.AsArray().Add(new JsonObject
                {
                    ["id"] = TinyModel.Vocabulary,
                    ["content"] = special,
                    ["special"] = true,
                    ["normalized"] = false,
                }));
            tokenizer = Tokenizer.Open(files.Folder);
            answers = new(texts.Select(text => (int[])[.. tokenizer.EncodeIds(text), TinyModel.End]));
            Chat = new(new LanguageModel("scripted", this, tokenizer, new ChatTemplate(template), new() { Temperature = 0, EndIds = [TinyModel.End] }));
        }

        public OctantChat Chat { get; }

        public string Prompt => tokenizer.Decode(prompt, skipSpecialTokens: false);

        public ModelShape Shape { get; } = new(TinyModel.Vocabulary + 1, Context: 4096, Width: 1, Layers: 1);

        public ISequence Open() => new Sequence();

        public void Step(ReadOnlySpan<Slice> batch, Span<float> logits)
        {
            var (sequence, ids) = ((Sequence)batch[0].Sequence, batch[0].Ids);
            sequence.Length += ids.Length;
            if (said == answer.Length) prompt = [.. prompt, .. ids.ToArray()];
            if (batch[0].Scored == Scored.None) return;
            if (said == answer.Length) (answer, said) = (answers.Dequeue(), 0);
            logits.Clear();
            logits[answer[said++]] = 1;
        }

        public void Dispose()
        {
            if (Directory.Exists(files.Folder)) files.Dispose();
        }

        sealed class Sequence : ISequence
        {
            public int Length { get; set; }

            public bool CanTruncateTo(int length) => true;

            public void Truncate(int length) => Length = length;

            public ISequence Fork(int length) => new Sequence { Length = length };

            public void Dispose() { }
        }
    }
}
