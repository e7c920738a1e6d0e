using System.Text.Json.Nodes;

namespace Octant.Chat.Answers;

/// <summary>A piece of what a model answers.</summary>
public abstract record AnswerPart;

/// <summary>Words for the reader.</summary>
/// <param name="Text">never empty; the pieces, joined, are the answer</param>
public sealed record AnswerText(string Text) : AnswerPart;

/// <summary>Thoughts that come before an answer.</summary>
/// <param name="Text">never empty; the pieces, joined, are the thoughts</param>
public sealed record AnswerReasoning(string Text) : AnswerPart;

/// <summary>A function that the model wants to be called.</summary>
/// <param name="Name">the function's name, which nobody has checked</param>
/// <param name="Arguments">by the parameters' names, which nobody has checked</param>
/// <param name="Id">what the model calls this call; null where its format has no names for calls</param>
public sealed record AnswerCall(string Name, JsonObject Arguments, string? Id = null) : AnswerPart;
