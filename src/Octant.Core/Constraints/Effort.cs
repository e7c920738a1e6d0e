namespace Octant.Constraints;

/// <summary>
/// What compiling one constraint may cost: sets of states grow with the square of what is written, or worse, and schemas come from
/// strangers. Counted in states and ways looked at, on the thread that compiles; some three millions a second.
/// </summary>
static class Effort
{
    const long Most = 2_500_000;

    [ThreadStatic]
    static long left;

    /// <summary>Begins to count anew.</summary>
    public static void Begin() => left = Most;

    /// <summary>Builds what belongs to the program, on nobody's account: a constant that failed would never be tried again.</summary>
    public static T Uncounted<T>(Func<T> build)
    {
        var before = left;
        left = long.MaxValue;
        try
        {
            return build();
        }
        finally
        {
            left = before;
        }
    }

    /// <exception cref="ConstraintException">it is spent</exception>
    public static void Spend(long count)
    {
        if ((left -= count) < 0) throw new ConstraintException("it is too large: making an automaton of it would take too long");
    }
}
