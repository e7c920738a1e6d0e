using Octant.Tokenizers.RegularExpressions;

namespace Octant.Constraints.Languages;

/// <summary>Turns an expression's automaton into a deterministic one whose states are sets of its states.</summary>
sealed class Determinizer
{
    enum Ahead { Word, Other, End }

    readonly record struct Subset(ArrayKey<int> States, bool AtStart, bool AfterWord);

    readonly RegexAutomaton automaton;
    readonly RegexDialect dialect;
    readonly Dictionary<Subset, int> ids = [];
    readonly List<(int[] States, bool AtStart, bool AfterWord)> subsets = [];

    Determinizer(RegexAutomaton automaton, RegexDialect dialect) =>
        (this.automaton, this.dialect) = (automaton, dialect);

    public static Language Build(RegexAutomaton automaton, RegexDialect dialect, Before before = Before.Nothing) =>
        new Determinizer(automaton, dialect).Run(before);

    Language Run(Before before)
    {
        Id([automaton.Start], before == Before.Nothing, before == Before.Word);
        var steps = new List<Step[]>();
        var accepting = new List<bool>();
        // Only where an expression asks for borders does it matter what a character is.
        var word = automaton.HasWordBorders ? CharacterClasses.WordOf(dialect) : null;
        var other = word?.Complement();
        for (var i = 0; i < subsets.Count; i++)
        {
            accepting.Add(Closure(subsets[i], Ahead.End).Any(automaton.Accepting.Contains));
            steps.Add(word is null ? [.. Steps(i, Ahead.Other, null)]
                : [.. Steps(i, Ahead.Word, word).Concat(Steps(i, Ahead.Other, other)).OrderBy(step => step.First)]);
        }
        return new([.. steps], [.. accepting]);
    }

    /// <summary>Where a subset goes on characters of a kind: in pieces on which the set of targets does not change.</summary>
    List<Step> Steps(int subset, Ahead ahead, CodePoints? kind)
    {
        var starts = new List<(int At, int Target, bool Begins)>();
        foreach (var state in Closure(subsets[subset], ahead))
            foreach (var way in automaton.WaysOf(state))
                foreach (var (first, last) in (kind is null ? way.Characters : way.Characters?.Intersect(kind))?.Ranges ?? [])
                {
                    starts.Add((first, way.Target, true));
                    starts.Add((last + 1, way.Target, false));
                }
        Effort.Spend(starts.Count);
        // A letter after the other: one way at most.
        if (starts.Count == 2) return [new(starts[0].At, starts[1].At - 1, Id([starts[0].Target], atStart: false, afterWord: ahead == Ahead.Word))];
        starts.Sort((a, b) => a.At.CompareTo(b.At));
        var active = new SortedDictionary<int, int>();
        var steps = new List<Step>();
        for (var i = 0; i < starts.Count;)
        {
            var at = starts[i].At;
            for (; i < starts.Count && starts[i].At == at; i++)
            {
                var count = active.GetValueOrDefault(starts[i].Target) + (starts[i].Begins ? 1 : -1);
                if (count == 0) active.Remove(starts[i].Target);
                else active[starts[i].Target] = count;
            }
            Effort.Spend(active.Count);
            if (active.Count > 0)
                steps.Add(new(at, starts[i].At - 1, Id([.. active.Keys], atStart: false, afterWord: ahead == Ahead.Word)));
        }
        return steps;
    }

    int Id(int[] states, bool atStart, bool afterWord)
    {
        var key = new Subset(new(states), atStart, afterWord);
        if (ids.TryGetValue(key, out var id)) return id;
        if (subsets.Count >= Language.MaximumStates) throw Language.TooLarge();
        ids.Add(key, subsets.Count);
        subsets.Add((states, atStart, afterWord));
        return subsets.Count - 1;
    }

    /// <summary>What is reached without reading, given what is behind and what comes.</summary>
    IReadOnlyCollection<int> Closure((int[] States, bool AtStart, bool AfterWord) subset, Ahead ahead)
    {
        if (subset.States is [var only] && automaton.WaysOf(only).All(way => way.Characters is not null)) return subset.States;
        var reached = new HashSet<int>(subset.States);
        var open = new Stack<int>(subset.States);
        while (open.TryPop(out var state))
        {
            Effort.Spend(1);
            foreach (var way in automaton.WaysOf(state))
                if (way.Characters is null && (way.Condition is not { } condition || Holds(condition, subset.AtStart, subset.AfterWord, ahead)) && reached.Add(way.Target))
                    open.Push(way.Target);
        }
        return reached;
    }

    static bool Holds(Condition condition, bool atStart, bool afterWord, Ahead ahead) => condition switch
    {
        Condition.TextStart => atStart,
        Condition.TextEnd => ahead == Ahead.End,
        Condition.WordBoundary => afterWord != (ahead == Ahead.Word),
        Condition.NoWordBoundary => afterWord == (ahead == Ahead.Word),
        Condition.AfterWord => afterWord,
        _ => !atStart && !afterWord,
    };
}
