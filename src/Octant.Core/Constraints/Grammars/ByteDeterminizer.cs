using System.Runtime.InteropServices;

namespace Octant.Constraints.Grammars;

/// <summary>A state of a deterministic automaton over bytes and calls.</summary>
/// <param name="Bytes">its ways on bytes</param>
/// <param name="Calls">its ways over other rules</param>
/// <param name="Accepts">whether the rule may end here</param>
/// <param name="TextState">the state of a counted language, or where else in or about its text this is</param>
readonly record struct ByteState(ByteWay[] Bytes, CallWay[] Calls, bool Accepts, int TextState);

/// <summary>
/// Turns a rule's automaton into a deterministic one, whose states are sets of its states. Most sets are what follows one state, as
/// characters of many scripts make states by the hundred that have a single way: these are found by that state, without a look at sets.
/// </summary>
/// <param name="rule">the automaton</param>
/// <param name="most">states that it may get</param>
sealed class ByteDeterminizer(RuleAutomaton rule, int most)
{
    readonly Dictionary<ArrayKey<int>, int> ids = new(rule.Count);
    readonly List<int[]> subsets = new(rule.Count);
    readonly Dictionary<int, int> alone = new(rule.Count);
    readonly int[] seen = new int[rule.Count];
    readonly List<int> closed = [];
    readonly List<Way> edges = [];
    readonly List<Way> active = [];
    readonly List<int> cuts = [];
    readonly List<int> targets = [];
    readonly List<ByteWay> ways = [];
    int round;

    /// <summary>The states, the first of them the beginning.</summary>
    /// <exception cref="ConstraintException">it has too many</exception>
    public List<ByteState> Run()
    {
        targets.Add(rule.Start);
        Id();
        var states = new List<ByteState>(rule.Count);
        for (var i = 0; i < subsets.Count; i++) states.Add(new(ByteWays(subsets[i]), CallWays(subsets[i]), subsets[i].Contains(rule.End), TextStateOf(subsets[i])));
        return states;
    }

    /// <summary>How characters are written is a code without prefixes: all readings are at the end of a character, or none is.</summary>
    int TextStateOf(int[] subset) => rule.Counter is null ? Counter.Outside : subset.Max(rule.TextStateOf);

    /// <summary>The number of the set that the targets and all that is free from them make.</summary>
    int Id()
    {
        if (targets.Count == 1 && alone.TryGetValue(targets[0], out var known)) return known;
        Close();
        int[] states = [.. closed];
        if (!ids.TryGetValue(new(states), out var id))
        {
            if (subsets.Count >= most) throw new ConstraintException("it is too large: its automaton has too many states");
            ids.Add(new(states), id = subsets.Count);
            subsets.Add(states);
        }
        if (targets.Count == 1) alone.Add(targets[0], id);
        return id;
    }

    void Close()
    {
        closed.Clear();
        round++;
        foreach (var target in targets) Visit(target);
        for (var i = 0; i < closed.Count; i++)
        {
            Effort.Spend(1);
            foreach (ref readonly var way in CollectionsMarshal.AsSpan(rule[closed[i]]))
                if (way.IsFree) Visit(way.Target);
        }
        closed.Sort();

        void Visit(int state)
        {
            if (seen[state] == round) return;
            seen[state] = round;
            closed.Add(state);
        }
    }

    /// <summary>In pieces on which the set of targets does not change.</summary>
    ByteWay[] ByteWays(int[] subset)
    {
        edges.Clear();
        cuts.Clear();
        active.Clear();
        foreach (var state in subset)
            foreach (ref readonly var way in CollectionsMarshal.AsSpan(rule[state]))
                if (way.ReadsByte)
                {
                    edges.Add(way);
                    cuts.Add(way.First);
                    cuts.Add(way.Last + 1);
                }
        edges.Sort((a, b) => a.First.CompareTo(b.First));
        cuts.Sort();
        ways.Clear();
        var next = 0;
        for (var i = 0; i + 1 < cuts.Count; i++)
        {
            var (from, to) = (cuts[i], cuts[i + 1]);
            if (from == to) continue;
            active.RemoveAll(way => way.Last < from);
            for (; next < edges.Count && edges[next].First == from; next++) active.Add(edges[next]);
            if (active.Count == 0) continue;
            Effort.Spend(2 * active.Count);
            targets.Clear();
            foreach (var way in active) targets.Add(way.Target);
            var target = Id();
            if (ways.Count > 0 && ways[^1].Target == target && ways[^1].Last + 1 == from) ways[^1] = ways[^1] with { Last = (byte)(to - 1) };
            else ways.Add(new((byte)from, (byte)(to - 1), target));
        }
        return [.. ways];
    }

    CallWay[] CallWays(int[] subset)
    {
        // Most sets have none: characters are bytes alone.
        List<Way>? over = null;
        foreach (var state in subset)
            foreach (ref readonly var way in CollectionsMarshal.AsSpan(rule[state]))
                if (way.Rule >= 0) (over ??= []).Add(way);
        if (over is null) return [];
        var calls = new List<CallWay>();
        foreach (var group in over.GroupBy(way => way.Rule))
        {
            targets.Clear();
            targets.AddRange(group.Select(way => way.Target));
            calls.Add(new(group.Key, Id()));
        }
        return [.. calls];
    }
}
