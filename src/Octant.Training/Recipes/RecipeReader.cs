using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Octant.Training.Recipes;

/// <summary>Makes records of a YAML tree, strictly, and remembers where each key stood.</summary>
sealed class RecipeReader(string path)
{
    readonly Dictionary<YamlNode, string> settings = new(ReferenceEqualityComparer.Instance);

    /// <summary>Where each key's value stands, as errors say it.</summary>
    public Dictionary<string, string> Places { get; } = [];

    /// <summary>Keys that did not come from the file.</summary>
    public HashSet<string> Overridden { get; } = [];

    /// <summary>Sets one key, as if the file said so.</summary>
    /// <param name="root">is changed</param>
    /// <param name="setting">a.b=value, the value in YAML</param>
    public void Set(YamlMappingNode root, string setting)
    {
        var equals = setting.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0) throw new RecipeException($"--set {setting}: say key=value, such as training.steps=500.");
        var (keys, origin) = (setting[..equals].Trim().Split('.'), $"--set {setting}");
        var written = setting[(equals + 1)..].Trim();
        // Standard input's name would begin a list in YAML.
        var parsed = RecipeFile.Parse($"value: {(written == "-" ? "'-'" : written)}\n", origin);
        if (parsed.Children.Count != 1) throw new RecipeException($"{origin}: the value is more than one.");
        var at = root;
        foreach (var key in keys[..^1])
        {
            if (Find(at, key) is YamlMappingNode inner) at = inner;
            else
            {
                var made = new YamlMappingNode();
                Put(at, key, made, origin);
                at = made;
            }
        }
        var value = parsed.Children.Single().Value;
        Mark(value, origin);
        Put(at, keys[^1], value, origin);
        Overridden.Add(string.Join('.', keys));
    }

    /// <summary>The record that a tree describes.</summary>
    public T Bind<T>(YamlMappingNode root) => (T)Bind(typeof(T), root, "");

    object Bind(Type record, YamlMappingNode node, string section)
    {
        var parameters = RecipeKeys.Parameters(record);
        foreach (var (key, _) in node.Children)
            if (Array.TrueForAll(parameters, parameter => RecipeKeys.NameOf(parameter) != Text(key)))
                throw new RecipeException($"{Place(key)}: {section}{Text(key)} is no key{Nearest(Text(key), section, parameters)}");
        return Make(record, [.. parameters.Select(parameter =>
        {
            var name = RecipeKeys.NameOf(parameter);
            if (node.Children.FirstOrDefault(child => Text(child.Key) == name) is { Value: { } value } && !(IsNull(value) && parameter.HasDefaultValue))
            {
                Places[section + name] = Place(value);
                return Value(parameter, value, section + name);
            }
            return parameter.HasDefaultValue ? parameter.DefaultValue
                : throw new RecipeException($"{(section.Length == 0 ? path : Place(node))}: {section}{name} is missing ({RecipeKeys.All.First(key => key.Path == section + name).Meaning}).");
        })]);
    }

    static object Make(Type record, object?[] values)
    {
        try
        {
            return record.GetConstructors().MaxBy(constructor => constructor.GetParameters().Length)!.Invoke(values);
        }
        catch (TargetInvocationException e) when (e.InnerException is OctantException inner)
        {
            throw inner;
        }
    }

    object? Value(ParameterInfo parameter, YamlNode node, string key)
    {
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        if (RecipeKeys.IsSection(type))
            return node is YamlMappingNode section ? Bind(type, section, key + ".") : throw Wrong("keys and values");
        if (type == typeof(JsonObject)) return node is YamlMappingNode free ? Json(free) : throw Wrong("keys and values");
        if (type == typeof(IReadOnlyList<string>))
            return node is YamlSequenceNode list ? [.. list.Children.Select(child => Scalar(child))] : (IReadOnlyList<string>)[Scalar(node)];
        var text = Scalar(node);
        if (type == typeof(string)) return text;
        if (type.IsEnum) return Choice(type, text) ?? throw Wrong(RecipeKeys.TypeOf(parameter));
        if (type == typeof(bool)) return text switch { "true" or "yes" => true, "false" or "no" => false, _ => throw Wrong("true or false") };
        object? number = type switch
        {
            _ when type == typeof(double) => (object?)Number(text),
            _ when type == typeof(long) => (object?)Whole(text),
            _ => Small(text),
        };
        if (number is null && type == typeof(int) && IsWhole(text)) throw new RecipeException($"{Place(node)}: {key} is {text}: it must be at most {int.MaxValue}.");
        if (number is null) throw Wrong(RecipeKeys.TypeOf(parameter));
        if (parameter.GetCustomAttribute<RangeAttribute>() is { } range && !RecipeKeys.Holds(range, Convert.ToDouble(number, CultureInfo.InvariantCulture)))
            throw new RecipeException($"{Place(node)}: {key} is {text}: it must be {RecipeKeys.Describe(range)}.");
        return number;

        string Scalar(YamlNode value) => value is YamlScalarNode { Value: { } found } && !IsNull(value) ? found : throw Wrong(RecipeKeys.TypeOf(parameter));
        RecipeException Wrong(string wanted) => new($"{Place(node)}: {key} is {Shown(node)}: it must be {WithArticle(wanted)}.");
    }

    static Enum? Choice(Type type, string text)
    {
        var plain = Plain(text);
        return Enum.GetValues(type).Cast<Enum>().FirstOrDefault(choice => Plain(RecipeKeys.NameOf(choice)) == plain);

        static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
    }

    static long? Whole(string text) =>
        long.TryParse(text.Replace("_", "", StringComparison.Ordinal), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole : null;

    static string WithArticle(string wanted) =>
        wanted.Contains(" | ", StringComparison.Ordinal) ? $"one of {wanted}" : wanted.StartsWith("true", StringComparison.Ordinal) || wanted.StartsWith("keys", StringComparison.Ordinal) ? wanted : $"a {wanted}";

    static bool IsWhole(string text) => text.TrimStart('-').Length > 0 && text.TrimStart('-').All(char.IsAsciiDigit);

    static int? Small(string text) => Whole(text) is { } whole and >= int.MinValue and <= int.MaxValue ? (int)whole : null;

    static double? Number(string text) =>
        double.TryParse(text.Replace("_", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Keys of an architecture's own, whose values are JSON's.</summary>
    static JsonObject Json(YamlMappingNode node)
    {
        var json = new JsonObject();
        foreach (var (key, value) in node.Children) json[Text(key)] = JsonOf(value);
        return json;
    }

    static JsonNode? JsonOf(YamlNode node) => node switch
    {
        YamlMappingNode inner => Json(inner),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(JsonOf)]),
        _ when IsNull(node) => null,
        YamlScalarNode { Style: not ScalarStyle.Plain } quoted => quoted.Value,
        YamlScalarNode { Value: "true" or "yes" } => true,
        YamlScalarNode { Value: "false" or "no" } => false,
        YamlScalarNode { Value: var text } => Whole(text!) is { } whole ? whole : Number(text!) is { } number ? number : text,
        _ => null,
    };

    static bool IsNull(YamlNode node) => node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" };

    static string Text(YamlNode key) => key is YamlScalarNode { Value: { } text } ? text : $"{key}";

    static string Shown(YamlNode node) => node switch
    {
        YamlMappingNode => "a section",
        YamlSequenceNode => "a list",
        _ when IsNull(node) => "empty",
        _ => Text(node),
    };

    static YamlNode? Find(YamlMappingNode node, string key) => node.Children.FirstOrDefault(child => Text(child.Key) == key).Value;

    void Put(YamlMappingNode node, string key, YamlNode value, string origin)
    {
        if (node.Children.FirstOrDefault(child => Text(child.Key) == key) is { Key: { } old }) node.Children.Remove(old);
        var made = new YamlScalarNode(key);
        settings[made] = origin;
        settings[value] = origin;
        node.Children.Add(made, value);
    }

    void Mark(YamlNode value, string origin)
    {
        settings[value] = origin;
        if (value is YamlSequenceNode list)
            foreach (var child in list.Children) Mark(child, origin);
        if (value is not YamlMappingNode mapping) return;
        foreach (var (key, inner) in mapping.Children)
        {
            Mark(key, origin);
            Mark(inner, origin);
        }
    }

    string Place(YamlNode node) => settings.TryGetValue(node, out var setting) ? setting : $"{path}:{node.Start.Line}:{node.Start.Column}";

    static string Nearest(string wrong, string section, ParameterInfo[] parameters)
    {
        var names = parameters.Select(RecipeKeys.NameOf).ToList();
        var elsewhere = RecipeKeys.All.FirstOrDefault(key => key.Path.EndsWith($".{wrong}", StringComparison.Ordinal));
        if (elsewhere is not null) return $": there is {elsewhere.Path}.";
        var nearest = names.MinBy(name => Distance(wrong, name))!;
        return Distance(wrong, nearest) <= Math.Max(2, wrong.Length / 2)
            ? $": did you mean {section}{nearest}?" : $": there are {string.Join(", ", names)}.";
    }

    /// <summary>Letters that differ, lack or are too many (Levenshtein 1966).</summary>
    static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 0; i < a.Length; i++)
        {
            var diagonal = row[0]++;
            for (var j = 0; j < b.Length; j++)
                (diagonal, row[j + 1]) = (row[j + 1], Math.Min(Math.Min(row[j + 1], row[j]) + 1, diagonal + (a[i] == b[j] ? 0 : 1)));
        }
        return row[^1];
    }
}
