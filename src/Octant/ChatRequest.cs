using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Octant.Constraints;
using Octant.Generation;

namespace Octant;

/// <summary>What a caller of <see cref="OctantChat"/> wants, as the model understands it. What cannot be honoured is refused by name.</summary>
/// <param name="Ids">the conversation as tokens</param>
/// <param name="Options">complete: nothing is left to the model's defaults</param>
/// <param name="Tools">the functions that the model may call, in OpenAI's shape; null for none</param>
/// <param name="PromptEnd">the prompt's last words, by which it shows where the answer begins</param>
sealed record ChatRequest(int[] Ids, GenerationOptions Options, JsonArray? Tools, string PromptEnd)
{
    const int LongestMarker = 64;
    static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="messages">the conversation</param>
    /// <param name="options">how it shall be answered</param>
    /// <param name="language">by whom</param>
    /// <param name="unlimited">whether it may be longer than the context</param>
    public static ChatRequest Read(
        IEnumerable<ChatMessage> messages, ChatOptions? options, LanguageModel language, bool unlimited = false)
    {
        ArgumentNullException.ThrowIfNull(messages);
        options ??= new();
        Refuse(options, language);
        var generation = ReadOptions(options).Or(language.Defaults);
        var tools = ReadTools(options);
        var shape = CallShape.Of(language.Template);
        var prompt = language.Render(ReadMessages(messages, options.Instructions, shape), new()
        {
            AddGenerationPrompt = true,
            Tools = tools,
            ParseToolArguments = !shape.ArgumentsAsText,
            Variables = options.Reasoning?.Effort is { } effort
                ? new Dictionary<string, JsonNode?> { ["enable_thinking"] = effort != ReasoningEffort.None } : [],
        });
        var ids = language.Encode(prompt);
        if (!unlimited && ids.Length > language.Model.Shape.Context)
            throw new OctantException(
                $"The conversation has {ids.Length} tokens, the context of {language.Name} holds {language.Model.Shape.Context}: leave out old messages.");
        return new(ids, generation.Check(), tools, prompt.Text[^Math.Min(prompt.Text.Length, LongestMarker)..]);
    }

    static void Refuse(ChatOptions options, LanguageModel language)
    {
        Require(options.ConversationId is null, "ConversationId: conversations are not stored; send all messages");
        Require(options.ModelId is null || options.ModelId == language.Name, $"ModelId {options.ModelId}: this client runs {language.Name}");
        Require(options.ResponseFormat is null or ChatResponseFormatText or ChatResponseFormatJson, "ResponseFormat: there are text and JSON");
        Require(options.ResponseFormat is not ChatResponseFormatJson || ReadTools(options) is null,
            "ResponseFormat beside Tools: what must be JSON cannot be a call; ask in two steps");
        Require(options.ToolMode is null or AutoChatToolMode or NoneChatToolMode, "ToolMode: the model chooses by itself; Auto and None are supported");
        Require(options.AllowMultipleToolCalls is null or true, "AllowMultipleToolCalls = false: the model chooses by itself");
        Require(options.AllowBackgroundResponses is null or false, "AllowBackgroundResponses: answers are given while the caller waits");
        Require(options.ContinuationToken is null, "ContinuationToken: answers cannot be resumed");
        Require(options.Reasoning?.Output is not ReasoningOutput.Summary, "Reasoning.Output = Summary: thoughts are given whole, or not at all");
        Require(options.RawRepresentationFactory is null, "RawRepresentationFactory: there is no request below this one");

        // Not lost in silence: what the model's template never says, the model never learns.
        Require(ReadTools(options) is null || language.Template?.Names("tools") != false, $"Tools: the chat template of {language.Name} has no words for them");
        Require(options.Reasoning?.Effort is null or ReasoningEffort.None || language.Template?.Names("enable_thinking") != false,
            $"Reasoning.Effort: the chat template of {language.Name} has no words for it");

        static void Require(bool holds, string otherwise)
        {
            if (!holds) throw new NotSupportedException($"Not supported by Octant: {otherwise}.");
        }
    }

    static GenerationOptions ReadOptions(ChatOptions options)
    {
        var generation = new GenerationOptions
        {
            MaxTokens = options.MaxOutputTokens,
            Temperature = options.Temperature,
            TopK = options.TopK,
            TopP = options.TopP,
            FrequencyPenalty = options.FrequencyPenalty,
            PresencePenalty = options.PresencePenalty,
            Seed = options.Seed,
            Constraint = ReadFormat(options.ResponseFormat),
            StopStrings = options.StopSequences is { Count: > 0 } stops ? [.. stops] : null,
        };
        foreach (var (name, value) in options.AdditionalProperties ?? [])
            generation = name switch
            {
                "min_p" => generation with { MinP = Number(name, value) },
                "typical_p" => generation with { TypicalP = Number(name, value) },
                "epsilon_cutoff" => generation with { EpsilonCutoff = Number(name, value) },
                "eta_cutoff" => generation with { EtaCutoff = Number(name, value) },
                "repetition_penalty" => generation with { RepetitionPenalty = Number(name, value) },
                "no_repeat_ngram_size" => generation with { NoRepeatNgramSize = Whole(name, value) },
                "top_logprobs" => generation with { TopLogProbabilities = Whole(name, value) },
                _ => throw new NotSupportedException(
                    $"Not supported by Octant: the additional property {name}. There are min_p, typical_p, epsilon_cutoff, " +
                    "eta_cutoff, repetition_penalty, no_repeat_ngram_size and top_logprobs."),
            };
        return generation;
    }

    static Constraint? ReadFormat(ChatResponseFormat? format)
    {
        if (format is not ChatResponseFormatJson json) return null;
        if (json.Schema is not { } schema) return ConstraintCache.Shared.Find("""{"type":"object"}""");
        // What Microsoft.Extensions.AI makes of a type: a schema by hand has no name, or does not say of which version it is.
        if (json.SchemaName is null || schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("$schema", out _)) return ConstraintCache.Shared.Find(schema.GetRawText());
        try
        {
            return ConstraintCache.Shared.Find(TypedSchemas.Narrow(schema));
        }
        catch (ConstraintException)
        {
            // A type that holds itself without null has no value with all its properties.
            return ConstraintCache.Shared.Find(schema.GetRawText());
        }
    }

    static int Whole(string name, object? value) =>
        Number(name, value) is var number && Math.Floor(number) == number && Math.Abs(number) <= int.MaxValue
            ? (int)number : throw new OctantException($"The additional property {name} is {value}; it must be a whole number.");

    static double Number(string name, object? value)
    {
        try
        {
            return value switch
            {
                JsonElement element => element.GetDouble(),
                IConvertible number and not (string or bool or char) => number.ToDouble(CultureInfo.InvariantCulture),
                _ => throw new FormatException(),
            };
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or InvalidCastException)
        {
            throw new OctantException($"The additional property {name} is {value}; it must be a number.", e);
        }
    }

    /// <summary>Functions in the shape that templates expect: OpenAI's.</summary>
    static JsonArray? ReadTools(ChatOptions options)
    {
        if (options.Tools is not { Count: > 0 } tools || options.ToolMode is NoneChatToolMode) return null;
        return [.. tools.Select(tool => tool is AIFunctionDeclaration function
            ? (JsonNode)new JsonObject
            {
                ["type"] = "function",
                ["function"] = new JsonObject
                {
                    ["name"] = function.Name,
                    ["description"] = function.Description,
                    ["parameters"] = JsonNode.Parse(function.JsonSchema.GetRawText()),
                },
            }
            : throw new NotSupportedException($"Not supported by Octant: the tool {tool.Name} of type {tool.GetType().Name}; functions are."))];
    }

    static JsonArray ReadMessages(IEnumerable<ChatMessage> messages, string? instructions, CallShape shape)
    {
        var read = new JsonArray();
        if (!string.IsNullOrEmpty(instructions)) read.Add(new JsonObject { ["role"] = "system", ["content"] = instructions });
        foreach (var message in messages)
            foreach (var part in ReadMessage(message, shape)) read.Add(part);
        if (read.Count == 0) throw new OctantException("There is no message to answer.");
        return read;
    }

    /// <summary>One message, but for results of tools: each of those is a message of its own; and so are calls where the template wants it.</summary>
    static IEnumerable<JsonNode> ReadMessage(ChatMessage message, CallShape shape)
    {
        var (text, reasoning, calls, results) = ("", "", new JsonArray(), new List<JsonNode>());
        foreach (var content in message.Contents)
            switch (content)
            {
                case TextContent part:
                    text += part.Text;
                    break;
                case TextReasoningContent part:
                    reasoning += part.Text;
                    break;
                case FunctionCallContent call:
                    calls.Add(ReadCall(call, shape));
                    break;
                case FunctionResultContent result:
                    results.Add(new JsonObject
                    {
                        ["role"] = "tool",
                        ["tool_call_id"] = result.CallId,
                        ["content"] = result.Result switch
                        {
                            null => "",
                            string words => words,
                            JsonElement { ValueKind: JsonValueKind.String } words => words.GetString(),
                            var other => JsonSerializer.Serialize(other, AIJsonUtilities.DefaultOptions),
                        },
                    });
                    break;
                case UsageContent:
                    break;                                  // what an earlier answer cost is not said again
                default:
                    throw new NotSupportedException(
                        $"Not supported by Octant: a message with {content.GetType().Name}; this model reads text, reasoning and tool calls.");
            }
        if (results.Count > 0 && text.Length == 0 && calls.Count == 0) return results;
        var read = new JsonObject { ["role"] = message.Role.Value, ["content"] = text };
        if (reasoning.Length > 0) read["reasoning_content"] = reasoning;
        if (message.AuthorName is { } name) read["name"] = name;
        if (calls.Count == 0) return [read, .. results];
        if (!shape.ContentIsNull) read["tool_calls"] = calls;
        else if (text.Length > 0) return [read, new JsonObject { ["role"] = message.Role.Value, ["content"] = null, ["tool_calls"] = calls }, .. results];
        else (read["content"], read["tool_calls"]) = (null, calls);
        return [read, .. results];
    }

    static JsonObject ReadCall(FunctionCallContent call, CallShape shape)
    {
        var arguments = JsonSerializer.SerializeToNode(call.Arguments ?? new Dictionary<string, object?>(), AIJsonUtilities.DefaultOptions)!;
        return CallShape.Call(call.CallId, call.Name, shape.ArgumentsAsText ? arguments.ToJsonString(Readable) : arguments);
    }
}
