namespace Octant.Constraints.Languages;

/// <summary>Makes an automaton small: states that cannot end are dropped, states that no text tells apart become one (Moore 1956).</summary>
static class Minimizer
{
    /// <summary>State 0 remains the first; what is left is reached from it.</summary>
    public static (Step[][] Steps, bool[] Accepting) Minimize(Step[][] steps, bool[] accepting)
    {
        var lives = Alive(steps, accepting);
        var classes = Classes(steps, accepting, lives);
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

    static bool[] Alive(Step[][] steps, bool[] accepting)
    {
        var before = new List<int>[steps.Length];
        for (var i = 0; i < steps.Length; i++)
            foreach (var step in steps[i]) (before[step.Target] ??= []).Add(i);
        var lives = (bool[])accepting.Clone();
        var queue = new Stack<int>(Enumerable.Range(0, steps.Length).Where(i => lives[i]));
        while (queue.TryPop(out var state))
            foreach (var earlier in before[state] ?? [])
                if (!lives[earlier])
                {
                    lives[earlier] = true;
                    queue.Push(earlier);
                }
        return lives;
    }

    /// <summary>Splits the states until all in a class go on alike.</summary>
    static int[] Classes(Step[][] steps, bool[] accepting, bool[] lives)
    {
        var classes = Array.ConvertAll(accepting, accepts => accepts ? 1 : 0);
        for (var count = 0; ;)
        {
            var seen = new Dictionary<Signature, int>();
            var next = new int[classes.Length];
            for (var i = 0; i < steps.Length; i++)
            {
                var signature = new Signature(classes[i], Joined([.. steps[i].Where(step => lives[step.Target])
                    .Select(step => step with { Target = classes[step.Target] })]));
                if (!seen.TryGetValue(signature, out next[i])) seen.Add(signature, next[i] = seen.Count);
            }
            classes = next;
            if (seen.Count == count) return classes;
            count = seen.Count;
        }
    }

    static Step[] Joined(List<Step> ways)
    {
        ways.Sort((a, b) => a.First.CompareTo(b.First));
        var joined = new List<Step>(ways.Count);
        foreach (var way in ways)
            if (joined.Count > 0 && joined[^1].Target == way.Target && joined[^1].Last + 1 == way.First) joined[^1] = joined[^1] with { Last = way.Last };
            else joined.Add(way);
        return [.. joined];
    }

    readonly struct Signature(int kind, Step[] steps) : IEquatable<Signature>
    {
        readonly int kind = kind;
        readonly Step[] steps = steps;

        public bool Equals(Signature other) => kind == other.kind && steps.AsSpan().SequenceEqual(other.steps);

        public override bool Equals(object? obj) => obj is Signature other && Equals(other);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.Add(kind);
            foreach (var step in steps) hash.Add(step);
            return hash.ToHashCode();
        }
    }
}
