using System.Text;
using Octant.Constraints.Languages;
using Octant.Tokenizers.RegularExpressions;

namespace Octant.Constraints.Grammars;

/// <summary>A way of a rule's automaton: on a byte of a range, over a call of a rule, or on nothing.</summary>
/// <param name="First">the first byte; above the last where no byte is read</param>
/// <param name="Last">the last byte</param>
/// <param name="Rule">the rule called; -1 for none</param>
/// <param name="Target">the state behind</param>
readonly record struct Way(byte First, byte Last, int Rule, int Target)
{
    public bool ReadsByte => First <= Last;

    public bool IsFree => !ReadsByte && Rule < 0;

    public static Way On(byte first, byte last, int target) => new(first, last, -1, target);

    public static Way Over(int rule, int target) => new(1, 0, rule, target);

    public static Way Free(int target) => new(1, 0, -1, target);
}

/// <summary>One rule as an automaton with choices over bytes and calls.</summary>
sealed class RuleAutomaton
{
    readonly List<List<Way>> states = [];
    readonly StateBudget budget;
    readonly CharacterBytes written;

    /// <param name="budget">of all rules together</param>
    /// <param name="written">how characters are written, for all rules</param>
    public RuleAutomaton(StateBudget budget, CharacterBytes written)
    {
        (this.budget, this.written) = (budget, written);
        (Start, End) = (New(), New());
    }

    public int Start { get; set; }

    public int End { get; }

    public int Count => states.Count;

    /// <summary>What counts the characters of a rule that is nothing but a JSON string of bounded length; null for others.</summary>
    public Counter? Counter { get; private set; }

    int firstOfText, endOfText;

    /// <summary>The state of the counted language that a state stands for, or that it is within a character, or outside of the text.</summary>
    public int TextStateOf(int state) => Counter is not { } counter || state < firstOfText || state >= endOfText || state - firstOfText == counter.Texts.States ? Counter.Outside
        : state - firstOfText < counter.Texts.States ? state - firstOfText : Counter.Within;

    public List<Way> this[int state] => states[state];

    public int New()
    {
        budget.Take();
        states.Add([]);
        return states.Count - 1;
    }

    public void Add(Expression expression) => states[Add(expression, Start)].Add(Way.Free(End));

    /// <summary>Adds an expression behind a state; gives the state behind it.</summary>
    int Add(Expression expression, int from)
    {
        switch (expression)
        {
            case Expression.Literal literal:
                foreach (var value in Encoding.UTF8.GetBytes(literal.Value)) from = Connect(from, Way.On(value, value, New()));
                return from;
            case Expression.Character character:
                var behind = New();
                Copy(written.Of(character.Members, Spelling.Plain), from, behind);
                return behind;
            case Expression.Text text: return AddText(text.Language, text.Spelling, from);
            case Expression.Counted counted: return AddCounted(counted, from);
            case Expression.Sequence sequence: return sequence.Items.Aggregate(from, (at, item) => Add(item, at));
            case Expression.Choice choice:
                var end = New();
                foreach (var item in choice.Items) states[Add(item, Connect(from, Way.Free(New())))].Add(Way.Free(end));
                return end;
            case Expression.Repeat repeat: return Repeat(repeat, from);
            case Expression.Graph graph: return AddGraph(graph, from);
            case Expression.Call call: return Connect(from, Way.Over(call.Rule, New()));
            default: throw new InvalidOperationException($"{expression} is no expression.");
        }
    }

    int Repeat(Expression.Repeat repeat, int from)
    {
        for (var i = 0; i < repeat.Least; i++) from = Add(repeat.Item, from);
        var end = New();
        if (repeat.Most is not { } most)
        {
            var loop = Connect(from, Way.Free(New()));
            states[Add(repeat.Item, loop)].Add(Way.Free(loop));
            return Connect(loop, Way.Free(end));
        }
        for (var i = repeat.Least; i < most; i++)
        {
            states[from].Add(Way.Free(end));
            from = Add(repeat.Item, Connect(from, Way.Free(New())));
        }
        return Connect(from, Way.Free(end));
    }

    int AddGraph(Expression.Graph graph, int from)
    {
        var first = states.Count;
        for (var i = 0; i < graph.Places; i++) New();
        var end = New();
        states[from].Add(Way.Free(first));
        foreach (var (start, label, to) in graph.Edges)
            states[label is null ? first + start : Add(label, Connect(first + start, Way.Free(New())))].Add(Way.Free(first + to));
        foreach (var place in graph.Ends) states[first + place].Add(Way.Free(end));
        return end;
    }

    int AddCounted(Expression.Counted counted, int from)
    {
        from = Connect(from, Way.On((byte)'"', (byte)'"', New()));
        (Counter, firstOfText) = (new(counted.Texts), states.Count);
        var end = AddText(counted.Texts.Language, counted.Spelling, from);
        endOfText = states.Count;
        return Connect(end, Way.On((byte)'"', (byte)'"', New()));
    }

    int AddText(Language language, Spelling spelling, int from)
    {
        var first = states.Count;
        for (var i = 0; i < language.States; i++) New();
        var end = New();
        states[from].Add(Way.Free(first));
        for (var i = 0; i < language.States; i++)
        {
            foreach (var group in language.StepsOf(i).ToArray().GroupBy(step => step.Target))
                Copy(written.Of(CodePoints.Union(group.Select(step => CodePoints.Range(step.First, step.Last))), spelling), first + i, first + group.Key);
            if (language.Accepts(i)) states[first + i].Add(Way.Free(end));
        }
        return end;
    }

    /// <summary>Adds ways over bytes that begin in one state and end in another.</summary>
    void Copy(Language bytes, int from, int to)
    {
        Effort.Spend(bytes.States);
        var numbers = new int[bytes.States];
        for (var i = 0; i < numbers.Length; i++) numbers[i] = i == 0 ? from : bytes.Accepts(i) ? to : New();
        for (var i = 0; i < numbers.Length; i++)
        {
            var steps = bytes.StepsOf(i);
            var ways = states[numbers[i]];
            ways.EnsureCapacity(ways.Count + steps.Length);
            foreach (var step in steps) ways.Add(Way.On((byte)step.First, (byte)step.Last, numbers[step.Target]));
        }
    }

    int Connect(int from, Way way)
    {
        states[from].Add(way);
        return way.Target;
    }
}

/// <summary>What all rules of a grammar may have together.</summary>
sealed class StateBudget(int most)
{
    int taken;

    public void Take()
    {
        if (++taken > most) throw new ConstraintException($"it is too large: its automaton has more than {most} states");
    }
}
