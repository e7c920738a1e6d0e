using System.Globalization;
using System.Numerics;

namespace Octant.Tokenizers.RegularExpressions;

/// <summary>Runs a program on a text by backtracking, with a stack of its own and a budget of steps.</summary>
sealed class RegexMachine
{
    // What the attempt from one letter may cost, of steps measured at some ns: many passes over the text, where an exponential
    // one never ends.
    const long FreeSteps = 4_000_000;
    const long StepsPerUnit = 200;

    // What the attempts from all letters may cost together besides: the square of the text where each of them reads to its end
    // (a*b on 20,000 a), and about a second of work at the most, however long the text is.
    const long MostSteps = 100_000_000;

    // A loop passes four letters in the time of a step.
    const int LettersPerStep = 4;

    // From so many steps on, together, it is remembered what failed: more than texts take that ask for little twice.
    const long StepsBeforeMemo = 1_000_000;
    const long StepsBeforeMemoPerUnit = 64;

    const int MaximumFrames = 4_000_000;

    /// <summary>Where to go on after a failure. A loop's frame can still give back what it took between Limit and At.</summary>
    record struct Frame(int Instruction, int At, int Limit);

    // What a frame whose Instruction is below zero says: the slot ~Instruction was at At before, or, with another Limit, that all ways from the
    // choice ~Instruction failed.
    const int RestoresSlot = -2;

    Frame[] frames = new Frame[64];
    int count;
    int[] slots = [];
    long steps;
    long reserve;
    long allSteps;
    long stepsBeforeMemo;
    int length;
    RegexProgram program = null!;
    RegexMemo? memo;
    string pattern = "";

    [ThreadStatic]
    static RegexMachine? idle;

    public static RegexMachine Rent(RegexProgram program, string pattern, int length)
    {
        var machine = idle ?? new RegexMachine();
        idle = null;
        (machine.program, machine.pattern, machine.length) = (program, pattern, length);
        machine.count = 0;
        if (machine.slots.Length < program.Slots) machine.slots = new int[program.Slots];
        machine.stepsBeforeMemo = RegexMemo.Fits(program) ? StepsBeforeMemo + StepsBeforeMemoPerUnit * length : long.MaxValue;
        machine.allSteps = FreeSteps + StepsPerUnit * length + Math.Min((long)length * length, MostSteps);
        return machine;
    }

    public static void Return(RegexMachine machine)
    {
        if (machine.frames.Length > 4096) machine.frames = new Frame[64];
        machine.memo = null;
        idle = machine;
    }

    /// <summary>Where the match that begins at start ends, or -1.</summary>
    public int Match(ReadOnlySpan<char> text, int start)
    {
        var granted = Math.Min(allSteps, FreeSteps + StepsPerUnit * text.Length);
        steps = Math.Min(granted, stepsBeforeMemo);
        reserve = granted - steps;
        var end = Run(program.Instructions, text, 0, start);
        var spent = granted - steps - reserve;
        (allSteps, stepsBeforeMemo) = (allSteps - spent, memo is null ? stepsBeforeMemo - spent : long.MaxValue);
        return end;
    }

    int Run(Instruction[] code, ReadOnlySpan<char> text, int pc, int at)
    {
        var floor = count;
        while (true)
        {
            // Every instruction counts: thousands of a? that take nothing, one behind the other, cost no frames.
            Spend(1);
            ref readonly var instruction = ref code[pc];
            var matches = true;
            if (memo is not null && memo.IsChoice(pc))
            {
                if (memo.Succeeds(pc, at, slots))
                {
                    RememberWay(floor);
                    return at;
                }
                if (memo.Fails(pc, at, slots))
                {
                    if (!Backtrack(code, text, floor, ref pc, ref at)) return -1;
                    continue;
                }
                Push(new Frame(~pc, at, -1));
            }
            switch (instruction.Operation)
            {
                case Operation.Accept:
                    if (memo is not null && memo.EndsLook(pc)) RememberWay(floor);
                    else count = floor;
                    return at;
                case Operation.Character:
                    if (at < text.Length && CodePointAt(text, at, out var width) == instruction.A) at += width;
                    else matches = false;
                    break;
                case Operation.Set:
                    if (at < text.Length && instruction.Set!.Contains(CodePointAt(text, at, out width))) at += width;
                    else matches = false;
                    break;
                case Operation.Loop:
                    matches = Loop(in instruction, text, pc, ref at);
                    break;
                case Operation.Split:
                    Push(new Frame(instruction.B, at, -1));
                    pc = instruction.A;
                    continue;
                case Operation.Jump:
                    pc = instruction.A;
                    continue;
                case Operation.Dispatch:
                    var branches = instruction.Branches!;
                    var open = at == text.Length ? branches.AtEnd : text[at] < 128 ? branches.ByAscii[text[at]]
                        : branches.Others;
                    matches = Branch(branches, open, ref pc, at);
                    if (matches) continue;
                    break;
                case Operation.Place:
                    matches = IsAt(in instruction, text, at);
                    break;
                case Operation.Cluster:
                    matches = Cluster(text, ref at);
                    break;
                case Operation.Look or Operation.NegativeLook:
                    var from = Back(text, at, instruction.B);
                    var seen = from >= 0 && Run(code, text, pc + 1, from) >= 0;
                    if (seen == (instruction.Operation == Operation.Look))
                    {
                        pc = instruction.A;
                        continue;
                    }
                    matches = false;
                    break;
                case Operation.Atomic:
                    var end = Run(code, text, pc + 1, at);
                    if (end >= 0)
                    {
                        (pc, at) = (instruction.A, end);
                        continue;
                    }
                    matches = false;
                    break;
                case Operation.Mark:
                    Push(new Frame(~instruction.A, slots[instruction.A], RestoresSlot));
                    slots[instruction.A] = at;
                    break;
                case Operation.Progress:
                    if (slots[instruction.A] != at) break;
                    if (instruction.B > 0)
                    {
                        pc = instruction.B;
                        continue;
                    }
                    matches = false;
                    break;
                default:
                    throw new InvalidOperationException(instruction.Operation.ToString());
            }
            if (matches) pc++;
            else if (!Backtrack(code, text, floor, ref pc, ref at)) return -1;
        }
    }

    bool Branch(Branches branches, uint open, ref int pc, int at)
    {
        if (open == 0) return false;
        var rest = open & (open - 1);
        if (rest != 0) Push(new Frame(pc, at, (int)rest));
        pc = branches.Targets[BitOperations.TrailingZeroCount(open)];
        return true;
    }

    bool Loop(ref readonly Instruction loop, ReadOnlySpan<char> text, int pc, ref int at)
    {
        var (least, most) = (loop.A, loop.Greed == Greed.Lazy ? loop.A : loop.B);
        var (taken, limit, start) = (0, at, at);
        var stop = memo is not null && loop.TakesRows ? StartOfKnown(pc, at + least, text.Length) : text.Length;
        while (taken < most && at < stop)
        {
            var c = text[at];
            if (!char.IsSurrogate(c))
            {
                if (!loop.Set!.ContainsBasic(c)) break;
                at++;
            }
            else
            {
                if (!loop.Set!.Contains(CodePointAt(text, at, out var width))) break;
                at += width;
            }
            if (++taken == least) limit = at;
        }
        SpendOn(at - start);
        if (taken < least) return false;
        if (memo is not null && loop.Greed != Greed.Lazy && !Remember(in loop, text, pc, start, stop, limit, ref at)) return false;
        if (loop.Greed == Greed.Greedy && at > limit) Push(new Frame(pc, at, limit));
        else if (loop.Greed == Greed.Lazy && loop.B > least) Push(new Frame(pc, at, loop.B - least));
        return true;
    }

    /// <summary>Where an endless loop comes to what it has passed before.</summary>
    int StartOfKnown(int pc, int at, int end)
    {
        var (from, to) = memo!.RunOf(pc);
        return at > to ? end : Math.Max(at, from);
    }

    /// <summary>Goes on to the end of what the loop has passed before, and back from where nothing follows it; false where that is nowhere.</summary>
    bool Remember(ref readonly Instruction loop, ReadOnlySpan<char> text, int pc, int start, int stop, int limit, ref int at)
    {
        if (loop.TakesRows)
        {
            ref var run = ref memo!.RunOf(pc);
            if (stop < text.Length && at >= stop) (at, run) = (run.To, (Math.Min(start, run.From), run.To));
            else run = (start, at);
        }
        var failed = memo!.FailedExit(pc, at, slots);
        if (failed < 0) return true;
        if (loop.Greed == Greed.Possessive || failed <= limit) return false;
        at = Back(text, failed, 1);
        return true;
    }

    bool Cluster(ReadOnlySpan<char> text, ref int at)
    {
        if (at == text.Length) return false;
        var width = StringInfo.GetNextTextElementLength(text[at..]);
        SpendOn(width);
        at += width;
        return true;
    }

    bool Backtrack(Instruction[] code, ReadOnlySpan<char> text, int floor, ref int pc, ref int at)
    {
        while (count > floor)
        {
            Spend(1);
            var frame = frames[--count];
            if (frame.Instruction < 0)
            {
                if (frame.Limit == RestoresSlot) slots[~frame.Instruction] = frame.At;
                else memo!.Fail(~frame.Instruction, frame.At, slots);
                continue;
            }
            ref readonly var instruction = ref code[frame.Instruction];
            (pc, at) = (frame.Instruction, frame.At);
            if (frame.Limit < 0) return true;
            if (instruction.Operation == Operation.Dispatch)
            {
                Branch(instruction.Branches!, (uint)frame.Limit, ref pc, at);
                return true;
            }
            if (instruction.Greed == Greed.Lazy)
            {
                if (at == text.Length || !instruction.Set!.Contains(CodePointAt(text, at, out var width))) continue;
                at += width;
                if (frame.Limit > 1) Push(new Frame(pc, at, frame.Limit - 1));
            }
            else
            {
                memo?.FailExit(pc, at, slots);
                at = Back(text, at, 1);
                if (memo is not null && memo.FailedExit(pc, at, slots) is >= 0 and var failed)
                {
                    if (failed <= frame.Limit) continue;
                    at = Back(text, failed, 1);
                }
                if (at > frame.Limit) Push(new Frame(pc, at, frame.Limit));
            }
            pc++;
            return true;
        }
        return false;
    }

    void Push(Frame frame)
    {
        Spend(1);
        if (count == frames.Length)
        {
            if (count >= MaximumFrames) throw Exhausted();
            Array.Resize(ref frames, count * 2);
        }
        frames[count++] = frame;
    }

    void SpendOn(int letters) => Spend((letters + LettersPerStep - 1) / LettersPerStep);

    void Spend(int number)
    {
        steps -= number;
        if (steps < 0) GoOn();
    }

    /// <summary>The steps without a memo are spent: the rest is taken with one, if there is a rest.</summary>
    void GoOn()
    {
        if (steps + reserve < 0) throw Exhausted();
        (steps, reserve) = (steps + reserve, 0);
        memo = new RegexMemo(program, length);
    }

    /// <summary>Ends a look's body: all choices on the way lead to its end.</summary>
    void RememberWay(int floor)
    {
        while (count > floor)
        {
            var (instruction, at, limit) = frames[--count];
            if (instruction >= 0) continue;
            if (limit == RestoresSlot) slots[~instruction] = at;
            else memo!.Succeed(~instruction, at, slots);
        }
    }

    TokenizerException Exhausted() =>
        new($"The regular expression \"{pattern}\" backtracks without end on this text: it is refused rather than left to hang.");

    static bool IsAt(ref readonly Instruction place, ReadOnlySpan<char> text, int at) => (Anchor)place.A switch
    {
        Anchor.TextStart => at == 0,
        Anchor.TextEnd => at == text.Length,
        Anchor.LineStart => at == 0 || text[at - 1] == '\n' && at < text.Length,
        Anchor.LineEnd => at == text.Length || text[at] == '\n',
        Anchor.TextEndOrLastNewline => at == text.Length || at == text.Length - 1 && text[at] == '\n',
        Anchor.WordBoundary => IsBorder(place.Set!, text, at),
        _ => !IsBorder(place.Set!, text, at),
    };

    static bool IsBorder(CharacterSet word, ReadOnlySpan<char> text, int at)
    {
        var before = Back(text, at, 1);
        return (before >= 0 && word.Contains(CodePointAt(text, before, out _)))
            != (at < text.Length && word.Contains(CodePointAt(text, at, out _)));
    }

    /// <summary>So many code points back, or -1 before the text's start.</summary>
    static int Back(ReadOnlySpan<char> text, int at, int number)
    {
        for (; number > 0; number--)
        {
            if (at == 0) return -1;
            at -= at > 1 && char.IsLowSurrogate(text[at - 1]) && char.IsHighSurrogate(text[at - 2]) ? 2 : 1;
        }
        return at;
    }

    /// <summary>The UTF-16 units of the code point here; 1 at the end.</summary>
    public static int WidthAt(ReadOnlySpan<char> text, int at) =>
        at + 1 < text.Length && char.IsHighSurrogate(text[at]) && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;

    static int CodePointAt(ReadOnlySpan<char> text, int at, out int width)
    {
        width = WidthAt(text, at);
        return width == 2 ? char.ConvertToUtf32(text[at], text[at + 1]) : text[at];
    }
}
