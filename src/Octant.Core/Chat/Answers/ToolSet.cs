using System.Text.Json;
using System.Text.Json.Nodes;
using Octant.Formats;

namespace Octant.Chat.Answers;

/// <summary>The functions that a model may call: their names, and of which types their arguments shall be.</summary>
sealed class ToolSet
{
    readonly Dictionary<string, JsonObject?> parameters = [];

    /// <param name="tools">in OpenAI's shape, or the functions alone; what has no name is passed over</param>
    public ToolSet(JsonArray? tools)
    {
        foreach (var tool in tools ?? [])
        {
            var function = (tool as JsonObject)?["function"] as JsonObject ?? tool as JsonObject;
            if (function?["name"] is JsonValue value && value.TryGetValue<string>(out var name))
                parameters[name] = (function["parameters"] as JsonObject)?["properties"] as JsonObject;
        }
    }

    public bool IsEmpty => parameters.Count == 0;

    public IEnumerable<string> Names => parameters.Keys;

    public bool Knows(string name) => parameters.ContainsKey(name);

    /// <summary>
    /// A call with arguments of the types that the function wants, where they are texts that say the same: models write "5" for 5, and
    /// some notations have no types at all.
    /// </summary>
    public AnswerCall Fit(AnswerCall call)
    {
        // gpt-oss and Kimi name functions in a name space.
        var name = !Knows(call.Name) && call.Name.LastIndexOf('.') is var dot and >= 0 && Knows(call.Name[(dot + 1)..]) ? call.Name[(dot + 1)..] : call.Name;
        if (parameters.GetValueOrDefault(name) is not { } schemas) return call with { Name = name };
        var fitted = new JsonObject();
        foreach (var (key, value) in Named(call.Arguments, schemas))
            fitted[key] = value is JsonValue text && text.TryGetValue<string>(out var words) ? Fit(words, schemas[key] as JsonObject) : value?.DeepClone();
        return call with { Name = name, Arguments = fitted };
    }

    /// <summary>Arguments that were given by place, as Python has them, are numbered: they get the names of the parameters in their order.</summary>
    static IEnumerable<KeyValuePair<string, JsonNode?>> Named(JsonObject arguments, JsonObject schemas)
    {
        string[] names = [.. schemas.Select(schema => schema.Key)];
        return arguments.Select(argument => !schemas.ContainsKey(argument.Key) && int.TryParse(argument.Key, out var place) && place >= 0 && place < names.Length
            && !arguments.ContainsKey(names[place]) ? KeyValuePair.Create(names[place], argument.Value) : argument);
    }

    static JsonNode? Fit(string words, JsonObject? schema)
    {
        var types = Types(schema).ToHashSet(StringComparer.Ordinal);
        if (types.Contains("null") && words.Trim() is "null" or "None") return null;
        if (types.Count == 0 || types.Contains("string") || LenientReader.Read(words) is not { } read) return words;
        var fits = read.Node switch
        {
            null => types.Contains("null"),
            JsonObject => types.Contains("object"),
            JsonArray => types.Contains("array"),
            { } node => node.GetValueKind() switch
            {
                JsonValueKind.Number => types.Contains("number") || types.Contains("integer") && IsWhole(node),
                JsonValueKind.True or JsonValueKind.False => types.Contains("boolean"),
                _ => false,
            },
        };
        return fits ? read.Node : words;
    }

    static bool IsWhole(JsonNode number) => number.AsValue().TryGetValue<double>(out var value) && Math.Floor(value) == value;

    /// <summary>The types that a schema allows, also in alternatives, as a parameter that may be left out has them.</summary>
    static IEnumerable<string> Types(JsonNode? schema) => schema is not JsonObject fields ? [] : fields["type"] switch
    {
        JsonArray several => several.Select(one => one.Text() ?? ""),
        JsonValue one => [one.Text() ?? ""],
        _ => ((string[])["anyOf", "oneOf"]).SelectMany(key => fields[key] as JsonArray ?? []).SelectMany(Types),
    };
}
