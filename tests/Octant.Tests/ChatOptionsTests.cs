using System.Text.Json;
using Microsoft.Extensions.AI;
using Octant.Generation;

namespace Octant.Tests;

/// <summary>Every option of a request is honoured, or refused by its name.</summary>
public sealed class ChatOptionsTests : IDisposable
{
    readonly OpenModel model = new();

    /// <summary>What is not supported, with a value that asks for it.</summary>
    public static TheoryData<string> Refused => ["ConversationId", "ModelId", "ToolMode", "AllowMultipleToolCalls",
        "AllowBackgroundResponses", "ContinuationToken", "Reasoning", "RawRepresentationFactory"];

    /// <summary>What changes what the model is told or how it answers; shown one by one below.</summary>
    static readonly string[] Honoured = ["Instructions", "Temperature", "MaxOutputTokens", "TopP", "TopK", "FrequencyPenalty", "PresencePenalty",
        "Seed", "StopSequences", "Tools", "ResponseFormat", "AdditionalProperties"];

    public void Dispose() => model.Dispose();

    [Fact]
    public void Every_member_of_ChatOptions_is_either_honoured_or_refused() =>
        Assert.Equal(
            typeof(ChatOptions).GetProperties().Select(property => property.Name).Order(StringComparer.Ordinal),
            Refused.Select(row => row.Data).Concat(Honoured).Order(StringComparer.Ordinal));

    [Theory, MemberData(nameof(Refused))]
    public async Task What_is_not_supported_is_refused_by_name(string member)
    {
        var options = member switch
        {
            "ConversationId" => new ChatOptions { ConversationId = "1" },
            "ModelId" => new() { ModelId = "another" },
            "ToolMode" => new() { ToolMode = ChatToolMode.RequireAny },
            "AllowMultipleToolCalls" => new() { AllowMultipleToolCalls = false },
#pragma warning disable MEAI001                             // for evaluation only
            "AllowBackgroundResponses" => new() { AllowBackgroundResponses = true },
            "ContinuationToken" => new() { ContinuationToken = ResponseContinuationToken.FromBytes(new byte[1]) },
#pragma warning restore MEAI001
            "Reasoning" => new() { Reasoning = new() { Output = ReasoningOutput.Summary } },
            _ => new ChatOptions { RawRepresentationFactory = _ => new object() },
        };
        var error = await Assert.ThrowsAsync<NotSupportedException>(() => model.Chat.GetResponseAsync("hello", options));
        Assert.Contains(member, error.Message);
        Assert.Empty(model.Recorded.Steps);
    }

    [Fact]
    public async Task Neutral_values_of_what_is_not_supported_pass() => Assert.Equal(2, (await Answer(new()
    {
        ModelId = model.Language.Name,
        ResponseFormat = ChatResponseFormat.Text,
        ToolMode = ChatToolMode.Auto,
        AllowMultipleToolCalls = true,
        MaxOutputTokens = 2,
    })).Length);

    [Fact]
    public async Task Instructions_become_the_system_message()
    {
        await model.Chat.GetResponseAsync("hello", new() { Instructions = "Be brief.", MaxOutputTokens = 1 });
        Assert.Equal("<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n", model.Prompt);
    }

    [Fact]
    public async Task A_seed_draws_the_same_answer_again_and_another_draws_another()
    {
        Task<string> Drawn(long? seed) => Answer(new() { Temperature = 1.5f, Seed = seed, MaxOutputTokens = 30 });
        Assert.Equal(await Drawn(1), await Drawn(1));
        Assert.NotEqual(await Drawn(1), await Drawn(2));
        Assert.NotEqual(await Drawn(1), await Drawn(1L << 40));
        Assert.NotEqual(await Drawn(null), await Drawn(null));
    }

    [Fact]
    public async Task Temperature_draws_and_zero_takes_the_likeliest()
    {
        var greedy = await Answer(new() { MaxOutputTokens = 30 });
        Assert.Equal(greedy, await Answer(new() { Temperature = 0, Seed = 1, MaxOutputTokens = 30 }));
        Assert.NotEqual(greedy, await Answer(new() { Temperature = 2, Seed = 1, MaxOutputTokens = 30 }));
    }

    [Fact]
    public async Task Each_filter_that_leaves_only_the_likeliest_gives_the_greedy_answer()
    {
        var greedy = await Answer(new() { MaxOutputTokens = 30 });
        ChatOptions Drawing() => new() { Temperature = 1, Seed = 5, MaxOutputTokens = 30 };
        foreach (var narrow in (Action<ChatOptions>[])[
            o => o.TopK = 1, o => o.TopP = 1e-6f, o => Further(o, "min_p", 1), o => Further(o, "epsilon_cutoff", 0.999)])
        {
            var options = Drawing();
            narrow(options);
            Assert.Equal(greedy, await Answer(options));
        }
        Assert.NotEqual(greedy, await Answer(Drawing()));
    }

    [Fact]
    public async Task Penalties_keep_a_token_from_coming_again()
    {
        var repetitions = Repetitions(await Answer(new() { MaxOutputTokens = 200 }));
        Assert.True(repetitions > 10, "the greedy answer of a tiny model runs in circles");
        foreach (var penalise in (Action<ChatOptions>[])[
            o => o.FrequencyPenalty = 2, o => o.PresencePenalty = 2, o => Further(o, "repetition_penalty", 2.0),
            o => Further(o, "no_repeat_ngram_size", 2)])
        {
            var options = new ChatOptions { MaxOutputTokens = 200 };
            penalise(options);
            var penalised = await Answer(options);
            Assert.True(Repetitions(penalised) < repetitions, penalised);
        }
        var text = await Answer(Further(new() { MaxOutputTokens = 60 }, "no_repeat_ngram_size", 1));
        Assert.Equal(text.Length, text.Distinct().Count());
    }

    [Fact]
    public async Task The_eta_cutoff_leaves_out_the_unlikely()
    {
        ChatOptions Drawing() => new() { Temperature = 3, Seed = 5, MaxOutputTokens = 30 };
        Assert.NotEqual(await Answer(Drawing()), await Answer(Further(Drawing(), "eta_cutoff", 0.9)));
    }

    [Fact]
    public async Task Typical_sampling_narrows_the_choice()
    {
        var texts = new HashSet<string>();
        for (var seed = 0; seed < 5; seed++)
            texts.Add(await Answer(Further(new() { Temperature = 0.7f, Seed = seed, MaxOutputTokens = 20 }, "typical_p", 1e-6)));
        Assert.Single(texts);
    }

    [Fact]
    public async Task Numbers_in_AdditionalProperties_may_be_of_any_type_also_from_JSON()
    {
        object[] three = [3, 3L, 3.0, 3f, 3m, JsonDocument.Parse("3").RootElement];
        foreach (var value in three) Assert.Equal(3, (await model.Chat.GetResponseAsync("hello", Further(new() { MaxOutputTokens = 1 }, "top_logprobs", value)))
            .Messages[0].AdditionalProperties is { } further ? ((IReadOnlyList<ScoredToken>)further["top_logprobs"]!).Count : 0);
        object?[] wrong = ["3", true, null, JsonDocument.Parse("\"3\"").RootElement, 2.5, double.NaN, 1e300];
        foreach (var value in wrong)
            Assert.Contains("no_repeat_ngram_size", (await Assert.ThrowsAsync<OctantException>(() =>
                model.Chat.GetResponseAsync("hello", Further(new(), "no_repeat_ngram_size", value)))).Message);
    }

    [Fact]
    public async Task An_unknown_additional_property_is_refused_and_those_known_are_listed()
    {
        var error = await Assert.ThrowsAsync<NotSupportedException>(() => model.Chat.GetResponseAsync("hello", Further(new(), "mirostat", 1)));
        Assert.Contains("mirostat", error.Message);
        Assert.Contains("min_p", error.Message);
    }

    [Fact]
    public async Task A_value_out_of_its_range_is_refused_by_name()
    {
        foreach (var (name, options) in ((string, ChatOptions)[])[
            ("max_tokens", new() { MaxOutputTokens = 0 }), ("temperature", new() { Temperature = -1 }), ("temperature", new() { Temperature = float.NaN }),
            ("top_p", new() { TopP = 1.5f }), ("top_k", new() { TopK = -1 }), ("frequency_penalty", new() { FrequencyPenalty = 3 }),
            ("presence_penalty", new() { PresencePenalty = -3 }), ("min_p", Further(new(), "min_p", 2)), ("top_logprobs", Further(new(), "top_logprobs", 101))])
            Assert.StartsWith(name, (await Assert.ThrowsAsync<OctantException>(() => model.Chat.GetResponseAsync("hello", options))).Message);
    }

    [Fact]
    public async Task Log_probabilities_come_with_each_token_and_the_likeliest_first()
    {
        var options = Further(new() { MaxOutputTokens = 5 }, "top_logprobs", 4);
        var tokens = new List<GeneratedToken>();
        await foreach (var update in model.Chat.GetStreamingResponseAsync("hello", options))
            if (update.AdditionalProperties?["logprobs"] is GeneratedToken token) tokens.Add(token);
        Assert.Equal(5, tokens.Count);
        foreach (var token in tokens)
        {
            Assert.Equal(4, token.Likeliest!.Count);
            Assert.Equal(token.Likeliest.OrderByDescending(scored => scored.LogProbability), token.Likeliest);
            Assert.Equal(new ScoredToken(token.Id, token.LogProbability!.Value), token.Likeliest[0]);      // it is greedy
            Assert.True(token.Likeliest.Sum(scored => Math.Exp(scored.LogProbability)) <= 1.0001);
        }
    }

    [Fact]
    public async Task Tool_definitions_reach_the_template_unless_there_shall_be_none()
    {
        using var tools = new OpenModel(new(template: "{{ tools | tojson if tools else 'no tools' }}|{{ messages | map(attribute='role') | join(',') }}"));
        var options = new ChatOptions { MaxOutputTokens = 1, Tools = [AIFunctionFactory.Create((string city) => "rain", "weather", "The weather of a city.")] };
        await tools.Chat.GetResponseAsync("hello", options);
        options.ToolMode = ChatToolMode.None;
        await tools.Chat.GetResponseAsync("hello", options);
        var function = JsonDocument.Parse(tools.Prompt[..tools.Prompt.LastIndexOf('|')]).RootElement[0].GetProperty("function");
        Assert.Equal("weather", function.GetProperty("name").GetString());
        Assert.Equal("The weather of a city.", function.GetProperty("description").GetString());
        Assert.True(function.GetProperty("parameters").GetProperty("properties").TryGetProperty("city", out _));
        Assert.StartsWith("no tools|", tools.Language.Tokenizer.Decode(tools.Recorded.Steps[^1], skipSpecialTokens: false));
    }

    [Fact]
    public async Task Tool_calls_and_their_results_reach_the_template_as_messages()
    {
        using var tools = new OpenModel(new(template: "{{ messages | tojson }}"));
        await tools.Chat.GetResponseAsync(
        [
            new(ChatRole.User, "rain?"),
            new(ChatRole.Assistant, [new FunctionCallContent("c1", "weather", new Dictionary<string, object?> { ["city"] = "Bonn" })]),
            new(ChatRole.Tool, [new FunctionResultContent("c1", "yes")]),
        ], new() { MaxOutputTokens = 1 });
        var messages = JsonDocument.Parse(tools.Prompt).RootElement;
        Assert.Equal(["user", "assistant", "tool"], messages.EnumerateArray().Select(message => message.GetProperty("role").GetString()!));
        Assert.Equal("Bonn", messages[1].GetProperty("tool_calls")[0].GetProperty("function").GetProperty("arguments").GetProperty("city").GetString());
        Assert.Equal(("yes", "c1"), (messages[2].GetProperty("content").GetString(), messages[2].GetProperty("tool_call_id").GetString()));
    }

    [Fact]
    public async Task Pictures_are_refused_by_name()
    {
        var message = new ChatMessage(ChatRole.User, [new DataContent(new byte[1], "image/png")]);
        Assert.Contains("DataContent", (await Assert.ThrowsAsync<NotSupportedException>(() => model.Chat.GetResponseAsync(message))).Message);
    }

    async Task<string> Answer(ChatOptions options) => (await model.Chat.GetResponseAsync("hello", options)).Text;

    static ChatOptions Further(ChatOptions options, string name, object? value)
    {
        options.AdditionalProperties = new() { [name] = value };
        return options;
    }

    /// <summary>How many pairs of neighbouring characters occurred before.</summary>
    static int Repetitions(string text) =>
        text.Length - 1 - text.Zip(text.Skip(1)).Distinct().Count();
}
