using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Octant.Chat;

namespace Octant;

/// <summary>
/// How a template wants earlier tool calls to be told. Most take arguments as an object beside a content; DeepSeek's says nothing of a call
/// that has a content, and joins the arguments to a text.
/// </summary>
/// <param name="ContentIsNull">a message with calls has no content</param>
/// <param name="ArgumentsAsText">arguments are JSON in a text, as in OpenAI's API</param>
sealed record CallShape(bool ContentIsNull, bool ArgumentsAsText)
{
    const string Probe = "octant_probe_of_a_call";

    static readonly ConditionalWeakTable<ChatTemplate, CallShape> Known = [];

    static readonly CallShape[] All = [new(false, false), new(true, false), new(true, true), new(false, true)];

    /// <summary>The first shape in which a template tells of a call; the usual one where none is.</summary>
    public static CallShape Of(ChatTemplate? template) =>
        template is null ? All[0] : Known.GetValue(template, known => All.FirstOrDefault(shape => shape.IsTold(known)) ?? All[0]);

    /// <summary>A call in OpenAI's shape.</summary>
    public static JsonObject Call(string id, string name, JsonNode? arguments) => new()
    {
        ["id"] = id,
        ["type"] = "function",
        ["function"] = new JsonObject { ["name"] = name, ["arguments"] = arguments },
    };

    bool IsTold(ChatTemplate template)
    {
        var arguments = new JsonObject { ["probe"] = "probe" };
        JsonArray messages =
        [
            new JsonObject { ["role"] = "user", ["content"] = "?" },
            new JsonObject
            {
                ["role"] = "assistant",
                ["content"] = ContentIsNull ? null : "",
                // Mistral's templates insist on nine letters.
                ["tool_calls"] = new JsonArray(Call("abcdefgh1", Probe, ArgumentsAsText ? arguments.ToJsonString() : arguments)),
            },
        ];
        try
        {
            return template.Render(messages, new() { ParseToolArguments = false }).Text.Contains(Probe, StringComparison.Ordinal);
        }
        catch (TemplateException)
        {
            return false;
        }
    }
}
