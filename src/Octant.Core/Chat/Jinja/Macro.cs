using Octant.Chat.Jinja.Python;

namespace Octant.Chat.Jinja;

/// <summary>A macro with the variables around its definition; also what a call block passes as caller.</summary>
sealed class Macro(MacroDefinition definition, Scope definedIn) : Callable
{
    public override string Name => definition.Name;

    public override object? Call(Renderer renderer, Arguments arguments) =>
        renderer.CallMacro(definition, definedIn, arguments);

    public object? Attribute(string name) => name switch
    {
        "name" => definition.Name,
        "arguments" => new TupleValue([.. definition.Parameters.Select(p => p.Name)]),
        "caller" => definition.TakesCaller,
        "catch_varargs" => definition.TakesVarargs,
        "catch_kwargs" => definition.TakesKwargs,
        _ => null,
    };
}

/// <summary>What joiner() gives: nothing at first, then the separator.</summary>
sealed class Joiner(object? separator) : Callable
{
    bool used;

    public override string Name => "joiner";

    public override object? Call(Renderer renderer, Arguments arguments)
    {
        arguments.Bind(0);
        var first = !used;
        used = true;
        return first ? "" : separator;
    }
}

/// <summary>What cycler() gives: its values in turn.</summary>
sealed class Cycler(object?[] items)
{
    int at;

    public object? Attribute(string name) => name switch
    {
        "current" => new Attributes.Found(items[at]),
        "next" => new Function(name, (_, _) =>
        {
            var item = items[at];
            at = (at + 1) % items.Length;
            return item;
        }),
        "reset" => new Function(name, (_, _) =>
        {
            at = 0;
            return null;
        }),
        "pos" => (long)at,
        "items" => new TupleValue(items),
        _ => null,
    };
}
