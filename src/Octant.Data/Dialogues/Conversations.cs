using System.Text.Json.Nodes;
using Octant.Chat;
using Octant.Data.Reading;

namespace Octant.Data.Dialogues;

/// <summary>One thing said in a conversation.</summary>
/// <param name="Role">user or assistant</param>
/// <param name="Content">the words</param>
public sealed record Message(string Role, string Content);

/// <summary>A conversation between a user and a model.</summary>
/// <param name="Messages">in turns, the user's first</param>
public sealed record Dialogue(IReadOnlyList<Message> Messages)
{
    /// <summary>The messages in OpenAI's shape, as <see cref="ChatTemplate.Render"/> takes them.</summary>
    public JsonArray ToJson() => [.. Messages.Select(message =>
        (JsonNode)new JsonObject { ["role"] = message.Role, ["content"] = message.Content })];
}

/// <summary>How conversations are made of speeches.</summary>
/// <param name="Turns">of a conversation, the user's and the model's; an even number</param>
/// <param name="LongestSpeech">characters of a message; of longer speeches the model answers the end and learns to say the beginning</param>
public sealed record DialogueOptions(int Turns = 6, int LongestSpeech = 600);

/// <summary>
/// Turns a play into conversations in which the model is the one who is spoken to. The user says a speech alone; the model's answer
/// begins with the name of who speaks, on a line of its own.
/// </summary>
public static class Conversations
{
    /// <summary>
    /// The conversations of a play. Each stretch of it comes twice, once with the first, once with the second of its speakers as the
    /// user, so that every speech between the first and the last is learnt both as a question and as an answer. The two follow
    /// each other: a part held out from the end of the list shares one speech with what comes before it.
    /// </summary>
    /// <param name="speeches">in the order of the play; where a scene ends is not looked for</param>
    /// <param name="options">how long conversations and messages are</param>
    /// <exception cref="DatasetException">there are fewer than two speeches, or the options make no conversation</exception>
    public static IEnumerable<Dialogue> Of(IReadOnlyList<Speech> speeches, DialogueOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(speeches);
        options ??= new();
        if (options.Turns < 2 || options.Turns % 2 != 0)
            throw new DatasetException($"A conversation of {options.Turns} turns is none of questions and answers: give an even number, 2 or more.");
        if (options.LongestSpeech < 1)
            throw new DatasetException($"Speeches of at most {options.LongestSpeech} characters are none: give 1 or more, such as 600.");
        if (speeches.Count < 2) throw new DatasetException($"The play has {speeches.Count} speeches; a conversation needs two.");
        return Cut(speeches, options);
    }

    /// <summary>Writes conversations as a model's template wants them.</summary>
    /// <param name="dialogues">such as those of <see cref="Of"/></param>
    /// <param name="template">such as <see cref="DialogueTemplate.Source"/></param>
    /// <param name="origin">what the documents call the place that they come from</param>
    /// <returns>texts to be tokenized with special tokens recognised, and none put around them</returns>
    public static IEnumerable<Document> Render(IEnumerable<Dialogue> dialogues, ChatTemplate template, string origin)
    {
        ArgumentNullException.ThrowIfNull(dialogues);
        ArgumentNullException.ThrowIfNull(template);
        return dialogues.Select((dialogue, at) =>
            new Document(template.Render(dialogue.ToJson()).Text, $"{origin}, conversation {at + 1}"));
    }

    static IEnumerable<Dialogue> Cut(IReadOnlyList<Speech> speeches, DialogueOptions options)
    {
        for (var begin = 0; begin < speeches.Count; begin += options.Turns)
            foreach (var first in (int[])[begin, begin + 1])
            {
                // The second borrows its last answer from the stretch that follows: else that would answer nobody.
                var turns = Math.Min(options.Turns, speeches.Count - first) / 2 * 2;
                if (turns > 0) yield return Between(speeches, first, turns, options.LongestSpeech);
            }
    }

    static Dialogue Between(IReadOnlyList<Speech> speeches, int first, int turns, int longest) =>
        new([.. Enumerable.Range(0, turns).Select(turn => (turn % 2, speeches[first + turn]) switch
        {
            (0, var asked) => new Message("user", Excerpts.End(asked.Text, longest)),
            var (_, answer) => new Message("assistant", $"{answer.Speaker}:\n{Excerpts.Beginning(answer.Text, longest)}"),
        })]);
}
