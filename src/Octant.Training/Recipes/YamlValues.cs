using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Octant.Training.Recipes;

/// <summary>What the nodes of a YAML tree say.</summary>
static class YamlValues
{
    public static bool IsNull(YamlNode node) => node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" };

    public static string Text(YamlNode node) => node is YamlScalarNode { Value: { } text } ? text : $"{node}";

    /// <summary>The value of a key; null where the mapping lacks it.</summary>
    public static YamlNode? Find(YamlMappingNode mapping, string key) => mapping.Children.FirstOrDefault(child => Text(child.Key) == key).Value;

    /// <summary>A value as an error shows it.</summary>
    public static string Shown(YamlNode node) => node switch
    {
        YamlMappingNode => "a section",
        YamlSequenceNode => "a list",
        _ when IsNull(node) => "empty",
        _ => Text(node),
    };

    public static bool? Truth(string text) => text switch { "true" or "yes" => true, "false" or "no" => false, _ => null };

    public static long? Whole(string text) => long.TryParse(
        text.Replace("_", "", StringComparison.Ordinal), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole : null;

    public static double? Number(string text) => double.TryParse(
        text.Replace("_", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Whether it is written as a whole number, however large.</summary>
    public static bool LooksWhole(string text) => text.TrimStart('-') is { Length: > 0 } digits && digits.All(char.IsAsciiDigit);

    /// <summary>A choice by its name, whatever its case and hyphens; null where there is none.</summary>
    public static Enum? Choice(Type type, string text)
    {
        var plain = Plain(text);
        return Enum.GetValues(type).Cast<Enum>().FirstOrDefault(choice => Plain(RecipeKeys.NameOf(choice)) == plain);

        static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
    }

    /// <summary>Keys of an architecture's own, whose values are JSON's.</summary>
    public static JsonObject Json(YamlMappingNode mapping)
    {
        var json = new JsonObject();
        foreach (var (key, value) in mapping.Children) json[Text(key)] = JsonOf(value);
        return json;
    }

    static JsonNode? JsonOf(YamlNode node) => node switch
    {
        YamlMappingNode inner => Json(inner),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(JsonOf)]),
        _ when IsNull(node) => null,
        YamlScalarNode { Style: not ScalarStyle.Plain } quoted => quoted.Value,
        YamlScalarNode { Value: { } text } => Truth(text) is { } truth ? truth : Whole(text) is { } whole ? whole : Number(text) is { } number ? number : text,
        _ => null,
    };
}
