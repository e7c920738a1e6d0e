using System.Text.Json.Nodes;

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
        string[] types = schema?["type"] switch
        {
            JsonValue value when value.TryGetValue<string>(out var one) => [one],
            JsonArray several => [.. several.OfType<JsonValue>().Select(value => value.TryGetValue<string>(out var one) ? one : "")],
            _ => [],
        };
        if (types.Length == 0 || types.Contains("string") || LenientReader.Read(words) is not { } read) return words;
        var type = read.Node switch
        {
            null => "null",
            JsonObject => "object",
            JsonArray => "array",
            { } node => node.GetValueKind() switch
            {
                System.Text.Json.JsonValueKind.Number => "number",
                System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False => "boolean",
                _ => "string",
            },
        };
        return types.Contains(type) || type == "number" && types.Contains("integer") ? read.Node : words;
    }
}
