using System.Text.Json.Nodes;
using Octant.Chat;
using Octant.Data.Dialogues;
using Octant.Testing;

namespace Octant.Data.Tests;

public sealed class DialogueTests
{
    static readonly ChatTemplate Template = new(DialogueTemplate.Source);

    static Speech[] Play(int speeches) => [.. Enumerable.Range(0, speeches).Select(i => new Speech($"S{i}", $"{i}."))];

    static string Tinyshakespeare() =>
        File.ReadAllText(Path.Combine(Repository.Root, "models/shakespeare-chat/text/tinyshakespeare.txt"));

    [Fact]
    public void A_speech_is_a_name_with_a_colon_and_the_lines_below()
    {
        var speeches = Plays.Speeches("\uFEFFACT I.\n\nFirst Citizen:\r\nYou are all resolved?\r\n\r\nAll:\nResolved.\nresolved.\n\n\nLADY  CAPULET:\nCome:\nAway!");
        Assert.Equal([new("First Citizen", "You are all resolved?"), new("All", "Resolved.\nresolved."), new("LADY CAPULET", "Come:\nAway!")], speeches);
    }

    [Fact]
    public void Speeches_of_one_speaker_are_one_and_names_without_words_none() =>
        Assert.Equal([new("A", "one\ntwo\nthree"), new("C", "four")], Plays.Speeches("A:\none\n\nB:\n\nA:\ntwo\n\nthree\n\nC:\nfour\n\nD:\n"));

    [Theory]
    [InlineData(""), InlineData("\n\n"), InlineData("It was a dark night.\nHe said:\nyes\n"), InlineData("ROMEO:"), InlineData("a:\nb")]
    public void A_text_without_speeches_is_an_error_that_says_what_one_is(string text) =>
        Assert.Contains("\"First Citizen:\"", Assert.Throws<DatasetException>(() => Plays.Speeches(text)).Message);

    [Fact]
    public void The_carried_play_is_read_whole()
    {
        var text = Tinyshakespeare();
        var speeches = Plays.Speeches(text);
        Assert.Equal(("First Citizen", "Before we proceed any further, hear me speak."), (speeches[0].Speaker, speeches[0].Text));
        Assert.Equal("ANTONIO", speeches[^1].Speaker);
        Assert.All(speeches.Zip(speeches.Skip(1)), pair => Assert.NotEqual(pair.First.Speaker, pair.Second.Speaker));
        // All that is not said are names.
        static int Letters(string words) => words.Count(letter => !char.IsWhiteSpace(letter));
        var names = text.Split("\n\n").Sum(block => Letters(block[..(block.IndexOf(':') + 1)]));
        Assert.Equal(Letters(text) - names, speeches.Sum(speech => Letters(speech.Text)));
    }

    [Fact]
    public void Every_stretch_comes_twice_and_every_inner_speech_is_question_and_answer()
    {
        var dialogues = Conversations.Of(Play(9), new(Turns: 4)).ToArray();
        Assert.Equal(
            ["0. S1:\n1. 2. S3:\n3.", "1. S2:\n2. 3. S4:\n4.", "4. S5:\n5. 6. S7:\n7.", "5. S6:\n6. 7. S8:\n8."],
            dialogues.Select(dialogue => string.Join(' ', dialogue.Messages.Select(message => message.Content))));
        Assert.All(dialogues, dialogue => Assert.Equal(["user", "assistant", "user", "assistant"], dialogue.Messages.Select(message => message.Role)));
    }

    [Theory]
    [InlineData(2), InlineData(3), InlineData(7), InlineData(8), InlineData(20), InlineData(21)]
    public void Each_pair_of_neighbours_occurs_once(int speeches)
    {
        var pairs = Conversations.Of(Play(speeches), new(Turns: 6)).SelectMany(dialogue => dialogue.Messages.Chunk(2)).Select(pair => (pair[0].Content, pair[1].Content));
        Assert.Equal(Enumerable.Range(0, speeches - 1).Select(i => ($"{i}.", $"S{i + 1}:\n{i + 1}.")), pairs.OrderBy(pair => int.Parse(pair.Item1[..^1])));
    }

    [Fact]
    public void Of_a_long_speech_the_end_is_answered_and_the_beginning_said()
    {
        Speech[] speeches = [new("A", "One two. Three four. Five six."), new("B", "One two. Three four. Five six.")];
        var messages = Assert.Single(Conversations.Of(speeches, new(2, LongestSpeech: 22))).Messages;
        Assert.Equal(("Three four. Five six.", "B:\nOne two. Three four."), (messages[0].Content, messages[1].Content));
    }

    [Theory]
    [InlineData("one two three\nfour five six seven", 20, "one two three", "four five six seven")]
    [InlineData("one two three four", 9, "one two", "four")]
    [InlineData("aaaaaaaaaa", 4, "aaaa", "aaaa")]
    [InlineData("a\U0001F600\U0001F600b", 2, "a", "\U0001F600b")]
    public void Without_a_sentences_end_a_speech_is_cut_at_a_line_or_word(string text, int longest, string beginning, string end)
    {
        var messages = Assert.Single(Conversations.Of([new("A", text), new("B", text)], new(2, longest))).Messages;
        Assert.Equal((end, $"B:\n{beginning}"), (messages[0].Content, messages[1].Content));
    }

    [Fact]
    public void Conversations_of_the_carried_play_are_the_same_each_time_and_none_is_too_long()
    {
        var speeches = Plays.Speeches(Tinyshakespeare());
        var texts = Conversations.Render(Conversations.Of(speeches), Template, "play").Select(document => document.Text).ToArray();
        Assert.Equal(texts, Conversations.Render(Conversations.Of(speeches), Template, "play").Select(document => document.Text));
        Assert.All(texts, text => Assert.True(text.Length <= 6 * (600 + 60)));
        Assert.StartsWith("<|user|>Before we proceed any further, hear me speak.<|end|><|assistant|>All:\nSpeak, speak.<|end|><|user|>", texts[0]);
    }

    [Theory]
    [InlineData(3, 600, "3 turns"), InlineData(0, 600, "0 turns"), InlineData(2, 0, "0 characters")]
    public void Options_that_make_no_conversation_are_errors(int turns, int longest, string expected) =>
        Assert.Contains(expected, Assert.Throws<DatasetException>(() => Conversations.Of(Play(4), new(turns, longest))).Message);

    [Fact]
    public void One_speech_is_no_conversation() =>
        Assert.Contains("1 speeches", Assert.Throws<DatasetException>(() => Conversations.Of(Play(1))).Message);

    static string Rendered(bool answer, params (string Role, string Content)[] messages) => Template.Render(
        [.. messages.Select(message => (JsonNode)new JsonObject { ["role"] = message.Role, ["content"] = message.Content })],
        new() { AddGenerationPrompt = answer }).Text;

    [Fact]
    public void The_template_writes_turns_and_the_beginning_of_the_answer() => Assert.Equal(
        "<|user|>Who goes there?<|end|><|assistant|>ROMEO:\nI.<|end|><|user|>Who?<|end|><|assistant|>",
        Rendered(true, ("user", " Who goes there?\n"), ("assistant", "ROMEO:\nI."), ("user", "Who?")));

    [Fact]
    public void A_system_message_is_a_prologue_to_what_the_user_says_next() => Assert.Equal(
        "<|user|>A street.\nBy night.\nWho goes there?<|end|><|assistant|>I.<|end|><|user|>Who?<|end|>",
        Rendered(false, ("system", "A street."), ("system", "By night."), ("user", "Who goes there?"), ("assistant", "I."), ("user", "Who?")));

    [Fact]
    public void Other_roles_are_refused_by_name() =>
        Assert.Contains("role tool", Assert.Throws<TemplateException>(() => Rendered(false, ("tool", "42"))).Message);
}
