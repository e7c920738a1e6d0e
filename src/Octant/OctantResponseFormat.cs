using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace Octant;

/// <summary>
/// Formats of answers out of .NET's types. <see cref="ChatResponseFormat.ForJsonSchema{T}"/> says less than the types demand: an
/// <see cref="int"/> and a <see cref="long"/> have one schema, an integer of any size, and a <see cref="TimeSpan"/> may have 99 hours, so that
/// an answer satisfies it and yet cannot be read. Here numbers stay within what their type holds, texts (dates, times, bytes in base 64,
/// versions, addresses) are of the form that their type reads, and so are the keys of dictionaries.
/// </summary>
public static class OctantResponseFormat
{
    static readonly AIJsonSchemaCreateOptions Bounded = new() { TransformSchemaNode = Bound };

    /// <summary>The format whose answers are always values of a type.</summary>
    /// <param name="options">how it is written and read; Microsoft.Extensions.AI's own by default</param>
    public static ChatResponseFormatJson ForJsonSchema<T>(JsonSerializerOptions? options = null) => ChatResponseFormat.ForJsonSchema(
        AIJsonUtilities.CreateJsonSchema(typeof(T), serializerOptions: options ?? AIJsonUtilities.DefaultOptions, inferenceOptions: Bounded));

    static JsonNode Bound(AIJsonSchemaCreateContext context, JsonNode schema)
    {
        if (schema is not JsonObject fields) return schema;
        var type = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
        if ((Has(fields, "integer") || Has(fields, "number")) && TypeTexts.RangeOf(type) is var (least, most))
        {
            // What an attribute such as [Range] says counts where it is narrower.
            if (!(Number(fields, "minimum") >= (double)least)) fields["minimum"] = JsonNode.Parse(least.ToString(CultureInfo.InvariantCulture));
            if (!(Number(fields, "maximum") <= (double)most)) fields["maximum"] = JsonNode.Parse(most.ToString(CultureInfo.InvariantCulture));
        }
        if (Has(fields, "string") && !fields.ContainsKey("enum") && TypeTexts.PatternOf(type) is { } pattern) Demand(fields, pattern);
        if (Has(fields, "object") && context.TypeInfo.KeyType is { } key && KeysOf(key, context.TypeInfo.Options) is { } keys) fields["propertyNames"] = keys;
        return schema;
    }

    /// <summary>What a dictionary's keys are; null where any text is one. An enum's are those that it has as a value.</summary>
    static JsonObject? KeysOf(Type key, JsonSerializerOptions options)
    {
        if (key.IsEnum && AIJsonUtilities.CreateJsonSchema(key, serializerOptions: options).TryGetProperty("enum", out var names))
            return new() { ["enum"] = JsonNode.Parse(names.GetRawText()) };
        return TypeTexts.PatternOfKey(key) is { } pattern ? new() { ["pattern"] = pattern } : null;
    }

    /// <summary>Whether values may be of a type. A converter of the user's own says nothing of that, and is left alone.</summary>
    static bool Has(JsonObject fields, string type) => fields["type"] switch
    {
        JsonArray several => several.Any(one => (string?)one == type),
        JsonValue one => (string?)one == type,
        _ => false,
    };

    /// <summary>Beside what an attribute such as [RegularExpression] demands.</summary>
    static void Demand(JsonObject fields, string pattern)
    {
        // A time's format has an offset, which TimeOnly does not read; an address of any form is not one for Uri.
        if ((string?)fields["format"] is "time" or "uri") fields.Remove("format");
        if (fields.ContainsKey("pattern")) fields["allOf"] = new JsonArray(new JsonObject { ["pattern"] = pattern });
        else fields["pattern"] = pattern;
    }

    static double? Number(JsonObject fields, string key) => fields[key] is JsonValue value && double.TryParse(value.ToJsonString(), CultureInfo.InvariantCulture, out var number) ? number : null;
}
