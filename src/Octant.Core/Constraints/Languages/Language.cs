using Octant.Tokenizers.RegularExpressions;

namespace Octant.Constraints.Languages;

/// <summary>A way from one state to the next, on any of a range of characters.</summary>
readonly record struct Step(int First, int Last, int Target);

/// <summary>
/// A regular set of texts as a deterministic automaton over characters (Unicode's scalar values). It begins in state 0, every state is
/// reached, and from every state an accepting one is reached; the empty language has no accepting state. Immutable.
/// </summary>
sealed class Language
{
    /// <summary>What all languages of one constraint may have: beyond it a schema is an attack or a mistake.</summary>
    public const int MaximumStates = 50_000;

    readonly Step[][] steps;
    readonly bool[] accepting;

    internal Language(Step[][] steps, bool[] accepting) : this(Minimizer.Minimize(steps, accepting))
    {
    }

    Language((Step[][] Steps, bool[] Accepting) smallest) => (steps, accepting) = smallest;

    /// <summary>All characters: the code points but halves of surrogate pairs.</summary>
    public static CodePoints Characters { get; } = CodePoints.Range(0xD800, 0xDFFF).Complement();

    public static Language Nothing { get; } = Effort.Uncounted(() => new Language([[]], [false]));

    /// <summary>The empty text alone.</summary>
    public static Language Empty { get; } = Effort.Uncounted(() => new Language([[]], [true]));

    public static Language Anything { get; } = Effort.Uncounted(() => Many(Characters));

    public int States => steps.Length;

    public bool IsNothing => !accepting.AsSpan().Contains(true);

    public ReadOnlySpan<Step> StepsOf(int state) => steps[state];

    public bool Accepts(int state) => accepting[state];

    /// <summary>How many characters the shortest text has, and the longest; null where there is no longest. 0 and 0 for the empty language.</summary>
    public (int Least, int? Most) Lengths => lengths ??= (DistancesToEnd()[0] is < int.MaxValue and var least ? least : 0, LongestFrom(0, new int[States]) is >= 0 and var most ? most : null);

    (int Least, int? Most)? lengths;

    /// <summary>From each state the fewest characters to an accepting one.</summary>
    public int[] DistancesToEnd()
    {
        var before = new List<int>?[States];
        for (var i = 0; i < States; i++)
            foreach (var step in steps[i]) (before[step.Target] ??= []).Add(i);
        var (distances, queue) = (new int[States], new Queue<int>());
        Array.Fill(distances, int.MaxValue);
        for (var i = 0; i < States; i++)
            if (accepting[i]) Offer(i, 0);
        while (queue.TryDequeue(out var state))
            foreach (var earlier in before[state] ?? []) Offer(earlier, distances[state] + 1);
        return distances;

        void Offer(int state, int distance)
        {
            if (distances[state] <= distance) return;
            distances[state] = distance;
            queue.Enqueue(state);
        }
    }

    /// <summary>The most characters from a state to an end; -1 where there is no most: where states come again.</summary>
    int LongestFrom(int start, int[] longest)
    {
        const int unseen = 0, open = -1;
        var stack = new Stack<int>([start]);
        while (stack.TryPeek(out var state))
        {
            if (longest[state] == unseen)
            {
                longest[state] = open;
                foreach (var step in steps[state])
                    if (longest[step.Target] == open) return -1;
                    else if (longest[step.Target] == unseen) stack.Push(step.Target);
                continue;
            }
            stack.Pop();
            // Counted from one, that no length looks like a state that was not seen.
            if (longest[state] == open) longest[state] = 1 + (steps[state].Length == 0 ? 0 : steps[state].Max(step => longest[step.Target]));
        }
        return longest[start] - 1;
    }

    /// <summary>All texts; null where there are more than so many.</summary>
    public IReadOnlyList<string>? Few(int most)
    {
        if (Lengths.Most is null) return null;
        var texts = new List<string>();
        var open = new Stack<(int State, string Text)>([(0, "")]);
        while (open.TryPop(out var at))
        {
            Effort.Spend(1);
            if (accepting[at.State]) texts.Add(at.Text);
            // Every way that is open leads to another text.
            if (texts.Count > most || open.Count > most || steps[at.State].Any(step => step.Last - step.First > most)) return null;
            foreach (var step in steps[at.State])
                for (var c = step.First; c <= step.Last; c++) open.Push((step.Target, at.Text + char.ConvertFromUtf32(c)));
        }
        return texts;
    }

    /// <summary>Whether there is a text of so many characters.</summary>
    /// <param name="least">the fewest</param>
    /// <param name="most">the most; null for any number</param>
    public bool HasLengthWithin(int least, int? most)
    {
        var (shortest, longest) = Lengths;
        if (longest < least || most < shortest) return false;
        // Of a language without a longest text, no more than as many lengths are missing in a row as there are states.
        if (longest is null && (most is null || most - least >= States)) return true;
        var at = new bool[States];
        at[0] = true;
        for (var length = 0; length <= (most ?? longest); length++)
        {
            if (length >= least && Enumerable.Range(0, States).Any(state => at[state] && accepting[state])) return true;
            var next = new bool[States];
            for (var state = 0; state < States; state++)
                if (at[state])
                    foreach (var step in steps[state])
                    {
                        Effort.Spend(1);
                        next[step.Target] = true;
                    }
            at = next;
        }
        return false;
    }

    /// <summary>An automaton over letters, made small before they are spelled out.</summary>
    public static Language Spelled(Step[][] steps, bool[] accepting, Alphabet alphabet)
    {
        (steps, accepting) = Minimizer.Minimize(steps, accepting);
        return new(Minimizer.Numbered(Array.ConvertAll(steps, alphabet.Spelled), accepting));
    }

    /// <summary>Any number of some characters.</summary>
    public static Language Many(CodePoints characters) => new([To(characters, 0)], [true]);

    /// <summary>Texts of a number of characters; no most for null.</summary>
    public static Language OfLength(int least, int? most)
    {
        var count = Math.Max(least, most ?? least) + 1;
        if (count > MaximumStates) throw new ConstraintException($"a length of {count - 1} is too large: up to {MaximumStates - 1} are counted");
        var all = new Step[count][];
        for (var i = 0; i < count; i++)
            all[i] = i + 1 < count ? To(Characters, i + 1) : most is null ? To(Characters, i) : [];
        return new(all, [.. Enumerable.Range(0, count).Select(i => i >= least)]);
    }

    /// <summary>The given texts and no others.</summary>
    public static Language Of(IEnumerable<string> texts)
    {
        var (all, ends) = (new List<SortedDictionary<int, int>> { new() }, new List<bool> { false });
        foreach (var text in texts)
        {
            var at = 0;
            foreach (var rune in text.EnumerateRunes())
            {
                if (!all[at].TryGetValue(rune.Value, out var next))
                {
                    if (all.Count > MaximumStates) throw TooLarge();
                    next = all[at][rune.Value] = all.Count;
                    all.Add([]);
                    ends.Add(false);
                }
                at = next;
            }
            ends[at] = true;
        }
        return new([.. all.Select(ways => ways.Select(way => new Step(way.Key, way.Key, way.Value)).ToArray())], [.. ends]);
    }

    public Language Intersect(Language other) => ReferenceEquals(other, Anything) ? this : ReferenceEquals(this, Anything) ? other : Product(other, (a, b) => a && b, needsBoth: true);

    public Language Union(Language other) => IsNothing ? other : other.IsNothing ? this : Product(other, (a, b) => a || b, needsBoth: false);

    public Language Except(Language other) => other.IsNothing ? this : Product(other, (a, b) => a && !b, needsBoth: false);

    public Language Complement() => Anything.Except(this);

    /// <summary>Whether it is built the same way; equal sets of texts are, for what is built is minimal and its states are numbered in the order in which they are reached.</summary>
    public bool SameAs(Language other) => ReferenceEquals(this, other)
        || States == other.States && accepting.AsSpan().SequenceEqual(other.accepting) && steps.Zip(other.steps).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));

    public bool Contains(string text)
    {
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            at = Next(at, rune.Value);
            if (at < 0) return false;
        }
        return accepting[at];
    }

    /// <summary>The state after a character; -1 where there is none.</summary>
    public int Next(int state, int character)
    {
        foreach (var step in steps[state])
            if (character >= step.First && character <= step.Last) return step.Target;
        return -1;
    }

    /// <summary>The automaton of all states that are reached from one.</summary>
    /// <param name="start">the first state</param>
    /// <param name="ways">where a state leads: ranges in order that do not overlap</param>
    /// <param name="accepts">whether a text may end there</param>
    public static Language Explore<T>(T start, Func<T, IEnumerable<(int First, int Last, T Next)>> ways, Func<T, bool> accepts)
        where T : notnull
    {
        var ids = new Dictionary<T, int> { [start] = 0 };
        var states = new List<T> { start };
        var all = new List<Step[]>();
        for (var i = 0; i < states.Count; i++)
        {
            var steps = new List<Step>();
            foreach (var (first, last, next) in ways(states[i]))
            {
                Effort.Spend(4);
                if (!ids.TryGetValue(next, out var id))
                {
                    if (states.Count >= MaximumStates) throw TooLarge();
                    ids.Add(next, id = states.Count);
                    states.Add(next);
                }
                steps.Add(new(first, last, id));
            }
            all.Add([.. steps]);
        }
        return new([.. all], [.. states.Select(accepts)]);
    }

    /// <summary>Runs two automata side by side; -1 stands for having left one of them.</summary>
    Language Product(Language other, Func<bool, bool, bool> accepts, bool needsBoth) => Explore(
        (A: 0, B: 0),
        at => from way in Overlay(at.A < 0 ? [] : steps[at.A], at.B < 0 ? [] : other.steps[at.B])
              where !needsBoth || way.A >= 0 && way.B >= 0
              select (way.First, way.Last, (way.A, way.B)),
        at => accepts(at.A >= 0 && accepting[at.A], at.B >= 0 && other.accepting[at.B]));

    /// <summary>The characters for which at least one of two states has a way, in pieces on which neither changes.</summary>
    static IEnumerable<(int First, int Last, int A, int B)> Overlay(Step[] a, Step[] b)
    {
        var (i, j, from) = (0, 0, 0);
        while (i < a.Length || j < b.Length)
        {
            from = Math.Max(from, Math.Min(i < a.Length ? a[i].First : int.MaxValue, j < b.Length ? b[j].First : int.MaxValue));
            var (inA, inB) = (i < a.Length && a[i].First <= from, j < b.Length && b[j].First <= from);
            var to = Math.Min(i < a.Length ? inA ? a[i].Last : a[i].First - 1 : int.MaxValue,
                j < b.Length ? inB ? b[j].Last : b[j].First - 1 : int.MaxValue);
            if (inA || inB) yield return (from, to, inA ? a[i].Target : -1, inB ? b[j].Target : -1);
            from = to + 1;
            if (i < a.Length && a[i].Last < from) i++;
            if (j < b.Length && b[j].Last < from) j++;
        }
    }

    internal static Step[] To(CodePoints characters, int target) =>
        [.. characters.Ranges.Select(range => new Step(range.First, range.Last, target))];

    internal static ConstraintException TooLarge() => new($"it is too large: more than {MaximumStates} states");
}
