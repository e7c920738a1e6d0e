using System.Runtime.CompilerServices;

namespace Octant.Constraints.Grammars;

/// <summary>Where a rule goes on when the one that it called has ended: a state, and where that state's own rule was called from.</summary>
readonly record struct Return(int State, Caller? Caller);

/// <summary>
/// All places that await the end of one call: the top of a stack whose lower parts are shared (Tomita 1985). Equal ones are the same object.
/// </summary>
sealed class Caller(long id, Return[] returns)
{
    public long Id { get; } = id;

    public Return[] Returns { get; } = returns;

    /// <summary>What holds once the call has ended, when it has been asked for.</summary>
    public Configuration? Ended { get; set; }

    /// <summary>The fewest bytes from there to the end of the text, when they have been asked for.</summary>
    public int? BytesToEnd { get; set; }
}

/// <summary>A state and what awaits the end of its rule.</summary>
/// <param name="State">of the grammar</param>
/// <param name="Caller">what awaits</param>
/// <param name="Count">the characters so far, in a rule that counts them</param>
readonly record struct Item(int State, Caller Caller, int Count = 0);

/// <summary>All that may be the case after some text. Equal ones are the same object, as long as they are remembered.</summary>
sealed class Configuration(Item[] items, bool canEnd, bool leaves, int classes)
{
    public Item[] Items { get; } = items;

    /// <summary>Whether the text may end here.</summary>
    public bool CanEnd { get; } = canEnd;

    /// <summary>Whether the call at which this began has ended: what comes then is known only to the caller.</summary>
    public bool Leaves { get; } = leaves;

    public bool IsDead => Items.Length == 0 && !CanEnd && !Leaves;

    /// <summary>Where each class of bytes leads, as far as it has been asked for.</summary>
    public Configuration?[] Next { get; } = items.Length == 0 ? [] : new Configuration?[classes];

    /// <summary>Which tokens may come here, as bits, when it has been asked for.</summary>
    public ulong[]? Mask { get; set; }
}

/// <summary>
/// Runs a grammar over bytes, all readings side by side: after a byte it goes back to callers and forward into calls until only bytes can
/// follow. What it finds out is kept, so that it becomes a table for what is said often. Not for several threads at once.
/// </summary>
sealed class Recognizer
{
    const int Remembered = 40_000, MostItems = 4_000;
    const int End = -1, Open = -2;

    readonly Dictionary<ArrayKey<Return>, Caller> callers = [];
    readonly Dictionary<(ArrayKey<Item> Items, bool CanEnd, bool Leaves), Configuration> configurations = [];
    readonly Dictionary<int, IReadOnlyList<(int TextState, int Bytes)>> endsOfCharacters = [];
    readonly Caller open;
    long ids;

    public Recognizer(ByteGrammar grammar)
    {
        Grammar = grammar;
        Dead = new([], false, false, grammar.ClassCount);
        open = Intern([new(Open, null)]);
        Start = Close([], isStart: true);
    }

    public ByteGrammar Grammar { get; }

    /// <summary>Before the first byte.</summary>
    public Configuration Start { get; }

    public Configuration Dead { get; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Configuration Step(Configuration from, byte value)
    {
        if (from.Items.Length == 0) return Dead;
        ref var next = ref from.Next[Grammar.Classes[value]];
        return next ??= Compute(from, value);
    }

    /// <summary>A state whose caller is not known, without the calls that begin in it.</summary>
    public Configuration Inside(int state, int count) => Intern([new(state, open, count)], canEnd: false, leaves: false);

    /// <summary>What holds once a call has ended.</summary>
    public Configuration Ended(Caller caller) => caller.Ended ??= Close([.. caller.Returns.Select(back => (back, 0))]);

    Configuration Compute(Configuration from, byte value)
    {
        var moved = new List<(Return, int)>();
        foreach (var item in from.Items)
            foreach (var way in Grammar.BytesOf(item.State))
                if (value >= way.First && value <= way.Last && CountAt(item, way.Target) is { } count) moved.Add((new(way.Target, item.Caller), count));
        return moved.Count == 0 ? Dead : Close(moved);
    }

    /// <summary>The characters after a byte that leads to a state; null where no text of the right length can come of them.</summary>
    int? CountAt(Item item, int target)
    {
        if (Grammar.CounterOf(target) is not { } counter) return 0;
        var (from, to, count) = (Grammar.TextStateOf(item.State), Grammar.TextStateOf(target), item.Count);
        // The text begins, or it ends.
        if (from == Counter.Outside) return count;
        if (to == Counter.Outside) return counter.Accepts(from, count) ? 0 : null;
        if (count == Counter.Free) return count;
        if (to >= 0) return counter.IsAlive(to, count + 1) ? count + 1 : null;
        foreach (var (end, _) in EndsOfCharacter(target))
            if (counter.IsAlive(end, count + 1)) return count;
        return null;
    }

    /// <summary>Within a character, the ends of it that may come.</summary>
    public IReadOnlyList<(int TextState, int Bytes)> EndsOfCharacter(int state)
    {
        if (!endsOfCharacters.TryGetValue(state, out var ends)) endsOfCharacters.Add(state, ends = Grammar.EndsOfCharacter(state, _ => true));
        return ends;
    }

    /// <summary>Adds what follows without a byte: first the ends of rules, then the calls, those rules first that others begin with.</summary>
    Configuration Close(IReadOnlyList<(Return, int Count)> moved, bool isStart = false)
    {
        var (items, seen) = (new List<Item>(), new HashSet<Item>());
        var (canEnd, leaves) = (isStart && Grammar.AcceptsEmpty, false);
        var work = new Stack<(Return At, int Count)>(moved);
        while (work.TryPop(out var next))
        {
            var (at, count) = next;
            if (at.State == End) canEnd = true;
            else if (at.State == Open) leaves = true;
            else if (seen.Add(new(at.State, at.Caller!, count)))
            {
                if (items.Count > MostItems) throw new ConstraintException("the grammar has too many readings of this text at once");
                if (Grammar.Accepts(at.State))
                    foreach (var back in at.Caller!.Returns) work.Push((back, 0));
                if (!Grammar.IsLast(at.State)) items.Add(new(at.State, at.Caller!, count));
            }
        }
        var calls = new SortedDictionary<int, (int Rule, HashSet<Return> Returns)>();
        if (isStart) Call(calls, rule: 0, [new(End, null)]);
        foreach (var item in items.ToArray()) Call(calls, item);
        while (calls.Count > 0)
        {
            var (order, (rule, returns)) = calls.First();
            calls.Remove(order);
            var item = new Item(Grammar.Starts[rule], Intern([.. returns.OrderBy(back => back.State).ThenBy(back => back.Caller?.Id)]));
            if (seen.Add(item)) items.Add(item);
            Call(calls, item);
        }
        return Intern([.. items.OrderBy(item => item.State).ThenBy(item => item.Caller.Id).ThenBy(item => item.Count)], canEnd, leaves);
    }

    void Call(SortedDictionary<int, (int Rule, HashSet<Return> Returns)> calls, Item item)
    {
        foreach (var call in Grammar.CallsOf(item.State))
            // A call at a rule's very end goes back where the rule itself would: lists of any length need no stack.
            Call(calls, call.Rule, Grammar.IsLast(call.Target) ? item.Caller.Returns : [new(call.Target, item.Caller)]);
    }

    void Call(SortedDictionary<int, (int Rule, HashSet<Return> Returns)> calls, int rule, Return[] returns)
    {
        if (!calls.TryGetValue(Grammar.Order[rule], out var waiting)) calls.Add(Grammar.Order[rule], waiting = (rule, []));
        waiting.Returns.UnionWith(returns);
    }

    Caller Intern(Return[] returns)
    {
        var key = new ArrayKey<Return>(returns);
        if (callers.TryGetValue(key, out var caller)) return caller;
        if (callers.Count >= Remembered) callers.Clear();
        return callers[key] = new(ids++, returns);
    }

    Configuration Intern(Item[] items, bool canEnd, bool leaves)
    {
        if (items.Length == 0 && !canEnd && !leaves) return Dead;
        var key = (new ArrayKey<Item>(items), canEnd, leaves);
        if (configurations.TryGetValue(key, out var configuration)) return configuration;
        if (configurations.Count >= Remembered) Forget();
        return configurations[key] = new(items, canEnd, leaves, Grammar.ClassCount);
    }

    /// <summary>Long texts of deep grammars would fill the memory; what is in use holds itself.</summary>
    void Forget()
    {
        foreach (var configuration in configurations.Values)
        {
            Array.Clear(configuration.Next);
            configuration.Mask = null;
        }
        configurations.Clear();
    }
}
