namespace Octant.Chat.Jinja.Python;

// A value of the template language is null (None), bool, long or BigInteger (int), double (float), string (str), or one of the
// classes of this folder. Nothing in the sandbox can change a list or dictionary, so they are shared freely and hold no cycle.

/// <summary>A list or a tuple.</summary>
abstract class SequenceValue(object?[] items)
{
    public object?[] Items { get; } = items;
}

/// <summary>A list.</summary>
sealed class ListValue(object?[] items) : SequenceValue(items);

/// <summary>A tuple, whose places may have names as groupby's have.</summary>
sealed class TupleValue(object?[] items, string[]? names = null) : SequenceValue(items)
{
    public string[] Names { get; } = names ?? [];
}

/// <summary>The numbers of a range, which it does not store.</summary>
sealed class RangeValue(long start, long stop, long step)
{
    public long Start { get; } = start;
    public long Stop { get; } = stop;
    public long Step { get; } = step;

    /// <summary>The sandbox keeps ranges at 100,000, so this is small.</summary>
    public int Count { get; } = (int)Math.Max(0, step > 0 ? (stop - start + step - 1) / step
        : (start - stop - step - 1) / -step);

    public long this[int index] => Start + index * Step;
}

/// <summary>What filters such as map and select give: values made on demand, once.</summary>
sealed class Generator(IEnumerable<object?> values)
{
    readonly IEnumerator<object?> enumerator = values.GetEnumerator();

    public IEnumerable<object?> Rest()
    {
        while (enumerator.MoveNext()) yield return enumerator.Current;
    }
}

/// <summary>What a dictionary's keys(), values() and items() give.</summary>
sealed class DictView(DictValue of, string kind)
{
    public DictValue Of { get; } = of;

    /// <summary>keys, values or items.</summary>
    public string Kind { get; } = kind;

    public IEnumerable<object?> Items() => Kind switch
    {
        "keys" => Of.Keys,
        "values" => Of.Select(entry => entry.Value),
        _ => Of.Select(object? (entry) => new TupleValue([entry.Key, entry.Value])),
    };
}

/// <summary>Text that counts as HTML already: adding other text to it escapes that.</summary>
sealed class Markup(string text)
{
    public string Text { get; } = text;
}

/// <summary>What namespace() gives: the only thing that a template can change.</summary>
sealed class Namespace(DictValue attributes)
{
    public DictValue Attributes { get; } = attributes;

    /// <summary>The reference refuses private names here, so that none can be smuggled in.</summary>
    public static void CheckName(object? name)
    {
        if (name is string text && text.StartsWith('_'))
            throw new PythonError(TemplateErrorKind.Security,
                $"a namespace cannot hold an attribute whose name begins with an underscore, as '{text}' does");
    }
}

/// <summary>What is not there: it prints as nothing, and nearly every other use is an error that says what was missing.</summary>
sealed class Undefined(TemplateErrorKind kind, Func<string> describe)
{
    public PythonError Error() => new(kind, describe());

    public static Undefined Variable(string name) => new(TemplateErrorKind.Undefined, () => $"'{name}' is undefined");

    public static Undefined Because(string reason) => new(TemplateErrorKind.Undefined, () => reason);

    public static Undefined Attribute(object? of, string name) =>
        new(TemplateErrorKind.Undefined, () => $"'{Owner(of)}' has no attribute '{name}'");

    public static Undefined Element(object? of, object? key) => key is string name ? Attribute(of, name) :
        new(TemplateErrorKind.Undefined, () =>
            $"'{Owner(of)}' has no element {(key is long index ? index : PythonText.TypeName(key))}");

    public static Undefined Unsafe(object? of, string name) =>
        new(TemplateErrorKind.Security, () => $"access to attribute '{name}' of '{PythonText.TypeName(of)}' object is unsafe");

    static string Owner(object? of) => of is null ? "None" : $"{PythonText.TypeName(of)} object";
}

/// <summary>Something that a template can call.</summary>
abstract class Callable
{
    public abstract string Name { get; }

    public abstract object? Call(Renderer renderer, Arguments arguments);
}

/// <summary>A function of ours, or a method bound to its value.</summary>
sealed class Function(string name, Func<Renderer, Arguments, object?> body) : Callable
{
    public override string Name => name;

    public override object? Call(Renderer renderer, Arguments arguments) => body(renderer, arguments);
}
