using System.Numerics;

namespace Octant.Chat.Jinja.Python;

/// <summary>The filters int and float: Python's conversions, with a default where they fail.</summary>
static class Conversions
{
    public static object? ToInteger(object? value, object? otherwise, int numberBase) => value switch
    {
        Undefined undefined => throw undefined.Error(),
        string text => Number.ParseInteger(text, numberBase)
            ?? (Number.ParseFloat(text) is { } real && double.IsFinite(real) ? Truncate(real) : otherwise),
        double real => double.IsFinite(real) ? Truncate(real)
            : double.IsNaN(real) ? otherwise
                : throw new PythonError(TemplateErrorKind.Overflow, "cannot convert float infinity to integer"),
        _ when Number.IsInteger(value) => Number.From(Number.ToBig(value)),
        _ => otherwise,
    };

    public static object? ToFloat(object? value, object? otherwise) => value switch
    {
        Undefined undefined => throw undefined.Error(),
        string text => Number.ParseFloat(text) is { } real ? real : otherwise,
        _ when Number.Is(value) => Number.ToDouble(value),
        _ => otherwise,
    };

    public static object Truncate(double real) => double.IsFinite(real) ? Number.From(new BigInteger(real))
        : throw new PythonError(double.IsNaN(real) ? TemplateErrorKind.Value
            : TemplateErrorKind.Overflow, "cannot convert this float to an integer");
}
