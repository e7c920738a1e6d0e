using System.Text.Json.Nodes;

namespace Octant.Chat;

/// <summary>What a chat template is told beside the messages.</summary>
public sealed record ChatTemplateOptions
{
    /// <summary>Functions that the model may call, in OpenAI's shape; null is none.</summary>
    public JsonArray? Tools { get; init; }

    /// <summary>Documents to answer from, each with a title and a text; null is none.</summary>
    public JsonArray? Documents { get; init; }

    /// <summary>Ends the text where the assistant's answer begins: what generation needs.</summary>
    public bool AddGenerationPrompt { get; init; }

    /// <summary>Ends the text inside the last message, so that the model goes on with it.</summary>
    public bool ContinueFinalMessage { get; init; }

    /// <summary>Which of a model's named templates; by default <c>tool_use</c> with tools where there is one, else <c>default</c>.</summary>
    public string? Template { get; init; }

    /// <summary>What the template can name beside, for example <c>enable_thinking</c>; these win over the special tokens.</summary>
    public IReadOnlyDictionary<string, JsonNode?> Variables { get; init; } = new Dictionary<string, JsonNode?>();

    /// <summary>
    /// Parses tool calls whose arguments are text, as in OpenAI's API, into the objects that templates expect. Text that is no JSON object
    /// stays.
    /// </summary>
    public bool ParseToolArguments { get; init; } = true;

    /// <summary>The clock that <c>strftime_now</c> shows.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>What the template may use up.</summary>
    public TemplateLimits Limits { get; init; } = TemplateLimits.Default;
}
