using System.Text.Json.Nodes;

namespace Octant.Constraints.Schemas;

/// <summary>Keywords that demand something which cannot be enforced while a text is generated: they are refused, never ignored.</summary>
static class Keywords
{
    public static void Check(JsonObject schema, string path)
    {
        foreach (var (keyword, value) in schema)
            switch (keyword)
            {
                case "$dynamicRef" or "$recursiveRef":
                    throw new ConstraintException($"{path}: {keyword} cannot be enforced here: write $ref");
                case "unevaluatedProperties" or "unevaluatedItems" when value is not JsonValue { } flag || !flag.TryGetValue<bool>(out var all) || !all:
                    throw new ConstraintException($"{path}: {keyword} cannot be enforced here: write {(keyword == "unevaluatedItems" ? "items" : "additionalProperties")}");
                case "required" when value is not JsonArray:
                    throw new ConstraintException($"{path}/required: it is no array of keys");
                case "disallow" or "extends" or "divisibleBy":
                    throw new ConstraintException($"{path}: {keyword} is of a version of JSON Schema that is not supported: write {(keyword == "disallow" ? "not" : keyword == "extends" ? "allOf" : "multipleOf")}");
            }
    }
}

/// <summary>Finds schemas by what refers to them: a JSON pointer (RFC 6901), an anchor, or an identifier.</summary>
sealed class SchemaIndex
{
    readonly JsonNode? root;
    readonly Dictionary<string, (JsonNode Schema, string Path)> named = new(StringComparer.Ordinal);

    public SchemaIndex(JsonNode? root)
    {
        this.root = root;
        Add(root, "#");
    }

    public (JsonNode? Schema, string Path)? Find(string reference)
    {
        if (named.TryGetValue(reference, out var found)) return found;
        // A reference may repeat the whole's own identifier.
        if (root is JsonObject whole && whole["$id"] is JsonValue id && id.TryGetValue<string>(out var name)
            && reference.StartsWith(name.TrimEnd('#'), StringComparison.Ordinal)) reference = reference[name.TrimEnd('#').Length..];
        if (reference is "#" or "") return (root, "#");
        if (named.TryGetValue(reference, out found)) return found;
        if (!reference.StartsWith("#/", StringComparison.Ordinal)) return null;
        var (at, path) = (root, "#");
        foreach (var part in reference[2..].Split('/'))
        {
            var key = JsonPointer.Unescape(Uri.UnescapeDataString(part));
            if (at is JsonObject entries && entries.TryGetPropertyValue(key, out var next)) at = next;
            else if (at is JsonArray items && int.TryParse(key, out var i) && (uint)i < (uint)items.Count) at = items[i];
            else return null;
            path += "/" + JsonPointer.Escape(key);
        }
        return (at, path);
    }

    void Add(JsonNode? node, string path)
    {
        switch (node)
        {
            case JsonObject entries:
                if (entries["$anchor"] is JsonValue anchor && anchor.TryGetValue<string>(out var name)) named.TryAdd("#" + name, (entries, path));
                if (path != "#" && entries["$id"] is JsonValue id && id.TryGetValue<string>(out name)) named.TryAdd(name, (entries, path));
                foreach (var (key, value) in entries)
                    if (key is not ("const" or "enum" or "default" or "examples")) Add(value, $"{path}/{JsonPointer.Escape(key)}");
                break;
            case JsonArray items:
                foreach (var (i, item) in items.Index()) Add(item, $"{path}/{i}");
                break;
        }
    }
}

static class JsonPointer
{
    public static string Escape(string key) => key.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    public static string Unescape(string part) => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
}
