using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Octant.Training.Recipes;

/// <summary>A key of a recipe, as the code declares it.</summary>
/// <param name="Path">with its section: training.steps</param>
/// <param name="Type">in words: whole number, number, text, true or false, list of texts, one of several names, section</param>
/// <param name="Default">what holds where it is left out; null where it must be given, or where it is nothing</param>
/// <param name="IsRequired">whether it must be given</param>
/// <param name="Meaning">what it does</param>
public sealed record RecipeKey(string Path, string Type, string? Default, bool IsRequired, string Meaning);

/// <summary>The keys of recipes: the parameters of the records, their types, ranges and defaults, and what their documentation says.</summary>
public static class RecipeKeys
{
    /// <summary>All keys, section by section.</summary>
    public static IReadOnlyList<RecipeKey> All { get; } = [.. Of(typeof(Recipe), "")];

    /// <summary>The keys of an architecture's config.json, which model.config may set.</summary>
    /// <param name="config">the architecture's record</param>
    public static IReadOnlyList<RecipeKey> OfConfig(Type config) => [.. Of(config, "model.config.")];

    static IEnumerable<RecipeKey> Of(Type record, string section)
    {
        foreach (var parameter in Parameters(record))
        {
            var path = section + NameOf(parameter);
            var meaning = Documentation.Of(record, parameter.Name!);
            if (IsSection(parameter.ParameterType))
            {
                yield return new(path, "section", null, !parameter.HasDefaultValue, meaning);
                foreach (var inner in Of(parameter.ParameterType, path + ".")) yield return inner;
            }
            else yield return new(path, TypeOf(parameter), DefaultOf(parameter), !parameter.HasDefaultValue, meaning);
        }
    }

    internal static ParameterInfo[] Parameters(Type record) =>
        record.GetConstructors().MaxBy(constructor => constructor.GetParameters().Length)!.GetParameters();

    internal static bool IsSection(Type type) =>
        type.IsClass && type != typeof(string) && type != typeof(JsonObject) && type.GetMethod("<Clone>$") is not null;

    /// <summary>The key of a parameter.</summary>
    internal static string NameOf(ParameterInfo parameter) => JsonNamingPolicy.SnakeCaseLower.ConvertName(parameter.Name!);

    /// <summary>The name of a choice.</summary>
    internal static string NameOf(Enum value)
    {
        var name = value.ToString();
        return value.GetType().GetField(name)?.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name
            ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
    }

    internal static string TypeOf(ParameterInfo parameter)
    {
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        if (type.IsEnum) return string.Join(" | ", Enum.GetValues(type).Cast<Enum>().Select(NameOf));
        if (type == typeof(bool)) return "true or false";
        if (type == typeof(string)) return "text";
        if (type == typeof(JsonObject)) return "keys and values";
        if (type == typeof(IReadOnlyList<string>)) return "list of texts";
        if (type != typeof(int) && type != typeof(long) && type != typeof(double)) return "value";
        var kind = type == typeof(double) ? "number" : "whole number";
        return parameter.GetCustomAttribute<RangeAttribute>() is { } range ? $"{kind}, {Describe(range)}" : kind;
    }

    /// <summary>A range in words.</summary>
    internal static string Describe(RangeAttribute range)
    {
        var (least, most) = (Number(range.Minimum), Number(range.Maximum));
        var from = range.MinimumIsExclusive ? $"more than {Text(least)}" : $"{Text(least)} or more";
        return most is int.MaxValue or double.MaxValue ? from
            : range.MinimumIsExclusive ? $"{from}, at most {Text(most)}"
            : range.MaximumIsExclusive ? $"from {Text(least)} to less than {Text(most)}"
            : $"from {Text(least)} to {Text(most)}";
    }

    internal static bool Holds(RangeAttribute range, double value)
    {
        var (least, most) = (Number(range.Minimum), Number(range.Maximum));
        return (range.MinimumIsExclusive ? value > least : value >= least) && (range.MaximumIsExclusive ? value < most : value <= most)
            && double.IsFinite(value);
    }

    static double Number(object bound) => Convert.ToDouble(bound, CultureInfo.InvariantCulture);

    static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);

    static string? DefaultOf(ParameterInfo parameter)
    {
        if (!parameter.HasDefaultValue || parameter.DefaultValue is null) return null;
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        return type.IsEnum ? NameOf((Enum)Enum.ToObject(type, parameter.DefaultValue)) : Written(parameter.DefaultValue);
    }

    /// <summary>A value as a recipe writes it.</summary>
    internal static string Written(object value) => value switch
    {
        bool truth => truth ? "true" : "false",
        Enum choice => NameOf(choice),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => $"{value}",
    };
}
