namespace Octant.Constraints;

/// <summary>From which states of an automaton an accepting one is reached: backwards, from those.</summary>
static class Endings
{
    /// <param name="targets">where the ways of each state lead</param>
    /// <param name="accepting">the states that end a text</param>
    public static bool[] Of(IReadOnlyList<IEnumerable<int>> targets, bool[] accepting)
    {
        var before = new List<int>?[targets.Count];
        for (var i = 0; i < targets.Count; i++)
            foreach (var target in targets[i]) (before[target] ??= []).Add(i);
        var lives = (bool[])accepting.Clone();
        var open = new Stack<int>(Enumerable.Range(0, lives.Length).Where(i => lives[i]));
        while (open.TryPop(out var state))
            foreach (var earlier in before[state] ?? [])
                if (!lives[earlier])
                {
                    lives[earlier] = true;
                    open.Push(earlier);
                }
        return lives;
    }
}
