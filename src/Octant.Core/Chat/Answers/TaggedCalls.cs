using System.Text.Json.Nodes;

namespace Octant.Chat.Answers;

/// <summary>
/// What stands between <c>&lt;tool_call&gt;</c> and its end: JSON as Hermes and Qwen write it, and the tags that Qwen3-Coder and GLM-4.5
/// have instead, whose values are written as they are.
/// </summary>
static class TaggedCalls
{
    const string Function = "<function=";
    const string Key = "<arg_key>";

    public static IReadOnlyList<AnswerCall>? Read(string body) =>
        IsTagged(body) ? Tagged(body) : JsonCalls.Read(body) ?? PythonCalls.Read(body) ?? Tagged(body);

    /// <summary>Whether the tags come first: behind a bracket they are words of an argument.</summary>
    public static bool IsTagged(ReadOnlySpan<char> body) =>
        body.IndexOfAny(['{', '[', '(']) is var bracket && First(bracket < 0 ? body : body[..bracket]) is not null;

    static IReadOnlyList<AnswerCall>? Tagged(string body) => First(body) switch
    {
        Function => Functions(body),
        Key => Pairs(body) is { } call ? [call] : null,
        _ => null,
    };

    /// <summary>The tag that comes first.</summary>
    static string? First(ReadOnlySpan<char> body) => (body.IndexOf(Function), body.IndexOf(Key)) switch
    {
        ( < 0, < 0) => null,
        (var function, var key) => key < 0 || function >= 0 && function < key ? Function : Key,
    };

    /// <summary>&lt;function=NAME&gt;&lt;parameter=KEY&gt;value&lt;/parameter&gt;...&lt;/function&gt;</summary>
    static List<AnswerCall>? Functions(string body)
    {
        var calls = new List<AnswerCall>();
        var rest = body.AsSpan();
        while (After(ref rest, Function))
        {
            var end = rest.IndexOf(Function);
            var call = end < 0 ? rest : rest[..end];
            var name = Until(ref call, ">").Trim().ToString();
            if (name.Length == 0) return null;
            var arguments = new JsonObject();
            while (After(ref call, "<parameter="))
            {
                var key = Until(ref call, ">").Trim().ToString();
                if (key.Length > 0) arguments[key] = Lines(UntilAny(ref call, "</parameter>", "<parameter=", "</function>"));
            }
            calls.Add(new(name, arguments));
            rest = end < 0 ? [] : rest[end..];
        }
        return calls.Count > 0 ? calls : null;
    }

    /// <summary>NAME&gt; with parameters in tags, or as JSON: what stands between &lt;function= and its end.</summary>
    public static IReadOnlyList<AnswerCall>? ReadFunction(string body)
    {
        var rest = body.AsSpan();
        var name = Until(ref rest, ">").Trim().ToString();
        return rest.Contains("<parameter=", StringComparison.Ordinal) ? Functions(Function + body)
            : name.Length > 0 && JsonCalls.ArgumentsOf(rest) is { } arguments ? [new(name, arguments)] : null;
    }

    /// <summary>NAME, then &lt;arg_key&gt;KEY&lt;/arg_key&gt;&lt;arg_value&gt;value&lt;/arg_value&gt; as often as there are arguments.</summary>
    static AnswerCall? Pairs(string body)
    {
        var rest = body.AsSpan();
        var name = rest[..rest.IndexOf(Key)].Trim().ToString();
        if (name.Length == 0) return null;
        var arguments = new JsonObject();
        while (After(ref rest, Key))
        {
            var key = Until(ref rest, "</arg_key>").Trim().ToString();
            if (!After(ref rest, "<arg_value>")) break;
            if (key.Length > 0) arguments[key] = Lines(UntilAny(ref rest, "</arg_value>", Key));
        }
        return new(name, arguments);
    }

    /// <summary>GLM calls a function without parameters by its name.</summary>
    public static IReadOnlyList<AnswerCall>? NameAlone(string body)
    {
        var name = body.Trim();
        return name.Length > 0 && name.All(letter => char.IsLetterOrDigit(letter) || letter is '_' or '-' or '.') ? [new AnswerCall(name, [])] : null;
    }

    /// <summary>A value without the line break behind the opening tag and the one in front of the closing one.</summary>
    static string Lines(ReadOnlySpan<char> value)
    {
        if (value.StartsWith("\n")) value = value[1..];
        if (value.EndsWith("\n")) value = value[..^1];
        return value.ToString();
    }

    static bool After(ref ReadOnlySpan<char> rest, ReadOnlySpan<char> tag)
    {
        var found = rest.IndexOf(tag);
        rest = found < 0 ? [] : rest[(found + tag.Length)..];
        return found >= 0;
    }

    static ReadOnlySpan<char> Until(ref ReadOnlySpan<char> rest, ReadOnlySpan<char> tag)
    {
        var found = rest.IndexOf(tag);
        var before = found < 0 ? rest : rest[..found];
        rest = found < 0 ? [] : rest[(found + tag.Length)..];
        return before;
    }

    /// <summary>Up to the first of some tags, which stays.</summary>
    static ReadOnlySpan<char> UntilAny(ref ReadOnlySpan<char> rest, params ReadOnlySpan<string> tags)
    {
        var end = rest.Length;
        foreach (var tag in tags)
            if (rest[..end].IndexOf(tag) is var found and >= 0) end = found;
        var before = rest[..end];
        rest = rest[end..];
        return before;
    }
}
