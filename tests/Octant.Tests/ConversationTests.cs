using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Octant.Tests;

/// <summary>Conversations over many turns: what is computed, what is left out, what is kept.</summary>
public sealed class ConversationTests
{
    [Fact]
    public async Task Between_turns_only_what_is_new_goes_through_the_model()
    {
        using var model = new OpenModel();
        var conversation = new Conversation { System = "You are a parrot." };
        var told = 0;
        // The later questions are longer than all that was said before: even so nothing is computed twice.
        foreach (var question in (string[])["hi", "a somewhat longer question, longer than the first exchange by far", new string('x', 150)])
        {
            conversation.Add(ChatRole.User, question);
            var before = model.Recorded.Tokens;
            var answer = await model.Chat.GetResponseAsync(conversation.Fit(model.Language).Messages, new() { MaxOutputTokens = 10 });
            var prompt = (int)answer.Usage!.InputTokenCount!;
            // All of the prompt that the model has not seen, then each token but the last, which nothing follows.
            Assert.Equal(prompt - told + 9, model.Recorded.Tokens - before);
            Assert.Equal(told, answer.Usage.CachedInputTokenCount);
            told = prompt + 9;
            conversation.Add(ChatRole.Assistant, answer.Text);
        }
    }

    [Fact]
    public async Task Conversations_that_take_turns_each_find_what_the_model_has_seen_of_them()
    {
        using var model = new OpenModel();
        Conversation[] conversations = [.. Enumerable.Range(0, 3).Select(i => new Conversation { System = $"The same long beginning for every one, but {i}" })];
        var told = new int[3];
        for (var turn = 0; turn < 3; turn++)
            foreach (var (i, conversation) in conversations.Index())
            {
                conversation.Add(ChatRole.User, $"turn {turn}");
                var answer = await model.Chat.GetResponseAsync(conversation.Fit(model.Language).Messages, new() { MaxOutputTokens = 5 });
                if (turn > 0) Assert.Equal(told[i], answer.Usage!.CachedInputTokenCount);
                else if (i > 0) Assert.InRange((int)answer.Usage!.CachedInputTokenCount!, 40, 60);         // what all begin with
                told[i] = (int)answer.Usage!.InputTokenCount! + 4;
                conversation.Add(ChatRole.Assistant, answer.Text);
            }
    }

    [Fact]
    public async Task What_was_kept_of_earlier_prompts_changes_no_answer()
    {
        using var model = new OpenModel();
        using var fresh = new OpenModel();
        string[] questions = ["one", "one and two", "on", "another", "one and two", "another one", "one and three", "x"];
        foreach (var question in questions.Concat(questions))
        {
            using var alone = new OpenModel();
            Assert.Equal(
                (await alone.Chat.GetResponseAsync(question, new() { MaxOutputTokens = 12 })).Text,
                (await model.Chat.GetResponseAsync(question, new() { MaxOutputTokens = 12 })).Text);
        }
    }

    [Fact]
    public void When_the_context_is_full_the_oldest_turns_go_and_the_system_prompt_stays()
    {
        using var model = new OpenModel(new(context: 150));
        var conversation = new Conversation { System = "stay" };
        var full = false;
        for (var turn = 0; turn < 8; turn++)
        {
            conversation.Add(ChatRole.User, $"question {turn}");
            var (messages, leftOut) = conversation.Fit(model.Language, room: 10);
            full |= leftOut > 0;
            Assert.Equal(("stay", ChatRole.System), (messages[0].Text, messages[0].Role));
            Assert.Equal(conversation.Turns.Skip(leftOut).Select(said => said.Text), messages.Skip(1).Select(said => said.Text));
            Assert.Equal(ChatRole.User, messages[1].Role);
            Assert.Equal(full, leftOut > 0);
            // As few as possible: with one turn more it would not fit.
            Assert.True(Length(model, messages) + 10 <= 150);
            if (leftOut > 0) Assert.True(Length(model, [messages[0], .. conversation.Turns.Skip(leftOut - 2)]) + 10 > 150);
            conversation.Add(ChatRole.Assistant, $"answer {turn}");
        }
        Assert.True(full, "the context was filled");
        Assert.Equal(16, conversation.Turns.Count);
    }

    [Fact]
    public void A_single_message_that_is_too_long_is_an_error_with_both_numbers()
    {
        using var model = new OpenModel(new(context: 100));
        var conversation = new Conversation();
        conversation.Add(ChatRole.User, "short");
        conversation.Add(ChatRole.Assistant, "yes");
        conversation.Add(ChatRole.User, new string('x', 100));
        Assert.Contains("holds 100", Assert.Throws<OctantException>(() => conversation.Fit(model.Language)).Message);
    }

    [Fact]
    public void A_conversation_is_saved_and_loaded_whole()
    {
        using var folder = new Octant.Testing.TinyModel();
        var saved = new Conversation { System = "sys" };
        saved.Add(ChatRole.User, "què?\n\"");
        saved.Add(ChatRole.Assistant, "\U0001f419");
        saved.Save(folder.PathOf("talk.json"));
        var loaded = new Conversation { System = "other" };
        loaded.Add(ChatRole.User, "gone");
        loaded.Load(folder.PathOf("talk.json"));
        Assert.Equal("sys", loaded.System);
        Assert.Equal(saved.Turns.Select(said => (said.Role, said.Text)), loaded.Turns.Select(said => (said.Role, said.Text)));
    }

    [Fact]
    public void What_the_system_said_in_between_is_kept_where_it_was_said()
    {
        using var folder = new Octant.Testing.TinyModel();
        var saved = new Conversation();
        saved.Add(ChatRole.User, "one");
        saved.Add(ChatRole.System, "now in French");
        saved.Add(ChatRole.User, "two");
        saved.Save(folder.PathOf("talk.json"));
        var loaded = new Conversation();
        loaded.Load(folder.PathOf("talk.json"));
        Assert.Null(loaded.System);
        Assert.Equal(["one", "now in French", "two"], loaded.Turns.Select(said => said.Text));
    }

    [Fact]
    public void A_conversation_that_cannot_be_saved_leaves_nothing_behind()
    {
        using var folder = new Octant.Testing.TinyModel();
        Directory.CreateDirectory(folder.PathOf("talks"));
        var before = Directory.GetFileSystemEntries(folder.Folder).Order();
        Assert.Throws<OctantException>(() => new Conversation { System = "sys" }.Save(folder.PathOf("talks")));
        Assert.Equal(before, Directory.GetFileSystemEntries(folder.Folder).Order());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task As_many_conversations_are_kept_as_one_says(int kept)
    {
        using var model = new OpenModel();
        // Disposed of with the model: closing it twice does no harm.
        using var chat = new OctantChat(model.Language, kept);
        string[] questions = [new string('a', 40), new string('b', 40)];
        foreach (var question in questions) await chat.GetResponseAsync(question, new() { MaxOutputTokens = 2 });
        var again = await chat.GetResponseAsync(questions[0], new() { MaxOutputTokens = 2 });
        if (kept == 1) Assert.InRange((int)again.Usage!.CachedInputTokenCount!, 1, 30);
        else Assert.Equal(again.Usage!.InputTokenCount - 1, again.Usage.CachedInputTokenCount);
        Assert.Contains("at least 1", Assert.Throws<OctantException>(() => new OctantChat(model.Language, 0)).Message);
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("{\"a\": 1}")]
    [InlineData("[null]")]
    [InlineData("[{\"role\": \"user\", \"contents\": [{\"$type\": \"text\", \"text\": \"\\ud800\"}]}]")]
    [InlineData("[{\"role\": 7}]")]
    public void A_file_that_holds_no_conversation_is_an_error_and_loses_nothing(string text)
    {
        using var folder = new Octant.Testing.TinyModel();
        File.WriteAllText(folder.PathOf("talk.json"), text);
        var conversation = new Conversation { System = "sys" };
        conversation.Add(ChatRole.User, "kept");
        Assert.Contains("talk.json", Assert.Throws<OctantException>(() => conversation.Load(folder.PathOf("talk.json"))).Message);
        Assert.Equal(("sys", "kept"), (conversation.System, Assert.Single(conversation.Turns).Text));
        Assert.ThrowsAny<OctantException>(() => conversation.Load(folder.PathOf("missing.json")));
        if (File.Exists("/dev/zero")) Assert.Contains("MB", Assert.ThrowsAny<OctantException>(() => conversation.Load("/dev/zero")).Message);
        Assert.Throws<OctantException>(() => conversation.Save(folder.PathOf("no/such/folder.json")));
    }

    static int Length(OpenModel model, IEnumerable<ChatMessage> messages) => model.Language.Encode(
        [.. messages.Select(message => (JsonNode)new JsonObject { ["role"] = message.Role.Value, ["content"] = message.Text })]).Length;
}
