using System.Numerics;
using static Octant.Chat.Jinja.Python.PythonError;

namespace Octant.Chat.Jinja.Python;

/// <summary>Python's arithmetic, on text and lists too.</summary>
static class Arithmetic
{
    public static object Add(object? a, object? b, Budget budget)
    {
        RefuseUndefined(a, b);
        switch (a, b)
        {
            case (long x, long y) when !Overflows(x, y): return x + y;
            case (string x, string y): return Join(x, y, budget);
            case (Markup x, string or Markup): return new Markup(Join(x.Text, Html.Escape(b).Text, budget));
            case (string, Markup y): return new Markup(Join(Html.Escape(a).Text, y.Text, budget));
            case (ListValue x, ListValue y): return new ListValue(Join(x.Items, y.Items, budget));
            case (TupleValue x, TupleValue y): return new TupleValue(Join(x.Items, y.Items, budget));
            case (string or Markup or SequenceValue, _):
                var type = PythonText.TypeName(a);
                throw Type($"can only concatenate {type} (not \"{PythonText.TypeName(b)}\") to {type}");
        }
        return Numbers("+", a, b) ? Number.ToDouble(a) + Number.ToDouble(b) : Number.From(Number.ToBig(a) + Number.ToBig(b));
    }

    public static object Subtract(object? a, object? b)
    {
        RefuseUndefined(a, b);
        return Numbers("-", a, b) ? Number.ToDouble(a) - Number.ToDouble(b) : Number.From(Number.ToBig(a) - Number.ToBig(b));
    }

    public static object Multiply(object? a, object? b, Budget budget)
    {
        RefuseUndefined(a, b);
        if (Number.IsInteger(a) && b is string or Markup or SequenceValue) (a, b) = (b, a);
        if (a is string or Markup or SequenceValue && Number.IsInteger(b)) return Repeat(a, Number.ToLong(b), budget);
        return Numbers("*", a, b) ? Number.ToDouble(a) * Number.ToDouble(b) : Number.From(Number.ToBig(a) * Number.ToBig(b));
    }

    public static object Divide(object? a, object? b)
    {
        RefuseUndefined(a, b);
        Numbers("/", a, b);
        var divisor = Number.ToDouble(b);
        return divisor == 0 ? throw ByZero() : Number.ToDouble(a) / divisor;
    }

    public static object FloorDivide(object? a, object? b)
    {
        RefuseUndefined(a, b);
        if (Numbers("//", a, b)) return FloorDivide(Number.ToDouble(a), Number.ToDouble(b)).Quotient;
        var divisor = Number.ToBig(b);
        if (divisor.IsZero) throw ByZero();
        var quotient = BigInteger.DivRem(Number.ToBig(a), divisor, out var rest);
        return Number.From(!rest.IsZero && rest.Sign != divisor.Sign ? quotient - 1 : quotient);
    }

    public static object Modulo(object? a, object? b, Budget budget)
    {
        if (a is string or Markup) return PercentFormat.Apply(PythonText.Str(a, budget), b, budget);
        RefuseUndefined(a, b);
        if (Numbers("%", a, b)) return FloorDivide(Number.ToDouble(a), Number.ToDouble(b)).Remainder;
        var divisor = Number.ToBig(b);
        if (divisor.IsZero) throw ByZero();
        var rest = BigInteger.Remainder(Number.ToBig(a), divisor);
        return Number.From(!rest.IsZero && rest.Sign != divisor.Sign ? rest + divisor : rest);
    }

    public static object Power(object? a, object? b)
    {
        RefuseUndefined(a, b);
        if (!Numbers("**", a, b) && Number.ToBig(b) is { Sign: >= 0 } exponent)
        {
            var radix = Number.ToBig(a);
            if (radix.IsZero || radix.IsOne) return exponent.IsZero ? 1L : Number.From(radix);
            if (radix == BigInteger.MinusOne) return exponent.IsEven ? 1L : -1L;
            if (exponent > 20_000 || (long)exponent * (radix.GetBitLength() - 1) > 20_000)
                throw new PythonError(TemplateErrorKind.Overflow, "an integer of more than 4,000 digits");
            return Number.From(BigInteger.Pow(radix, (int)exponent));
        }
        var (x, y) = (Number.ToDouble(a), Number.ToDouble(b));
        if (x == 0 && y < 0)
            throw new PythonError(TemplateErrorKind.DivisionByZero, "0.0 cannot be raised to a negative power");
        if (x < 0 && double.IsFinite(y) && y != Math.Floor(y))
            throw Value("a negative number cannot be raised to a fraction: complex numbers are not supported");
        var power = Math.Pow(x, y);
        return double.IsInfinity(power) && double.IsFinite(x) && double.IsFinite(y)
            ? throw new PythonError(TemplateErrorKind.Overflow, "the power is too large for a float") : power;
    }

    public static object Negate(object? value) => value switch
    {
        Undefined undefined => throw undefined.Error(),
        double real => -real,
        _ when Number.IsInteger(value) => Number.From(-Number.ToBig(value)),
        _ => throw Type($"bad operand type for unary -: '{PythonText.TypeName(value)}'"),
    };

    public static object Plus(object? value) => value switch
    {
        Undefined undefined => throw undefined.Error(),
        double real => real,
        _ when Number.IsInteger(value) => Number.From(Number.ToBig(value)),
        _ => throw Type($"bad operand type for unary +: '{PythonText.TypeName(value)}'"),
    };

    public static object Abs(object? value) => value switch
    {
        Undefined => throw Type("bad operand type for abs(): 'Undefined'"),
        double real => Math.Abs(real),
        _ when Number.IsInteger(value) => Number.From(BigInteger.Abs(Number.ToBig(value))),
        _ => throw Type($"bad operand type for abs(): '{PythonText.TypeName(value)}'"),
    };

    /// <summary>Refuses what is no number; says whether the result is a float.</summary>
    static bool Numbers(string symbol, object? a, object? b) => Number.Is(a) && Number.Is(b)
        ? a is double || b is double
        : throw Type($"unsupported operand type(s) for {symbol}: '{PythonText.TypeName(a)}' and '{PythonText.TypeName(b)}'");

    static void RefuseUndefined(object? a, object? b)
    {
        if (a is Undefined left) throw left.Error();
        if (b is Undefined right) throw right.Error();
    }

    static bool Overflows(long x, long y)
    {
        var sum = unchecked(x + y);
        return ((x ^ sum) & (y ^ sum)) < 0;
    }

    static (double Quotient, double Remainder) FloorDivide(double a, double b)
    {
        if (b == 0) throw ByZero();
        var rest = a % b;
        var quotient = (a - rest) / b;
        if (rest == 0) rest = Math.CopySign(0, b);
        else if (rest < 0 != b < 0)
        {
            rest += b;
            quotient--;
        }
        // The division above may be off by one rounding: take the nearest whole number below.
        var floor = Math.Floor(quotient);
        if (quotient - floor > 0.5) floor++;
        return (quotient == 0 ? Math.CopySign(0, a / b) : floor, rest);
    }

    static PythonError ByZero() => new(TemplateErrorKind.DivisionByZero, "division by zero");

    static string Join(string a, string b, Budget budget)
    {
        budget.Allocate((long)a.Length + b.Length);
        return string.Concat(a, b);
    }

    static object?[] Join(object?[] a, object?[] b, Budget budget)
    {
        budget.AllocateItems((long)a.Length + b.Length);
        return [.. a, .. b];
    }

    static object Repeat(object? value, long times, Budget budget)
    {
        times = Math.Max(times, 0);
        var length = value switch
        {
            string text => text.Length,
            Markup markup => markup.Text.Length,
            _ =>
            ((SequenceValue)value!).Items.Length
        };
        var total = (Int128)length * times;
        if (total > int.MaxValue) total = long.MaxValue;
        if (value is SequenceValue) budget.AllocateItems((long)total);
        else budget.Allocate((long)total);
        if (length == 0) times = 0;
        return value switch
        {
            string text => PythonText.Repeat(text, (int)times),
            Markup markup => new Markup(PythonText.Repeat(markup.Text, (int)times)),
            ListValue list => new ListValue(Repeat(list.Items, (int)times)),
            _ => new TupleValue(Repeat(((SequenceValue)value!).Items, (int)times)),
        };
    }

    static object?[] Repeat(object?[] items, int times)
    {
        var all = new object?[items.Length * times];
        for (var i = 0; i < times; i++) items.CopyTo(all, i * items.Length);
        return all;
    }
}
