using Octant.Tokenizers.RegularExpressions;

namespace Octant.Constraints.Languages;

/// <summary>
/// The letters of an expression: characters that none of its sets tells apart are one. <c>\w</c> has more than seven hundred ranges, and an
/// expression of a hundred of them two letters.
/// </summary>
sealed class Alphabet
{
    readonly Dictionary<CodePoints, int[]> letters = new(ReferenceEqualityComparer.Instance);
    readonly List<List<(int First, int Last)>> members = [];

    /// <param name="sets">the sets of which it is made</param>
    public Alphabet(IEnumerable<CodePoints> sets)
    {
        var distinct = new Dictionary<CodePoints, int>();
        var ids = new Dictionary<CodePoints, int>(ReferenceEqualityComparer.Instance);
        foreach (var set in sets.Where(set => ids.TryAdd(set, -1)))
        {
            distinct.TryAdd(set, distinct.Count);
            ids[set] = distinct[set];
        }
        var ofSets = Sweep([.. distinct.Keys]);
        foreach (var (set, id) in ids) letters.Add(set, ofSets[id]);
    }

    /// <summary>The letters of one of its sets, in order.</summary>
    public int[] this[CodePoints set] => letters[set];

    /// <summary>Steps on letters as steps on their characters, in order.</summary>
    public Step[] Spelled(Step[] steps)
    {
        var count = 0;
        foreach (var step in steps)
            for (var letter = step.First; letter <= step.Last; letter++) count += members[letter].Count;
        Effort.Spend(count);
        var all = new List<Step>(count);
        foreach (var step in steps)
            for (var letter = step.First; letter <= step.Last; letter++)
                foreach (var (first, last) in members[letter]) all.Add(new(first, last, step.Target));
        return Minimizer.Joined(all);
    }

    /// <summary>Goes over all characters: between two places at which a set begins or ends, those of the same sets are one letter.</summary>
    int[][] Sweep(CodePoints[] sets)
    {
        var borders = new List<(int At, int Set)>();
        for (var set = 0; set < sets.Length; set++)
            foreach (var (first, last) in sets[set].Ranges)
            {
                borders.Add((first, set));
                borders.Add((last + 1, set));
            }
        borders.Sort();
        var (open, known) = (new SortedSet<int>(), new Dictionary<ArrayKey<int>, int>());
        var found = Array.ConvertAll(sets, _ => new SortedSet<int>());
        for (var i = 0; i < borders.Count;)
        {
            var at = borders[i].At;
            for (; i < borders.Count && borders[i].At == at; i++)
                if (!open.Remove(borders[i].Set)) open.Add(borders[i].Set);
            if (open.Count == 0) continue;
            Effort.Spend(open.Count);
            int[] together = [.. open];
            if (!known.TryGetValue(new(together), out var letter))
            {
                known.Add(new(together), letter = members.Count);
                members.Add([]);
                foreach (var set in together) found[set].Add(letter);
            }
            members[letter].Add((at, borders[i].At - 1));
        }
        return Array.ConvertAll(found, set => set.ToArray());
    }
}
