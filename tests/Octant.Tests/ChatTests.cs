using Microsoft.Extensions.AI;
using Octant.Generation;
using Octant.Testing;
using Octant.Tokenizers;

namespace Octant.Tests;

/// <summary>OctantChat as an IChatClient.</summary>
public sealed class ChatTests
{
    static readonly ChatMessage[] Hello = [new(ChatRole.User, "hello")];

    [Fact]
    public async Task Streaming_equals_whole()
    {
        using var model = new OpenModel();
        var whole = await model.Chat.GetResponseAsync(Hello, new() { MaxOutputTokens = 40 });
        var updates = await Read(model.Chat, Hello, new() { MaxOutputTokens = 40 });
        Assert.NotEmpty(whole.Text);
        Assert.Equal(whole.Text, string.Concat(updates.Select(update => update.Text)));
        Assert.True(updates.Count > 10, "it comes in pieces");
        Assert.Equal(ChatRole.Assistant, Assert.Single(whole.Messages).Role);
    }

    [Fact]
    public async Task One_stream_has_one_response_id_and_the_usage_comes_last()
    {
        using var model = new OpenModel();
        var first = await Read(model.Chat, Hello, new() { MaxOutputTokens = 5 });
        var second = await Read(model.Chat, Hello, new() { MaxOutputTokens = 5 });
        Assert.NotEqual(Assert.Single(first.Select(update => update.ResponseId).Distinct()), second[0].ResponseId);
        Assert.Single(first.Select(update => update.MessageId).Distinct());
        Assert.All(first, update => Assert.Equal(model.Language.Name, update.ModelId));

        var usage = Assert.IsType<UsageContent>(Assert.Single(first[^1].Contents)).Details;
        Assert.DoesNotContain(first.SkipLast(1), update => update.Contents.OfType<UsageContent>().Any());
        Assert.Equal((model.Recorded.Steps[0].Length, 5L), (usage.InputTokenCount, usage.OutputTokenCount));
        Assert.Equal(usage.InputTokenCount + 5, usage.TotalTokenCount);
        Assert.Equal(usage.InputTokenCount - 1, Assert.IsType<UsageContent>(second[^1].Contents[0]).Details.CachedInputTokenCount);
    }

    [Fact]
    public async Task It_finishes_with_length_after_as_many_tokens_as_were_allowed_and_with_stop_at_an_end_token()
    {
        using var model = new OpenModel();
        var cut = await model.Chat.GetResponseAsync(Hello, new() { MaxOutputTokens = 3 });
        Assert.Equal((ChatFinishReason.Length, 3), (cut.FinishReason, cut.Text.Length));

        // The third character becomes an end token, the second of two: it stops, and is not part of the text.
        using var ending = new OpenModel(Ending(cut.Text[2]));
        var ended = await ending.Chat.GetResponseAsync(Hello);
        Assert.Equal(ChatFinishReason.Stop, ended.FinishReason);
        Assert.Equal(cut.Text[..cut.Text.IndexOf(cut.Text[2])], ended.Text);
        Assert.Equal(ended.Text.Length + 1, ended.Usage!.OutputTokenCount);
    }

    [Fact]
    public async Task Without_a_limit_it_goes_on_until_the_context_is_full()
    {
        using var model = new OpenModel(new(context: 64));
        var answer = await model.Chat.GetResponseAsync(Hello);
        Assert.Equal(ChatFinishReason.Length, answer.FinishReason);
        // The last token chosen need not be seen by the model any more.
        Assert.Equal(64 + 1, answer.Usage!.TotalTokenCount);
    }

    [Fact]
    public async Task No_part_of_a_stop_string_is_ever_shown()
    {
        using var model = new OpenModel();
        var text = (await model.Chat.GetResponseAsync(Hello, new() { MaxOutputTokens = 30 })).Text;
        for (var start = 1; start < 20; start++)
        {
            var stop = text[start..(start + 5)];
            var updates = await Read(model.Chat, Hello, new() { MaxOutputTokens = 30, StopSequences = ["never", stop] });
            var shown = "";
            foreach (var update in updates)
            {
                shown += update.Text;
                Assert.StartsWith(shown, text[..text.IndexOf(stop, StringComparison.Ordinal)]);
            }
            Assert.Equal(text[..text.IndexOf(stop, StringComparison.Ordinal)], shown);
            Assert.Equal(ChatFinishReason.Stop, updates.Single(update => update.FinishReason is not null).FinishReason);
        }
    }

    [Fact]
    public void It_gives_its_metadata_its_model_and_its_parts_as_services()
    {
        using var model = new OpenModel();
        IChatClient chat = model.Chat;
        var metadata = chat.GetService<ChatClientMetadata>()!;
        Assert.Equal(("octant", model.Language.Name), (metadata.ProviderName, metadata.DefaultModelId));
        Assert.Same(model.Language, chat.GetService<LanguageModel>());
        Assert.Same(model.Recorded, chat.GetService<ILanguageModel>());
        Assert.Same(model.Language.Tokenizer, chat.GetService<Tokenizer>());
        Assert.Same(chat, chat.GetService<IChatClient>());
        Assert.Null(chat.GetService<IEmbeddingGenerator>());
        Assert.Null(chat.GetService<LanguageModel>("another"));
    }

    [Fact]
    public async Task Eight_greedy_answers_at_once_equal_those_one_after_another()
    {
        using var model = new OpenModel();
        ChatMessage[][] questions = [.. Enumerable.Range(0, 8).Select(i => (ChatMessage[])[new(ChatRole.User, $"question {i * i}, please")])];
        var options = new ChatOptions { MaxOutputTokens = 24, Temperature = 0 };
        var alone = new List<string>();
        foreach (var question in questions) alone.Add((await model.Chat.GetResponseAsync(question, options)).Text);
        var together = await Task.WhenAll(questions.Select(question => Task.Run(() => model.Chat.GetResponseAsync(question, options))));
        Assert.Equal(alone, together.Select(answer => answer.Text));
        Assert.True(alone.Distinct().Count() > 4, "the questions matter");
    }

    [Fact]
    public async Task A_question_may_be_asked_while_the_answer_to_another_is_read()
    {
        using var model = new OpenModel();
        var expected = (await model.Chat.GetResponseAsync(Hello, new() { MaxOutputTokens = 8 })).Text;
        var inner = new List<string>();
        await foreach (var _ in model.Chat.GetStreamingResponseAsync(Hello, new() { MaxOutputTokens = 3 }))
            inner.Add((await model.Chat.GetResponseAsync(Hello, new() { MaxOutputTokens = 8 })).Text);
        Assert.All(inner, text => Assert.Equal(expected, text));
    }

    [Fact]
    public async Task Cancelling_stops_between_two_tokens_and_the_next_answer_is_as_ever()
    {
        using var model = new OpenModel();
        var expected = (await model.Chat.GetResponseAsync(Hello, new() { MaxOutputTokens = 20 })).Text;
        using var cancellation = new CancellationTokenSource();
        var steps = 0;
        model.Recorded.BeforeStep = () =>
        {
            if (++steps == 5) cancellation.Cancel();
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => model.Chat.GetResponseAsync(Hello, new(), cancellation.Token));
        Assert.Equal(5, steps);
        Assert.Equal(expected, (await model.Chat.GetResponseAsync(Hello, new() { MaxOutputTokens = 20 })).Text);
    }

    [Fact]
    public async Task Who_stops_reading_stops_the_computation()
    {
        using var model = new OpenModel();
        using var read = new ManualResetEventSlim();
        var steps = 0;
        model.Recorded.BeforeStep = () =>
        {
            if (++steps == 3) read.Wait();                  // until the reader has gone
        };
        await foreach (var _ in Leaving(model.Chat.GetStreamingResponseAsync(Hello), read)) break;
        model.Recorded.BeforeStep = null;
        Assert.InRange(steps, 1, 4);
        Assert.Equal(4, (await model.Chat.GetResponseAsync(Hello, new() { MaxOutputTokens = 4 })).Text.Length);
    }

    [Fact]
    public async Task Disposal_ends_the_answer_that_is_computed_and_those_that_wait()
    {
        var model = new OpenModel();
        var (begun, steps) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), 0);
        model.Recorded.BeforeStep = () =>
        {
            if (++steps == 4) begun.SetResult();
        };
        var running = model.Chat.GetResponseAsync(Hello);
        var waiting = model.Chat.GetResponseAsync(Hello);
        await begun.Task;
        model.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => running);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => model.Chat.GetResponseAsync(Hello));
        model.Chat.Dispose();                               // twice is once
    }

    [Fact]
    public async Task A_conversation_longer_than_the_context_is_an_error_with_both_numbers()
    {
        using var model = new OpenModel(new(context: 64));
        var error = await Assert.ThrowsAsync<OctantException>(() => model.Chat.GetResponseAsync(new string('x', 100)));
        Assert.Contains("has 119 tokens", error.Message);
        Assert.Contains("holds 64", error.Message);
        Assert.Empty(model.Recorded.Steps);
    }

    [Fact]
    public async Task What_a_template_refuses_reaches_the_user_in_its_own_words()
    {
        using var model = new OpenModel(new(template: "{{ raise_exception('Roles must alternate, dear user') }}"));
        var error = await Assert.ThrowsAnyAsync<OctantException>(() => model.Chat.GetResponseAsync("hello"));
        Assert.Equal("Roles must alternate, dear user", error.Message);
    }

    [Fact]
    public async Task A_model_without_a_template_says_so()
    {
        using var model = new OpenModel(new(template: null));
        var error = await Assert.ThrowsAsync<OctantException>(() => model.Chat.GetResponseAsync("hello"));
        Assert.Contains("no chat template", error.Message);
        Assert.NotEmpty(string.Concat(model.Language.Generate("hello", new() { MaxTokens = 3 }).Select(update => update.Text)));
    }

    [Fact]
    public async Task Half_a_surrogate_pair_is_read_as_a_replacement_character()
    {
        using var model = new OpenModel();
        await model.Chat.GetResponseAsync("a\ud83db", new() { MaxOutputTokens = 1 });
        Assert.Contains("user\na\ufffdb<|im_end|>", model.Prompt);
    }

    [Fact]
    public async Task No_message_at_all_is_an_error()
    {
        using var model = new OpenModel();
        await Assert.ThrowsAsync<OctantException>(() => model.Chat.GetResponseAsync([]));
    }

    static TinyModel Ending(char end) => new(generation: new() { ["eos_token_id"] = new System.Text.Json.Nodes.JsonArray(TinyModel.End, (int)end) });

    static async Task<List<ChatResponseUpdate>> Read(IChatClient chat, IEnumerable<ChatMessage> messages, ChatOptions options)
    {
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in chat.GetStreamingResponseAsync(messages, options)) updates.Add(update);
        return updates;
    }

    /// <summary>Says so when its reader leaves.</summary>
    static async IAsyncEnumerable<ChatResponseUpdate> Leaving(IAsyncEnumerable<ChatResponseUpdate> updates, ManualResetEventSlim left)
    {
        var reader = updates.GetAsyncEnumerator();
        try
        {
            while (await reader.MoveNextAsync()) yield return reader.Current;
        }
        finally
        {
            var leaving = reader.DisposeAsync();            // has cancelled when it returns, and waits for the computation
            left.Set();
            await leaving;
        }
    }
}
