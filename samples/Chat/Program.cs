// The first depth: an application sees only IChatClient, the interface that .NET already has for every model and vendor.
//   dotnet run --project samples/Chat [-- MODEL [QUESTION]]
using Microsoft.Extensions.AI;
using Octant;

var question = args.Length > 1 ? args[1] : "Why is the sky blue?";

// This line is all that is Octant's own. Another model, another engine or another vendor changes it and nothing below.
// Without a name it is the small one that Octant carries.
using IChatClient chat = args is [var model, ..] ? OctantChat.Open(model) : OctantChat.Open();

// A conversation is a list of messages. The client keeps none of them: what it has computed for the earlier ones it remembers by
// itself, so that sending all of them again costs nothing.
List<ChatMessage> conversation = [new(ChatRole.User, question)];

// What is not set here is left to the model's own generation_config.json.
var options = new ChatOptions
{
    Instructions = "Answer in one sentence.",               // the system message
    MaxOutputTokens = 60,
    AdditionalProperties = new() { ["repetition_penalty"] = 1.1 },      // samplers that IChatClient has no name for
};

// Piece by piece, as the words come. Pieces never end within a character.
var updates = new List<ChatResponseUpdate>();
await foreach (var update in chat.GetStreamingResponseAsync(conversation, options))
{
    Console.Write(update);
    updates.Add(update);
}
Console.WriteLine();

// The pieces join into the same response that GetResponseAsync gives at once; its messages continue the conversation.
var response = updates.ToChatResponse();
conversation.AddRange(response.Messages);
conversation.Add(new(ChatRole.User, "Say that again in three words."));
response = await chat.GetResponseAsync(conversation, options);
Console.WriteLine(response.Text);

// How it ended and what it cost: only the new part of the second prompt was computed.
Console.WriteLine($"({response.FinishReason}; {response.Usage?.InputTokenCount} tokens in, {response.Usage?.CachedInputTokenCount} " +
    $"of them known already, {response.Usage?.OutputTokenCount} out)");

// In an application with services, the same client is one line, and decorators of Microsoft.Extensions.AI go around it:
//   builder.Services.AddOctantChat(model).UseFunctionInvocation().UseLogging();
