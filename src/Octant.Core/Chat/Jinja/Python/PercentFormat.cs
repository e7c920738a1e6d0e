using System.Text;
using static Octant.Chat.Jinja.Python.PythonError;

namespace Octant.Chat.Jinja.Python;

/// <summary>'%s has %03d' % values, as C's printf with Python's additions.</summary>
sealed class PercentFormat
{
    readonly string format;
    readonly object? values;
    readonly Budget budget;
    readonly StringBuilder result = new();
    int at;
    int used;

    PercentFormat(string format, object? values, Budget budget) =>
        (this.format, this.values, this.budget) = (format, values, budget);

    public static string Apply(string format, object? values, Budget budget) => new PercentFormat(format, values, budget).Run();

    string Run()
    {
        budget.Allocate(format.Length);
        while (format.IndexOf('%', at) is >= 0 and var percent)
        {
            result.Append(format, at, percent - at);
            at = percent + 1;
            Field();
        }
        result.Append(format, at, format.Length - at);
        // What has items may be left unused: it could have been a mapping.
        var given = values is TupleValue tuple ? tuple.Items.Length
            : values is DictValue or ListValue or RangeValue or Undefined ? 0 : 1;
        return used < given ? throw Type("not all arguments converted during string formatting") : result.ToString();
    }

    void Field()
    {
        object? named = null;
        var hasName = Peek() == '(';
        if (hasName) named = Named();
        var spec = Flags();
        if (Peek() == '*') spec = Starred(spec);
        else spec = spec with { Width = Digits() };
        if (Peek() == '.')
        {
            at++;
            spec = spec with { Precision = Peek() == '*' ? Math.Max(0, StarredNumber()) : Digits() };
        }
        while (Peek() is 'h' or 'l' or 'L') at++;
        var type = Peek();
        if (type == 0) throw Value("incomplete format");
        at++;
        if (type == '%') result.Append('%');
        else result.Append(Format(hasName ? named : Next(), spec with { Type = type }));
    }

    object? Named()
    {
        if (values is not DictValue dict) throw Type("format requires a mapping");
        var (start, depth) = (++at, 1);
        for (; at < format.Length; at++)
        {
            if (format[at] == '(') depth++;
            if (format[at] == ')' && --depth == 0) break;
        }
        if (at == format.Length) throw Value("incomplete format key");
        var key = format[start..at++];
        return dict.TryGet(key, out var value) ? value : throw new PythonError(TemplateErrorKind.Lookup, $"'{key}'");
    }

    FormatSpec Flags()
    {
        var spec = new FormatSpec();
        for (; ; at++)
        {
            switch (Peek())
            {
                case '-': spec = spec with { Align = '<', Fill = " " }; break;
                case '0' when spec.Align != '<': spec = spec with { Align = '=', Fill = "0" }; break;
                case '0': break;
                case '+': spec = spec with { Sign = '+' }; break;
                case ' ' when spec.Sign != '+': spec = spec with { Sign = ' ' }; break;
                case ' ': break;
                case '#': spec = spec with { Alternate = true }; break;
                default: return spec;
            }
        }
    }

    FormatSpec Starred(FormatSpec spec)
    {
        var width = StarredNumber();
        return width < 0 ? spec with { Width = -width, Align = '<' } : spec with { Width = width };
    }

    int StarredNumber()
    {
        at++;
        return Next() is long number ? (int)Math.Clamp(number, -int.MaxValue, int.MaxValue) : throw Type("* wants int");
    }

    int Digits()
    {
        long number = 0;
        for (; char.IsAsciiDigit(Peek()); at++) number = Math.Min(number * 10 + (Peek() - '0'), int.MaxValue);
        return (int)number;
    }

    object? Next()
    {
        var single = values is not TupleValue;
        if (used >= (values is TupleValue tuple ? tuple.Items.Length : 1)) throw Type("not enough arguments for format string");
        return single ? (used++, values).values : ((TupleValue)values!).Items[used++];
    }

    string Format(object? value, FormatSpec spec)
    {
        switch (spec.Type)
        {
            case 's': return Text(PythonText.Str(value, budget), spec);
            case 'r' or 'a':
                return Text(spec.Type == 'r' ? PythonText.Repr(value, budget)
                : PythonJson.EscapeNonAscii(PythonText.Repr(value, budget)), spec);
            case 'c':
                return value is string { Length: > 0 } text && PythonText.Length(text) == 1
                    ? Text(text, spec with { Precision = null })
                    : Number.IsInteger(value) ? Text(NumberFormat.Character(value), spec with { Precision = null })
                    : throw Type("%c requires int or char");
            case 'd' or 'i' or 'u':
                if (!Number.Is(value))
                    throw Type($"%{spec.Type} format: a real number is required, not {PythonText.TypeName(value)}");
                return Whole(Number.ToBig(value is double real ? Conversions.Truncate(real) : value), spec with { Type = 'd' });
            case 'x' or 'X' or 'o':
                if (!Number.IsInteger(value))
                    throw Type($"%{spec.Type} format: an integer is required, not {PythonText.TypeName(value)}");
                return Whole(Number.ToBig(value), spec);
            case 'e' or 'E' or 'f' or 'F' or 'g' or 'G': return NumberFormat.Float(Number.ToDouble(value), spec, budget);
            default: throw Value($"unsupported format character '{spec.Type}'");
        }
    }

    string Whole(System.Numerics.BigInteger value, FormatSpec spec)
    {
        if (spec.Precision is not { } precision) return NumberFormat.Integer(value, spec, budget);
        var digits = NumberFormat.Integer(System.Numerics.BigInteger.Abs(value),
            new FormatSpec { Type = spec.Type, Width = precision, Fill = "0", Align = '>' }, budget);
        var prefix = spec.Alternate && spec.Type != 'd' ? $"0{spec.Type}" : "";
        return NumberFormat.Pad(NumberFormat.SignOf(value.Sign < 0, spec.Sign) + prefix, digits, spec, spec.Align == 0 ? '>'
            : spec.Align, budget);
    }

    string Text(string text, FormatSpec spec)
    {
        if (spec.Precision is { } most) text = text[..PythonText.Offset(text, most)];
        return NumberFormat.Pad("", text, spec with { Fill = " " }, spec.Align == '<' ? '<' : '>', budget);
    }

    char Peek() => at < format.Length ? format[at] : '\0';
}
