using Octant.Chat.Jinja.Python;

namespace Octant.Chat.Jinja;

/// <summary>
/// The variable 'loop'. Items are taken one by one, so that a filter of the loop sees what the passes before have changed; only what asks
/// for what comes reads ahead.
/// </summary>
sealed class Loop(IEnumerable<object?> values, long? length, int depth, Func<object?, string>? recurse) : Callable, IDisposable
{
    readonly IEnumerator<object?> enumerator = values.GetEnumerator();
    readonly Queue<object?> ahead = new();
    object? changed;
    (bool Any, object? Item) previous;

    public override string Name => "loop";

    public long Index0 { get; private set; } = -1;

    public object? Current { get; private set; }

    public bool MoveNext()
    {
        if (!ReadAhead()) return false;
        previous = (Index0 >= 0, Current);
        Current = ahead.Dequeue();
        Index0++;
        return true;
    }

    bool ReadAhead()
    {
        if (ahead.Count == 0 && enumerator.MoveNext()) ahead.Enqueue(enumerator.Current);
        return ahead.Count > 0;
    }

    public long Length(Budget budget)
    {
        if (length is { } known) return known;
        while (enumerator.MoveNext())
        {
            budget.AllocateItems(1);
            ahead.Enqueue(enumerator.Current);
        }
        length = Index0 + 1 + ahead.Count;
        return length.Value;
    }

    public object? Attribute(string name, Budget budget) => name switch
    {
        "index" => Index0 + 1,
        "index0" => Index0,
        "revindex" => Length(budget) - Index0,
        "revindex0" => Length(budget) - Index0 - 1,
        "first" => Index0 == 0,
        "last" => !ReadAhead(),
        "length" => Length(budget),
        "depth" => depth + 1L,
        "depth0" => (long)depth,
        "previtem" => previous.Any ? new Attributes.Found(previous.Item) : Undefined.Because("there is no previous item"),
        "nextitem" => ReadAhead() ? new Attributes.Found(ahead.Peek()) : Undefined.Because("there is no next item"),
        "cycle" => new Function(name, (_, arguments) => arguments.Positional is { Length: > 0 } choices
            ? choices[Index0 % choices.Length] : throw PythonError.Type("no items for cycling given")),
        "changed" => new Function(name, (_, arguments) => Changed(new TupleValue(arguments.Positional), budget)),
        _ => null,
    };

    bool Changed(TupleValue value, Budget budget)
    {
        if (changed is not null && Operators.Equal(changed, value, budget)) return false;
        changed = value;
        return true;
    }

    public override object? Call(Renderer renderer, Arguments arguments) => recurse is not null
        ? recurse(arguments.Bind(1, "iterable")[0])
        : throw PythonError.Type("the loop must be marked 'recursive' to be called");

    public void Dispose() => enumerator.Dispose();
}
