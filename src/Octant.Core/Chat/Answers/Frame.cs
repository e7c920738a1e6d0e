namespace Octant.Chat.Answers;

enum FrameKind
{
    /// <summary>Passed on as thoughts, piece by piece.</summary>
    Thoughts,
    /// <summary>Kept until it ends, then read.</summary>
    Calls,
    /// <summary>Says what the text behind it is.</summary>
    Header,
}

/// <summary>Reads calls out of the text between two markers; null where it holds none.</summary>
delegate IReadOnlyList<AnswerCall>? CallSyntax(string body);

/// <summary>A part of an answer between two markers.</summary>
/// <param name="Kind">what is within</param>
/// <param name="Begin">the marker in front</param>
/// <param name="Ends">the markers behind it; with none of them it goes on to the answer's end</param>
/// <param name="Syntax">how calls are written within; null for what holds none</param>
/// <param name="AtStart">begins only where nothing was said before</param>
/// <param name="OnlyKnown">counts only where every call is of a function that was offered: nothing else marks it as one</param>
/// <param name="Guess">how calls may be written, too, where they are of functions that were offered</param>
sealed record Frame(
    FrameKind Kind, string Begin, string[] Ends, CallSyntax? Syntax = null, bool AtStart = false, bool OnlyKnown = false, CallSyntax? Guess = null)
{
    /// <summary>What may come within: the ends, and, where an end was forgotten, the next one's beginning.</summary>
    public string[] Markers { get; } = Kind == FrameKind.Thoughts || AtStart || Begin.Length == 0 ? Ends : [.. Ends.Union([Begin])];

    /// <summary>Models that forget the markers of their notation begin with the call itself, bare or in a fence.</summary>
    public static IReadOnlyList<Frame> Unmarked { get; } =
    [
        Alone("{", body => JsonCalls.Read("{" + body)),
        Alone("[", body => JsonCalls.Read("[" + body) ?? PythonCalls.Read("[" + body)),
        Alone("```json", JsonCalls.Read),
        Alone("```\n", JsonCalls.Read),
        Alone("```tool_call", JsonCalls.Read),
        Alone("```tool_code", PythonCalls.Read),
        // Llama 3.1's own functions, and Qwen3-Coder's tags where what goes around them was forgotten.
        new(FrameKind.Calls, "<function=", ["</function>"], TaggedCalls.ReadFunction, OnlyKnown: true),
    ];

    /// <summary>A call in Python's way, without the list in which it belongs.</summary>
    public static Frame PythonCall(string function) => Alone($"{function}(", body => PythonCalls.Read($"[{function}({body}]"));

    public static Frame Thoughts(string begin, string end) => new(FrameKind.Thoughts, begin, [end]);

    public static Frame Calls(string begin, string[] ends, CallSyntax syntax) => new(FrameKind.Calls, begin, ends, syntax);

    /// <summary>A header that the prompt has begun.</summary>
    public static Frame HeaderOfPrompt { get; } = Header("");

    public static Frame Header(string begin) => new(FrameKind.Header, begin, ["<|message|>"]);

    static Frame Alone(string begin, CallSyntax syntax) => new(FrameKind.Calls, begin, [], syntax, AtStart: true, OnlyKnown: true);
}
