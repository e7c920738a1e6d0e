using Octant.Chat.Jinja.Python;

namespace Octant.Chat.Jinja;

/// <summary>What a function, filter, test or macro is called with.</summary>
sealed class Arguments(string callee, object?[] positional, List<KeyValuePair<string, object?>> named)
{
    static readonly object Missing = new();
    object?[] bound = [];

    public object?[] Positional => positional;

    public List<KeyValuePair<string, object?>> Named => named;

    public static Arguments Of(string callee, params object?[] positional) => new(callee, positional, []);

    public bool TryNamed(string name, out object? value)
    {
        foreach (var (key, found) in named)
        {
            if (key != name) continue;
            value = found;
            return true;
        }
        value = null;
        return false;
    }

    /// <summary>Puts the arguments in the order of the parameters' names; too many, too few or unknown ones are an error.</summary>
    public Arguments Bind(int required, params ReadOnlySpan<string> names)
    {
        if (positional.Length > names.Length)
            throw PythonError.Type($"{callee}() takes at most {names.Length} arguments ({positional.Length} given)");
        bound = new object?[names.Length];
        Array.Fill(bound, Missing);
        positional.CopyTo(bound, 0);
        foreach (var (name, value) in named)
        {
            var at = names.IndexOf(name);
            if (at < 0) throw PythonError.Type($"{callee}() got an unexpected keyword argument '{name}'");
            if (!ReferenceEquals(bound[at], Missing))
                throw PythonError.Type($"{callee}() got multiple values for argument '{name}'");
            bound[at] = value;
        }
        for (var i = 0; i < required; i++)
            if (ReferenceEquals(bound[i], Missing))
                throw PythonError.Type($"{callee}() missing a required argument: '{names[i]}'");
        return this;
    }

    public object? this[int index] => bound[index];

    public bool Has(int index) => !ReferenceEquals(bound[index], Missing);

    public object? Get(int index, object? otherwise = null) => Has(index) ? bound[index] : otherwise;

    public string Text(int index, string otherwise, Budget budget) =>
        Has(index) ? PythonText.Str(bound[index], budget) : otherwise;

    public bool Flag(int index, bool otherwise = false) => Has(index) ? Operators.Truth(bound[index]) : otherwise;

    public int Whole(int index, int otherwise) => Has(index) ? Number.ToIndex(bound[index]) : otherwise;

    /// <summary>An argument that must be text.</summary>
    public string Strict(int index) => bound[index] switch
    {
        string text => text,
        Markup markup => markup.Text,
        var other => throw PythonError.Type($"{callee}() argument {index + 1} must be str, not {PythonText.TypeName(other)}"),
    };
}
