using System.Runtime.CompilerServices;
using Octant.Constraints.Grammars;

namespace Octant.Constraints.Tokens;

/// <summary>
/// Looks for tokens that end a text, in vocabularies that lack some bytes by themselves: what bytes could say, tokens may not. From place
/// to place, the nearest to the end first, so that a way is found soon, and not always the shortest.
/// </summary>
/// <param name="recognizer">of the constraint</param>
/// <param name="vocabulary">the tokens</param>
/// <param name="bytesToEnd">at least how many bytes are missing</param>
sealed class TokenSearch(Recognizer recognizer, TokenVocabulary vocabulary, Func<Configuration, int> bytesToEnd)
{
    /// <summary>Nodes of the trie that one search looks at, some hundredth of a second: a way that is not found by then counts as none.</summary>
    const int MostSteps = 1_000_000;

    readonly ConditionalWeakTable<Configuration, IReadOnlyList<int>> known = [];
    readonly Configuration[] path = new Configuration[vocabulary.MaximumDepth + 1];

    /// <param name="start">from where</param>
    /// <param name="least">0, or 1 for a text that is not empty</param>
    public IReadOnlyList<int>? Way(Configuration start, int least)
    {
        if (least == 0 && start.CanEnd) return [];
        if (!known.TryGetValue(start, out var way)) known.Add(start, way = Search(start));
        return way.Count > 0 ? way : null;
    }

    /// <summary>A way of at least one token; empty for none.</summary>
    List<int> Search(Configuration start)
    {
        var cameFrom = new Dictionary<Configuration, (Configuration Before, int Token)>();
        var queue = new PriorityQueue<Configuration, int>();
        queue.Enqueue(start, 0);
        for (var steps = MostSteps; steps > 0 && queue.TryDequeue(out var at, out _);)
            foreach (var (next, token) in Nexts(at, ref steps))
            {
                if (next.CanEnd) return Way(cameFrom, start, at, token);
                if (next != start && cameFrom.TryAdd(next, (at, token))) queue.Enqueue(next, bytesToEnd(next));
            }
        return [];
    }

    /// <summary>Where single tokens lead, each place once.</summary>
    List<(Configuration Next, int Token)> Nexts(Configuration from, ref int steps)
    {
        var nexts = new List<(Configuration, int)>();
        var seen = new HashSet<Configuration>();
        path[0] = from;
        for (var node = 0; node < vocabulary.Nodes; steps--)
        {
            var depth = vocabulary.Depths[node];
            var next = recognizer.Step(path[depth], vocabulary.Labels[node]);
            if (!next.IsDead && vocabulary.TokensAt(node) is [var token, ..] && seen.Add(next)) nexts.Add((next, token));
            path[depth + 1] = next;
            node = next.Items.Length == 0 ? vocabulary.EndsOfSubtrees[node] : node + 1;
        }
        return nexts;
    }

    static List<int> Way(Dictionary<Configuration, (Configuration Before, int Token)> cameFrom, Configuration start, Configuration at, int token)
    {
        var way = new List<int> { token };
        while (at != start)
        {
            (at, token) = cameFrom[at];
            way.Add(token);
        }
        way.Reverse();
        return way;
    }
}
