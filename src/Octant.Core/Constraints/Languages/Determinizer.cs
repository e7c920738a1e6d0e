using Octant.Tokenizers.RegularExpressions;

namespace Octant.Constraints.Languages;

/// <summary>Turns an expression's automaton into a deterministic one whose states are sets of its states.</summary>
sealed class Determinizer
{
    enum Ahead { Word, Other, End }

    readonly record struct Subset(ArrayKey<int> States, bool AtStart, bool AfterWord);

    readonly RegexAutomaton automaton;
    readonly CodePoints? word;
    readonly CodePoints? other;
    readonly Alphabet alphabet;
    readonly Dictionary<Subset, int> ids = [];
    readonly List<(int[] States, bool AtStart, bool AfterWord)> subsets = [];

    Determinizer(RegexAutomaton automaton, RegexDialect dialect)
    {
        this.automaton = automaton;
        // Only where an expression asks for borders does it matter what a character is.
        word = automaton.HasWordBorders ? CharacterClasses.WordOf(dialect) : null;
        other = word?.Complement();
        alphabet = new(automaton.Sets.Concat(word is null ? [] : [word, other!]));
    }

    public static Language Build(RegexAutomaton automaton, RegexDialect dialect, Before before = Before.Nothing) =>
        new Determinizer(automaton, dialect).Run(before);

    Language Run(Before before)
    {
        Id([automaton.Start], before == Before.Nothing, before == Before.Word);
        var steps = new List<Step[]>();
        var accepting = new List<bool>();
        for (var i = 0; i < subsets.Count; i++)
        {
            accepting.Add(Closure(subsets[i], Ahead.End).Any(automaton.Accepting.Contains));
            steps.Add(word is null ? [.. Steps(i, Ahead.Other, null)]
                : [.. Steps(i, Ahead.Word, word).Concat(Steps(i, Ahead.Other, other)).OrderBy(step => step.First)]);
        }
        return Language.Spelled([.. steps], [.. accepting], alphabet);
    }

    /// <summary>Where a subset goes on letters of a kind.</summary>
    List<Step> Steps(int subset, Ahead ahead, CodePoints? kind)
    {
        var ways = new List<(int Letter, int Target)>();
        foreach (var state in Closure(subsets[subset], ahead))
            foreach (var way in automaton.WaysOf(state))
                if (way.Characters is not null)
                    foreach (var letter in alphabet[way.Characters]) ways.Add((letter, way.Target));
        Effort.Spend(ways.Count);
        var letters = kind is null ? null : alphabet[kind];
        var steps = new List<Step>();
        ways.Sort();
        for (var i = 0; i < ways.Count;)
        {
            var (letter, targets) = (ways[i].Letter, new List<int>());
            for (; i < ways.Count && ways[i].Letter == letter; i++)
                if (targets.Count == 0 || targets[^1] != ways[i].Target) targets.Add(ways[i].Target);
            if (letters is not null && Array.BinarySearch(letters, letter) < 0) continue;
            steps.Add(new(letter, letter, Id([.. targets], atStart: false, afterWord: ahead == Ahead.Word)));
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
