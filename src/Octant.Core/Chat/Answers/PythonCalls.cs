using System.Text.Json.Nodes;

namespace Octant.Chat.Answers;

/// <summary>Calls as Python writes them: <c>[weather(city="Rome", days=2), time()]</c>, in brackets or not, printed or not.</summary>
static class PythonCalls
{
    public static IReadOnlyList<AnswerCall>? Read(string body)
    {
        var calls = new List<AnswerCall>();
        var reader = new LenientReader(JsonCalls.WithoutFence(body));
        reader.Skip("[");
        while (!reader.Rest.Trim().IsEmpty)
        {
            if (reader.Skip("]") || reader.Skip(",") || reader.Skip(";")) continue;
            if (Call(ref reader) is not { } call) return null;
            calls.Add(call);
        }
        return calls.Count > 0 ? calls : null;
    }

    static AnswerCall? Call(ref LenientReader reader)
    {
        var prints = 0;
        string name;
        // Gemma prints what it wants to see. No recursion: nobody bounds how often it may print.
        for (; (name = Name(ref reader)) == "print"; prints++)
            if (!reader.Skip("(")) return null;
        if (name.Length == 0 || !reader.Skip("(") || Arguments(ref reader) is not { } arguments) return null;
        while (prints-- > 0 && reader.Skip(")")) { }
        return new(name, arguments);
    }

    static string Name(ref LenientReader reader)
    {
        var name = reader.ReadName().ToString();
        return reader.Skip("=") ? reader.ReadName().ToString() : name;      // result = weather(...)
    }

    static JsonObject? Arguments(ref LenientReader reader)
    {
        var arguments = new JsonObject();
        for (var place = 0; !reader.Skip(")"); place++)
        {
            if (reader.Rest.Trim().IsEmpty) return arguments;               // cut off: what is there counts
            var before = reader;
            var key = reader.ReadName().ToString();
            if (key.Length == 0 || !reader.Skip("="))
            {
                reader = before;
                key = $"{place}";
            }
            if (!reader.TryRead(out var value)) return null;
            arguments[key] = value;
            reader.Skip(",");
        }
        return arguments;
    }
}

/// <summary>What Llama writes behind its Python tag: JSON, calls of its built-in tools, or a program.</summary>
static class PythonTag
{
    public static IReadOnlyList<AnswerCall>? Read(string body)
    {
        if (JsonCalls.Read(body) is { } calls) return calls;
        if (PythonCalls.Read(body) is not { } written) return body.Trim() is { Length: > 0 } code ? [Program(code)] : null;
        // brave_search.call(query="...") calls brave_search; other methods are a program's own.
        return written.All(call => call.Name.EndsWith(".call", StringComparison.Ordinal))
            ? [.. written.Select(call => call with { Name = call.Name[..^".call".Length] })] : [Program(body.Trim())];
    }

    static AnswerCall Program(string code) => new("code_interpreter", new() { ["code"] = code });
}
