using System.Text.Json;
using System.Text.Json.Nodes;

namespace Octant.Chat.Answers;

/// <summary>Calls as JSON objects, alone, in a list, or one behind the other; in a Markdown fence or not.</summary>
static class JsonCalls
{
    static readonly string[] Names = ["name", "function_name", "tool_name", "tool"];
    static readonly string[] Arguments = ["arguments", "parameters", "args", "input"];
    static readonly string[] Ids = ["id", "tool_call_id", "call_id"];

    public static IReadOnlyList<AnswerCall>? Read(string body)
    {
        var calls = new List<AnswerCall>();
        var reader = new LenientReader(WithoutFence(body));
        do
        {
            if (!reader.TryRead(out var node) || !Add(node, calls)) return null;
            while (reader.Skip(";") || reader.Skip(",") || reader.Skip("}") || reader.Skip("]")) { }    // brackets too many
        }
        while (!reader.Rest.Trim().IsEmpty);
        return calls;
    }

    /// <summary>Calls that come first, with words behind them that are none.</summary>
    /// <param name="body">what a model wrote</param>
    /// <param name="rest">those words</param>
    public static IReadOnlyList<AnswerCall>? ReadBeginning(string body, out string rest)
    {
        var calls = new List<AnswerCall>();
        var reader = new LenientReader(body);
        rest = "";
        if (!(reader.Rest.TrimStart() is ['{' or '[', ..]) || !reader.TryRead(out var node) || !Add(node, calls)) return null;
        rest = reader.Rest.Trim().ToString();
        return calls;
    }

    /// <summary>What stands within ``` and ```, a language's name behind the first or not.</summary>
    public static ReadOnlySpan<char> WithoutFence(ReadOnlySpan<char> body)
    {
        body = body.Trim();
        if (body.StartsWith("```"))
        {
            var line = body.IndexOf('\n');
            body = line < 0 ? body[3..] : body[(line + 1)..];
        }
        body = body.TrimEnd();
        return body.EndsWith("```") ? body[..^3].TrimEnd() : body;
    }

    static bool Add(JsonNode? node, List<AnswerCall> calls)
    {
        // A message in OpenAI's shape has them in a list of that name.
        if (node is JsonObject { Count: 1 } message && message["tool_calls"] is JsonArray listed) node = listed;
        if (node is not JsonArray several) return One(node) is { } call && AddOne(call);
        foreach (var one in several)
            if (One(one) is not { } read) return false;
            else AddOne(read);
        return several.Count > 0;

        bool AddOne(AnswerCall call)
        {
            calls.Add(call);
            return true;
        }
    }

    static AnswerCall? One(JsonNode? node)
    {
        if (node is not JsonObject call) return null;
        // OpenAI's shape has the function in an object of its own; some write its name there.
        var function = call["function"] as JsonObject ?? call;
        var name = Text(function, Names) ?? Text(call, ["function"]);
        if (string.IsNullOrWhiteSpace(name)) return null;
        var given = Arguments.Select(key => function[key]).FirstOrDefault(value => value is not null);
        return ArgumentsOf(given) is { } arguments ? new(name.Trim(), arguments, Text(call, Ids)) : null;
    }

    /// <summary>Arguments as an object, or as a text that holds one; null for anything else.</summary>
    public static JsonObject? ArgumentsOf(JsonNode? given) => given switch
    {
        null => [],
        JsonObject fields => (JsonObject)fields.DeepClone(),
        JsonValue value when value.TryGetValue<string>(out var text) => ArgumentsOf(text),
        _ => null,
    };

    /// <inheritdoc cref="ArgumentsOf(JsonNode?)"/>
    public static JsonObject? ArgumentsOf(ReadOnlySpan<char> text)
    {
        text = WithoutFence(text);
        if (text.IsEmpty) return [];
        return LenientReader.Read(text) switch
        {
            { Node: JsonObject fields } => fields,
            { Node: null } => [],
            // Written twice over: a text with the object.
            { Node: JsonValue value } when value.TryGetValue<string>(out var inner) && LenientReader.Read(inner) is { Node: JsonObject fields } => fields,
            _ => null,
        };
    }

    static string? Text(JsonObject fields, string[] keys)
    {
        foreach (var key in keys)
            if (fields[key] is JsonValue value)
            {
                if (value.TryGetValue<string>(out var text)) return text;
                if (value.GetValueKind() == JsonValueKind.Number) return value.ToJsonString();
            }
        return null;
    }
}
