using System.Runtime.CompilerServices;
using Octant.Chat.Jinja.Python;

namespace Octant.Chat.Jinja;

/// <summary>What one rendering has left of its <see cref="TemplateLimits"/>; running out is an error, never a hang.</summary>
sealed class Budget(TemplateLimits limits)
{
    long steps = limits.Steps;
    long memory = limits.Memory;
    int depth;

    /// <summary>Counts work of about the weight of one expression.</summary>
    public void Step(long count = 1)
    {
        if ((steps -= count) < 0) throw Exhausted($"more than {limits.Steps:N0} steps: it seems to run for ever");
    }

    /// <summary>Counts a pass over text that is much cheaper than an expression a character.</summary>
    public void Scan(long length) => Step(1 + (length >> 6));

    /// <summary>Asks for room before it is taken.</summary>
    /// <param name="length">characters or elements</param>
    public void Allocate(long length)
    {
        if (length < 0 || (memory -= length) < 0)
            throw Exhausted($"it makes more than {limits.Memory:N0} characters and elements");
        Step(1 + (length >> 6));
    }

    /// <summary>As <see cref="Allocate"/>, for elements of a list: each takes the room of four characters.</summary>
    public void AllocateItems(long count) => Allocate(count > long.MaxValue / 4 ? long.MaxValue : count * 4);

    /// <summary>Checks the whole text written so far.</summary>
    public void CheckOutput(int length)
    {
        if (length > limits.Output) throw Exhausted($"its text is longer than {limits.Output:N0} characters");
    }

    /// <summary>One more macro, call or recursive loop inside the others; <see cref="Leave"/> ends it.</summary>
    public void Enter()
    {
        if (++depth > limits.Depth) throw Exhausted($"macros or loops more than {limits.Depth} deep inside each other");
    }

    /// <summary>Ends what <see cref="Enter"/> began.</summary>
    public void Leave() => depth--;

    /// <summary>Anything that recurses over syntax or values calls this: a deep one is an error, not the end of the process.</summary>
    public static void CheckStack()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw Exhausted("expressions, blocks or values are nested too deeply");
    }

    static PythonError Exhausted(string what) => new(TemplateErrorKind.Limit, what);
}
