using System.Text.Json;
using System.Text.Json.Nodes;
using Octant.Chat.Jinja;
using Octant.Formats;

namespace Octant.Chat;

/// <summary>What happens to messages before a template sees them, and to its text after: as Transformers does it.</summary>
static class ChatMessages
{
    // Its space shows whether the template trims what follows the content.
    const string Tag = "CONTINUE_FINAL_MESSAGE_TAG ";

    /// <summary>A copy of the messages in which reasoning has all its names, and the arguments of tool calls are objects.</summary>
    public static JsonArray Prepare(JsonArray messages, bool parseArguments)
    {
        try
        {
            var prepared = new JsonArray();
            foreach (var message in messages)
            {
                var copy = message?.DeepClone();
                if (copy is JsonObject fields)
                {
                    NameReasoning(fields);
                    if (parseArguments) ParseArguments(fields);
                }
                prepared.Add(copy);
            }
            return prepared;
        }
        catch (ArgumentException fault)
        {
            throw new TemplateException(TemplateErrorKind.Value, $"a message names something twice: {fault.Message}",
                inner: fault);
        }
    }

    /// <summary>Templates ask for reasoning under different names.</summary>
    static void NameReasoning(JsonObject message)
    {
        string[] names = ["reasoning_content", "thinking", "reasoning"];
        if (names.Select(name => message[name]).FirstOrDefault(node => node is not null) is not { } reasoning) return;
        message["reasoning_content"] = reasoning.DeepClone();
        message["thinking"] = reasoning.DeepClone();
    }

    static void ParseArguments(JsonObject message)
    {
        if (message["tool_calls"] is not JsonArray calls) return;
        foreach (var call in calls.OfType<JsonObject>())
        {
            var holder = call["function"] as JsonObject ?? call;
            if (holder["arguments"] is JsonValue value && value.TryGetValue<string>(out var text)
                && ParseObject(text) is { } arguments)
                holder["arguments"] = arguments;
        }
    }

    static JsonObject? ParseObject(string text)
    {
        if (JsonSurrogates.HasHalf(text)) return null;
        try
        {
            return JsonNode.Parse(text, null, new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Puts a mark behind the last message's text, and gives that text.</summary>
    public static string Mark(JsonArray messages)
    {
        if (messages.Count == 0 || messages[^1] is not JsonObject last) throw Fault("there is no last message to continue");
        switch (last["content"])
        {
            case JsonValue value when value.TryGetValue<string>(out var text):
                last["content"] = text + Tag;
                return text;
            case JsonArray parts when parts.OfType<JsonObject>().LastOrDefault(part => part["text"] is JsonValue) is { } part
                && part["text"]!.AsValue().TryGetValue<string>(out var text):
                part["text"] = text + Tag;
                return text;
            default: throw Fault("the last message has no text to continue");
        }
    }

    /// <summary>Cuts the text at the mark, and what the template would have trimmed before it.</summary>
    public static RenderedTemplate CutAtMark(RenderedTemplate rendered, string content)
    {
        var text = rendered.Text;
        var at = text.LastIndexOf(Tag.TrimEnd(), StringComparison.Ordinal);
        if (at < 0 || !text.Contains(Jinja.Python.PythonText.Trim(content), StringComparison.Ordinal))
            throw Fault("the last message cannot be continued: the template leaves its text out");
        var cut = string.CompareOrdinal(text, at, Tag, 0, Tag.Length) == 0 ? text[..at]
            : Jinja.Python.PythonText.TrimEnd(text[..at]);
        var length = Jinja.Python.PythonText.Length(cut);
        return new RenderedTemplate(cut, [.. rendered.Generation.Where(span => span.Start < length)
            .Select(span => span with { End = Math.Min(span.End, length) })]);
    }

    static TemplateException Fault(string reason) => new(TemplateErrorKind.Value, reason);
}
