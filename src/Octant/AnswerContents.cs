using System.Text.Json;
using Microsoft.Extensions.AI;
using Octant.Chat.Answers;

namespace Octant;

/// <summary>Parts of an answer as the contents of Microsoft.Extensions.AI.</summary>
static class AnswerContents
{
    public static AIContent Of(AnswerPart part) => part switch
    {
        AnswerText text => new TextContent(text.Text),
        AnswerReasoning thoughts => new TextReasoningContent(thoughts.Text),
        AnswerCall call => new FunctionCallContent(call.Id ?? NewId(), call.Name,
            call.Arguments.ToDictionary(argument => argument.Key, argument => (object?)JsonSerializer.SerializeToElement(argument.Value, AIJsonUtilities.DefaultOptions))),
        _ => throw new ArgumentException($"A part of an answer is a {part.GetType().Name}.", nameof(part)),
    };

    /// <summary>Nine letters and digits: Mistral's templates refuse other names.</summary>
    static string NewId() => Guid.NewGuid().ToString("N")[..9];
}
