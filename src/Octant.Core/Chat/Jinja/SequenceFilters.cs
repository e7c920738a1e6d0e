using System.Text;
using Octant.Chat.Jinja.Python;
using static Octant.Chat.Jinja.Python.PythonError;

namespace Octant.Chat.Jinja;

/// <summary>The filters on lists, dictionaries and whatever else can be iterated.</summary>
static class SequenceFilters
{
    public static Dictionary<string, Filter> All { get; } = new()
    {
        ["length"] = (_, input, _) => Operators.Length(input),
        ["count"] = (_, input, _) => Operators.Length(input),
        ["list"] = (renderer, input, _) => new ListValue(Operators.ToArray(input, renderer.Budget)),
        ["items"] = (_, input, _) => Items(input),
        ["first"] = (_, input, _) => First(Operators.Iterate(input), "No first item, sequence was empty."),
        ["last"] = (renderer, input, _) => input is Generator ? throw Type("'generator' object is not reversible")
            : First(Operators.ToArray(input, renderer.Budget).Reverse(), "No last item, sequence was empty."),
        ["random"] = (renderer, input, _) => Operators.ToArray(input, renderer.Budget) is { Length: > 0 } items
            ? items[Random.Shared.Next(items.Length)] : Undefined.Because("No random item, sequence was empty."),
        ["reverse"] = Reverse,
        ["join"] = Join,
        ["map"] = Map,
        ["select"] = (renderer, input, arguments) => Select(renderer, input, arguments, byAttribute: false, keep: true),
        ["reject"] = (renderer, input, arguments) => Select(renderer, input, arguments, byAttribute: false, keep: false),
        ["selectattr"] = (renderer, input, arguments) => Select(renderer, input, arguments, byAttribute: true, keep: true),
        ["rejectattr"] = (renderer, input, arguments) => Select(renderer, input, arguments, byAttribute: true, keep: false),
        ["sort"] = Sort,
        ["dictsort"] = DictSort,
        ["groupby"] = GroupBy,
        ["unique"] = Unique,
        ["min"] = (renderer, input, arguments) => Extreme(renderer, input, arguments, "<"),
        ["max"] = (renderer, input, arguments) => Extreme(renderer, input, arguments, ">"),
        ["sum"] = Sum,
        ["batch"] = Batch,
        ["slice"] = Slice,
    };

    static object? First(IEnumerable<object?> items, string otherwise)
    {
        foreach (var item in items) return item;
        return Undefined.Because(otherwise);
    }

    static Generator Items(object? input) => input switch
    {
        Undefined => new Generator([]),
        DictValue dict => new Generator(new DictView(dict, "items").Items()),
        _ => throw Type("Can only get item pairs from a mapping."),
    };

    static object? Reverse(Renderer renderer, object? input, Arguments arguments) => input switch
    {
        string or Markup => Operators.Slice(input, null, null, -1L, renderer.Budget),
        _ when Operators.IsIterable(input) => new Generator(Operators.ToArray(input, renderer.Budget).Reverse()),
        _ => throw Runtime("argument must be iterable"),
    };

    static string Join(Renderer renderer, object? input, Arguments arguments)
    {
        arguments.Bind(0, "d", "attribute");
        var separator = arguments.Text(0, "", renderer.Budget);
        var attribute = Getter(renderer, arguments.Get(1));
        var result = new StringBuilder();
        var first = true;
        foreach (var item in Operators.Iterate(input))
        {
            var text = PythonText.Str(attribute(item), renderer.Budget);
            renderer.Budget.Allocate(text.Length + (long)separator.Length + 1);
            if (!first) result.Append(separator);
            first = false;
            result.Append(text);
        }
        return result.ToString();
    }

    /// <summary>
    /// How attributes are named in filters: 'a.b' walks down, digits are places in lists. Nothing gives the item itself.
    /// </summary>
    static Func<object?, object?> Getter(Renderer renderer, object? attribute, bool ignoreCase = false,
        object? otherwise = null)
    {
        var keys = attribute is null ? [] : attribute is string path ? path.Split('.').Select(Key).ToArray() : [attribute];
        return item =>
        {
            renderer.Budget.Step();
            foreach (var key in keys)
            {
                item = Attributes.GetItem(item, key, renderer.Budget);
                if (item is Undefined && otherwise is not null) item = otherwise;
            }
            return ignoreCase && item is string text ? Casing.Lower(text) : item;
        };
    }

    static object Key(string part) =>
        part.Length is > 0 and < 10 && part.All(char.IsAsciiDigit)
        ? long.Parse(part, System.Globalization.CultureInfo.InvariantCulture) : part;

    static Generator Map(Renderer renderer, object? input, Arguments arguments)
    {
        if (!Operators.Truth(input)) return new Generator([]);
        Func<object?, object?> function;
        if (arguments.Positional.Length == 0 && arguments.TryNamed("attribute", out var attribute))
        {
            arguments.TryNamed("default", out var otherwise);
            if (arguments.Named.FirstOrDefault(entry => entry.Key is not ("attribute" or "default")) is { Key: { } odd })
                throw Runtime($"unexpected keyword argument '{odd}'");
            function = Getter(renderer, attribute, otherwise: otherwise);
        }
        else
        {
            if (arguments.Positional.Length == 0) throw Runtime("map requires a filter argument");
            var name = PythonText.Str(arguments.Positional[0], renderer.Budget);
            function = item => Filters.Apply(renderer, name, item,
                new Arguments(name, arguments.Positional[1..], arguments.Named));
        }
        return new Generator(Operators.Iterate(input).Select(item =>
        {
            renderer.Budget.Step();
            return function(item);
        }));
    }

    static Generator Select(Renderer renderer, object? input, Arguments arguments, bool byAttribute, bool keep)
    {
        if (!Operators.Truth(input)) return new Generator([]);
        var rest = arguments.Positional;
        Func<object?, object?> value = item => item;
        if (byAttribute)
        {
            if (rest.Length == 0) throw Runtime("missing parameter for attribute name");
            value = Getter(renderer, rest[0]);
            rest = rest[1..];
        }
        var name = rest.Length > 0 ? PythonText.Str(rest[0], renderer.Budget) : null;
        bool Holds(object? item) => name is null ? Operators.Truth(item)
            : Tests.Apply(renderer, name, item, new Arguments(name, rest[1..], arguments.Named));
        return new Generator(Operators.Iterate(input).Where(item =>
        {
            renderer.Budget.Step();
            return Holds(value(item)) == keep;
        }));
    }

    static object?[] Sorted(Renderer renderer, object?[] items, Func<object?, object?> key, bool reverse = false)
    {
        renderer.Budget.AllocateItems(3L * items.Length);
        var keyed = items.Select(item => (Key: key(item), Item: item)).ToArray();
        // Python sorts backwards stably too: what is equal keeps its order.
        var sorted = Operators.Sort(keyed, (a, b) =>
            reverse ? Operators.Order("<", b.Key, a.Key, renderer.Budget)
            : Operators.Order("<", a.Key, b.Key, renderer.Budget));
        return [.. sorted.Select(entry => entry.Item)];
    }

    static ListValue Sort(Renderer renderer, object? input, Arguments arguments)
    {
        arguments.Bind(0, "reverse", "case_sensitive", "attribute");
        object?[] names = arguments.Get(2) is string list ? list.Split(',') : [arguments.Get(2)];
        var keys = names.Select(name => Getter(renderer, name, ignoreCase: !arguments.Flag(1))).ToArray();
        ListValue Key(object? item) => new([.. keys.Select(each => each(item))]);
        return new ListValue(Sorted(renderer, Operators.ToArray(input, renderer.Budget), Key, arguments.Flag(0)));
    }

    static ListValue DictSort(Renderer renderer, object? input, Arguments arguments)
    {
        arguments.Bind(0, "case_sensitive", "by", "reverse");
        if (input is Undefined undefined) throw undefined.Error();
        if (input is not DictValue dict) throw Runtime($"dictsort takes a mapping, not {PythonText.TypeName(input)}");
        var place = (arguments.Get(1, "key") as string) switch
        {
            "key" => 0L,
            "value" => 1L,
            _ =>
            throw Runtime("You can only sort by either \"key\" or \"value\"")
        };
        var pairs = Operators.ToArray(new DictView(dict, "items"), renderer.Budget);
        return new ListValue(Sorted(renderer, pairs, Getter(renderer, place, !arguments.Flag(0)), arguments.Flag(2)));
    }

    static ListValue GroupBy(Renderer renderer, object? input, Arguments arguments)
    {
        arguments.Bind(1, "attribute", "default", "case_sensitive");
        var key = Getter(renderer, arguments[0], !arguments.Flag(2), arguments.Get(1));
        var exact = Getter(renderer, arguments[0], otherwise: arguments.Get(1));
        var groups = new List<object?>();
        var group = new List<object?>();
        object? last = null;
        void Close()
        {
            if (group.Count > 0) groups.Add(new TupleValue([exact(group[0]), new ListValue([.. group])], ["grouper", "list"]));
            group.Clear();
        }
        foreach (var item in Sorted(renderer, Operators.ToArray(input, renderer.Budget), key))
        {
            var current = key(item);
            if (group.Count > 0 && !Operators.Equal(current, last, renderer.Budget)) Close();
            last = current;
            group.Add(item);
        }
        Close();
        return new ListValue([.. groups]);
    }

    static Generator Unique(Renderer renderer, object? input, Arguments arguments)
    {
        arguments.Bind(0, "case_sensitive", "attribute");
        var key = Getter(renderer, arguments.Get(1), !arguments.Flag(0));
        var seen = new DictValue();
        return new Generator(Operators.Iterate(input).Where(item =>
        {
            var value = key(item);
            if (seen.Contains(value)) return false;
            renderer.Budget.AllocateItems(2);
            seen[value] = null;
            return true;
        }));
    }

    static object? Extreme(Renderer renderer, object? input, Arguments arguments, string symbol)
    {
        arguments.Bind(0, "case_sensitive", "attribute");
        var key = Getter(renderer, arguments.Get(1), !arguments.Flag(0));
        var (any, best, bestKey) = (false, (object?)null, (object?)null);
        foreach (var item in Operators.Iterate(input))
        {
            var value = key(item);
            if (any && !Operators.Order(symbol, value, bestKey, renderer.Budget)) continue;
            (any, best, bestKey) = (true, item, value);
        }
        return any ? best : Undefined.Because("No aggregated item, sequence was empty.");
    }

    static object? Sum(Renderer renderer, object? input, Arguments arguments)
    {
        arguments.Bind(0, "attribute", "start");
        var key = Getter(renderer, arguments.Get(0));
        var sum = arguments.Get(1, 0L);
        if (sum is string or Markup) throw Type("sum() can't sum strings [use ''.join(seq) instead]");
        foreach (var item in Operators.Iterate(input)) sum = Arithmetic.Add(sum, key(item), renderer.Budget);
        return sum;
    }

    static Generator Batch(Renderer renderer, object? input, Arguments arguments)
    {
        arguments.Bind(1, "linecount", "fill_with");
        var (size, fill) = (arguments.Whole(0, 0), arguments.Get(1));
        return new Generator(Batches(Operators.Iterate(input), size, fill, renderer.Budget));
    }

    static IEnumerable<object?> Batches(IEnumerable<object?> items, int size, object? fill, Budget budget)
    {
        var batch = new List<object?>();
        foreach (var item in items)
        {
            if (batch.Count == size)
            {
                yield return new ListValue([.. batch]);
                batch.Clear();
            }
            budget.AllocateItems(1);
            batch.Add(item);
        }
        if (batch.Count == 0) yield break;
        if (fill is not null && batch.Count < size)
        {
            budget.AllocateItems(size - batch.Count);
            batch.AddRange(Enumerable.Repeat(fill, size - batch.Count));
        }
        yield return new ListValue([.. batch]);
    }

    static Generator Slice(Renderer renderer, object? input, Arguments arguments)
    {
        arguments.Bind(1, "slices", "fill_with");
        var items = Operators.ToArray(input, renderer.Budget);
        var (slices, fill) = (arguments.Whole(0, 0), arguments.Get(1));
        if (slices == 0) throw new PythonError(TemplateErrorKind.DivisionByZero, "integer division or modulo by zero");
        return new Generator(Slices(items, slices, fill, renderer.Budget));
    }

    static IEnumerable<object?> Slices(object?[] items, int slices, object? fill, Budget budget)
    {
        if (slices < 0) yield break;
        var (size, longer) = Math.DivRem(items.Length, slices);
        for (var (i, start) = (0, 0); i < slices; i++)
        {
            var end = start + size + (i < longer ? 1 : 0);
            budget.AllocateItems(end - start + 1);
            yield return new ListValue(fill is not null && i >= longer ? [.. items[start..end], fill] : items[start..end]);
            start = end;
        }
    }
}
