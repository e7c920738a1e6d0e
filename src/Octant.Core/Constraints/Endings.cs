namespace Octant.Constraints;

/// <summary>From which states of an automaton an accepting one is reached: backwards, from those.</summary>
static class Endings
{
    /// <param name="ways">from which state to which</param>
    /// <param name="accepting">the states that end a text</param>
    public static bool[] Of(List<(int From, int To)> ways, bool[] accepting)
    {
        // The ways into a state lie one behind the other.
        var starts = new int[accepting.Length + 1];
        foreach (var (_, to) in ways) starts[to + 1]++;
        for (var i = 0; i < accepting.Length; i++) starts[i + 1] += starts[i];
        var (sources, next) = (new int[ways.Count], starts.ToArray());
        foreach (var (from, to) in ways) sources[next[to]++] = from;
        var lives = (bool[])accepting.Clone();
        var open = new Stack<int>();
        for (var i = 0; i < lives.Length; i++)
            if (lives[i]) open.Push(i);
        while (open.TryPop(out var state))
            foreach (var earlier in sources.AsSpan(starts[state]..starts[state + 1]))
                if (!lives[earlier])
                {
                    lives[earlier] = true;
                    open.Push(earlier);
                }
        return lives;
    }
}
