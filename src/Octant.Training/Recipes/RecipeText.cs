using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Octant.Training.Recipes;

/// <summary>A recipe as text again.</summary>
public static class RecipeText
{
    static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Every key that is set, with its value as JSON, which YAML understands: two recipes with the same are the same.</summary>
    public static IReadOnlyDictionary<string, string> Flat(Recipe recipe)
    {
        var flat = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Collect(recipe, "", (path, value) => flat[path] = value);
        return flat;
    }

    /// <summary>A YAML file that reads as this recipe, without what is at its default.</summary>
    public static string Yaml(Recipe recipe)
    {
        var text = new StringBuilder();
        var section = "";
        Collect(recipe, "", (path, value) =>
        {
            var dot = path.IndexOf('.', StringComparison.Ordinal);
            if (path[..dot] != section) text.Append($"{section = path[..dot]}:\n");
            var depth = path.Count(letter => letter == '.');
            text.Append($"{new string(' ', 2)}{(depth > 1 ? Nested(path[(dot + 1)..], value) : $"{path[(dot + 1)..]}: {value}")}\n");
        });
        return text.ToString();
    }

    // A section within a section (data.clean) is short: flow style keeps it on its line.
    static string Nested(string path, string value) => $"{path[..path.IndexOf('.', StringComparison.Ordinal)]}: {value}";

    static void Collect(object record, string section, Action<string, string> write)
    {
        foreach (var parameter in RecipeKeys.Parameters(record.GetType()))
        {
            var value = record.GetType().GetProperty(parameter.Name!)!.GetValue(record);
            if (value is null || parameter.HasDefaultValue && Equals(value, Default(parameter))) continue;
            var path = section + RecipeKeys.NameOf(parameter);
            if (!RecipeKeys.IsSection(parameter.ParameterType)) write(path, Written(value));
            else if (section.Length == 0) Collect(value, path + ".", write);
            else write(path + ".", Flow(value));
        }
    }

    static object? Default(System.Reflection.ParameterInfo parameter)
    {
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        return type.IsEnum && parameter.DefaultValue is { } number ? Enum.ToObject(type, number) : parameter.DefaultValue;
    }

    static string Flow(object record)
    {
        var json = new JsonObject();
        foreach (var parameter in RecipeKeys.Parameters(record.GetType()))
            if (record.GetType().GetProperty(parameter.Name!)!.GetValue(record) is { } value && !Equals(value, Default(parameter)))
                json[RecipeKeys.NameOf(parameter)] = JsonNode.Parse(Written(value));
        return json.ToJsonString(Plain);
    }

    static string Written(object value) => value switch
    {
        string text => JsonSerializer.Serialize(text, Plain),
        IReadOnlyList<string> list => JsonSerializer.Serialize(list, Plain),
        JsonObject json => json.ToJsonString(Plain),
        _ => RecipeKeys.Written(value),
    };
}
