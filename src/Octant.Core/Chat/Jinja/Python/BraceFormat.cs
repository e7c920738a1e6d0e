using System.Text;
using static Octant.Chat.Jinja.Python.PythonError;

namespace Octant.Chat.Jinja.Python;

/// <summary>'{0} and {name:>8}'.format(...), whose fields reach into values by the sandbox's rules.</summary>
sealed class BraceFormat
{
    readonly Func<object, object?> lookup;
    readonly Budget budget;
    int automatic;

    BraceFormat(Func<object, object?> lookup, Budget budget) => (this.lookup, this.budget) = (lookup, budget);

    public static string Apply(string format, Arguments arguments, Budget budget) =>
        new BraceFormat(key => Argument(arguments, key), budget).Run(format, 2);

    public static string ApplyMap(string format, DictValue map, Budget budget) =>
        new BraceFormat(key => map.TryGet(key, out var value) ? value : throw Missing(key), budget).Run(format, 2);

    static object? Argument(Arguments arguments, object key) => key switch
    {
        long index => index < arguments.Positional.Length ? arguments.Positional[index]
            : throw new PythonError(TemplateErrorKind.Lookup,
                $"Replacement index {index} out of range for positional args tuple"),
        _ => arguments.TryNamed((string)key, out var value) ? value : throw Missing(key),
    };

    static PythonError Missing(object key) => new(TemplateErrorKind.Lookup, $"'{key}'");

    string Run(string format, int depth)
    {
        if (depth < 0) throw Value("Max string recursion exceeded");
        budget.Allocate(format.Length);
        var result = new StringBuilder();
        for (var at = 0; at < format.Length;)
        {
            var c = format[at++];
            if (c is not ('{' or '}')) result.Append(c);
            else if (at < format.Length && format[at] == c) result.Append(format[at++]);
            else if (c == '}') throw Value("Single '}' encountered in format string");
            else
            {
                var end = EndOf(format, at);
                result.Append(Field(format[at..end], depth));
                at = end + 1;
            }
        }
        return result.ToString();
    }

    static int EndOf(string format, int at)
    {
        for (var depth = 1; at < format.Length; at++)
        {
            if (format[at] == '{') depth++;
            if (format[at] == '}' && --depth == 0) return at;
        }
        throw Value("expected '}' before end of string");
    }

    string Field(string field, int depth)
    {
        var nameEnd = 0;
        for (var inside = false; nameEnd < field.Length && (inside || field[nameEnd] is not ('!' or ':')); nameEnd++)
        {
            if (field[nameEnd] == '[') inside = true;
            if (field[nameEnd] == ']') inside = false;
        }
        var value = Resolve(field[..nameEnd]);
        var rest = field[nameEnd..];
        if (rest.StartsWith('!'))
        {
            if (rest.Length < 2 || (rest.Length > 2 && rest[2] != ':')) throw Value("expected ':' after conversion specifier");
            value = rest[1] switch
            {
                's' => PythonText.Str(value, budget),
                'r' => PythonText.Repr(value, budget),
                'a' => PythonJson.EscapeNonAscii(PythonText.Repr(value, budget)),
                _ => throw Value($"Unknown conversion specifier '{rest[1]}'"),
            };
            rest = rest[2..];
        }
        return Format(value, rest.Length > 1 ? Run(rest[1..], depth - 1) : "", budget);
    }

    object? Resolve(string name)
    {
        var end = name.AsSpan().IndexOfAny('.', '[') is >= 0 and var found ? found : name.Length;
        var first = name[..end];
        var value = lookup(first.Length == 0 ? (long)automatic++ : long.TryParse(first, out var index) ? index : first);
        while (end < name.Length)
        {
            var start = end + 1;
            if (name[end] == '.')
            {
                end = name.AsSpan(start).IndexOfAny('.', '[') is >= 0 and var next ? start + next : name.Length;
                value = Attributes.Get(value, name[start..end], budget);
                continue;
            }
            end = name.IndexOf(']', start);
            if (end < 0) throw Value("Missing ']' in format string");
            object key = long.TryParse(name.AsSpan(start, end - start), out var number) ? number : name[start..end];
            value = Attributes.GetItem(value, key, budget);
            end++;
        }
        return value;
    }

    /// <summary>format(value, spec).</summary>
    public static string Format(object? value, string text, Budget budget)
    {
        if (text.Length == 0) return PythonText.Str(value, budget);
        if (value is not (string or Markup) && !Number.Is(value))
            throw Type($"unsupported format string passed to {PythonText.TypeName(value)}.__format__");
        var spec = Parse(text, value is string or Markup);
        switch (spec.Type)
        {
            case 'd' or 'x' or 'X' or 'o' or 'b' or 'n' or '\0' when Number.IsInteger(value):
                if (spec.Precision is not null) throw Value("Precision not allowed in integer format specifier");
                return NumberFormat.Integer(Number.ToBig(value), spec, budget);
            case 'c' when Number.IsInteger(value):
                return NumberFormat.Pad("", NumberFormat.Character(value), spec, spec.Align == 0 ? '<' : spec.Align, budget);
            case 'e' or 'E' or 'f' or 'F' or 'g' or 'G' or '%' when Number.Is(value):
            case '\0' when value is double:
                return NumberFormat.Float(Number.ToDouble(value), spec, budget);
            case 'n' when value is double: return NumberFormat.Float((double)value, spec with { Type = 'g' }, budget);
            case 's' or '\0' when value is string or Markup:
                if (spec.Align == '=') throw Value("'=' alignment not allowed in string format specifier");
                var content = PythonText.Str(value, budget);
                if (spec.Precision is { } most) content = content[..PythonText.Offset(content, most)];
                return NumberFormat.Pad("", content, spec, spec.Align == 0 ? '<' : spec.Align, budget);
            default: throw Value($"Unknown format code '{spec.Type}' for object of type '{PythonText.TypeName(value)}'");
        }
    }

    static FormatSpec Parse(string text, bool isText)
    {
        var spec = new FormatSpec();
        var at = 0;
        char Peek() => at < text.Length ? text[at] : '\0';
        int Digits()
        {
            long number = 0;
            for (; char.IsAsciiDigit(Peek()); at++) number = Math.Min(number * 10 + (Peek() - '0'), int.MaxValue);
            return (int)number;
        }
        var fill = PythonText.At(text, 0)!;
        if (text.Length > fill.Length && text[fill.Length] is '<' or '>' or '^' or '=')
        {
            spec = spec with { Fill = fill, Align = text[fill.Length] };
            at = fill.Length + 1;
        }
        else if (Peek() is '<' or '>' or '^' or '=') spec = spec with { Align = text[at++] };
        var signed = Peek() is '+' or '-' or ' ';
        if (signed) spec = spec with { Sign = text[at++] };
        if (Peek() == '#')
        {
            spec = spec with { Alternate = true };
            at++;
        }
        if (Peek() == '0')
        {
            // A fill that is named stays; an alignment that is named too.
            spec = spec with
            {
                Fill = at > 0 && spec.Fill != " " ? spec.Fill : "0",
                Align = spec.Align != 0 ? spec.Align
                : isText ? '<' : '='
            };
            at++;
        }
        spec = spec with { Width = Digits() };
        if (Peek() is ',' or '_') spec = spec with { Grouping = text[at++] };
        if (Peek() == '.')
        {
            at++;
            if (!char.IsAsciiDigit(Peek())) throw Value("Format specifier missing precision");
            spec = spec with { Precision = Digits() };
        }
        if (at < text.Length) spec = spec with { Type = text[at++] };
        if (spec.Grouping != 0
            && (isText || spec.Type is 'n' or 'c' || (spec.Grouping == ',' && spec.Type is 'x' or 'X' or 'o' or 'b')))
            throw Value($"Cannot specify '{spec.Grouping}' with '{(spec.Type == 0 ? 's' : spec.Type)}'.");
        if (isText && signed) throw Value("Sign not allowed in string format specifier");
        return at < text.Length ? throw Value("Invalid format specifier") : spec;
    }
}
