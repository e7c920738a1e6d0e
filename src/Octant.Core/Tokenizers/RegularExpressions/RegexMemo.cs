namespace Octant.Tokenizers.RegularExpressions;

/// <summary>
/// Which choices of a program led nowhere from which places of a text, so that none is tried twice: what makes backtracking take time in proportion
/// to the text's length (Davis, Servant and Lee, "Using Selective Memoization to Defeat Regular Expression Denial of Service", 2021).
/// </summary>
/// <remarks>
/// What becomes of a choice depends on its place, as there are no references to groups, and on which of the loops that ask whether a turn took anything
/// have taken nothing so far: one bit each.
/// </remarks>
sealed class RegexMemo
{
    const int MostStates = 64;

    readonly RegexProgram program;
    readonly int places;
    readonly ulong[] failed;
    readonly ulong[] succeeded;
    readonly (int From, int To)[] runs;
    readonly (int From, int To)[] failedExits;

    public RegexMemo(RegexProgram program, int length)
    {
        this.program = program;
        places = length + 1;
        failed = new ulong[((long)(program.Choices << program.Slots) * places + 63) / 64];
        succeeded = program.HasChoicesInLooks ? new ulong[failed.Length] : [];
        (runs, failedExits) = (new (int, int)[program.Choices], new (int, int)[program.Choices]);
        Array.Fill(runs, (int.MaxValue, -1));
        Array.Fill(failedExits, (int.MaxValue, -1));
    }

    /// <summary>Whether a program can have a memo, of two bits for each of its states and places of the text.</summary>
    public static bool Fits(RegexProgram program) => program is { Slots: < 6, Choices: <= MostStates } && program.Choices << program.Slots <= MostStates;

    public bool IsChoice(int pc) => program.ChoiceAt[pc] >= 0;

    /// <summary>Whether the body of a look around ends here: where it does is all one, so that a way to it is as good as any other.</summary>
    public bool EndsLook(int pc) => program.IsInLook[pc];

    public bool Fails(int pc, int at, int[] slots) => Has(failed, BitOf(pc, at, Idle(at, slots)));

    public bool Succeeds(int pc, int at, int[] slots) => program.IsInLook[pc] && Has(succeeded, BitOf(pc, at, Idle(at, slots)));

    /// <summary>Nothing follows from here.</summary>
    public void Fail(int pc, int at, int[] slots) => Set(failed, BitOf(pc, at, Idle(at, slots)));

    /// <summary>The end of a look's body follows from here.</summary>
    public void Succeed(int pc, int at, int[] slots) => Set(succeeded, BitOf(pc, at, Idle(at, slots)));

    /// <summary>Where the last row of letters began and ended that an endless loop took.</summary>
    public ref (int From, int To) RunOf(int pc) => ref runs[program.ChoiceAt[pc]];

    /// <summary>What follows a loop does not follow here.</summary>
    public void FailExit(int pc, int at, int[] slots)
    {
        if (Idle(at, slots) != 0) return;
        ref var exits = ref failedExits[program.ChoiceAt[pc]];
        // Given back letter by letter, of one or two units.
        exits = at < exits.From && at >= exits.From - 2 ? (at, exits.To) : at >= exits.From && at <= exits.To ? exits : (at, at);
    }

    /// <summary>The first place of those up to here at which nothing follows a loop; -1 where something may follow here.</summary>
    public int FailedExit(int pc, int at, int[] slots)
    {
        var (from, to) = failedExits[program.ChoiceAt[pc]];
        return at >= from && at <= to && Idle(at, slots) == 0 ? from : -1;
    }

    /// <summary>The loops whose turn has taken nothing so far, as bits.</summary>
    int Idle(int at, int[] slots)
    {
        var idle = 0;
        for (var slot = 0; slot < program.Slots; slot++)
            if (slots[slot] == at) idle |= 1 << slot;
        return idle;
    }

    long BitOf(int pc, int at, int idle) => (long)(program.ChoiceAt[pc] << program.Slots | idle) * places + at;

    static bool Has(ulong[] bits, long bit) => (bits[bit >> 6] >> (int)bit & 1) != 0;

    static void Set(ulong[] bits, long bit) => bits[bit >> 6] |= 1ul << (int)bit;
}
