using System.Runtime.InteropServices;

namespace Octant.Evaluation;

/// <summary>A run of words that stands in another text, too.</summary>
/// <param name="Words">how many</param>
/// <param name="Quote">the run, as the text that copies has it</param>
public sealed record VerbatimCopy(int Words, string Quote);

/// <summary>
/// Finds what texts have copied from a source, word by word; case and punctuation do not count. The source becomes a suffix automaton
/// (Blumer et al. 1985): its states are the sets of places at which runs of words end, and a text is followed through it in one go, so that a
/// search takes as long as the text that is searched, whatever the source.
/// </summary>
public sealed class VerbatimCopies
{
    const int Root = 0;

    readonly Dictionary<string, int> ids = [];
    readonly List<Dictionary<int, int>> next = [];          // state, word -> state
    readonly List<int> length = [];                         // words of the state's longest run
    readonly List<int> link = [];                           // the state of the longest shorter run that ends in more places

    /// <param name="source">what may have been copied from</param>
    public VerbatimCopies(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        var last = Add(0, -1, []);
        foreach (var word in TextMeasures.Words(source)) last = Extend(last, IdOf(word));
    }

    /// <summary>The longest run of words that a text shares with the source, the first of several; none is no words.</summary>
    public VerbatimCopy Longest(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Range[] places = [.. TextMeasures.Places(text)];
        var (state, run, best, end) = (Root, 0, 0, 0);
        for (var at = 0; at < places.Length; at++)
        {
            (state, run) = Follow(state, run, ids.GetValueOrDefault(TextMeasures.Word(text, places[at]), -1));
            if (run > best) (best, end) = (run, at);
        }
        return best == 0 ? new(0, "") : new(best, text[places[end - best + 1].Start..places[end].End]);
    }

    /// <summary>One word further; where the run does not go on so, its longest ending that does.</summary>
    (int State, int Run) Follow(int state, int run, int word)
    {
        while (state != Root && !next[state].ContainsKey(word))
        {
            state = link[state];
            run = length[state];
        }
        return next[state].TryGetValue(word, out var further) ? (further, run + 1) : (Root, 0);
    }

    int Extend(int last, int word)
    {
        var added = Add(length[last] + 1, Root, []);
        var at = last;
        for (; at >= 0 && next[at].TryAdd(word, added); at = link[at]) { }
        if (at < 0) return added;
        var target = next[at][word];
        link[added] = length[target] == length[at] + 1 ? target : Split(at, word, target);
        return added;
    }

    /// <summary>Parts the shorter runs of a state, which now end in one place more, from its longer ones.</summary>
    int Split(int at, int word, int target)
    {
        var shorter = Add(length[at] + 1, link[target], new(next[target]));
        link[target] = shorter;
        for (; at >= 0 && next[at].GetValueOrDefault(word, -1) == target; at = link[at]) next[at][word] = shorter;
        return shorter;
    }

    int Add(int longest, int linked, Dictionary<int, int> further)
    {
        next.Add(further);
        length.Add(longest);
        link.Add(linked);
        return next.Count - 1;
    }

    int IdOf(string word)
    {
        ref var id = ref CollectionsMarshal.GetValueRefOrAddDefault(ids, word, out var known);
        if (!known) id = ids.Count - 1;
        return id;
    }
}
