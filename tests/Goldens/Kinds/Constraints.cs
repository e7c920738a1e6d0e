using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Octant.Constraints;

namespace Goldens.Kinds;

/// <summary>
/// Constraints: what the reference accepts can be said, byte by byte and in tokens of any cut, what it refuses cannot. A schema may be
/// refused for a keyword that the notes allow to refuse.
/// </summary>
static class Constraints
{
    /// <summary>Keywords that no automaton can watch over.</summary>
    static readonly string[] unenforceable = ["uniqueItems"];

    public static void Verify(Golden golden, Differences differences)
    {
        foreach (var test in golden.JsonLines("cases.jsonl"))
        {
            differences.Variant = (string)(test["name"] ?? test["pattern"])!;
            if (test.ContainsKey("schema")) VerifySchema(test, differences);
            else if (test.ContainsKey("gbnf"))
                VerifyTexts(Constraint.FromGbnf((string)test["gbnf"]!), Texts(test["accepted"]), Texts(test["refused"]), differences);
            else VerifyTexts(Constraint.FromRegex((string)test["pattern"]!), Texts(test["matching"]), Texts(test["other"]), differences);
        }
    }

    static void VerifyTexts(Constraint constraint, string[] accepted, string[] refused, Differences differences)
    {
        foreach (var text in accepted) differences.Compare($"accepts {text}", Accepts(constraint, text), true);
        foreach (var text in refused) differences.Compare($"accepts {text}", Accepts(constraint, text), false);
    }

    static void VerifySchema(JsonObject test, Differences differences)
    {
        Constraint constraint;
        try
        {
            constraint = Constraint.FromJsonSchema(test["schema"]);
        }
        catch (ConstraintException fault)
        {
            var hasNone = test["valid"]!.AsArray().Count == 0 && fault.Message.Contains("nothing satisfies", StringComparison.Ordinal);
            var isAllowed = unenforceable.Any(keyword => fault.Message.Contains($"{keyword} cannot be enforced", StringComparison.Ordinal));
            if (!hasNone && !isAllowed) differences.Compare("compiles", fault.Message, "");
            return;
        }
        foreach (var instance in test["valid"]!.AsArray())
            differences.Compare($"reaches {instance?.ToJsonString()}", Orders(instance).Any(order => Spellings(order).All(text => Accepts(constraint, text))), true);
        foreach (var instance in test["invalid"]!.AsArray())
            differences.Compare($"says {instance?.ToJsonString()}", Orders(instance).Any(order => Spellings(order).Any(text => Accepts(constraint, text))), false);
    }

    /// <summary>An instance with its keys in every order: one of them is the schema's.</summary>
    static IEnumerable<JsonNode?> Orders(JsonNode? value) => value switch
    {
        JsonObject entries => Permutations([.. entries]).SelectMany(order => Combined([.. order.Select(entry => Orders(entry.Value).ToArray())])
            .Select(values => (JsonNode?)new JsonObject(order.Zip(values, (entry, inner) => KeyValuePair.Create(entry.Key, inner?.DeepClone()))))),
        JsonArray items => Combined([.. items.Select(item => Orders(item).ToArray())])
            .Select(values => (JsonNode?)new JsonArray([.. values.Select(item => item?.DeepClone())])),
        _ => [value],
    };

    static IEnumerable<KeyValuePair<string, JsonNode?>[]> Permutations(KeyValuePair<string, JsonNode?>[] entries) => entries.Length <= 1 ? [entries]
        : entries.SelectMany((first, i) => Permutations([.. entries.Where((_, j) => j != i)]).Select(rest => (KeyValuePair<string, JsonNode?>[])[first, .. rest]));

    static IEnumerable<JsonNode?[]> Combined(JsonNode?[][] choices) => choices.Length == 0 ? [[]]
        : Combined(choices[1..]).SelectMany(rest => choices[0].Select(first => (JsonNode?[])[first, .. rest]));

    /// <summary>As short as can be, with ASCII alone, with spaces, on lines of its own. A whole number has no point.</summary>
    static IEnumerable<string> Spellings(JsonNode? value)
    {
        if (value is JsonValue number && number.GetValueKind() == JsonValueKind.Number && number.ToJsonString() == "1.0") value = 1;
        yield return Text(new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        yield return Text(new());
        yield return Text(new() { WriteIndented = true });
        if (value is JsonObject or JsonArray) yield return Spaced(value);

        string Text(JsonSerializerOptions options) => value?.ToJsonString(options) ?? "null";
    }

    /// <summary>As Python's json.dumps writes it.</summary>
    static string Spaced(JsonNode? value) => value switch
    {
        null => "null",
        JsonObject entries => $"{{{string.Join(", ", entries.Select(entry => $"{JsonValue.Create(entry.Key).ToJsonString()}: {Spaced(entry.Value)}"))}}}",
        JsonArray items => $"[{string.Join(", ", items.Select(Spaced))}]",
        _ => value.ToJsonString(),
    };

    static bool Accepts(Constraint constraint, string text) => constraint.Accepts(text);

    static string[] Texts(JsonNode? texts) => [.. texts!.AsArray().Select(text => (string)text!)];
}
