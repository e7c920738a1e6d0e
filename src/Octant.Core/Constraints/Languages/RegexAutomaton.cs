using Octant.Tokenizers.RegularExpressions;

namespace Octant.Constraints.Languages;

/// <summary>What stands in front of a place in a text.</summary>
enum Before
{
    Nothing,
    Word,
    Other,
}

/// <summary>What must hold at a place where nothing is read.</summary>
enum Condition { TextStart, TextEnd, WordBoundary, NoWordBoundary, AfterWord, AfterOther }

/// <summary>An expression as an automaton with choices (Thompson 1968), perhaps with a language behind it.</summary>
sealed class RegexAutomaton
{
    /// <param name="Characters">what is read; null for nothing</param>
    /// <param name="Condition">what must hold where nothing is read; null for nothing</param>
    /// <param name="Target">the state behind</param>
    public readonly record struct Way(CodePoints? Characters, Condition? Condition, int Target);

    readonly List<List<Way>> ways = [];

    /// <summary>Sets without halves of surrogate pairs; a class that is repeated is the same object each time.</summary>
    readonly Dictionary<CodePoints, CodePoints> characterSets = new(ReferenceEqualityComparer.Instance);

    public RegexAutomaton(RegexNode node)
    {
        Start = New();
        Accepting = [Add(node, Start)];
    }

    /// <param name="node">what comes first</param>
    /// <param name="rest">what comes behind it, which may depend on what it ends with</param>
    public RegexAutomaton(RegexNode node, Func<Before, Language> rest)
    {
        Start = New();
        var end = Add(node, Start);
        var (nothing, word, other) = (rest(Before.Nothing), rest(Before.Word), rest(Before.Other));
        if (nothing == word && word == other)
        {
            Append(nothing, end);
            return;
        }
        HasWordBorders = true;
        Append(nothing, On(Condition.TextStart, end));
        Append(word, On(Condition.AfterWord, end));
        Append(other, On(Condition.AfterOther, end));
    }

    public int Start { get; }

    public HashSet<int> Accepting { get; private set; } = [];

    public bool HasWordBorders { get; private set; }

    public IReadOnlyList<Way> WaysOf(int state) => ways[state];

    /// <summary>All sets of characters that are read somewhere.</summary>
    public IEnumerable<CodePoints> Sets => ways.SelectMany(state => state).Select(way => way.Characters).OfType<CodePoints>();

    void Append(Language rest, int end)
    {
        var first = ways.Count;
        for (var i = 0; i < rest.States; i++) New();
        Connect(end, null, first);
        for (var i = 0; i < rest.States; i++)
        {
            foreach (var step in rest.StepsOf(i)) Connect(first + i, CodePoints.Range(step.First, step.Last), first + step.Target);
            if (rest.Accepts(i)) Accepting.Add(first + i);
        }
    }

    /// <summary>Adds a node behind a state; gives the state behind it.</summary>
    int Add(RegexNode node, int from)
    {
        switch (node)
        {
            case RegexNode.Empty: return from;
            case RegexNode.Character character: return Connect(from, CodePoints.Of(character.CodePoint), New());
            case RegexNode.Set set: return Connect(from, set.Members.Members, New());
            case RegexNode.Sequence sequence: return sequence.Items.Aggregate(from, (at, item) => Add(item, at));
            case RegexNode.Choice choice:
                var end = New();
                foreach (var item in choice.Items) Connect(Add(item, Connect(from, null, New())), null, end);
                return end;
            case RegexNode.Repeat { Greed: Greed.Possessive }: throw new ConstraintException("possessive quantifiers are not supported: write it without the +");
            case RegexNode.Repeat repeat: return Repeat(repeat, from);
            case RegexNode.Place place:
                if (place.Anchor is Anchor.WordBoundary or Anchor.NoWordBoundary) HasWordBorders = true;
                return On(ConditionOf(place.Anchor), from);
            case RegexNode.Atomic: throw new ConstraintException("atomic groups are not supported: write (?:...)");
            default: throw new ConstraintException("look-around inside of groups, choices or repetitions is not supported");
        }
    }

    static Condition ConditionOf(Anchor place) => place switch
    {
        Anchor.TextStart => Condition.TextStart,
        Anchor.TextEnd => Condition.TextEnd,
        Anchor.WordBoundary => Condition.WordBoundary,
        Anchor.NoWordBoundary => Condition.NoWordBoundary,
        _ => throw new ConstraintException($"the anchor {place} is not supported"),
    };

    /// <summary>A way that is open where something holds; gives the state behind it.</summary>
    int On(Condition condition, int from)
    {
        var behind = New();
        ways[from].Add(new(null, condition, behind));
        return behind;
    }

    int Repeat(RegexNode.Repeat repeat, int from)
    {
        for (var i = 0; i < repeat.Least; i++) from = Add(repeat.Item, from);
        var end = New();
        if (repeat.Most == int.MaxValue)
        {
            var loop = Connect(from, null, New());
            Connect(Add(repeat.Item, loop), null, loop);
            return Connect(loop, null, end);
        }
        for (var i = repeat.Least; i < repeat.Most; i++)
        {
            Connect(from, null, end);
            from = Add(repeat.Item, Connect(from, null, New()));
        }
        return Connect(from, null, end);
    }

    int Connect(int from, CodePoints? characters, int to)
    {
        if (characters is not null)
        {
            if (!characterSets.TryGetValue(characters, out var whole)) characterSets.Add(characters, whole = characters.Intersect(Language.Characters));
            characters = whole;
        }
        ways[from].Add(new(characters, null, to));
        return to;
    }

    int New()
    {
        Effort.Spend(1);
        if (ways.Count >= 4 * Language.MaximumStates) throw Language.TooLarge();
        ways.Add([]);
        return ways.Count - 1;
    }
}
