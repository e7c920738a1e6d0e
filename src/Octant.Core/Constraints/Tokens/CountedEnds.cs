using Octant.Constraints.Grammars;

namespace Octant.Constraints.Tokens;

/// <summary>How few bytes bring a text whose characters are counted to its end: by state and count, without a table for all lengths.</summary>
sealed class CountedEnds
{
    readonly Counter counter;
    readonly IReadOnlyList<(int TextState, int Bytes)>[] characters;
    readonly int[][] within;
    readonly int[] early;

    /// <param name="counter">whose texts</param>
    /// <param name="characters">from each state of its language the next ones, with the fewest bytes of a character</param>
    public CountedEnds(Counter counter, IReadOnlyList<(int TextState, int Bytes)>[] characters)
    {
        (this.counter, this.characters) = (counter, characters);
        within = Within();
        early = counter.EndsAnywhere ? [] : Early();
    }

    /// <summary>The fewest bytes from a state of the language to an end of the right length.</summary>
    public int Bytes(int state, int count)
    {
        if (count >= counter.Least) return Behind(state, count);
        if (!counter.EndsAnywhere) return early[count * counter.Texts.States + state];
        return characters[state] is [var (_, bytes)] ? (int)Math.Min((long)(counter.Least - count) * bytes, ShortestEnd.Never) : ShortestEnd.Never;
    }

    int Behind(int state, int count) => within[Math.Min(counter.Most - count, within.Length - 1)][state];

    /// <summary>By the characters that may follow: a way without a state that comes twice has fewer than there are states, and more room changes nothing.</summary>
    int[][] Within()
    {
        var texts = counter.Texts;
        var table = new int[Math.Min(texts.States, counter.Most) + 1][];
        for (var room = 0; room < table.Length; room++)
        {
            table[room] = new int[texts.States];
            for (var state = 0; state < texts.States; state++)
                table[room][state] = texts.Accepts(state) ? 0 : room == 0 ? ShortestEnd.Never : Nearest(state, next => table[room - 1][next]);
        }
        return table;
    }

    /// <summary>By count and state, backwards from the least length.</summary>
    int[] Early()
    {
        var states = counter.Texts.States;
        var table = new int[counter.Least * states];
        for (var count = counter.Least - 1; count >= 0; count--)
            for (var state = 0; state < states; state++)
                table[count * states + state] = Nearest(state, next => count + 1 == counter.Least ? Behind(next, count + 1) : table[(count + 1) * states + next]);
        return table;
    }

    int Nearest(int state, Func<int, int> rest)
    {
        var least = ShortestEnd.Never;
        foreach (var (next, bytes) in characters[state]) least = Math.Min(least, bytes + rest(next));
        return least;
    }
}
