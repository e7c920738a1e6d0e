namespace Octant.Chat.Jinja;

/// <summary>Variables of one loop pass, macro call or other block: what is set here is gone after it.</summary>
sealed class Scope(Scope? outer)
{
    readonly Dictionary<string, object?> variables = [];

    public object? this[string name] { set => variables[name] = value; }

    public bool TryGet(string name, out object? value)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
            if (scope.variables.TryGetValue(name, out value)) return true;
        value = null;
        return false;
    }

    Scope? Outer => outer;
}
