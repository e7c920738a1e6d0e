namespace Octant.Chat;

/// <summary>
/// What a template may use up in one rendering. A template comes with a stranger's model file and is a program: without limits it could
/// run for ever or take all memory.
/// </summary>
public sealed record TemplateLimits
{
    /// <summary>The defaults: far more than a template with a long conversation needs, and over within seconds.</summary>
    public static TemplateLimits Default { get; } = new();

    /// <summary>Expressions and statements evaluated, with the longer ones counted by their length.</summary>
    public long Steps { get; init; } = 20_000_000;

    /// <summary>Macros, call blocks and recursive loops inside each other.</summary>
    public int Depth { get; init; } = 200;

    /// <summary>Characters of text made, all together; an element of a list counts as four.</summary>
    public long Memory { get; init; } = 1 << 26;

    /// <summary>Characters in the rendered text.</summary>
    public int Output { get; init; } = 1 << 25;
}
