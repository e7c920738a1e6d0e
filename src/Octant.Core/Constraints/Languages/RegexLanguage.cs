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
    /// <summary>So many are written out as states sooner than counted.</summary>
    const int FewCharacters = 16;

    const int MostWays = 64;

    /// <summary>Texts that match as a whole.</summary>
    /// <exception cref="ConstraintException">it is wrong, too large, or no regular language</exception>
    public static Language Whole(string pattern, RegexDialect dialect) => Build(Parse(pattern, dialect), dialect, isSearch: false);

    /// <summary>Texts that have a match anywhere.</summary>
    /// <exception cref="ConstraintException">it is wrong, too large, or no regular language</exception>
    public static Language Search(string pattern, RegexDialect dialect) => Build(Parse(pattern, dialect), dialect, isSearch: true);

    /// <summary>Texts that have a match anywhere; where that is a number of characters of one set, their number is counted.</summary>
    /// <exception cref="ConstraintException">it is wrong, too large, or no regular language</exception>
    public static Texts SearchTexts(string pattern, RegexDialect dialect)
    {
        var node = Parse(pattern, dialect);
        return node is RegexNode.Sequence { Items: [RegexNode.Place { Anchor: Anchor.TextStart }, RegexNode.Repeat { Item: RegexNode.Set { Members.Members: var characters } } run, RegexNode.Place { Anchor: Anchor.TextEnd }] }
            && run.Greed != Greed.Possessive && (run.Least > FewCharacters || run.Most is > FewCharacters and < int.MaxValue)
            ? Texts.OfLength(Language.Many(characters.Intersect(Language.Characters)), run.Least, run.Most == int.MaxValue ? null : run.Most)
            : Texts.Of(Build(node, dialect, isSearch: true));
    }

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
        List<RegexNode> ways = [node];
        // Look-ahead within a choice is at the outermost level of each of its ways.
        while (ways.FindIndex(way => Ways(way) is not null) is >= 0 and var i)
        {
            if (ways.Count > MostWays) throw new ConstraintException($"look-around stands in more than {MostWays} combinations of choices");
            ways = [.. ways[..i], .. Ways(ways[i])!, .. ways[(i + 1)..]];
        }
        return ways.Aggregate(Language.Nothing, (all, way) => all.Union(BuildWay(way, dialect, isSearch)));
    }

    /// <summary>The ways through the first choice in which look-around stands; null for none.</summary>
    static IEnumerable<RegexNode>? Ways(RegexNode node)
    {
        IReadOnlyList<RegexNode> items = node is RegexNode.Sequence sequence ? sequence.Items : [node];
        for (var i = 0; i < items.Count; i++)
        {
            IReadOnlyList<RegexNode>? ways = !HoldsLook(items[i]) ? null : items[i] switch
            {
                RegexNode.Choice choice => choice.Items,
                RegexNode.Repeat { Least: 0, Most: 1 } optional => [new RegexNode.Empty(), optional.Item],
                RegexNode.Sequence inner => [inner],
                _ => null,
            };
            if (ways is not null)
                return ways.Select(way => new RegexNode.Sequence([.. items.Take(i), .. way is RegexNode.Sequence row ? row.Items : [way], .. items.Skip(i + 1)]));
        }
        return null;
    }

    static bool HoldsLook(RegexNode node) => node switch
    {
        RegexNode.Look => true,
        RegexNode.Sequence sequence => sequence.Items.Any(HoldsLook),
        RegexNode.Choice choice => choice.Items.Any(HoldsLook),
        RegexNode.Repeat repeat => HoldsLook(repeat.Item),
        RegexNode.Atomic atomic => HoldsLook(atomic.Item),
        _ => false,
    };

    /// <summary>What has look-around at its outermost level alone.</summary>
    static Language BuildWay(RegexNode node, RegexDialect dialect, bool isSearch)
    {
        var items = node is RegexNode.Sequence sequence ? sequence.Items : [node];
        if (!items.Any(item => item is RegexNode.Look)) return Determinizer.Build(new RegexAutomaton(Framed(items, isSearch)), dialect);
        // A look-ahead cuts what follows it: from right to left. What follows may ask what stands in front of the cut.
        var end = isSearch ? Language.Anything : Language.Empty;
        Func<Before, Language> rest = _ => end;
        var pending = new List<RegexNode>();
        var asksBack = false;
        foreach (var item in items.Reverse())
        {
            asksBack |= AsksBack(item);
            if (item is RegexNode.Look look)
            {
                rest = Cut(look, pending, rest, dialect, asksBack);
                pending = [];
            }
            else pending.Insert(0, item);
        }
        if (isSearch && pending is not [RegexNode.Place { Anchor: Anchor.TextStart }, ..]) pending.Insert(0, Any);
        return Prepended(pending, rest, dialect, Before.Nothing);
    }

    /// <summary>What may follow a place where a look-ahead stands: built once where nothing of it asks for what stands in front, else on demand.</summary>
    static Func<Before, Language> Cut(RegexNode.Look look, List<RegexNode> behind, Func<Before, Language> rest, RegexDialect dialect, bool asksBack)
    {
        if (look.Behind) throw new ConstraintException("look-behind is not supported");
        var built = new Language?[3];
        return before => built[asksBack ? (int)before : 0] ??= Build(before);

        Language Build(Before before)
        {
            var ahead = Determinizer.Build(new RegexAutomaton(look.Item, _ => Language.Anything), dialect, before);
            var following = Prepended(behind, rest, dialect, before);
            return look.Negative ? following.Except(ahead) : following.Intersect(ahead);
        }
    }

    static Language Prepended(List<RegexNode> items, Func<Before, Language> rest, RegexDialect dialect, Before before) =>
        items.Count == 0 ? rest(before) : Determinizer.Build(new RegexAutomaton(new RegexNode.Sequence(items), rest), dialect, before);

    /// <summary>Whether it may matter to a node what stands in front of it.</summary>
    static bool AsksBack(RegexNode node) => node switch
    {
        RegexNode.Place place => place.Anchor != Anchor.TextEnd,
        RegexNode.Sequence sequence => sequence.Items.Any(AsksBack),
        RegexNode.Choice choice => choice.Items.Any(AsksBack),
        RegexNode.Repeat repeat => AsksBack(repeat.Item),
        RegexNode.Look look => AsksBack(look.Item),
        _ => false,
    };

    static RegexNode.Sequence Framed(IReadOnlyList<RegexNode> items, bool isSearch) =>
        new(isSearch ? [Any, new RegexNode.Sequence(items), Any] : items);

    static RegexNode Any { get; } = new RegexNode.Repeat(new RegexNode.Set(new CharacterSet(CodePoints.All)), 0, int.MaxValue, Greed.Greedy);
}
