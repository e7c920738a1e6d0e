using System.Text.Json.Nodes;
using Octant.Formats;

namespace Octant.Constraints.Schemas;

/// <summary>Keywords that demand something which cannot be enforced while a text is generated: they are refused, never ignored.</summary>
static class Keywords
{
    /// <summary>Keywords whose value may be anything, null too.</summary>
    static readonly string[] values = ["const", "default", "examples"];

    /// <summary>All that a schema may be read for.</summary>
    static readonly string[] known =
    [
        "$ref", "$id", "$anchor", "$defs", "definitions", "type", "enum", "format", "pattern", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
        "multipleOf", "items", "prefixItems", "additionalItems", "minItems", "maxItems", "uniqueItems", "contains", "minContains", "maxContains", "properties", "required",
        "additionalProperties", "unevaluatedProperties", "patternProperties", "propertyNames", "minProperties", "maxProperties", "dependentRequired", "dependentSchemas", "dependencies", "allOf", "anyOf",
        "oneOf", "not", "if", "then", "else",
    ];

    public static void Check(JsonObject schema, string path)
    {
        foreach (var (keyword, value) in schema)
            if (value is null && !values.Contains(keyword) && known.Contains(keyword)) throw new ConstraintException($"{path}/{keyword}: it is null");
        foreach (var (keyword, value) in schema)
            switch (keyword)
            {
                case "$dynamicRef" or "$recursiveRef":
                    throw new ConstraintException($"{path}: {keyword} cannot be enforced here: write $ref");
                case "unevaluatedItems" when value is not JsonValue { } flag || !flag.TryGetValue<bool>(out var all) || !all:
                    throw new ConstraintException($"{path}: {keyword} cannot be enforced here: write items");
                case "required" when value is not JsonArray:
                    throw new ConstraintException($"{path}/required: it is no array of keys");
                case "uniqueItems" when value is not JsonValue unique || !unique.TryGetValue<bool>(out _):
                    throw new ConstraintException($"{path}/uniqueItems: it is neither true nor false");
                case "disallow" or "extends" or "divisibleBy":
                    throw new ConstraintException($"{path}: {keyword} is of a version of JSON Schema that is not supported: write {(keyword == "disallow" ? "not" : keyword == "extends" ? "allOf" : "multipleOf")}");
            }
    }
}

/// <summary>
/// Finds schemas by what refers to them: a JSON pointer (RFC 6901), an anchor, or an identifier. A schema with an identifier of its own is a
/// resource of its own, from whose root references within it lead (JSON Schema 2020-12, core, sections 8.2 and 9.1).
/// </summary>
sealed class SchemaIndex
{
    /// <summary>Stands for the identifier of a schema that has none.</summary>
    static readonly Uri unnamed = new("schema:///");

    /// <summary>Keywords whose value is no schema, or a schema by each name.</summary>
    static readonly string[] constants = ["const", "enum", "default", "examples"];
    static readonly string[] maps = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"];

    readonly record struct Resource(Uri Id, JsonNode? Root);

    /// <summary>Resources by the places of their roots, and what has a name of its own by that.</summary>
    readonly Dictionary<string, Resource> resources = new(StringComparer.Ordinal);
    readonly Dictionary<string, (JsonNode? Schema, string Path)> named = new(StringComparer.Ordinal);

    public SchemaIndex(JsonNode? root)
    {
        resources["#"] = new(unnamed, root);
        named[unnamed.ToString()] = (root, "#");
        AddSchema(root, "#", resources["#"]);
    }

    /// <summary>Finds a schema; null where there is none.</summary>
    /// <param name="reference">as $ref has it</param>
    /// <param name="path">where it stands</param>
    public (JsonNode? Schema, string Path)? Find(string reference, string path)
    {
        var from = ResourceOf(path);
        var hash = reference.IndexOf('#', StringComparison.Ordinal);
        var (id, fragment) = hash < 0 ? (reference, "") : (reference[..hash], reference[(hash + 1)..]);
        var absolute = id.Length == 0 ? from.Id : Resolved(from.Id, id);
        if (absolute is null || !named.TryGetValue(absolute.ToString(), out var resource)) return null;
        if (fragment.Length == 0) return resource;
        if (fragment[0] == '/') return At(resource.Schema, resource.Path, fragment);
        return named.TryGetValue($"{absolute}#{fragment}", out var anchored) ? anchored : null;
    }

    /// <summary>The resource in which a place lies: that of the nearest root above it.</summary>
    Resource ResourceOf(string path)
    {
        Resource found;
        while (!resources.TryGetValue(path, out found)) path = path.LastIndexOf('/') is >= 0 and var end ? path[..end] : "#";
        return found;
    }

    static Uri? Resolved(Uri from, string id) => Uri.TryCreate(from, id, out var absolute) ? absolute : null;

    static (JsonNode? Schema, string Path)? At(JsonNode? at, string path, string pointer)
    {
        foreach (var part in pointer[1..].Split('/'))
        {
            var key = JsonPointer.Unescape(Uri.UnescapeDataString(part));
            if (at is JsonObject entries && entries.TryGetPropertyValue(key, out var next)) at = next;
            else if (at is JsonArray items && int.TryParse(key, out var i) && (uint)i < (uint)items.Count) at = items[i];
            else return null;
            path += "/" + JsonPointer.Escape(key);
        }
        return (at, path);
    }

    void AddSchema(JsonNode? node, string path, Resource within)
    {
        switch (node)
        {
            case JsonObject schema:
                within = Named(schema, path, within);
                foreach (var (key, value) in schema)
                    if (maps.Contains(key) && value is JsonObject map)
                        foreach (var (name, inner) in map) AddSchema(inner, $"{path}/{key}/{JsonPointer.Escape(name)}", within);
                    else if (!constants.Contains(key)) AddSchema(value, $"{path}/{JsonPointer.Escape(key)}", within);
                break;
            case JsonArray items:
                foreach (var (i, item) in items.Index()) AddSchema(item, $"{path}/{i}", within);
                break;
        }
    }

    /// <summary>Takes a schema's names down; gives the resource in which it and all below lie.</summary>
    Resource Named(JsonObject schema, string path, Resource within)
    {
        // Up to draft 7 an identifier that is a fragment alone is an anchor; of others an empty fragment says nothing.
        if (schema["$id"].Text() is { Length: > 0 } id)
            if (id[0] == '#') named.TryAdd($"{within.Id}{id}", (schema, path));
            else if (Resolved(within.Id, id.Split('#')[0]) is { } absolute)
            {
                within = resources[path] = new(absolute, schema);
                named.TryAdd(absolute.ToString(), (schema, path));
            }
        if (schema["$anchor"].Text() is { Length: > 0 } anchor) named.TryAdd($"{within.Id}#{anchor}", (schema, path));
        return within;
    }
}

static class JsonPointer
{
    public static string Escape(string key) => key.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    public static string Unescape(string part) => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
}
