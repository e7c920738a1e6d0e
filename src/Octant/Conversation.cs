using System.Text.Json;
using Microsoft.Extensions.AI;
using Octant.Formats;

namespace Octant;

/// <summary>
/// A conversation that goes on for as long as one likes: when it outgrows the context its oldest turns are left out of what the
/// model is told, never the system prompt.
/// </summary>
public sealed class Conversation
{
    static readonly JsonSerializerOptions Indented = new(AIJsonUtilities.DefaultOptions) { WriteIndented = true };

    readonly List<ChatMessage> turns = [];

    /// <summary>What the model is told before everything else; null for nothing.</summary>
    public string? System { get; set; }

    /// <summary>Everything said so far, without the system prompt.</summary>
    public IReadOnlyList<ChatMessage> Turns => turns;

    /// <summary>Somebody says something.</summary>
    public void Add(ChatRole role, string text) => turns.Add(new(role, text));

    /// <summary>Takes the last thing said back.</summary>
    public void TakeBack() => turns.RemoveAt(turns.Count - 1);

    /// <summary>Forgets what was said; the system prompt stays.</summary>
    public void Clear() => turns.Clear();

    /// <summary>What the model is told: everything, or without as many of the oldest turns as the context demands.</summary>
    /// <param name="language">whose context it is</param>
    /// <param name="room">tokens that the answer shall have room for, at least</param>
    /// <returns>the messages, and how many were left out</returns>
    /// <exception cref="OctantException">even the last turn alone is too long</exception>
    public (IReadOnlyList<ChatMessage> Messages, int LeftOut) Fit(LanguageModel language, int room = 1)
    {
        for (var from = 0; ; from = NextQuestion(from))
        {
            var messages = Messages(from);
            var length = ChatRequest.Read(messages, null, language, unlimited: true).Ids.Length;
            if (length + room <= language.Model.Shape.Context) return (messages, from);
            if (NextQuestion(from) >= turns.Count)
                throw new OctantException($"The message alone has {length} tokens, with {room} kept for the answer; the context of {language.Name} holds "
                    + $"{language.Model.Shape.Context}: shorten it, or ask for a shorter answer.");
        }
    }

    /// <summary>Writes it to a file, as JSON.</summary>
    /// <exception cref="OctantException">the file cannot be written</exception>
    public void Save(string path)
    {
        var draft = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            File.WriteAllText(draft, JsonSerializer.Serialize(Messages(0), Indented));
            File.Move(draft, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Remove(draft);
            throw new OctantException($"{path} cannot be written: {e.Message}", e);
        }
    }

    static void Remove(string draft)
    {
        try
        {
            File.Delete(draft);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What cannot be written may not be there to be removed; the first error counts.
        }
    }

    /// <summary>Goes on with what a file holds.</summary>
    /// <exception cref="OctantException">the file cannot be read, or holds no conversation</exception>
    public void Load(string path)
    {
        try
        {
            var messages = JsonSerializer.Deserialize<List<ChatMessage>>(SmallFiles.ReadText(path), Indented) ?? [];
            if (messages.Contains(null!)) throw new JsonException("a message is null");
            // Only what comes first is the system prompt: later ones were said in the course of the conversation.
            var prompt = messages is [var first, ..] && first.Role == ChatRole.System ? first : null;
            System = prompt?.Text;
            turns.Clear();
            turns.AddRange(messages.Where(message => message != prompt));
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new OctantException($"{path} holds no conversation that can be read: {e.Message}", e);
        }
    }

    List<ChatMessage> Messages(int from) => [.. System is null ? [] : (ChatMessage[])[new(ChatRole.System, System)], .. turns.Skip(from)];

    /// <summary>Conversations begin with a question, the shortened one too: many templates insist on it.</summary>
    int NextQuestion(int from)
    {
        do from++;
        while (from < turns.Count && turns[from].Role != ChatRole.User);
        return from;
    }
}
