using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
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
            if (YamlValues.Find(at, key) is not YamlMappingNode inner) Put(at, key, inner = [], origin);
            at = inner;
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
            if (Array.TrueForAll(parameters, parameter => RecipeKeys.NameOf(parameter) != YamlValues.Text(key)))
                throw Unknown(key, section, parameters);
        var values = parameters.Select(parameter => Bind(parameter, node, section)).ToArray();
        return record.GetConstructors().MaxBy(constructor => constructor.GetParameters().Length)!.Invoke(values);
    }

    object? Bind(ParameterInfo parameter, YamlMappingNode node, string section)
    {
        var key = section + RecipeKeys.NameOf(parameter);
        if (YamlValues.Find(node, RecipeKeys.NameOf(parameter)) is { } value && !(YamlValues.IsNull(value) && parameter.HasDefaultValue))
        {
            Places[key] = Place(value);
            return Value(parameter, value, key);
        }
        if (parameter.HasDefaultValue) return parameter.DefaultValue;
        var meaning = RecipeKeys.All.First(known => known.Path == key).Meaning;
        throw new RecipeException($"{(section.Length == 0 ? path : Place(node))}: {key} is missing ({meaning}).");
    }

    object? Value(ParameterInfo parameter, YamlNode node, string key)
    {
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        if (RecipeKeys.IsSection(type)) return node is YamlMappingNode section ? Bind(type, section, key + ".") : throw Wrong("keys and values");
        if (type == typeof(JsonObject)) return node is YamlMappingNode free ? YamlValues.Json(free) : throw Wrong("keys and values");
        if (type == typeof(IReadOnlyList<string>))
            return node is YamlSequenceNode list ? [.. list.Children.Select(Scalar)] : (IReadOnlyList<string>)[Scalar(node)];
        var text = Scalar(node);
        if (type == typeof(string)) return text;
        if (type == typeof(bool)) return YamlValues.Truth(text) ?? throw Wrong("true or false");
        if (type.IsEnum) return YamlValues.Choice(type, text) ?? throw Wrong(RecipeKeys.TypeOf(parameter));
        if (type == typeof(int) && YamlValues.LooksWhole(text) && !int.TryParse(text, CultureInfo.InvariantCulture, out _)) throw Wrong($"number of at most {int.MaxValue}");
        var number = NumberOf(type, text) ?? throw Wrong(RecipeKeys.TypeOf(parameter));
        if (parameter.GetCustomAttribute<RangeAttribute>() is { } range && !RecipeKeys.Holds(range, Convert.ToDouble(number, CultureInfo.InvariantCulture)))
            throw new RecipeException($"{Place(node)}: {key} is {text}: it must be {RecipeKeys.Describe(range)}.");
        return number;

        string Scalar(YamlNode value) =>
            value is YamlScalarNode { Value: { } found } && !YamlValues.IsNull(value) ? found : throw Wrong(RecipeKeys.TypeOf(parameter));
        RecipeException Wrong(string wanted) => new($"{Place(node)}: {key} is {YamlValues.Shown(node)}: it must be {WithArticle(wanted)}.");
    }

    static object? NumberOf(Type type, string text)
    {
        if (type == typeof(double)) return YamlValues.Number(text);
        if (YamlValues.Whole(text) is not { } whole) return null;
        return type == typeof(long) ? whole : whole is >= int.MinValue and <= int.MaxValue ? (int)whole : null;
    }

    static string WithArticle(string wanted) => wanted switch
    {
        _ when wanted.Contains(" | ", StringComparison.Ordinal) => $"one of {wanted}",
        "true or false" or "keys and values" => wanted,
        _ => $"a {wanted}",
    };

    void Put(YamlMappingNode node, string key, YamlNode value, string origin)
    {
        if (node.Children.FirstOrDefault(child => YamlValues.Text(child.Key) == key) is { Key: { } old }) node.Children.Remove(old);
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

    RecipeException Unknown(YamlNode key, string section, ParameterInfo[] parameters)
    {
        var wrong = YamlValues.Text(key);
        var names = parameters.Select(RecipeKeys.NameOf).ToList();
        var nearest = names.MinBy(name => Distance(wrong, name))!;
        var advice = RecipeKeys.All.FirstOrDefault(known => known.Path.EndsWith($".{wrong}", StringComparison.Ordinal)) is { } elsewhere
            ? $"there is {elsewhere.Path}."
            : Distance(wrong, nearest) <= Math.Max(2, wrong.Length / 2) ? $"did you mean {section}{nearest}?" : $"there are {string.Join(", ", names)}.";
        return new($"{Place(key)}: {section}{wrong} is no key: {advice}");
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
