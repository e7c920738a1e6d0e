using Octant.Constraints.Languages;

namespace Octant.Constraints.Grammars;

/// <summary>
/// Counts the characters of a JSON string whose length is bounded, beside the states of its language: ten thousand characters are a number, not ten thousand
/// states, and what tokens say from a state is found out once for all lengths.
/// </summary>
sealed class Counter
{
    /// <summary>The count of texts whose length nobody asks for.</summary>
    public const int Free = -1;

    /// <summary>What stands for a state of the language within a character, and before and behind the text.</summary>
    public const int Within = -1, Outside = -2;

    /// <summary>Entries of the table for what is still too short.</summary>
    const int MostEntries = 4_000_000;

    readonly int[] toEnd;
    readonly bool[] early;

    /// <exception cref="ConstraintException">its table would be too large</exception>
    public Counter(SizedTexts sized)
    {
        (Texts, Least, Most) = (sized.Language, sized.Least, sized.Most ?? int.MaxValue);
        toEnd = Texts.DistancesToEnd();
        early = EndsAnywhere ? [] : Early();
    }

    /// <summary>The fewest characters of a text.</summary>
    public int Least { get; }

    /// <summary>The most characters of a text.</summary>
    public int Most { get; }

    /// <summary>What is counted, of any length.</summary>
    public Language Texts { get; }

    /// <summary>Whether an end of the right length is reached from every place that is not too far: the language has one state.</summary>
    public bool EndsAnywhere => Texts.States == 1;

    /// <summary>Whether so many characters can become a text.</summary>
    /// <param name="state">of the language</param>
    /// <param name="count">characters so far</param>
    public bool IsAlive(int state, int count) =>
        count >= Least || EndsAnywhere ? toEnd[state] <= Most - count : early[count * Texts.States + state];

    public bool Accepts(int state, int count) => Texts.Accepts(state) && (count >= Least || count == Free);

    /// <summary>Characters to the nearest end of the language, whatever its length.</summary>
    public int CharactersToEnd(int state) => toEnd[state];

    /// <summary>By count and state, backwards from the least length.</summary>
    bool[] Early()
    {
        var states = Texts.States;
        if ((long)Least * states > MostEntries) throw new ConstraintException($"it is too large: texts of at least {Least} characters of this form");
        var alive = new bool[Least * states];
        for (var count = Least - 1; count >= 0; count--)
            for (var state = 0; state < states; state++)
            {
                var steps = Texts.StepsOf(state);
                Effort.Spend(steps.Length);
                foreach (var step in steps)
                    alive[count * states + state] |= count + 1 == Least ? toEnd[step.Target] <= Most - Least : alive[(count + 1) * states + step.Target];
            }
        return alive;
    }
}
