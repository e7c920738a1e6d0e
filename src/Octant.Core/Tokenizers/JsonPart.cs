using System.Text.Json;

namespace Octant.Tokenizers;

/// <summary>A place in a tokenizer's JSON: reads values and says in errors where they stand.</summary>
readonly struct JsonPart
{
    readonly JsonElement element;

    // A part of a vocabulary of many thousands: its path is put together only when an error needs it.
    readonly string parent;
    readonly string? name;
    readonly int index;

    public JsonPart(JsonElement element, string path) : this(element, path, null, -1)
    {
    }

    JsonPart(JsonElement element, string parent, string? name, int index) =>
        (this.element, this.parent, this.name, this.index) = (element, parent, name, index);

    public JsonElement Element => element;

    public string Path => name is not null ? $"{parent}.{name}" : index >= 0 ? $"{parent}[{index}]" : parent;

    /// <summary>What kind of part this is: its "type".</summary>
    public string Type => this["type"].Text();

    public JsonPart this[string name] => Find(name) ?? throw Wrong($"lacks \"{name}\"");

    /// <summary>The value of a key; nothing where it is absent or null.</summary>
    public JsonPart? Find(string name)
    {
        if (element.ValueKind != JsonValueKind.Object) throw Wrong("is not an object");
        try
        {
            return element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
                ? new JsonPart(value, Path, name, -1) : null;
        }
        catch (InvalidOperationException error)
        {
            throw HalfOfAPair(error);
        }
    }

    TokenizerException HalfOfAPair(Exception error) => new($"{Path} holds half of a surrogate pair.", error);

    public string Text()
    {
        if (element.ValueKind != JsonValueKind.String) throw Wrong("is not a string");
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException error)
        {
            throw HalfOfAPair(error);
        }
    }

    public string? TextOrNull(string name) => Find(name)?.Text();

    public bool Flag(string name, bool otherwise) => Find(name) is { } value ? value.Flag() : otherwise;

    public bool Flag() => element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong("is neither true nor false"),
    };

    public int Number() =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var value) && value >= 0 ? value
        : throw Wrong("is not a whole number from 0 to 2147483647");

    public int Number(string name, int otherwise) => Find(name) is { } value ? value.Number() : otherwise;

    public IEnumerable<JsonPart> Items()
    {
        if (element.ValueKind != JsonValueKind.Array) throw Wrong("is not an array");
        return Enumerate(element, Path);

        static IEnumerable<JsonPart> Enumerate(JsonElement array, string path)
        {
            var i = 0;
            foreach (var item in array.EnumerateArray()) yield return new JsonPart(item, path, null, i++);
        }
    }

    public IEnumerable<(string Name, JsonPart Value)> Properties()
    {
        if (element.ValueKind != JsonValueKind.Object) throw Wrong("is not an object");
        return Enumerate(element, Path);

        static IEnumerable<(string, JsonPart)> Enumerate(JsonElement all, string path)
        {
            foreach (var property in all.EnumerateObject())
            {
                var name = NameOf(property, path);
                yield return (name, new JsonPart(property.Value, path, name, -1));
            }
        }
    }

    /// <summary>The value of a key whose values are a fixed few.</summary>
    public T Choice<T>(string name, T otherwise) where T : struct, Enum
    {
        if (Find(name) is not { } value) return otherwise;
        var text = value.Text();
        foreach (var choice in Enum.GetValues<T>())
            if (string.Equals(choice.ToString(), text, StringComparison.OrdinalIgnoreCase)) return choice;
        throw value.Wrong($"is \"{text}\", known are {string.Join(", ", Enum.GetNames<T>())}");
    }

    public TokenizerException Wrong(string what) => new($"{Path} {what}.");

    /// <summary>The refusal of a kind of part that is not known.</summary>
    public TokenizerException Unknown(string what) => new($"{Path}: {what} \"{Type}\" is not supported.");

    static string NameOf(JsonProperty property, string path)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException error)
        {
            throw new TokenizerException($"{path}: a key holds half of a surrogate pair.", error);
        }
    }
}
