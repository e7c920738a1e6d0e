using System.Globalization;
using System.Numerics;
using Octant.Constraints.Languages;
using Octant.Tokenizers.RegularExpressions;

namespace Octant.Constraints.Schemas;

/// <summary>A decimal number as its digits, without zeros at either end: exact, whatever its size.</summary>
/// <param name="IsNegative">below zero</param>
/// <param name="Whole">the digits before the point; "0" for none</param>
/// <param name="Fraction">those behind it</param>
readonly record struct Digits(bool IsNegative, string Whole, string Fraction)
{
    const int Most = 400;

    public bool IsZero => Whole == "0" && Fraction.Length == 0;

    /// <summary>Reads a JSON number; 1e3 is 1000.</summary>
    /// <exception cref="ConstraintException">it has more than 400 digits</exception>
    public static Digits Parse(string number)
    {
        var isNegative = number.StartsWith('-');
        var rest = number.AsSpan(isNegative ? 1 : 0);
        var exponent = 0;
        if (rest.IndexOfAny('e', 'E') is >= 0 and var e)
        {
            if (!int.TryParse(rest[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent) || Math.Abs(exponent) > Most)
                throw new ConstraintException($"the number {number} is too large or too small");
            rest = rest[..e];
        }
        var point = rest.IndexOf('.');
        var (whole, fraction) = point < 0 ? (rest.ToString(), "") : (rest[..point].ToString(), rest[(point + 1)..].ToString());
        if (exponent > 0)
        {
            fraction = fraction.PadRight(exponent, '0');
            (whole, fraction) = (whole + fraction[..exponent], fraction[exponent..]);
        }
        else if (exponent < 0)
        {
            whole = whole.PadLeft(1 - exponent, '0');
            (whole, fraction) = (whole[..(whole.Length + exponent)], whole[(whole.Length + exponent)..] + fraction);
        }
        (whole, fraction) = (whole.TrimStart('0'), fraction.TrimEnd('0'));
        if (whole.Length + fraction.Length > Most) throw new ConstraintException($"the number {(number.Length > 24 ? number[..20] + "..." : number)} has more than {Most} digits");
        var digits = new Digits(isNegative, whole.Length == 0 ? "0" : whole, fraction);
        return digits.IsZero ? digits with { IsNegative = false } : digits;
    }

    /// <summary>The one spelling that stands for the value.</summary>
    public override string ToString() => $"{(IsNegative ? "-" : "")}{Whole}{(Fraction.Length > 0 ? "." : "")}{Fraction}";
}

/// <summary>
/// Sets of numbers as languages of their shortest decimal spellings, one for each value, so that sets can be joined, cut and complemented.
/// </summary>
static class Numbers
{
    const int MostRemainders = 20_000;

    static readonly Language unsigned = Constant(@"(?:0|[1-9]\d*)(?:\.\d*[1-9])?");

    public static Language All { get; } = Constant(@"0|-?(?:[1-9]\d*(?:\.\d*[1-9])?|0\.\d*[1-9])");

    public static Language Integers { get; } = Constant(@"0|-?[1-9]\d*");

    /// <summary>What JSON calls a number, with exponents of up to three digits.</summary>
    public static Language Json { get; } = Constant(@"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d{1,3})?");

    static Language Constant(string pattern) => Effort.Uncounted(() => RegexLanguage.Whole(pattern, RegexDialect.EcmaScript));

    public static Language AtLeast(Digits bound, bool exclusive) => bound.IsNegative
        ? unsigned.Union(Negative(Compared(bound, order => order < 0 || order == 0 && !exclusive)))
        : Compared(bound, order => order > 0 || order == 0 && !exclusive);

    public static Language AtMost(Digits bound, bool exclusive) => bound.IsNegative
        ? Negative(Compared(bound, order => order > 0 || order == 0 && !exclusive))
        : Negative(unsigned).Union(Compared(bound, order => order < 0 || order == 0 && !exclusive));

    /// <summary>Whole multiples of a positive number: long division, digit by digit.</summary>
    public static Language MultiplesOf(Digits step)
    {
        var (size, places) = (BigInteger.Parse(step.Whole + step.Fraction, CultureInfo.InvariantCulture), step.Fraction.Length);
        if (size * (places + 1) > MostRemainders) throw new ConstraintException($"{step} is too fine: up to {MostRemainders} remainders are kept");
        var n = (int)size;
        // Place -1 is before any digit, 0 before the point, then the count of digits behind it and one for the point itself.
        var multiples = Language.Explore((Place: -1, Left: 0), Ways,
            at => at.Place >= 0 && at.Place != 1 && at.Left * BigInteger.Pow(10, places - Math.Max(at.Place - 1, 0)) % n == 0).Intersect(unsigned);
        return multiples.Union(Negative(multiples));

        IEnumerable<(int, int, (int, int))> Ways((int Place, int Left) at)
        {
            if (at.Place == 0 && places > 0) yield return ('.', '.', (1, at.Left));
            if (at.Place > places) yield break;
            for (var value = 0; value < 10; value++)
                yield return ('0' + value, '0' + value, (at.Place <= 0 ? 0 : at.Place + 1, (int)(((long)at.Left * 10 + value) % n)));
        }
    }

    /// <summary>How a set is spelled in JSON: all numbers in every way, whole ones as whole, others perhaps with zeros behind.</summary>
    public static Language Spelled(Language numbers)
    {
        if (All.Except(numbers).IsNothing) return Json;
        if (numbers.Except(Integers).IsNothing) return numbers;
        // 0.5 is 0.50, 2 is 2.0: what is left of a longer spelling without its zeros is in the set.
        return numbers.Union(WithZeros(numbers));
    }

    /// <summary>Zeros may follow a fraction, and a point with zeros a whole number.</summary>
    static Language WithZeros(Language numbers)
    {
        return Language.Explore((State: 0, HasPoint: false, Zeros: 0), Ways, at => at.Zeros == 2 || at.State >= 0 && numbers.Accepts(at.State));

        // Zeros: 1 behind a point that was put there, 2 behind zeros that were.
        IEnumerable<(int, int, (int, bool, int))> Ways((int State, bool HasPoint, int Zeros) at)
        {
            foreach (var c in "-.0123456789")
            {
                var next = at.State < 0 ? -1 : numbers.Next(at.State, c);
                var ends = at.State >= 0 && numbers.Accepts(at.State);
                var zeros = c == '.' ? ends && !at.HasPoint ? 1 : 0 : c == '0' && (at.Zeros > 0 || ends && at.HasPoint) ? 2 : 0;
                if (next >= 0 || zeros > 0) yield return (c, c, (next, at.HasPoint || c == '.', zeros));
            }
        }
    }

    static Language Negative(Language positive)
    {
        var rest = positive.Except(Language.Of(["0"]));
        var steps = new List<Step[]> { new Step[] { new('-', '-', 1) } };
        for (var i = 0; i < rest.States; i++)
            steps.Add([.. rest.StepsOf(i).ToArray().Select(step => step with { Target = step.Target + 1 })]);
        return new([.. steps], [false, .. Enumerable.Range(0, rest.States).Select(rest.Accepts)]);
    }

    /// <summary>Numbers without a sign by how they compare with a bound: digit by digit, the longer whole part wins.</summary>
    static Language Compared(Digits bound, Func<int, bool> accepts)
    {
        var (whole, fraction) = (bound.Whole, bound.Fraction);
        return Language.Explore((Place: 0, Order: 0, Behind: false), Ways, Accepts).Intersect(unsigned);

        IEnumerable<(int, int, (int, int, bool))> Ways((int Place, int Order, bool Behind) at)
        {
            if (!at.Behind && at.Place > 0) yield return ('.', '.', (0, at.Place < whole.Length ? -1 : at.Order, true));
            var most = at.Behind ? fraction.Length : whole.Length + 1;
            for (var value = 0; value < 10; value++)
                yield return ('0' + value, '0' + value, (Math.Min(at.Place + 1, most), Next(at, value), at.Behind));
        }

        // Longer than the bound's whole part is greater; within it and behind the point the first difference decides.
        int Next((int Place, int Order, bool Behind) at, int value)
        {
            if (!at.Behind && at.Place >= whole.Length) return 1;
            if (at.Order != 0) return at.Order;
            var digits = at.Behind ? fraction : whole;
            return Math.Sign(value - (at.Place < digits.Length ? digits[at.Place] - '0' : 0));
        }

        // A shorter whole part is less, and so is a shorter fraction, as the bound's does not end in zero.
        bool Accepts((int Place, int Order, bool Behind) at) => accepts(
            !at.Behind && at.Place < whole.Length ? -1
            : at.Order != 0 ? at.Order
            : (at.Behind ? at.Place : 0) < fraction.Length ? -1 : 0);
    }
}
