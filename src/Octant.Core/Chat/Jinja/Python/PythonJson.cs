using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Octant.Chat.Jinja.Python;

/// <summary>JSON as Python's json module writes it, which models were trained on: System.Text.Json spaces and escapes differently.</summary>
sealed class PythonJson(Budget budget)
{
    readonly StringBuilder result = new();

    public bool EnsureAscii { get; init; }

    /// <summary>What stands once a level at the beginning of lines; null writes one line.</summary>
    public string? Indent { get; init; }
    public string ItemSeparator { get; init; } = ", ";
    public string KeySeparator { get; init; } = ": ";
    public bool SortKeys { get; init; }

    public string Write(object? value)
    {
        Append(value, 0);
        return result.ToString();
    }

    void Append(object? value, int level)
    {
        Budget.CheckStack();
        var before = result.Length;
        switch (value)
        {
            case null: result.Append("null"); break;
            case string text: AppendQuoted(text); break;
            case Markup markup: AppendQuoted(markup.Text); break;
            case bool yes: result.Append(yes ? "true" : "false"); break;
            case long or BigInteger: result.Append(CultureInfo.InvariantCulture, $"{value}"); break;
            case double real: result.Append(Real(real)); break;
            case SequenceValue { Items.Length: 0 }: result.Append("[]"); break;
            case SequenceValue sequence: AppendAll('[', sequence.Items, ']', level, item => Append(item, level + 1)); return;
            case DictValue { Count: 0 }: result.Append("{}"); break;
            case DictValue dict: AppendAll('{', Sorted(dict), '}', level, entry => AppendEntry(entry, level + 1)); return;
            default: throw PythonError.Type($"Object of type {PythonText.TypeName(value)} is not JSON serializable");
        }
        budget.Allocate(result.Length - before);
    }

    void AppendAll<T>(char open, IEnumerable<T> items, char close, int level, Action<T> append)
    {
        result.Append(open);
        NewLine(level + 1);
        var first = true;
        foreach (var item in items)
        {
            if (!first)
            {
                result.Append(ItemSeparator);
                NewLine(level + 1);
            }
            first = false;
            append(item);
        }
        NewLine(level);
        result.Append(close);
    }

    void NewLine(int level)
    {
        budget.Step();
        if (Indent is null) return;
        budget.Allocate((long)Indent.Length * level + 1);
        result.Append('\n').Insert(result.Length, Indent, level);
    }

    void AppendEntry(KeyValuePair<object?, object?> entry, int level)
    {
        AppendQuoted(entry.Key switch
        {
            string text => text,
            null => "null",
            bool yes => yes ? "true" : "false",
            double real => Real(real),
            long or BigInteger => PythonText.Str(entry.Key, budget),
            _ => throw PythonError.Type($"keys must be str, int, float, bool or None, not {PythonText.TypeName(entry.Key)}"),
        });
        result.Append(KeySeparator);
        Append(entry.Value, level);
    }

    IEnumerable<KeyValuePair<object?, object?>> Sorted(DictValue dict) =>
        SortKeys ? Operators.Sort(dict.ToArray(), (a, b) => Operators.Order("<", a.Key, b.Key, budget)) : dict;

    static string Real(double value) =>
        double.IsNaN(value) ? "NaN" : double.IsInfinity(value) ? value > 0 ? "Infinity" : "-Infinity" : Number.Repr(value);

    void AppendQuoted(string text)
    {
        budget.Allocate(text.Length);
        result.Append('"');
        foreach (var c in text)
        {
            switch (c)
            {
                case '"': result.Append("\\\""); break;
                case '\\': result.Append("\\\\"); break;
                case '\n': result.Append("\\n"); break;
                case '\r': result.Append("\\r"); break;
                case '\t': result.Append("\\t"); break;
                case '\b': result.Append("\\b"); break;
                case '\f': result.Append("\\f"); break;
                case < ' ': AppendEscape(result, c); break;
                case > '~' when EnsureAscii: AppendEscape(result, c); break;
                default: result.Append(c); break;
            }
        }
        result.Append('"');
    }

    static void AppendEscape(StringBuilder result, char c) => result.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");

    /// <summary>What Python's ascii() does to a repr.</summary>
    public static string EscapeNonAscii(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.IsAscii) result.Append(rune);
            else if (rune.Value <= 0xFF) result.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}");
            else if (rune.Value <= 0xFFFF) result.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            else result.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}");
        }
        return result.ToString();
    }

    /// <summary>Makes JSON a value of the template language. A number is an integer unless it has a point or an exponent.</summary>
    public static object? Read(JsonNode? node)
    {
        Budget.CheckStack();
        switch (node)
        {
            case null: return null;
            case JsonArray array: return new ListValue([.. array.Select(Read)]);
            case JsonObject entries:
                return DictValue.Of(entries.Select(e =>
                KeyValuePair.Create((object?)e.Key, Read(e.Value))));
        }
        var value = node.AsValue();
        return value.GetValueKind() switch
        {
            JsonValueKind.String => value.GetValue<string>(),
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Number => ReadNumber(value),
            _ => null,
        };
    }

    static object? ReadNumber(JsonValue value)
    {
        if (!value.TryGetValue<JsonElement>(out var element))
        {
            if (value.TryGetValue<double>(out var real)) return real;
            if (value.TryGetValue<float>(out var single)) return (double)single;
        }
        var text = element.ValueKind == JsonValueKind.Number ? element.GetRawText() : value.ToJsonString();
        return text.AsSpan().ContainsAny('.', 'e', 'E') ? double.Parse(text, CultureInfo.InvariantCulture)
            : Number.ParseInteger(text) ?? throw PythonError.Value("a number of more than 14,000 digits");
    }
}
