using Octant.Tokenizers;
using Octant.Tokenizers.RegularExpressions;

namespace Octant.Constraints.Languages;

/// <summary>
/// The texts that a regular expression matches, as a language: Thompson's construction and the subsets of its states. Anchors and borders
/// of words are decided while subsets are formed, look-ahead at an expression's outermost level by intersection. What is no regular
/// language (references), or only with more than that (look-behind, atomic groups), is refused by name.
/// </summary>
static class RegexLanguage
{
    /// <summary>Texts that match as a whole.</summary>
    /// <exception cref="ConstraintException">it is wrong, too large, or no regular language</exception>
    public static Language Whole(string pattern, RegexDialect dialect) => Build(Parse(pattern, dialect), dialect, isSearch: false);

    /// <summary>Texts that have a match anywhere.</summary>
    /// <exception cref="ConstraintException">it is wrong, too large, or no regular language</exception>
    public static Language Search(string pattern, RegexDialect dialect) => Build(Parse(pattern, dialect), dialect, isSearch: true);

    static RegexNode Parse(string pattern, RegexDialect dialect)
    {
        try
        {
            return new RegexParser(pattern, dialect).Parse();
        }
        catch (TokenizerException fault)
        {
            throw new ConstraintException(fault.Message, fault);
        }
    }

    static Language Build(RegexNode node, RegexDialect dialect, bool isSearch)
    {
        var items = node is RegexNode.Sequence sequence ? sequence.Items : [node];
        if (!items.Any(item => item is RegexNode.Look)) return Determinizer.Build(new RegexAutomaton(Framed(items, isSearch)), dialect);
        // A look-ahead in the middle cuts what follows it: from right to left.
        var rest = isSearch ? Language.Anything : Language.Empty;
        var pending = new List<RegexNode>();
        foreach (var item in items.Reverse())
            if (item is RegexNode.Look look)
            {
                if (look.Behind) throw new ConstraintException("look-behind is not supported");
                var ahead = Determinizer.Build(new RegexAutomaton(look.Item, Language.Anything), dialect, atStart: false);
                rest = Prepended(pending, rest, dialect, atStart: false);
                rest = look.Negative ? rest.Except(ahead) : rest.Intersect(ahead);
                pending = [];
            }
            else pending.Insert(0, item);
        if (isSearch && pending is not [RegexNode.Place { Anchor: Anchor.TextStart }, ..]) pending.Insert(0, Any);
        return Prepended(pending, rest, dialect, atStart: true);
    }

    static Language Prepended(List<RegexNode> items, Language rest, RegexDialect dialect, bool atStart) =>
        items.Count == 0 ? rest : Determinizer.Build(new RegexAutomaton(new RegexNode.Sequence(items), rest), dialect, atStart);

    static RegexNode.Sequence Framed(IReadOnlyList<RegexNode> items, bool isSearch) =>
        new(isSearch ? [Any, new RegexNode.Sequence(items), Any] : items);

    static RegexNode Any { get; } = new RegexNode.Repeat(new RegexNode.Set(new CharacterSet(CodePoints.All)), 0, int.MaxValue, Greed.Greedy);
}
