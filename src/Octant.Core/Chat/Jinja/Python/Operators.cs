using System.Text;
using static Octant.Chat.Jinja.Python.PythonError;

namespace Octant.Chat.Jinja.Python;

/// <summary>What Python asks of any value: truth, equality, order, length, membership, iteration, items and slices.</summary>
static class Operators
{
    public static bool Truth(object? value) => value switch
    {
        null or Undefined => false,
        bool yes => yes,
        long whole => whole != 0,
        double real => real != 0,
        string text => text.Length > 0,
        Markup markup => markup.Text.Length > 0,
        SequenceValue sequence => sequence.Items.Length > 0,
        DictValue dict => dict.Count > 0,
        DictView view => view.Of.Count > 0,
        RangeValue range => range.Count > 0,
        _ => true,
    };

    public static bool Equal(object? a, object? b, Budget budget)
    {
        Budget.CheckStack();
        budget.Step();
        if (a is Markup markup) a = markup.Text;
        if (b is Markup other) b = other.Text;
        if (a is string x && b is string y)
        {
            budget.Scan(Math.Min(x.Length, y.Length));
            return x == y;
        }
        if (Number.Is(a) && Number.Is(b)) return Number.Compare(a, b) == 0;
        return (a, b) switch
        {
            (ListValue p, ListValue q) => Equal(p.Items, q.Items, budget),
            (TupleValue p, TupleValue q) => Equal(p.Items, q.Items, budget),
            (DictValue p, DictValue q) => Equal(p, q, budget),
            (RangeValue p, RangeValue q) =>
                p.Count == q.Count && (p.Count == 0 || (p.Start == q.Start && (p.Count == 1 || p.Step == q.Step))),
            (Undefined, Undefined) => true,
            (DictView { Kind: not "values" } p, DictView { Kind: not "values" } q) =>
                p.Of.Count == q.Of.Count && p.Items().All(item => Contains(q, item, budget)),
            _ => ReferenceEquals(a, b),
        };
    }

    static bool Equal(object?[] a, object?[] b, Budget budget)
    {
        if (a.Length != b.Length) return false;
        for (var i = 0; i < a.Length; i++)
            if (!Equal(a[i], b[i], budget)) return false;
        return true;
    }

    static bool Equal(DictValue a, DictValue b, Budget budget) =>
        a.Count == b.Count && a.All(entry => b.TryGet(entry.Key, out var other) && Equal(entry.Value, other, budget));

    /// <summary>One of the four comparisons of order, by its symbol.</summary>
    public static bool Order(string symbol, object? a, object? b, Budget budget)
    {
        Budget.CheckStack();
        budget.Step();
        if (a is Markup markup) a = markup.Text;
        if (b is Markup other) b = other.Text;
        if (a is Undefined left) throw left.Error();
        if (b is Undefined right) throw right.Error();
        if (a is string x && b is string y)
        {
            budget.Scan(Math.Min(x.Length, y.Length));
            return Holds(symbol, PythonText.Compare(x, y));
        }
        if (Number.Is(a) && Number.Is(b)) return Number.Compare(a, b) is { } sign && Holds(symbol, sign);
        if ((a is ListValue && b is ListValue) || (a is TupleValue && b is TupleValue))
        {
            var (p, q) = (((SequenceValue)a).Items, ((SequenceValue)b).Items);
            for (var i = 0; i < Math.Min(p.Length, q.Length); i++)
                if (!Equal(p[i], q[i], budget)) return Order(symbol, p[i], q[i], budget);
            return Holds(symbol, p.Length.CompareTo(q.Length));
        }
        throw Type($"'{symbol}' not supported between instances of '{PythonText.TypeName(a)}' and '{PythonText.TypeName(b)}'");
    }

    static bool Holds(string symbol, int sign) => symbol switch
    {
        "<" => sign < 0,
        "<=" => sign <= 0,
        ">" => sign > 0,
        _ => sign >= 0,
    };

    public static bool Contains(object? container, object? item, Budget budget)
    {
        switch (container)
        {
            case Markup markup: return Contains(markup.Text, item, budget);
            case string text:
                if (item is not (string or Markup))
                    throw Type($"'in <string>' requires string as left operand, not {PythonText.TypeName(item)}");
                budget.Scan(text.Length);
                return PythonText.IndexOf(text, PythonText.Str(item, budget)) >= 0;
            case DictValue dict: return dict.Contains(item);
            case DictView { Kind: "keys" } view: return view.Of.Contains(item);
            case null or bool or long or double or Callable or Namespace:
                throw Type($"argument of type '{PythonText.TypeName(container)}' is not iterable");
            default: return Iterate(container).Any(other => Equal(item, other, budget));
        }
    }

    public static long Length(object? value) => value switch
    {
        string text => PythonText.Length(text),
        Markup markup => PythonText.Length(markup.Text),
        SequenceValue sequence => sequence.Items.Length,
        DictValue dict => dict.Count,
        DictView view => view.Of.Count,
        RangeValue range => range.Count,
        Undefined => 0,
        _ => throw Type($"object of type '{PythonText.TypeName(value)}' has no len()"),
    };

    public static bool IsIterable(object? value) =>
        value is string or Markup or SequenceValue or DictValue or DictView or RangeValue or Generator or Undefined;

    public static IEnumerable<object?> Iterate(object? value) => value switch
    {
        SequenceValue sequence => sequence.Items,
        string text => PythonText.Characters(text),
        Markup markup => PythonText.Characters(markup.Text),
        DictValue dict => dict.Keys,
        DictView view => view.Items(),
        RangeValue range => Enumerable.Range(0, range.Count).Select(object? (i) => range[i]),
        Generator generator => generator.Rest(),
        Undefined => [],
        _ => throw Type($"'{PythonText.TypeName(value)}' object is not iterable"),
    };

    /// <summary>All values of anything iterable; the array may be the value's own.</summary>
    public static object?[] ToArray(object? value, Budget budget)
    {
        if (value is SequenceValue sequence) return sequence.Items;
        if (value is string or Markup or RangeValue or DictValue or DictView)
        {
            budget.AllocateItems(Length(value));
            return [.. Iterate(value)];
        }
        var items = new List<object?>();
        foreach (var item in Iterate(value))
        {
            budget.AllocateItems(1);
            items.Add(item);
        }
        return [.. items];
    }

    /// <summary>value[key]; false where Python raises a TypeError or a LookupError.</summary>
    public static bool TryItem(object? value, object? key, Budget budget, out object? item)
    {
        item = null;
        switch (value)
        {
            case Undefined undefined: throw undefined.Error();
            case DictValue dict: return key is not (ListValue or DictValue) && dict.TryGet(key, out item);
            case SequenceValue or RangeValue or string or Markup when key is long or bool:
                var length = value is SequenceValue sequence ? sequence.Items.Length : value is RangeValue numbers
                    ? numbers.Count : -1;
                var index = Number.ToIndex(key);
                if (length < 0)
                {
                    var text = PythonText.Str(value, budget);
                    budget.Scan(text.Length);
                    item = PythonText.At(text, index);
                    return item is not null;
                }
                if (index < 0) index += length;
                if (index < 0 || index >= length) return false;
                item = value is SequenceValue items ? items.Items[index] : ((RangeValue)value)[index];
                return true;
            default: return false;
        }
    }

    /// <summary>value[start:stop:step]; ends are counted in code points, null is left out.</summary>
    public static object? Slice(object? value, object? start, object? stop, object? step, Budget budget)
    {
        if (value is Undefined undefined) throw undefined.Error();
        if (value is Markup markup) value = markup.Text;
        if (value is DictValue) throw Type("unhashable type: 'slice'");
        if (value is not (string or SequenceValue or RangeValue))
            throw Type($"'{PythonText.TypeName(value)}' object is not subscriptable");
        var stride = step is null ? 1 : Number.ToIndex(step);
        if (stride == 0) throw Value("slice step cannot be zero");
        var length = (int)Length(value);
        var from = End(start, stride > 0 ? 0 : length - 1, length, stride);
        var to = End(stop, stride > 0 ? length : -1, length, stride);
        var count = (int)Math.Max(0, stride > 0 ? ((long)to - from + stride - 1) / stride
            : ((long)from - to - stride - 1L) / -(long)stride);
        if (value is string) budget.Allocate(count);
        else budget.AllocateItems(count);
        return value switch
        {
            string text => Slice(text, from, count, stride, budget),
            RangeValue range => new RangeValue(range.Start + from * range.Step,
                range.Start + (from + (long)count * stride) * range.Step, range.Step * stride),
            ListValue list => new ListValue(Pick(list.Items, from, count, stride)),
            _ => new TupleValue(Pick(((SequenceValue)value).Items, from, count, stride)),
        };
    }

    static int End(object? end, int otherwise, int length, int stride)
    {
        if (end is null) return otherwise;
        long index = end is Undefined or double or string
            ? throw Type("slice indices must be integers or None or have an __index__ method") : Number.ToIndex(end);
        if (index < 0) index += length;
        return (int)Math.Clamp(index, stride > 0 ? 0 : -1, stride > 0 ? length : length - 1);
    }

    static string Slice(string text, int from, int count, int stride, Budget budget)
    {
        budget.Scan(text.Length);
        if (count == 0) return "";
        if (stride == 1)
        {
            var start = PythonText.Offset(text, from);
            return start == 0 && count >= text.Length ? text : text.Substring(start, PythonText.Offset(text[start..], count));
        }
        var characters = PythonText.Characters(text).ToArray();
        budget.AllocateItems(characters.Length);
        var result = new StringBuilder();
        foreach (var character in Pick(characters, from, count, stride)) result.Append(character);
        return result.ToString();
    }

    static T[] Pick<T>(T[] items, int from, int count, int stride)
    {
        if (stride == 1) return items.AsSpan(from, count).ToArray();
        var picked = new T[count];
        for (var i = 0; i < count; i++) picked[i] = items[from + i * stride];
        return picked;
    }

    /// <summary>A stable merge sort, as Python's: .NET's own hides errors of the comparison, and need not be stable.</summary>
    public static T[] Sort<T>(T[] items, Func<T, T, bool> less)
    {
        if (items.Length < 2) return items;
        var (left, right) = (Sort(items[..(items.Length / 2)], less), Sort(items[(items.Length / 2)..], less));
        var sorted = new T[items.Length];
        for (var (i, l, r) = (0, 0, 0); i < sorted.Length; i++)
            sorted[i] = l < left.Length && (r == right.Length || !less(right[r], left[l])) ? left[l++] : right[r++];
        return sorted;
    }
}
