using System.Text.Json.Nodes;

namespace Octant.Chat.Answers;

/// <summary>Calls that begin with the function's name, outside of the JSON that its arguments are.</summary>
static class NamedCalls
{
    /// <summary>V3 and R1: <c>function&lt;｜tool▁sep｜&gt;NAME</c>, then JSON in a fence; V3.1: <c>NAME&lt;｜tool▁sep｜&gt;JSON</c>.</summary>
    public static IReadOnlyList<AnswerCall>? DeepSeek(string body)
    {
        const string separator = "<｜tool▁sep｜>";
        var at = body.IndexOf(separator, StringComparison.Ordinal);
        if (at < 0) return JsonCalls.Read(body);
        var before = body[..at].Trim();
        var after = body.AsSpan(at + separator.Length).Trim();
        if (after.StartsWith("{") || before != "function") return One(before, after);
        var line = after.IndexOfAny('\n', '{', '`');
        return line < 0 ? One(after.ToString(), []) : One(after[..line].Trim().ToString(), after[line..]);
    }

    /// <summary><c>functions.NAME:0&lt;|tool_call_argument_begin|&gt;JSON</c>; what stands in front is the call's id.</summary>
    public static IReadOnlyList<AnswerCall>? Kimi(string body)
    {
        const string separator = "<|tool_call_argument_begin|>";
        var at = body.IndexOf(separator, StringComparison.Ordinal);
        if (at < 0) return JsonCalls.Read(body);
        var id = body[..at].Trim();
        var name = id.LastIndexOf(':') is var colon and > 0 ? id[..colon] : id;
        return One(name.StartsWith("functions.", StringComparison.Ordinal) ? name["functions.".Length..] : name, body.AsSpan(at + separator.Length), id);
    }

    /// <summary>
    /// A JSON list of calls, as up to Mistral Small 3; later <c>NAME[ARGS]JSON</c>, <c>NAME[CALL_ID]ID[ARGS]JSON</c> or
    /// <c>NAME{...}</c>, one behind each marker.
    /// </summary>
    public static IReadOnlyList<AnswerCall>? Mistral(string body)
    {
        var rest = body.AsSpan().Trim();
        if (rest.StartsWith("[") || rest.StartsWith("{")) return JsonCalls.Read(body);
        var end = rest.IndexOfAny('[', '{');
        if (end < 0) return null;
        var name = rest[..end].Trim().ToString();
        string? id = null;
        rest = rest[end..];
        if (rest.StartsWith("[CALL_ID]"))
        {
            rest = rest["[CALL_ID]".Length..];
            end = rest.IndexOfAny('[', '{');
            if (end < 0) return null;
            id = rest[..end].Trim().ToString();
            rest = rest[end..];
        }
        return One(name, rest.StartsWith("[ARGS]") ? rest["[ARGS]".Length..] : rest, id);
    }

    /// <summary><c>call:NAME{key:value,...}</c>, where texts stand between tokens of their own.</summary>
    public static IReadOnlyList<AnswerCall>? Gemma(string body)
    {
        var calls = new List<AnswerCall>();
        var reader = new LenientReader(body);
        while (!reader.Rest.Trim().IsEmpty)
        {
            if (!reader.Skip("call:")) return null;
            var name = reader.ReadName().ToString();
            if (name.Length == 0 || !reader.TryRead(out var node) || node is not JsonObject arguments) return null;
            calls.Add(new(name, arguments));
        }
        return calls.Count > 0 ? calls : null;
    }

    static AnswerCall[]? One(string name, ReadOnlySpan<char> arguments, string? id = null) =>
        name.Length > 0 && JsonCalls.ArgumentsOf(arguments) is { } read ? [new(name, read, id)] : null;
}
