using System.Collections.Frozen;
using Octant.Chat.Jinja.Python;

namespace Octant.Chat.Jinja;

/// <summary>The functions that every template can call.</summary>
static class Globals
{
    // What the reference's sandbox allows.
    const int LargestRange = 100_000;

    public static FrozenDictionary<string, object?> All { get; } = new Dictionary<string, object?>
    {
        ["range"] = new Function("range", (_, arguments) => Range(arguments)),
        ["dict"] = new Function("dict", (renderer, arguments) => Dict(arguments, renderer.Budget)),
        ["namespace"] = new Function("namespace", (renderer, arguments) => Namespace(arguments, renderer.Budget)),
        ["joiner"] = new Function("joiner", (_, arguments) => new Joiner(arguments.Bind(0, "sep").Get(0, ", "))),
        ["cycler"] = new Function("cycler", (_, arguments) => arguments.Positional.Length > 0 ? new Cycler(arguments.Positional)
            : throw PythonError.Runtime("at least one item has to be provided")),
        ["lipsum"] = new Function("lipsum", (_, _) =>
            throw PythonError.Runtime("lipsum() makes random filler, which no prompt needs")),
        ["raise_exception"] = new Function("raise_exception", (renderer, arguments) =>
            throw new PythonError(TemplateErrorKind.Raised, PythonText.Str(arguments.Bind(1, "message")[0], renderer.Budget))),
        ["strftime_now"] = new Function("strftime_now", (renderer, arguments) =>
            TimeFormat.Apply(arguments.Bind(1, "format").Strict(0), renderer.Clock.GetLocalNow().DateTime, renderer.Budget)),
    }.ToFrozenDictionary();

    static RangeValue Range(Arguments arguments)
    {
        arguments.Bind(1, "start", "stop", "step");
        var start = arguments.Has(1) ? Number.ToLong(arguments[0]) : 0;
        var stop = Number.ToLong(arguments[arguments.Has(1) ? 1 : 0]);
        var step = arguments.Has(2) ? Number.ToLong(arguments[2]) : 1;
        if (step == 0) throw PythonError.Value("range() arg 3 must not be zero");
        var (distance, stride) = ((Int128)stop - start, (Int128)step);
        var count = stride > 0 ? (distance + stride - 1) / stride : (-distance - stride - 1) / -stride;
        return count > LargestRange
            ? throw new PythonError(TemplateErrorKind.Overflow,
                $"a range of {count} numbers: the sandbox allows {LargestRange}")
            : count <= 0 ? new RangeValue(start, start, 1) : new RangeValue(start, stop, step);
    }

    static DictValue Dict(Arguments arguments, Budget budget)
    {
        if (arguments.Positional.Length > 1)
            throw PythonError.Type($"dict expected at most 1 argument, got {arguments.Positional.Length}");
        var dict = new DictValue();
        foreach (var source in arguments.Positional)
        {
            if (source is DictValue other) budget.AllocateItems(2L * other.Count);
            foreach (var (key, value) in source is DictValue given ? given : Pairs(source, budget)) dict[key] = value;
        }
        foreach (var (name, value) in arguments.Named) dict[name] = value;
        return dict;
    }

    static IEnumerable<KeyValuePair<object?, object?>> Pairs(object? source, Budget budget)
    {
        foreach (var item in Operators.ToArray(source, budget))
        {
            var pair = Operators.ToArray(item, budget);
            yield return pair.Length == 2 ? new(pair[0], pair[1])
                : throw PythonError.Value($"a dictionary is made of pairs, not of {pair.Length} values");
        }
    }

    static Namespace Namespace(Arguments arguments, Budget budget)
    {
        var attributes = Dict(arguments, budget);
        foreach (var name in attributes.Keys) Python.Namespace.CheckName(name);
        return new Namespace(attributes);
    }
}
