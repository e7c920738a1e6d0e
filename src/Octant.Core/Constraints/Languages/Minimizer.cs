namespace Octant.Constraints.Languages;

/// <summary>Makes an automaton small: states that cannot end are dropped, states that no text tells apart become one (Hopcroft 1971).</summary>
static class Minimizer
{
    /// <summary>State 0 remains the first; what is left is reached from it.</summary>
    public static (Step[][] Steps, bool[] Accepting) Minimize(Step[][] steps, bool[] accepting)
    {
        var edges = new List<(int, int)>();
        for (var i = 0; i < steps.Length; i++)
            foreach (var step in steps[i]) edges.Add((i, step.Target));
        var lives = Endings.Of(edges, accepting);
        return Numbered(steps, accepting, Classes(steps, accepting, lives), lives);
    }

    /// <summary>The same with its states numbered in the order in which they are reached: equal automata are then alike.</summary>
    /// <param name="steps">of an automaton that is as small as can be</param>
    /// <param name="accepting">where texts end</param>
    public static (Step[][] Steps, bool[] Accepting) Numbered(Step[][] steps, bool[] accepting)
    {
        var all = new bool[steps.Length];
        Array.Fill(all, true);
        return Numbered(steps, accepting, [.. Enumerable.Range(0, steps.Length)], all);
    }

    static (Step[][] Steps, bool[] Accepting) Numbered(Step[][] steps, bool[] accepting, int[] classes, bool[] lives)
    {
        var numbers = new Dictionary<int, int>();
        var order = new List<int>();
        Number(0);
        var merged = new List<Step[]>();
        for (var i = 0; i < order.Count; i++)
            merged.Add(Joined([.. steps[order[i]].Where(step => lives[step.Target]).Select(step => step with { Target = Number(step.Target) })]));
        return ([.. merged], [.. order.Select(state => accepting[state])]);

        int Number(int state)
        {
            if (!numbers.TryGetValue(classes[state], out var number))
            {
                numbers.Add(classes[state], number = order.Count);
                order.Add(state);
            }
            return number;
        }
    }

    /// <summary>
    /// Splits classes by the characters on which their states go into another class, until none splits any more. Of a class that was split
    /// the largest part need not be looked at: what goes into it is known from the others.
    /// </summary>
    static int[] Classes(Step[][] steps, bool[] accepting, bool[] lives)
    {
        var before = new List<(int Source, int First, int Last)>?[steps.Length];
        for (var i = 0; i < steps.Length; i++)
            foreach (var step in steps[i]) (before[step.Target] ??= []).Add((i, step.First, step.Last));
        // What cannot end is a class of its own, into which nobody looks.
        var classes = new int[steps.Length];
        var members = new List<HashSet<int>> { new(), new(), new() };
        for (var i = 0; i < steps.Length; i++) members[classes[i] = !lives[i] ? 2 : accepting[i] ? 1 : 0].Add(i);
        var (work, waiting) = (new Stack<int>(), new HashSet<int>());
        Push(0);
        Push(1);
        while (work.TryPop(out var splitter))
        {
            waiting.Remove(splitter);
            Split([.. members[splitter]]);
        }
        return classes;

        void Push(int number)
        {
            if (waiting.Add(number)) work.Push(number);
        }

        void Split(int[] targets)
        {
            var incoming = new Dictionary<int, List<Step>>();
            foreach (var target in targets)
                foreach (var (source, first, last) in before[target] ?? [])
                {
                    Effort.Spend(4);
                    if (!incoming.TryGetValue(source, out var ways)) incoming.Add(source, ways = []);
                    ways.Add(new(first, last, 0));
                }
            foreach (var touched in incoming.GroupBy(pair => classes[pair.Key]).ToArray())
                Part(touched.Key, [.. touched.GroupBy(pair => new ArrayKey<Step>(Joined(pair.Value)), pair => pair.Key).Select(group => group.ToList())]);
        }

        // The states that do not go there keep the number; where there are none, the first part does.
        void Part(int split, List<List<int>> parts)
        {
            var staying = members[split];
            if (parts.Count == 1 && parts[0].Count == staying.Count) return;
            foreach (var part in parts) staying.ExceptWith(part);
            if (staying.Count == 0)
            {
                staying.UnionWith(parts[0]);
                parts.RemoveAt(0);
            }
            var numbers = new List<int> { split };
            foreach (var part in parts)
            {
                foreach (var state in part) classes[state] = members.Count;
                numbers.Add(members.Count);
                members.Add([.. part]);
            }
            var largest = waiting.Contains(split) ? split : numbers.MaxBy(number => members[number].Count);
            foreach (var number in numbers)
                if (number != largest) Push(number);
        }
    }

    /// <summary>Steps in order, those that touch and lead to the same as one.</summary>
    public static Step[] Joined(List<Step> ways)
    {
        ways.Sort((a, b) => a.First.CompareTo(b.First));
        var joined = new List<Step>(ways.Count);
        foreach (var way in ways)
            if (joined.Count > 0 && joined[^1].Target == way.Target && joined[^1].Last + 1 == way.First) joined[^1] = joined[^1] with { Last = way.Last };
            else joined.Add(way);
        return [.. joined];
    }
}
