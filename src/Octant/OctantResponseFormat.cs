using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Octant.Constraints;

namespace Octant;

/// <summary>
/// Formats of answers out of .NET's types. <see cref="ChatResponseFormat.ForJsonSchema{T}"/> says less than the types demand: an
/// <see cref="int"/> and a <see cref="long"/> have one schema, an integer of any size, and a <see cref="TimeSpan"/> may have 99 hours, so that
/// an answer satisfies it and yet cannot be read. Here numbers stay within what their type holds, texts (dates, times, bytes in base 64,
/// versions, addresses) are of the form that their type reads, and so are the keys of dictionaries; all properties are there, and no others.
/// </summary>
public static class OctantResponseFormat
{
    static readonly AIJsonSchemaCreateOptions Bounded = new() { TransformSchemaNode = Bound }, Complete = new() { TransformSchemaNode = BoundAndComplete };

    /// <summary>The format whose answers are always values of a type.</summary>
    /// <param name="options">how it is written and read; Microsoft.Extensions.AI's own by default</param>
    public static ChatResponseFormatJson ForJsonSchema<T>(JsonSerializerOptions? options = null)
    {
        var complete = SchemaOf(Complete);
        return ChatResponseFormat.ForJsonSchema(IsSatisfiable(complete) ? complete : SchemaOf(Bounded));

        JsonElement SchemaOf(AIJsonSchemaCreateOptions how) =>
            AIJsonUtilities.CreateJsonSchema(typeof(T), serializerOptions: options ?? AIJsonUtilities.DefaultOptions, inferenceOptions: how);
    }

    /// <summary>A type that holds itself, and says that this is never null, has no value with all its properties.</summary>
    static bool IsSatisfiable(JsonElement schema)
    {
        var text = schema.GetRawText();
        if (!text.Contains("\"$ref\"", StringComparison.Ordinal)) return true;
        try
        {
            ConstraintCache.Shared.Find(text);
            return true;
        }
        catch (ConstraintException)
        {
            return false;
        }
    }

    static JsonNode Bound(AIJsonSchemaCreateContext context, JsonNode schema)
    {
        // A converter of the user's own says nothing of its type, and is left alone.
        if (schema is not JsonObject fields) return schema;
        var type = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
        if ((TypedSchemas.Has(fields, "integer") || TypedSchemas.Has(fields, "number")) && TypeTexts.RangeOf(type) is var (least, most))
        {
            // What an attribute such as [Range] says counts where it is narrower.
            if (!(Number(fields, "minimum") >= (double)least)) fields["minimum"] = JsonNode.Parse(least.ToString(CultureInfo.InvariantCulture));
            if (!(Number(fields, "maximum") <= (double)most)) fields["maximum"] = JsonNode.Parse(most.ToString(CultureInfo.InvariantCulture));
        }
        if (TypedSchemas.Has(fields, "string") && !fields.ContainsKey("enum") && TypeTexts.PatternOf(type) is { } pattern) TypedSchemas.Demand(fields, pattern);
        if (TypedSchemas.Has(fields, "object") && context.TypeInfo.KeyType is { } key && KeysOf(key, context.TypeInfo.Options) is { } keys) fields["propertyNames"] = keys;
        return schema;
    }

    static JsonNode BoundAndComplete(AIJsonSchemaCreateContext context, JsonNode schema)
    {
        if (Bound(context, schema) is not JsonObject fields) return schema;
        TypedSchemas.Complete(fields, allowsOthers: context.TypeInfo.Properties.Any(property => property.IsExtensionData));
        return fields;
    }

    /// <summary>What a dictionary's keys are; null where any text is one. An enum's are those that it has as a value.</summary>
    static JsonObject? KeysOf(Type key, JsonSerializerOptions options)
    {
        if (key.IsEnum && AIJsonUtilities.CreateJsonSchema(key, serializerOptions: options).TryGetProperty("enum", out var names))
            return new() { ["enum"] = JsonNode.Parse(names.GetRawText()) };
        return TypeTexts.PatternOfKey(key) is { } pattern ? new() { ["pattern"] = pattern } : null;
    }

    static double? Number(JsonObject fields, string key) => fields[key] is JsonValue value && double.TryParse(value.ToJsonString(), CultureInfo.InvariantCulture, out var number) ? number : null;
}
