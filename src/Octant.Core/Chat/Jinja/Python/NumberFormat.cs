using System.Globalization;
using System.Numerics;
using System.Text;
using static Octant.Chat.Jinja.Python.PythonError;

namespace Octant.Chat.Jinja.Python;

/// <summary>How a value fills its field: what stands behind the colon of '{:>8.2f}' or between the % and letter of '%8.2f'.</summary>
sealed record FormatSpec
{
    public string Fill { get; init; } = " ";

    /// <summary>One of &lt; &gt; ^ =, or 0 for the type's own.</summary>
    public char Align { get; init; }

    /// <summary>+, a space, or - for a sign of negative numbers only.</summary>
    public char Sign { get; init; } = '-';
    public bool Alternate { get; init; }
    public int Width { get; init; }

    /// <summary>A comma or underscore between groups of digits, or 0.</summary>
    public char Grouping { get; init; }
    public int? Precision { get; init; }
    public char Type { get; init; }
}

/// <summary>The formatting that % and str.format share.</summary>
static class NumberFormat
{
    // Wide fields are charged to the budget; more digits than this, no number has.
    const int MostDigits = 1100;

    public static string Pad(string sign, string body, FormatSpec spec, char align, Budget budget)
    {
        var missing = spec.Width - PythonText.Length(sign) - PythonText.Length(body);
        budget.Allocate(Math.Max(spec.Width, 0) + (long)sign.Length + body.Length);
        if (missing <= 0) return sign + body;
        string Fill(int count) => PythonText.Repeat(spec.Fill, count);
        return align switch
        {
            '<' => sign + body + Fill(missing),
            '^' => Fill(missing / 2) + sign + body + Fill(missing - missing / 2),
            '=' => sign + Fill(missing) + body,
            _ => Fill(missing) + sign + body,
        };
    }

    /// <summary>The character of a code point, as %c and {:c} write it.</summary>
    public static string Character(object? code) =>
        Number.ToLong(code) is var value && Rune.IsValid((int)Math.Clamp(value, -1, int.MaxValue))
        ? new Rune((int)value).ToString()
        : throw new PythonError(TemplateErrorKind.Overflow, "%c arg not in range(0x110000)");

    public static string Integer(BigInteger value, FormatSpec spec, Budget budget)
    {
        var magnitude = BigInteger.Abs(value);
        var (digits, prefix) = spec.Type switch
        {
            'x' => (InBase(magnitude, 4), "0x"),
            'X' => (InBase(magnitude, 4).ToUpperInvariant(), "0X"),
            'o' => (InBase(magnitude, 3), "0o"),
            'b' => (InBase(magnitude, 1), "0b"),
            _ => (magnitude.ToString(CultureInfo.InvariantCulture), ""),
        };
        if (spec.Grouping != 0) digits = Group(digits, spec.Grouping, prefix.Length > 0 ? 4 : 3);
        return Pad(SignOf(value.Sign < 0, spec.Sign) + (spec.Alternate ? prefix : ""), digits, spec, spec.Align == 0 ? '>'
            : spec.Align, budget);
    }

    public static string Float(double value, FormatSpec spec, Budget budget)
    {
        var negative = double.IsNegative(value) && !double.IsNaN(value);
        var upper = char.IsAsciiLetterUpper(spec.Type);
        var body = Magnitude(Math.Abs(value), spec);
        if (spec.Grouping != 0 && char.IsAsciiDigit(body[0]))
        {
            var whole = body.TakeWhile(char.IsAsciiDigit).Count();
            body = Group(body[..whole], spec.Grouping, 3) + body[whole..];
        }
        if (upper) body = body.ToUpperInvariant();
        return Pad(SignOf(negative, spec.Sign), body, spec, spec.Align == 0 ? '>' : spec.Align, budget);
    }

    static string Magnitude(double value, FormatSpec spec)
    {
        if (!double.IsFinite(value)) return Number.Repr(value) + (spec.Type == '%' ? "%" : "");
        var precision = spec.Precision ?? 6;
        if (precision > MostDigits) throw Value("precision too big");
        switch (char.ToLowerInvariant(spec.Type))
        {
            case 'f': return Point(Number.Fixed(value, precision), spec);
            case '%': return Point(Number.Fixed(value * 100, precision), spec) + "%";
            case 'e': return Scientific(value, precision, spec);
            case '\0' or 'r' when spec.Precision is null: return Number.Repr(value);
        }
        // 'g', and no type with a precision: the shorter of the two ways, without trailing zeros.
        precision = Math.Max(precision, 1);
        var digits = Number.Significant(value, precision, out var exponent);
        var plain = spec.Type == '\0' ? precision - 1 : precision;
        var text = exponent < -4 || exponent >= plain && value != 0 ? Scientific(value, precision - 1, spec)
            : Point(Number.Fixed(value, precision - 1 - exponent), spec);
        if (!spec.Alternate) text = TrimZeros(text);
        return spec.Type == '\0' && digits.Length > 0 && !text.Contains('.') && !text.Contains('e') ? $"{text}.0" : text;
    }

    static string TrimZeros(string text)
    {
        var (mantissa, exponent) = text.IndexOf('e') is >= 0 and var at ? (text[..at], text[at..]) : (text, "");
        return (mantissa.Contains('.') ? mantissa.TrimEnd('0').TrimEnd('.') : mantissa) + exponent;
    }

    static string Scientific(double value, int precision, FormatSpec spec)
    {
        var digits = Number.Significant(value, precision + 1, out var exponent);
        var mantissa = precision > 0 ? $"{digits[0]}.{digits[1..]}" : Point(digits, spec);
        return $"{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture)}";
    }

    static string Point(string digits, FormatSpec spec) => spec.Alternate && !digits.Contains('.') ? digits + "." : digits;

    public static string SignOf(bool negative, char sign) => negative ? "-" : sign == '-' ? "" : sign.ToString();

    static string InBase(BigInteger value, int bits)
    {
        if (value.IsZero) return "0";
        var digits = new StringBuilder();
        for (; !value.IsZero; value >>= bits) digits.Insert(0, "0123456789abcdef"[(int)(value & ((1 << bits) - 1))]);
        return digits.ToString();
    }

    static string Group(string digits, char separator, int size)
    {
        for (var at = digits.Length - size; at > 0; at -= size) digits = digits.Insert(at, separator.ToString());
        return digits;
    }
}
