using System.Globalization;
using System.Numerics;
using static Octant.Chat.Jinja.Python.PythonError;

namespace Octant.Chat.Jinja.Python;

/// <summary>Python's numbers: integers without bound (long while they fit), floats, and True and False as 1 and 0.</summary>
static class Number
{
    // Python itself refuses to print integers above 4,300 digits.
    const int MostBits = 14_000;

    public static bool Is(object? value) => value is long or double or bool or BigInteger;

    public static bool IsInteger(object? value) => value is long or bool or BigInteger;

    public static BigInteger ToBig(object? value) => value switch
    {
        long whole => whole,
        bool yes => yes ? 1 : 0,
        BigInteger whole => whole,
        _ => throw Type($"'{PythonText.TypeName(value)}' object cannot be interpreted as an integer"),
    };

    /// <summary>An integer that stands for a count, an index or a width.</summary>
    public static long ToLong(object? value) => value switch
    {
        long whole => whole,
        bool yes => yes ? 1 : 0,
        BigInteger whole => whole.Sign < 0 ? long.MinValue : long.MaxValue,
        _ => throw Type($"'{PythonText.TypeName(value)}' object cannot be interpreted as an integer"),
    };

    /// <summary>As <see cref="ToLong"/>, at the ends of what an index can be.</summary>
    public static int ToIndex(object? value) => (int)Math.Clamp(ToLong(value), -int.MaxValue, int.MaxValue);

    public static double ToDouble(object? value)
    {
        var real = value switch
        {
            double d => d,
            long whole => whole,
            bool yes => yes ? 1 : 0,
            // The cast cuts off where Python rounds.
            BigInteger whole => double.Parse(whole.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
            _ => throw Type($"must be real number, not {PythonText.TypeName(value)}"),
        };
        return value is BigInteger && double.IsInfinity(real)
            ? throw new PythonError(TemplateErrorKind.Overflow, "int too large to convert to float") : real;
    }

    public static object From(BigInteger whole) =>
        whole >= long.MinValue && whole <= long.MaxValue ? (object)(long)whole
        : whole.GetBitLength() <= MostBits ? whole
        : throw new PythonError(TemplateErrorKind.Overflow, "an integer of more than 4,000 digits");

    /// <summary>The sign of a - b, or null where one of them is no number (NaN).</summary>
    public static int? Compare(object? a, object? b)
    {
        if (a is long x && b is long y) return x.CompareTo(y);
        if (IsInteger(a) && IsInteger(b)) return ToBig(a).CompareTo(ToBig(b));
        if (a is double p && b is double q) return double.IsNaN(p) || double.IsNaN(q) ? null : p.CompareTo(q);
        if (a is double) return -Compare(b, a);
        var real = (double)b!;
        if (double.IsNaN(real)) return null;
        if (double.IsInfinity(real)) return real > 0 ? -1 : 1;
        // An integer beside a float: exact, since the float's whole part is an integer too.
        var whole = ToBig(a).CompareTo(new BigInteger(Math.Floor(real)));
        return whole != 0 ? whole : real > Math.Floor(real) ? -1 : 0;
    }

    /// <summary>Python's repr of a float: the shortest digits that read back, with an exponent below 1e-4 and from 1e16.</summary>
    public static string Repr(double value)
    {
        if (double.IsNaN(value)) return "nan";
        if (double.IsInfinity(value)) return value > 0 ? "inf" : "-inf";
        if (value == 0) return double.IsNegative(value) ? "-0.0" : "0.0";
        var shortest = value.ToString("R", CultureInfo.InvariantCulture);
        var digits = Digits(shortest, out var exponent);
        var sign = value < 0 ? "-" : "";
        if (exponent is < -4 or >= 16) return $"{sign}{Scientific(digits, exponent)}";
        if (exponent < 0) return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        return digits.Length <= exponent + 1
            ? $"{sign}{digits.PadRight(exponent + 1, '0')}.0"
            : $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    static string Scientific(string digits, int exponent)
    {
        var fraction = digits.Length > 1 ? $".{digits[1..]}" : "";
        return $"{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
    }

    /// <summary>The significant digits of a number as .NET writes it, and the exponent of the first.</summary>
    static string Digits(string text, out int exponent)
    {
        text = text.TrimStart('-');
        exponent = 0;
        if (text.IndexOf('E') is >= 0 and var e)
        {
            exponent = int.Parse(text[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            text = text[..e];
        }
        var point = text.IndexOf('.') is >= 0 and var at ? at : text.Length;
        var all = text.Remove(point, point < text.Length ? 1 : 0);
        var significant = all.TrimStart('0');
        exponent += point - 1 - (all.Length - significant.Length);
        return significant.TrimEnd('0') is { Length: > 0 } some ? some : "0";
    }

    /// <summary>
    /// The digits of |value| with a fixed number behind the point, rounded half to even on its exact binary value as C does; .NET rounds
    /// such ties away from zero.
    /// </summary>
    public static string Fixed(double value, int decimals)
    {
        var digits = Rounded(value, decimals).ToString(CultureInfo.InvariantCulture).PadLeft(decimals + 1, '0');
        return decimals == 0 ? digits : $"{digits[..^decimals]}.{digits[^decimals..]}";
    }

    /// <summary>|value| with so many significant digits, and the exponent of the first of them.</summary>
    public static string Significant(double value, int count, out int exponent)
    {
        exponent = 0;
        if (value == 0) return new string('0', count);
        exponent = (int)Math.Floor(Math.Log10(Math.Abs(value)));
        var digits = Rounded(value, count - 1 - exponent).ToString(CultureInfo.InvariantCulture);
        // The logarithm may miss by one, and rounding may carry into a further digit.
        if (digits.Length < count) digits = Rounded(value, count - 1 - --exponent).ToString(CultureInfo.InvariantCulture);
        if (digits.Length > count) digits = Rounded(value, count - 1 - ++exponent).ToString(CultureInfo.InvariantCulture);
        return digits;
    }

    /// <summary>|value| · 10^decimals, rounded half to even.</summary>
    static BigInteger Rounded(double value, int decimals)
    {
        var bits = BitConverter.DoubleToInt64Bits(Math.Abs(value));
        var power = (int)(bits >> 52);
        var mantissa = bits & ((1L << 52) - 1);
        if (power == 0) power = 1; else mantissa |= 1L << 52;
        power -= 1075;
        var (numerator, denominator) = ((BigInteger)mantissa, BigInteger.One);
        if (decimals >= 0) numerator *= BigInteger.Pow(10, decimals); else denominator *= BigInteger.Pow(10, -decimals);
        if (power >= 0) numerator <<= power; else denominator <<= -power;
        var quotient = BigInteger.DivRem(numerator, denominator, out var rest);
        var half = (rest * 2).CompareTo(denominator);
        return half > 0 || (half == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }

    /// <summary>Python's round(): half to even, on the exact value.</summary>
    public static object Round(object? value, object? digits)
    {
        var places = digits is null ? 0 : ToLong(digits);
        if (IsInteger(value)) return places >= 0 ? From(ToBig(value)) : RoundInteger(ToBig(value), -places);
        var real = ToDouble(value);
        if (!double.IsFinite(real) || places > 330) return real;
        if (places < -330) return real * 0;
        var scaled = Rounded(real, (int)places).ToString(CultureInfo.InvariantCulture);
        return Math.CopySign(double.Parse($"{scaled}E{-places}", CultureInfo.InvariantCulture), real);
    }

    static object RoundInteger(BigInteger value, long places)
    {
        if (places > 5000) return 0L;
        var unit = BigInteger.Pow(10, (int)places);
        var quotient = BigInteger.DivRem(BigInteger.Abs(value), unit, out var rest);
        var half = (rest * 2).CompareTo(unit);
        if (half > 0 || (half == 0 && !quotient.IsEven)) quotient++;
        return From(quotient * unit * value.Sign);
    }

    /// <summary>Reads an integer as Python's int() does: spaces around, a sign, single underscores between digits, a prefix with its base.</summary>
    public static object? ParseInteger(string text, int numberBase = 10)
    {
        text = PythonText.Trim(text);
        var negative = text.StartsWith('-');
        if (negative || text.StartsWith('+')) text = text[1..];
        var prefix = text.Length > 2
            && text[0] == '0' ? char.ToLowerInvariant(text[1]) switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 0 } : 0;
        if (prefix != 0 && (numberBase == prefix || numberBase == 0))
        {
            text = text[2..].TrimStart('_');
            numberBase = prefix;
        }
        if (numberBase == 0) numberBase = 10;
        if (numberBase is < 2 or > 36) throw Value("int() base must be >= 2 and <= 36, or 0");
        if (text.Length is 0 or > MostBits || text[0] == '_' || text[^1] == '_'
            || text.Contains("__", StringComparison.Ordinal))
            return null;
        var result = BigInteger.Zero;
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value == '_') continue;
            var digit = DigitOf(rune);
            if (digit < 0 || digit >= numberBase) return null;
            result = result * numberBase + digit;
        }
        return From(negative ? -result : result);
    }

    static int DigitOf(System.Text.Rune rune) =>
        CharUnicodeInfo.GetDecimalDigitValue(rune.ToString(), 0) is >= 0 and var digit ? digit
        : rune.Value is >= 'a' and <= 'z' ? rune.Value - 'a' + 10
        : rune.Value is >= 'A' and <= 'Z' ? rune.Value - 'A' + 10 : -1;

    /// <summary>Reads a float as Python's float() does, or gives null.</summary>
    public static double? ParseFloat(string text)
    {
        text = PythonText.Trim(text);
        var bare = text.TrimStart('+', '-').ToLowerInvariant();
        if (text.Length - bare.Length > 1) return null;
        var sign = text.StartsWith('-') ? -1 : 1;
        if (bare is "inf" or "infinity") return sign * double.PositiveInfinity;
        if (bare is "nan") return double.NaN;
        if (bare.Length is 0 or > MostBits || !char.IsAsciiDigit(bare[^1]) && bare[^1] != '.') return null;
        for (var i = 0; i < bare.Length; i++)
            if (bare[i] == '_' && !(i > 0 && char.IsAsciiDigit(bare[i - 1]) && i + 1 < bare.Length
                && char.IsAsciiDigit(bare[i + 1])))
                return null;
        const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(bare.Replace("_", "", StringComparison.Ordinal), Style, CultureInfo.InvariantCulture,
            out var value)
            ? sign * value : null;
    }
}
