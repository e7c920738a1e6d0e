namespace Octant.Tokenizers.Training.Unigrams;

/// <summary>
/// The substrings of a text that occur more than once, each as long as its occurrences agree: the inner nodes of its suffix tree, from a
/// suffix array by doubling (Manber and Myers 1990) and the common prefixes of neighbours (Kasai et al. 2001).
/// </summary>
static class Substrings
{
    /// <summary>Where each begins, how long it is and how often it occurs, in the order in which the tree's nodes close.</summary>
    public static IEnumerable<(int Start, int Length, int Count)> Repeated(int[] text)
    {
        var order = SuffixArray(text);
        var common = CommonPrefixes(text, order);
        var open = new Stack<(int First, int Length)>();
        open.Push((-1, -1));
        for (var i = 0; ; i++)
        {
            var (first, length) = (i, i == text.Length ? -1 : common[i]);
            while (open.Peek() is var top && top.Length > length)
            {
                if (i - top.First > 1) yield return (order[top.First], top.Length, i - top.First);
                first = top.First;
                open.Pop();
            }
            if (open.Peek().Length < length) open.Push((first, length));
            if (i == text.Length) yield break;
            open.Push((i, text.Length - order[i] + 1));
        }
    }

    static int[] SuffixArray(int[] text)
    {
        var (order, rank, next) = (Enumerable.Range(0, text.Length).ToArray(), (int[])text.Clone(), new int[text.Length]);
        for (var step = 0; ; step = Math.Max(1, step * 2))
        {
            // Doubling needs each prefix of so many characters as one number; a suffix that is too short comes first.
            var width = step;
            var keys = Array.ConvertAll(order, at => ((long)rank[at] << 32) + (width == 0 ? 0 : at + width < text.Length ? rank[at + width] + 1 : 0));
            Array.Sort(keys, order);
            var last = 0;
            for (var i = 0; i < order.Length; i++) next[order[i]] = i > 0 && keys[i] == keys[i - 1] ? last : last = i;
            (rank, next) = (next, rank);
            if (order.Length == 0 || step >= text.Length || order.Select((at, i) => rank[at] == i).All(isOwn => isOwn)) return order;
        }
    }

    /// <summary>How many characters a suffix shares with the one before it.</summary>
    static int[] CommonPrefixes(int[] text, int[] order)
    {
        var (places, common) = (new int[text.Length], new int[text.Length]);
        for (var i = 0; i < order.Length; i++) places[order[i]] = i;
        for (var (at, length) = (0, 0); at < text.Length; at++)
        {
            if (places[at] == 0)
            {
                length = 0;
                common[0] = -1;
                continue;
            }
            var before = order[places[at] - 1];
            while (at + length < text.Length && before + length < text.Length && text[at + length] == text[before + length]) length++;
            common[places[at]] = length;
            if (length > 0) length--;
        }
        return common;
    }
}
