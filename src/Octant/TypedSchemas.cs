using System.Text.Json;
using System.Text.Json.Nodes;

namespace Octant;

/// <summary>
/// Schemas that Microsoft.Extensions.AI makes of .NET's types, narrowed to what the types read: an int and a long have one schema there, an integer of
/// any size, nothing that has a setter is required, and a time needs an offset, which TimeOnly does not read.
/// </summary>
static class TypedSchemas
{
    const string TimeSpanPattern = @"^-?(\d+\.)?\d{2}:\d{2}:\d{2}(\.\d{1,7})?$";

    static readonly string[] bounds = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "enum", "const"];
    static readonly string[] maps = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"];
    static readonly string[] values = ["const", "enum", "default", "examples", "required"];

    /// <summary>The schema as it must be for a value of the type to come of it.</summary>
    public static string Narrow(JsonElement schema)
    {
        var narrowed = JsonObject.Create(schema)!;
        NarrowSchema(narrowed);
        return narrowed.ToJsonString();
    }

    /// <summary>Requires all properties, and allows no others where the schema does not say.</summary>
    public static void Complete(JsonObject fields, bool allowsOthers = false)
    {
        if (fields["properties"] is not JsonObject properties) return;
        fields["required"] = new JsonArray([.. properties.Select(property => (JsonNode)property.Key)]);
        if (!allowsOthers && !fields.ContainsKey("additionalProperties")) fields["additionalProperties"] = false;
    }

    static void NarrowSchema(JsonNode? node)
    {
        if (node is JsonArray several)
        {
            foreach (var one in several) NarrowSchema(one);
            return;
        }
        if (node is not JsonObject fields) return;
        foreach (var (keyword, value) in fields)
            if (maps.Contains(keyword) && value is JsonObject map)
                foreach (var (_, inner) in map) NarrowSchema(inner);
            else if (!values.Contains(keyword)) NarrowSchema(value);
        Complete(fields);
        // The schema of a long is the same: [Range] tells them apart, and so does OctantResponseFormat.
        if (Has(fields, "integer") && !bounds.Any(fields.ContainsKey)) (fields["minimum"], fields["maximum"]) = (int.MinValue, int.MaxValue);
        if (Has(fields, "string") && FormOf(fields) is { } type) Demand(fields, TypeTexts.PatternOf(type)!);
    }

    /// <summary>The type that has this form of text; null where the schema says all, or any may.</summary>
    static Type? FormOf(JsonObject fields) => Text(fields["format"]) switch
    {
        "date-time" => typeof(DateTimeOffset),
        "time" => typeof(TimeOnly),
        "uri" => typeof(Uri),
        _ when Text(fields["pattern"]) == TimeSpanPattern => typeof(TimeSpan),
        _ when fields["minLength"]?.ToJsonString() == "1" && fields["maxLength"]?.ToJsonString() == "1" => typeof(char),
        _ => null,
    };

    /// <summary>Whether values may be of a type.</summary>
    public static bool Has(JsonObject fields, string type) => fields["type"] switch
    {
        JsonArray several => several.Any(one => Text(one) == type),
        JsonValue one => Text(one) == type,
        _ => false,
    };

    /// <summary>Beside what an attribute such as [RegularExpression] demands.</summary>
    public static void Demand(JsonObject fields, string pattern)
    {
        // A time's format has an offset, which TimeOnly does not read; an address of any form is not one for Uri.
        if (Text(fields["format"]) is "time" or "uri") fields.Remove("format");
        if (fields.ContainsKey("pattern")) fields["allOf"] = new JsonArray(new JsonObject { ["pattern"] = pattern });
        else fields["pattern"] = pattern;
    }

    static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
