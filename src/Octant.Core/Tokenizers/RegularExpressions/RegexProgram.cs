namespace Octant.Tokenizers.RegularExpressions;

enum Operation : byte
{
    Accept,
    Character,
    Set,
    /// <summary>
    /// A set repeated A to B times, with the greed of the instruction: the loop that nearly all patterns consist of.
    /// </summary>
    Loop,
    /// <summary>Goes on at A; should that fail, at B.</summary>
    Split,
    Jump,
    /// <summary>
    /// Goes on at the first of the branches that the next character can begin; should that fail, at the next such.
    /// </summary>
    Dispatch,
    /// <summary>Whether the anchor A is here; the set says what words consist of.</summary>
    Place,
    Cluster,
    /// <summary>The body follows up to A; B steps back first where the look is behind.</summary>
    Look,
    NegativeLook,
    /// <summary>The body follows up to A, and is never entered again.</summary>
    Atomic,
    /// <summary>Remembers the place in slot A, so that <see cref="Progress"/> can tell a turn that took nothing.</summary>
    Mark,
    /// <summary>A turn that took nothing since slot A was set goes on at B, or fails where there is no B.</summary>
    Progress,
}

readonly record struct Instruction(
    Operation Operation, int A = 0, int B = 0, Greed Greed = Greed.Greedy, CharacterSet? Set = null, Branches? Branches = null)
{
    /// <summary>Whether a loop always goes to the end of a row of its letters, wherever in the row it begins.</summary>
    public bool TakesRows => A <= 1 && B == int.MaxValue && Greed != Greed.Lazy;
}

/// <summary>The branches of a choice and which of them each ASCII character can begin.</summary>
sealed record Branches(int[] Targets, uint[] ByAscii, uint Others, uint AtEnd);

/// <summary>An expression as instructions for a backtracking machine.</summary>
sealed class RegexProgram
{
    const int MaximumLength = 20_000;

    readonly List<Instruction> code = [];
    readonly string pattern;
    readonly RegexDialect dialect;

    public RegexProgram(RegexNode node, string pattern, RegexDialect dialect)
    {
        (this.pattern, this.dialect) = (pattern, dialect);
        Emit(node);
        Add(new Instruction(Operation.Accept));
        Instructions = [.. code];
        (ChoiceAt, IsInLook) = (new int[code.Count], new bool[code.Count]);
        for (var pc = 0; pc < code.Count; pc++)
        {
            // Bodies within come later and say it anew.
            if (code[pc].Operation is Operation.Look or Operation.NegativeLook or Operation.Atomic)
                Array.Fill(IsInLook, code[pc].Operation != Operation.Atomic, pc + 1, code[pc].A - pc - 1);
            ChoiceAt[pc] = code[pc].Operation is Operation.Split or Operation.Dispatch or Operation.Loop ? Choices++ : -1;
            HasChoicesInLooks |= ChoiceAt[pc] >= 0 && IsInLook[pc];
        }
    }

    public Instruction[] Instructions { get; }

    /// <summary>How many instructions have several ways to go on.</summary>
    public int Choices { get; }

    /// <summary>The number of each such instruction; -1 for others.</summary>
    public int[] ChoiceAt { get; }

    /// <summary>Whether an instruction is of the body of a look around, and of nothing within it that ends by itself.</summary>
    public bool[] IsInLook { get; }

    public bool HasChoicesInLooks { get; }

    public int Slots { get; private set; }

    int Add(Instruction instruction)
    {
        if (code.Count >= MaximumLength)
            throw new TokenizerException($"The regular expression \"{pattern}\" is too large once its counts are written out.");
        code.Add(instruction);
        return code.Count - 1;
    }

    void Emit(RegexNode node)
    {
        switch (node)
        {
            case RegexNode.Empty: break;
            case RegexNode.Character c: Add(new Instruction(Operation.Character, c.CodePoint)); break;
            case RegexNode.Set set: Add(new Instruction(Operation.Set, Set: set.Members)); break;
            case RegexNode.Place place: Add(new Instruction(Operation.Place, (int)place.Anchor, Set: place.Word)); break;
            case RegexNode.Cluster: Add(new Instruction(Operation.Cluster)); break;
            case RegexNode.Sequence sequence:
                for (var i = 0; i < sequence.Items.Count; i++)
                    Emit(i + 1 < sequence.Items.Count ? Tightened(sequence.Items[i], sequence.Items[i + 1]) : sequence.Items[i]);
                break;
            case RegexNode.Choice choice: Emit(choice); break;
            case RegexNode.Repeat repeat: Emit(repeat); break;
            case RegexNode.Atomic atomic: EmitBody(Operation.Atomic, atomic.Item, 0); break;
            case RegexNode.Look look: Emit(look); break;
            default: throw new InvalidOperationException(node.GetType().Name);
        }
    }

    /// <summary>
    /// A loop never needs to give back what the next item cannot begin with: without frames to try, a*b on a long row of a is
    /// one pass from each letter.
    /// </summary>
    static RegexNode Tightened(RegexNode item, RegexNode next)
    {
        if (item is not RegexNode.Repeat { Greed: Greed.Greedy, Item: RegexNode.Set or RegexNode.Character } loop) return item;
        var follower = next is RegexNode.Repeat { Least: > 0 } repeat ? repeat.Item : next;
        return follower is RegexNode.Set or RegexNode.Character && MembersOf(loop.Item).Intersect(MembersOf(follower)).IsEmpty
            ? loop with { Greed = Greed.Possessive } : item;
    }

    void Emit(RegexNode.Look look)
    {
        var operation = look.Negative ? Operation.NegativeLook : Operation.Look;
        if (!look.Behind)
        {
            EmitBody(operation, look.Item, 0);
            return;
        }
        IReadOnlyList<RegexNode> branches = look.Item is RegexNode.Choice choice ? choice.Items : [look.Item];
        if (branches.Any(branch => branch.FixedLength() < 0))
            throw new TokenizerException($"The regular expression \"{pattern}\" looks behind by no fixed length, which is not supported.");
        if (look.Negative)
        {
            foreach (var branch in branches) EmitBody(operation, branch, branch.FixedLength());
            return;
        }
        EmitBranches([.. branches], branch => EmitBody(operation, branch, branch.FixedLength()));
    }

    void EmitBody(Operation operation, RegexNode body, int back)
    {
        var at = Add(new Instruction(operation));
        Emit(body);
        Add(new Instruction(Operation.Accept));
        code[at] = new Instruction(operation, code.Count, back);
    }

    void Emit(RegexNode.Choice choice)
    {
        // A frame keeps the branches still open as bits of a number above zero.
        if (choice.Items.Count > 31)
        {
            EmitBranches(choice.Items, Emit);
            return;
        }
        var at = Add(new Instruction(Operation.Dispatch));
        var targets = new int[choice.Items.Count];
        var exits = new List<int>();
        for (var i = 0; i < targets.Length; i++)
        {
            targets[i] = code.Count;
            Emit(choice.Items[i]);
            if (i < targets.Length - 1) exits.Add(Add(new Instruction(Operation.Jump)));
        }
        foreach (var exit in exits) code[exit] = new Instruction(Operation.Jump, code.Count);
        code[at] = new Instruction(Operation.Dispatch, Branches: BranchesOf(choice, targets));
    }

    static Branches BranchesOf(RegexNode.Choice choice, int[] targets)
    {
        var byAscii = new uint[128];
        var (all, empty) = (0u, 0u);
        for (var i = 0; i < targets.Length; i++)
        {
            var (low, high) = choice.Items[i].FirstAscii();
            for (var c = 0; c < 128; c++)
                if (((c < 64 ? low : high) >> c & 1) != 0) byAscii[c] |= 1u << i;
            all |= 1u << i;
            if (choice.Items[i].CanBeEmpty()) empty |= 1u << i;
        }
        return new Branches(targets, byAscii, all, empty);
    }

    void EmitBranches(IReadOnlyList<RegexNode> branches, Action<RegexNode> emit)
    {
        var exits = new List<int>();
        for (var i = 0; i < branches.Count - 1; i++)
        {
            var split = Add(new Instruction(Operation.Split));
            emit(branches[i]);
            exits.Add(Add(new Instruction(Operation.Jump)));
            code[split] = new Instruction(Operation.Split, split + 1, code.Count);
        }
        emit(branches[^1]);
        foreach (var exit in exits) code[exit] = new Instruction(Operation.Jump, code.Count);
    }

    void Emit(RegexNode.Repeat repeat)
    {
        if (repeat.Item is RegexNode.Set or RegexNode.Character)
        {
            Add(new Instruction(Operation.Loop, repeat.Least, repeat.Most, repeat.Greed, SetOf(repeat.Item)));
            return;
        }
        if (repeat.Greed == Greed.Possessive)
        {
            EmitBody(Operation.Atomic, repeat with { Greed = Greed.Greedy }, 0);
            return;
        }
        for (var i = 0; i < repeat.Least; i++) Emit(repeat.Item);
        if (repeat.Most == int.MaxValue) EmitEndless(repeat);
        else EmitOptional(repeat, repeat.Most - repeat.Least);
    }

    void EmitEndless(RegexNode.Repeat repeat)
    {
        var mark = repeat.Item.CanBeEmpty() ? Slots++ : -1;
        var split = Add(new Instruction(Operation.Split));
        if (mark >= 0) Add(new Instruction(Operation.Mark, mark));
        Emit(repeat.Item);
        var progress = mark >= 0 ? Add(new Instruction(Operation.Progress, mark)) : -1;
        Add(new Instruction(Operation.Jump, split));
        code[split] = Fork(repeat.Greed, split + 1, code.Count);
        // Oniguruma leaves a loop with its first empty turn; in fancy-regex such a turn fails.
        if (progress >= 0 && dialect == RegexDialect.Oniguruma) code[progress] = new Instruction(Operation.Progress, mark, code.Count);
    }

    void EmitOptional(RegexNode.Repeat repeat, int times)
    {
        var splits = new List<int>();
        for (var i = 0; i < times; i++)
        {
            splits.Add(Add(new Instruction(Operation.Split)));
            Emit(repeat.Item);
        }
        foreach (var split in splits) code[split] = Fork(repeat.Greed, split + 1, code.Count);
    }

    static Instruction Fork(Greed greed, int into, int past) =>
        greed == Greed.Lazy ? new Instruction(Operation.Split, past, into) : new Instruction(Operation.Split, into, past);

    readonly Dictionary<int, CharacterSet> ofCharacters = [];

    CharacterSet SetOf(RegexNode node)
    {
        if (node is RegexNode.Set set) return set.Members;
        var character = ((RegexNode.Character)node).CodePoint;
        if (!ofCharacters.TryGetValue(character, out var single)) ofCharacters.Add(character, single = new(CodePoints.Of(character)));
        return single;
    }

    static CodePoints MembersOf(RegexNode node) => node is RegexNode.Set set ? set.Members.Members : CodePoints.Of(((RegexNode.Character)node).CodePoint);
}
