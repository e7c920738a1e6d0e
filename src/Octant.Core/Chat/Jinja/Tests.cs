using System.Collections.Frozen;
using Octant.Chat.Jinja.Python;

namespace Octant.Chat.Jinja;

/// <summary>What stands behind 'is'.</summary>
static class Tests
{
    delegate bool Test(object? value, Arguments arguments, Budget budget);

    static readonly FrozenDictionary<string, Test> All = new Dictionary<string, Test>
    {
        ["defined"] = Plain(value => value is not Undefined),
        ["undefined"] = Plain(value => value is Undefined),
        ["none"] = Plain(value => value is null),
        ["boolean"] = Plain(value => value is bool),
        ["true"] = Plain(value => value is true),
        ["false"] = Plain(value => value is false),
        ["string"] = Plain(value => value is string or Markup),
        ["number"] = Plain(Number.Is),
        ["integer"] = Plain(value => Number.IsInteger(value) && value is not bool),
        ["float"] = Plain(value => value is double),
        ["mapping"] = Plain(value => value is DictValue),
        ["sequence"] = Plain(value => value is string or Markup or SequenceValue or DictValue or RangeValue or Undefined),
        ["iterable"] = Plain(Operators.IsIterable),
        ["callable"] = Plain(value => value is Callable or Undefined),
        ["escaped"] = Plain(value => value is Markup),
        ["lower"] = Plain((value, budget) => StringMethods.IsLower(PythonText.Str(value, budget))),
        ["upper"] = Plain((value, budget) => StringMethods.IsUpper(PythonText.Str(value, budget))),
        ["even"] = Plain((value, budget) => Operators.Equal(Arithmetic.Modulo(value, 2L, budget), 0L, budget)),
        ["odd"] = Plain((value, budget) => Operators.Equal(Arithmetic.Modulo(value, 2L, budget), 1L, budget)),
        ["divisibleby"] = (value, arguments, budget) =>
            Operators.Equal(Arithmetic.Modulo(value, arguments.Bind(1, "num")[0], budget), 0L, budget),
        ["sameas"] = (value, arguments, _) => Same(value, arguments.Bind(1, "other")[0]),
        ["in"] = (value, arguments, budget) => Operators.Contains(arguments.Bind(1, "seq")[0], value, budget),
        ["filter"] = Plain(value => value is string name && Filters.Exists(name)),
        ["test"] = Plain(value => value is string name && Exists(name)),
    }
    .Concat(Comparisons("==", "eq", "equalto", "==")).Concat(Comparisons("!=", "ne", "!="))
    .Concat(Comparisons("<", "lt", "lessthan", "<")).Concat(Comparisons("<=", "le", "<="))
    .Concat(Comparisons(">", "gt", "greaterthan", ">")).Concat(Comparisons(">=", "ge", ">="))
    .ToFrozenDictionary();

    public static bool Exists(string name) => All.ContainsKey(name);

    public static string Unknown(string name) => $"no test named '{name}'";

    public static bool Apply(Renderer renderer, string name, object? value, Arguments arguments) =>
        All.TryGetValue(name, out var test)
        ? test(value, arguments, renderer.Budget) : throw PythonError.Runtime(Unknown(name));

    static Test Plain(Func<object?, bool> holds) => Plain((value, _) => holds(value));

    static Test Plain(Func<object?, Budget, bool> holds) => (value, arguments, budget) =>
    {
        arguments.Bind(0);
        return holds(value, budget);
    };

    static IEnumerable<KeyValuePair<string, Test>> Comparisons(string symbol, params string[] names) => names.Select(name =>
        KeyValuePair.Create<string, Test>(name, (value, arguments, budget) => symbol switch
        {
            "==" => Operators.Equal(value, arguments.Bind(1, "other")[0], budget),
            "!=" => !Operators.Equal(value, arguments.Bind(1, "other")[0], budget),
            _ => Operators.Order(symbol, value, arguments.Bind(1, "other")[0], budget),
        }));

    /// <summary>Python's 'is': equal scalars of one type are mostly one object there, other values only themselves.</summary>
    static bool Same(object? a, object? b) => (a, b) switch
    {
        (string x, string y) => x == y,
        (bool x, bool y) => x == y,
        (long x, long y) => x == y,
        (Undefined, _) or (_, Undefined) => false,
        _ => ReferenceEquals(a, b),
    };
}
