namespace Octant.Constraints.Grammars;

/// <summary>A way on bytes.</summary>
readonly record struct ByteWay(byte First, byte Last, int Target);

/// <summary>A way over what another rule says.</summary>
readonly record struct CallWay(int Rule, int Target);

/// <summary>
/// A grammar made ready to be run: each rule a deterministic automaton over bytes and calls, all numbered through. No rule matches the
/// empty text (callers go past those that could), none begins with itself, and whatever has begun can be ended.
/// </summary>
sealed class ByteGrammar
{
    readonly List<ByteWay[]> bytes = [];
    readonly List<CallWay[]> calls = [];
    readonly List<bool> accepting = [];
    readonly List<int> textStates = [];
    readonly List<Counter?> counters = [];

    ByteGrammar(int[] starts, int[] order, bool acceptsEmpty) => (Starts, Order, AcceptsEmpty) = (starts, order, acceptsEmpty);

    /// <summary>Each rule's first state.</summary>
    public int[] Starts { get; }

    /// <summary>Rules begin only with rules that come later in this order.</summary>
    public int[] Order { get; }

    /// <summary>Whether the whole may be empty.</summary>
    public bool AcceptsEmpty { get; }

    public int States => accepting.Count;

    public ByteWay[] BytesOf(int state) => bytes[state];

    public CallWay[] CallsOf(int state) => calls[state];

    public bool Accepts(int state) => accepting[state];

    /// <summary>What counts characters in the state's rule; null for none.</summary>
    public Counter? CounterOf(int state) => counters[state];

    /// <summary>The state of the counter's language at the end of a character; else <see cref="Counter.Within"/> or <see cref="Counter.Outside"/>.</summary>
    public int TextStateOf(int state) => textStates[state];

    /// <summary>The ends of the character that a state is in, or in front of, with the fewest bytes to each that satisfy a condition.</summary>
    public IReadOnlyList<(int TextState, int Bytes)> EndsOfCharacter(int state, Func<ByteWay, bool> isSayable)
    {
        var (ends, seen, open) = (new Dictionary<int, int>(), new HashSet<int>(), new Queue<(int State, int Bytes)>([(state, 0)]));
        while (open.TryDequeue(out var at))
            foreach (var way in bytes[at.State])
                if (!isSayable(way) || textStates[way.Target] == Counter.Outside) continue;
                else if (textStates[way.Target] is >= 0 and var end) ends.TryAdd(end, at.Bytes + 1);
                else if (seen.Add(way.Target)) open.Enqueue((way.Target, at.Bytes + 1));
        return [.. ends.Select(end => (end.Key, end.Value))];
    }

    /// <summary>Whether nothing can follow: a state that only ends its rule.</summary>
    public bool IsLast(int state) => accepting[state] && bytes[state].Length == 0 && calls[state].Length == 0;

    /// <summary>The class of each byte: bytes of a class lead to the same in every state.</summary>
    public byte[] Classes { get; private set; } = [];

    public int ClassCount { get; private set; }

    /// <exception cref="ConstraintException">it is too large, or nothing satisfies it</exception>
    public static ByteGrammar Compile(Grammar grammar, int maximumStates = 400_000)
    {
        var (budget, written) = (new StateBudget(maximumStates), new CharacterBytes());
        var rules = new RuleAutomaton[grammar.Count];
        for (var i = 0; i < rules.Length; i++)
        {
            rules[i] = new RuleAutomaton(budget, written);
            rules[i].Add(grammar[i]);
        }
        var nullable = PassEmptyRules(rules);
        DropEndless(rules);
        var order = LeftRecursion.Remove(rules);
        var compiled = new ByteGrammar(new int[rules.Length], order, nullable[0]);
        for (var i = 0; i < rules.Length; i++) compiled.Determinize(i, rules[i], maximumStates);
        compiled.ClassifyBytes();
        return compiled;
    }

    /// <summary>Finds the rules that match the empty text, and lets their callers go past them.</summary>
    static bool[] PassEmptyRules(RuleAutomaton[] rules)
    {
        var nullable = Ending(rules, readsBytes: false);
        foreach (var rule in rules)
            for (var state = 0; state < rule.Count; state++)
                foreach (var call in rule[state].Where(way => way.Rule >= 0 && nullable[way.Rule]).ToArray()) rule[state].Add(Way.Free(call.Target));
        return nullable;
    }

    /// <summary>Drops calls of rules that no text ends: a schema that holds itself, a rule that only calls itself.</summary>
    static void DropEndless(RuleAutomaton[] rules)
    {
        var ends = Ending(rules, readsBytes: true);
        if (!ends[0]) throw new ConstraintException("nothing satisfies it");
        foreach (var rule in rules)
            for (var state = 0; state < rule.Count; state++) rule[state].RemoveAll(way => way.Rule >= 0 && !ends[way.Rule]);
    }

    /// <summary>The rules whose end is reached, over bytes or not, and over calls of rules of which that is known.</summary>
    static bool[] Ending(RuleAutomaton[] rules, bool readsBytes)
    {
        var ends = new bool[rules.Length];
        var reached = Array.ConvertAll(rules, _ => new HashSet<int>());
        var waiting = Array.ConvertAll(rules, _ => new List<(int Rule, int Target)>());
        var open = new Stack<(int Rule, int State)>();
        for (var i = 0; i < rules.Length; i++) Visit(i, rules[i].Start);
        while (open.TryPop(out var at))
        {
            if (at.State == rules[at.Rule].End && !ends[at.Rule])
            {
                ends[at.Rule] = true;
                foreach (var (rule, target) in waiting[at.Rule]) Visit(rule, target);
            }
            foreach (var way in rules[at.Rule][at.State])
                if (way.Rule >= 0 && !ends[way.Rule]) waiting[way.Rule].Add((at.Rule, way.Target));
                else if (!way.ReadsByte || readsBytes) Visit(at.Rule, way.Target);
        }
        return ends;

        void Visit(int rule, int state)
        {
            if (reached[rule].Add(state)) open.Push((rule, state));
        }
    }

    void Determinize(int number, RuleAutomaton rule, int maximumStates)
    {
        var first = accepting.Count;
        Keep(number, first, new ByteDeterminizer(rule, maximumStates - first).Run());
        while (counters.Count < accepting.Count) counters.Add(rule.Counter);
    }

    /// <summary>Numbers the states that can end, and drops the ways to others.</summary>
    void Keep(int rule, int first, List<ByteState> ways)
    {
        var edges = new List<(int, int)>(ways.Sum(way => way.Bytes.Length + way.Calls.Length));
        for (var i = 0; i < ways.Count; i++)
        {
            foreach (var way in ways[i].Bytes) edges.Add((i, way.Target));
            foreach (var way in ways[i].Calls) edges.Add((i, way.Target));
        }
        var lives = Endings.Of(edges, [.. ways.Select(way => way.Accepts)]);
        var numbers = new int[ways.Count];
        var count = 0;
        for (var i = 0; i < ways.Count; i++) numbers[i] = lives[i] || i == 0 ? first + count++ : -1;
        for (var i = 0; i < ways.Count; i++)
        {
            if (numbers[i] < 0) continue;
            bytes.Add(Array.ConvertAll(Array.TrueForAll(ways[i].Bytes, way => lives[way.Target]) ? ways[i].Bytes : Array.FindAll(ways[i].Bytes, way => lives[way.Target]),
                way => way with { Target = numbers[way.Target] }));
            calls.Add([.. ways[i].Calls.Where(way => lives[way.Target]).Select(way => way with { Target = numbers[way.Target] })]);
            accepting.Add(ways[i].Accepts);
            textStates.Add(ways[i].TextState);
        }
        Starts[rule] = first;
    }

    void ClassifyBytes()
    {
        var cuts = new bool[257];
        foreach (var ways in bytes)
            foreach (var way in ways) cuts[way.First] = cuts[way.Last + 1] = true;
        Classes = new byte[256];
        for (var (value, kind) = (0, 0); value < 256; value++)
        {
            if (value > 0 && cuts[value]) kind++;
            Classes[value] = (byte)kind;
            ClassCount = kind + 1;
        }
    }
}
