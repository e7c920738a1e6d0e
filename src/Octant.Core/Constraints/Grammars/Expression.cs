using Octant.Constraints.Languages;
using Octant.Tokenizers.RegularExpressions;

namespace Octant.Constraints.Grammars;

/// <summary>How the characters of a text are written.</summary>
enum Spelling
{
    /// <summary>As they are.</summary>
    Plain,
    /// <summary>Within a JSON string, in every way that some writer of JSON has: ASCII's letters, digits and most signs are never escaped.</summary>
    UsualJson,
    /// <summary>Within a JSON string, in every way that JSON allows.</summary>
    Json,
}

/// <summary>The right side of a rule.</summary>
abstract record Expression
{
    /// <summary>These very bytes in UTF-8.</summary>
    public sealed record Literal(string Value) : Expression;

    /// <summary>One character of a set.</summary>
    public sealed record Character(CodePoints Members) : Expression;

    /// <summary>A text of a language, as it is or as the inside of a JSON string, where characters may be escaped.</summary>
    public sealed record Text(Language Language, Spelling Spelling) : Expression;

    /// <summary>A JSON string, with its quotation marks, whose characters are counted: a rule of its own.</summary>
    public sealed record Counted(SizedTexts Texts, Spelling Spelling) : Expression;

    public sealed record Sequence(IReadOnlyList<Expression> Items) : Expression;

    public sealed record Choice(IReadOnlyList<Expression> Items) : Expression;

    /// <summary>The item at least and at most so often; no most for null.</summary>
    public sealed record Repeat(Expression Item, int Least, int? Most) : Expression;

    /// <summary>Any way through numbered places, from the first to one of the ends; an edge without a label says nothing.</summary>
    public sealed record Graph(int Places, IReadOnlyList<(int From, Expression? Label, int To)> Edges, IReadOnlyCollection<int> Ends) : Expression;

    /// <summary>What another rule says.</summary>
    public sealed record Call(int Rule) : Expression;

    public static Expression Empty { get; } = new Sequence([]);
}

/// <summary>Rules by number; the first is where a text begins.</summary>
sealed class Grammar
{
    readonly List<Expression?> rules = [];
    readonly List<string> names = [];

    public int Count => rules.Count;

    public Expression this[int rule]
    {
        get => rules[rule] ?? throw new InvalidOperationException($"The rule {names[rule]} is not defined.");
        set => rules[rule] = value;
    }

    public string NameOf(int rule) => names[rule];

    /// <summary>A rule that is to be defined.</summary>
    public int Add(string name)
    {
        rules.Add(null);
        names.Add(name);
        return rules.Count - 1;
    }
}
