using Octant.Tokenizers.Unicode;

namespace Octant.Tokenizers.RegularExpressions;

/// <summary>
/// Writes out, as Oniguruma does, where letters of different number differ only in case: (?i)ss is ss|ß, and (?i)[ß] is ß|ss.
/// </summary>
/// <remarks>Looks behind stay as they are: they need one length.</remarks>
sealed class CaseExpansion
{
    readonly Dictionary<CodePoints, CharacterSet> sets = [];
    readonly Dictionary<CharacterSet, RegexNode> classes = [];

    public RegexNode Expand(RegexNode node) => node switch
    {
        RegexNode.Sequence sequence => Row(sequence.Items),
        RegexNode.Letter letter => Alone(letter),
        RegexNode.Class members => Any(members),
        // One letter more or less: the rows that the class has in it add nothing to it.
        RegexNode.Repeat { Least: <= 1, Most: int.MaxValue, Item: RegexNode.Class { Members: var members } } repeat
            when Foldings(members).All(folding => Array.TrueForAll(folding.Row, members.Contains)) => repeat,
        RegexNode.Repeat repeat => repeat with { Item = Expand(repeat.Item) },
        RegexNode.Choice choice => new RegexNode.Choice([.. choice.Items.Select(Expand)]),
        RegexNode.Atomic atomic => new RegexNode.Atomic(Expand(atomic.Item)),
        RegexNode.Look { Behind: false } look => look with { Item = Expand(look.Item) },
        _ => node,
    };

    /// <summary>From the left, and of several rows that begin at a letter the longest: (?i)ffi is ffi|ﬃ, but not ﬀ and i.</summary>
    RegexNode Row(IReadOnlyList<RegexNode> items)
    {
        var expanded = new List<RegexNode>();
        for (var i = 0; i < items.Count;)
        {
            if (FoldingAt(items, i) is { } folding)
            {
                expanded.Add(new RegexNode.Choice([new RegexNode.Sequence([.. items.Skip(i).Take(folding.Row.Length)]), SetOf(folding.Wholes)]));
                i += folding.Row.Length;
            }
            else expanded.Add(Expand(items[i++]));
        }
        return expanded is [var only] ? only : new RegexNode.Sequence(expanded);
    }

    static FullFolding? FoldingAt(IReadOnlyList<RegexNode> items, int at)
    {
        Span<int> row = stackalloc int[FullFoldings.Longest];
        var length = 0;
        while (length < row.Length && at + length < items.Count && items[at + length] is RegexNode.Letter letter) row[length++] = letter.Folded;
        FullFolding? found = null;
        for (; length > 1 && found is null; length--) found = FullFoldings.OfRow(row[..length]);
        return found;
    }

    RegexNode Alone(RegexNode.Letter letter) => FullFoldings.OfWhole(letter.Folded) is not { } folding ? letter
        : new RegexNode.Choice([letter, Spelled(folding)]);

    RegexNode Any(RegexNode.Class node)
    {
        if (!classes.TryGetValue(node.Members, out var expanded))
        {
            RegexNode[] rows = [.. Foldings(node.Members).Select(Spelled)];
            classes.Add(node.Members, expanded = rows.Length > 0 ? new RegexNode.Choice([node, .. rows]) : node);
        }
        return expanded;
    }

    static IEnumerable<FullFolding> Foldings(CharacterSet members) =>
        FullFoldings.All.Where(folding => Array.Exists(folding.Wholes, members.Contains));

    RegexNode Spelled(FullFolding folding) => new RegexNode.Sequence([.. folding.Row.Select(c => SetOf(UnicodeTables.SameButCase(c)))]);

    /// <summary>Each set once: it has a bitmap.</summary>
    RegexNode.Set SetOf(IEnumerable<int> characters)
    {
        var members = CodePoints.Union(characters.Select(CodePoints.Of));
        if (!sets.TryGetValue(members, out var set)) sets.Add(members, set = new(members));
        return new(set);
    }
}
