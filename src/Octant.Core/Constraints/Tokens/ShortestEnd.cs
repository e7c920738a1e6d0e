using Octant.Constraints.Grammars;

namespace Octant.Constraints.Tokens;

/// <summary>How few bytes bring a text to its end, from any place, and how few tokens say the shortest of them.</summary>
sealed class ShortestEnd
{
    /// <summary>Further than any budget.</summary>
    public const int Never = int.MaxValue / 4;

    /// <summary>Bytes of an ending that is longer than any that is looked for.</summary>
    public const int LongestEnd = 100_000;

    readonly Recognizer recognizer;
    readonly TokenVocabulary vocabulary;
    readonly int[] toEnd;
    readonly Dictionary<Counter, CountedEnds> counted = [];
    readonly Dictionary<int, IReadOnlyList<(int TextState, int Bytes)>> endsOfCharacters = [];
    readonly byte[] sayable;
    readonly TokenSearch search;
    Configuration? follows;
    ArraySegment<int> following = ArraySegment<int>.Empty;

    public ShortestEnd(Recognizer recognizer, TokenVocabulary vocabulary)
    {
        (this.recognizer, this.vocabulary) = (recognizer, vocabulary);
        sayable = [.. Enumerable.Range(0, 256).Where(value => vocabulary.CanSay[value]).Select(value => (byte)value).OrderBy(Rarity)];
        search = new(recognizer, vocabulary, Bytes);
        toEnd = Distances();
    }

    bool IsSayable(ByteWay way) => vocabulary.CanSay.AsSpan(way.First, way.Last - way.First + 1).Contains(true);

    /// <summary>Letters stand together in more tokens than signs do, so that as many of them take fewer tokens.</summary>
    static int Rarity(byte value) => value switch
    {
        >= (byte)'a' and <= (byte)'z' => 0,
        >= (byte)'0' and <= (byte)'9' => 1,
        (byte)' ' => 2,
        > (byte)' ' and < 0x7F => 3,
        _ => 4,
    };

    /// <summary>The fewest bytes to an end.</summary>
    public int Bytes(Configuration configuration)
    {
        if (configuration.CanEnd) return 0;
        var least = Never;
        foreach (var item in configuration.Items) least = Math.Min(least, InRule(item.State, item.Count) + Bytes(item.Caller));
        return Math.Min(least, Never);
    }

    /// <summary>The fewest bytes to the end of a state's rule.</summary>
    int InRule(int state, int count)
    {
        if (recognizer.Grammar.CounterOf(state) is not { } counter) return toEnd[state];
        var (ends, at) = (counted[counter], recognizer.Grammar.TextStateOf(state));
        // A byte for each quotation mark.
        if (at == Counter.Outside) return Math.Min(2 + ends.Bytes(0, 0), Never);
        if (at >= 0) return Math.Min(1 + ends.Bytes(at, count), Never);
        var least = Never;
        foreach (var (end, bytes) in EndsOfCharacter(state))
            if (counter.IsAlive(end, count + 1)) least = Math.Min(least, 1 + bytes + ends.Bytes(end, count + 1));
        return least;
    }

    IReadOnlyList<(int TextState, int Bytes)> EndsOfCharacter(int state)
    {
        if (!endsOfCharacters.TryGetValue(state, out var ends)) endsOfCharacters.Add(state, ends = recognizer.Grammar.EndsOfCharacter(state, IsSayable));
        return ends;
    }

    /// <summary>Makes ready what tells the distances in rules that count.</summary>
    void Count()
    {
        var grammar = recognizer.Grammar;
        var states = new Dictionary<Counter, IReadOnlyList<(int, int)>[]>();
        for (var state = 0; state < grammar.States; state++)
            if (grammar.CounterOf(state) is { } counter && grammar.TextStateOf(state) is >= 0 and var at)
            {
                if (!states.TryGetValue(counter, out var characters)) states.Add(counter, characters = new IReadOnlyList<(int, int)>[counter.Texts.States]);
                characters[at] ??= EndsOfCharacter(state);
            }
        foreach (var (counter, characters) in states) counted.Add(counter, new(counter, Array.ConvertAll(characters, known => known ?? [])));
    }

    /// <summary>Whether it can surely be ended with so many tokens more.</summary>
    public bool IsWithin(Configuration configuration, int tokens)
    {
        // Bytes are counted first: where each is a token, no token says less than one, and none says more than the longest.
        var bytes = Bytes(configuration);
        if (vocabulary.IsComplete && bytes <= tokens) return true;
        return bytes <= (long)tokens * vocabulary.MaximumDepth && Tokens(configuration) is { } way && way.Count <= tokens;
    }

    /// <summary>
    /// The tokens of the shortest text that ends it; where the vocabulary cannot say that, of another short one; null where none was found.
    /// </summary>
    /// <param name="configuration">from where</param>
    /// <param name="least">0, or 1 for a text that is not empty</param>
    public IReadOnlyList<int>? Tokens(Configuration configuration, int least = 0)
    {
        // A text that is ended goes the way on that was found before.
        if (ReferenceEquals(configuration, follows) && following.Count >= Math.Max(1, least)) return Remember(configuration, following);
        var way = Shortest(configuration, least) ?? (vocabulary.IsComplete || Bytes(configuration) >= LongestEnd ? null : search.Way(configuration, least));
        if (way is null) return null;
        return Remember(configuration, way.ToArray());
    }

    ArraySegment<int> Remember(Configuration configuration, ArraySegment<int> way)
    {
        if (way.Count < 2) return way;
        foreach (var value in vocabulary.Texts[way[0]]!) configuration = recognizer.Step(configuration, value);
        (follows, following) = (configuration, way[1..]);
        return way;
    }

    List<int>? Shortest(Configuration configuration, int least)
    {
        var length = Math.Max(least, Bytes(configuration));
        // Where it may end at once, the shortest way on begins with the byte that leads nearest to another end.
        if (least > 0 && configuration.CanEnd) length = 1 + sayable.Min(value => Bytes(recognizer.Step(configuration, value)));
        if (length >= LongestEnd) return null;
        var text = new byte[length];
        for (var i = 0; i < length; i++) (text[i], configuration) = Nearer(configuration, length - i - 1);
        return Split(text);
    }

    /// <summary>The first byte that brings the end nearer: the same text follows from each place on it.</summary>
    (byte, Configuration) Nearer(Configuration configuration, int left)
    {
        foreach (var value in sayable)
            if (recognizer.Step(configuration, value) is { IsDead: false } next && Bytes(next) <= left) return (value, next);
        throw new InvalidOperationException("The distance to the end is wrong.");
    }

    /// <summary>The fewest tokens that say bytes, from the last byte to the first; of as few the one that begins with the longest.</summary>
    List<int>? Split(byte[] text)
    {
        var (counts, choice) = (new int[text.Length + 1], new (int Token, int Length)[text.Length]);
        for (var at = text.Length - 1; at >= 0; at--)
        {
            counts[at] = Never;
            var (from, to) = (0, vocabulary.Nodes);
            for (var end = at; end < text.Length; end++)
            {
                var node = vocabulary.Child(from, to, text[end]);
                if (node < 0) break;
                if (vocabulary.TokensAt(node) is [var token, ..] && counts[end + 1] + 1 <= counts[at] && counts[end + 1] < Never)
                    (counts[at], choice[at]) = (counts[end + 1] + 1, (token, end + 1 - at));
                (from, to) = (node + 1, vocabulary.EndsOfSubtrees[node]);
            }
        }
        if (counts[0] >= Never) return null;
        var tokens = new List<int>();
        for (var at = 0; at < text.Length; at += choice[at].Length) tokens.Add(choice[at].Token);
        return tokens;
    }

    int Bytes(Caller caller)
    {
        if (caller.BytesToEnd is { } known) return known;
        // Callers hang in chains as long as the text is deep: without recursion.
        var open = new Stack<Caller>([caller]);
        while (open.TryPeek(out var top))
        {
            foreach (var back in top.Returns)
                if (back.Caller is { BytesToEnd: null } outer) open.Push(outer);
            if (open.Peek() != top) continue;
            open.Pop();
            top.BytesToEnd = top.Returns.Min(back => back.Caller is null ? 0 : Math.Min(toEnd[back.State] + back.Caller.BytesToEnd!.Value, Never));
        }
        return caller.BytesToEnd!.Value;
    }

    /// <summary>From each state the fewest bytes to its rule's end; in rules that count, from their first states.</summary>
    int[] Distances()
    {
        Count();
        var grammar = recognizer.Grammar;
        var before = new List<(int State, int Rule)>[grammar.States];
        var callSites = new List<(int State, int Target)>[grammar.Starts.Length];
        for (var state = 0; state < grammar.States; state++)
        {
            if (grammar.CounterOf(state) is not null) continue;
            foreach (var way in grammar.BytesOf(state))
                if (IsSayable(way)) (before[way.Target] ??= []).Add((state, -1));
            foreach (var call in grammar.CallsOf(state))
            {
                (before[call.Target] ??= []).Add((state, call.Rule));
                (callSites[call.Rule] ??= []).Add((state, call.Target));
            }
        }
        var ruleOf = new Dictionary<int, int>();
        for (var rule = 0; rule < grammar.Starts.Length; rule++) ruleOf[grammar.Starts[rule]] = rule;
        var distances = new int[grammar.States];
        Array.Fill(distances, Never);
        // Dijkstra's order: what leaves the queue is final, and a rule's length is known before any call of it is weighed (Knuth 1977).
        var queue = new PriorityQueue<int, int>();
        var lengths = new int[grammar.Starts.Length];
        Array.Fill(lengths, Never);
        for (var state = 0; state < grammar.States; state++)
            if (grammar.CounterOf(state) is null && grammar.Accepts(state)) Offer(state, 0);
        foreach (var start in grammar.Starts)
            if (grammar.CounterOf(start) is not null && vocabulary.CanSay['"'] && InRule(start, 0) is < Never and var length) Offer(start, length);
        while (queue.TryDequeue(out var state, out var distance))
        {
            if (distance > distances[state]) continue;
            foreach (var (earlier, rule) in before[state] ?? [])
                if (rule < 0) Offer(earlier, distance + 1);
                else if (lengths[rule] < Never) Offer(earlier, distance + lengths[rule]);
            if (!ruleOf.TryGetValue(state, out var ended)) continue;
            lengths[ended] = distances[state];
            foreach (var (caller, target) in callSites[ended] ?? [])
                if (distances[target] < Never) Offer(caller, distances[target] + lengths[ended]);
        }
        return distances;

        void Offer(int state, int distance)
        {
            if (distance >= distances[state]) return;
            distances[state] = distance;
            queue.Enqueue(state, distance);
        }
    }
}
