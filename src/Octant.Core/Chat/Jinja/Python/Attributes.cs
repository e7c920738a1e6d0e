using System.Collections.Frozen;
using System.Numerics;

namespace Octant.Chat.Jinja.Python;

/// <summary>
/// value.name and value[key] by the rules of the reference's sandbox: a dot looks for an attribute first and for an item then, brackets the
/// other way round; private attributes and methods that change a list or dictionary are refused when used.
/// </summary>
static class Attributes
{
    static readonly FrozenSet<string> ListChanges =
        FrozenSet.Create("append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort");
    static readonly FrozenSet<string> DictChanges = FrozenSet.Create("clear", "pop", "popitem", "setdefault", "update");

    // What every object of Python has; other names with underscores are names like any other, and may be keys.
    static readonly FrozenSet<string> Private =
        FrozenSet.Create("__class__", "__delattr__", "__dir__", "__doc__", "__eq__", "__format__",
        "__ge__", "__getattribute__", "__getstate__", "__gt__", "__hash__", "__init__", "__init_subclass__", "__le__",
            "__lt__", "__ne__",
        "__new__", "__reduce__", "__reduce_ex__", "__repr__", "__setattr__", "__sizeof__", "__str__", "__subclasshook__");
    static readonly FrozenSet<string> PrivateOfContainers =
        FrozenSet.Create("__add__", "__contains__", "__getitem__", "__iter__", "__len__",
        "__mul__", "__rmul__", "__mod__", "__rmod__", "__getnewargs__", "__reversed__", "__class_getitem__", "__or__",
            "__ror__", "__ior__",
        "__iadd__", "__imul__", "__setitem__", "__delitem__");

    public static object? Get(object? value, string name, Budget budget) =>
        TryAttribute(value, name, budget, out var attribute) ? attribute
        : Operators.TryItem(value, name, budget, out var item) ? item
        : Undefined.Attribute(value, name);

    public static object? GetItem(object? value, object? key, Budget budget) =>
        Operators.TryItem(value, key, budget, out var item) ? item
        : key is string name && TryAttribute(value, name, budget, out var attribute) ? attribute
        : Undefined.Element(value, key is Markup markup ? markup.Text : key);

    /// <summary>An attribute alone, never an item.</summary>
    public static bool TryAttribute(object? value, string name, Budget budget, out object? attribute)
    {
        if (value is Undefined undefined && !name.StartsWith("__", StringComparison.Ordinal)) throw undefined.Error();
        attribute = IsUnsafe(value, name) ? Undefined.Unsafe(value, name) : value switch
        {
            string text => StringMethods.Bind(text, name),
            Markup markup => StringMethods.Bind(markup.Text, name),
            DictValue dict => OfDict(dict, name),
            TupleValue tuple when Array.IndexOf(tuple.Names, name) is >= 0 and var at => new Found(tuple.Items[at]),
            SequenceValue sequence => OfSequence(sequence, name),
            Namespace space => space.Attributes.TryGet(name, out var stored) ? new Found(stored) : null,
            Loop loop => loop.Attribute(name, budget),
            Macro macro => macro.Attribute(name),
            Cycler cycler => cycler.Attribute(name),
            RangeValue range => name switch { "start" => range.Start, "stop" => range.Stop, "step" => range.Step, _ => null },
            double real => OfFloat(real, name),
            _ when Number.IsInteger(value) => OfInteger(value, name),
            _ => null,
        };
        if (attribute is not Found found) return attribute is not null;
        attribute = found.Value;
        return true;
    }

    /// <summary>An attribute that is there, even where its value is None.</summary>
    public sealed record Found(object? Value);

    static bool IsUnsafe(object? value, string name) => value switch
    {
        ListValue when ListChanges.Contains(name) => true,
        DictValue when DictChanges.Contains(name) => true,
        Undefined => false,
        _ => name.StartsWith('_') && (Private.Contains(name)
            || (value is string or Markup or SequenceValue or DictValue or RangeValue && PrivateOfContainers.Contains(name))),
    };

    static Function? OfDict(DictValue dict, string name) => name switch
    {
        "items" or "keys" or "values" => new Function(name, (_, arguments) =>
        {
            arguments.Bind(0);
            return new DictView(dict, name);
        }),
        "get" => new Function(name, (_, arguments) =>
        {
            arguments.Bind(1, "key", "default");
            return dict.TryGet(arguments[0], out var value) ? value : arguments.Get(1);
        }),
        "copy" => new Function(name, (_, arguments) =>
        {
            arguments.Bind(0);
            return dict;
        }),
        _ => null,
    };

    static Function? OfSequence(SequenceValue sequence, string name) => name switch
    {
        "index" => new Function(name, (renderer, arguments) =>
        {
            arguments.Bind(1, "value", "start", "stop");
            var (from, to) = Bounds(arguments, sequence.Items.Length);
            for (var i = from; i < to; i++)
                if (Operators.Equal(sequence.Items[i], arguments[0], renderer.Budget)) return (long)i;
            throw PythonError.Value($"{PythonText.Repr(arguments[0], renderer.Budget)} is not in {PythonText.TypeName(sequence)}");
        }),
        "count" => new Function(name, (renderer, arguments) =>
        {
            arguments.Bind(1, "value");
            return sequence.Items.LongCount(item => Operators.Equal(item, arguments[0], renderer.Budget));
        }),
        "copy" when sequence is ListValue => new Function(name, (_, arguments) =>
        {
            arguments.Bind(0);
            return sequence;
        }),
        _ => null,
    };

    /// <summary>The optional start and stop of index, find and the like.</summary>
    public static (int From, int To) Bounds(Arguments arguments, int length)
    {
        int At(int index, int otherwise)
        {
            if (arguments.Get(index) is null) return otherwise;
            var at = arguments.Whole(index, otherwise);
            return Math.Clamp(at < 0 ? at + length : at, 0, length);
        }
        // A start beyond the end finds nothing, not even an empty text.
        var from = arguments.Get(1) is null ? 0 : Number.ToIndex(arguments[1]);
        return (from > length ? length + 1 : At(1, 0), At(2, length));
    }

    static object? OfFloat(double real, string name) => name switch
    {
        "is_integer" => new Function(name, (_, _) => double.IsInteger(real)),
        "real" => real,
        "imag" => 0.0,
        _ => null,
    };

    static object? OfInteger(object? value, string name) => name switch
    {
        "bit_length" => new Function(name, (_, _) => BigInteger.Abs(Number.ToBig(value)).GetBitLength()),
        "is_integer" => new Function(name, (_, _) => true),
        "real" or "numerator" => Number.From(Number.ToBig(value)),
        "imag" => 0L,
        "denominator" => 1L,
        _ => null,
    };
}
