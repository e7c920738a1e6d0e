using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.AI;
using Octant.Chat.Answers;
using Octant.Constraints;
using Octant.Generation;
using Octant.Hub;

namespace Octant;

/// <summary>
/// A model on this machine as an <see cref="IChatClient"/>. Requests of several threads share the weights and are answered one
/// after another, in the order in which they came.
/// </summary>
public sealed class OctantChat : IChatClient
{
    readonly LanguageModel language;
    readonly PromptCaches caches;
    readonly SemaphoreSlim turn = new(1);                   // waiters are served first come, first served
    readonly CancellationTokenSource closing = new();
    readonly ChatClientMetadata metadata;
    readonly AnswerFormat format;
    int disposed;

    /// <param name="language">is disposed of with this</param>
    /// <param name="keptConversations">of which the model remembers what it has seen, so that only what is new is computed</param>
    public OctantChat(LanguageModel language, int keptConversations = LanguageModelOptions.UsualConversations)
    {
        ArgumentNullException.ThrowIfNull(language);
        if (keptConversations < 1)
            throw new OctantException($"The number of kept conversations is {keptConversations}; it must be at least 1.");
        this.language = language;
        caches = new(language.Model, keptConversations);
        metadata = new("octant", defaultModelId: language.Name);
        format = AnswerFormat.Of(language.Template);
    }

    /// <summary>Opens a model for conversation.</summary>
    /// <param name="model">
    /// a folder in the Hugging Face layout, a GGUF file, an embedded model's name, or org/name in the cache or on the hub; the small
    /// model that Octant carries by default
    /// </param>
    /// <param name="options">number type, context, how many conversations are kept</param>
    /// <exception cref="OctantException">there is no such model, it is damaged, or its architecture is not known</exception>
    public static OctantChat Open(string model = ModelHub.DefaultModel, LanguageModelOptions? options = null) =>
        new(LanguageModel.Open(model, options), options?.KeptConversations ?? LanguageModelOptions.UsualConversations);

    /// <inheritdoc/>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Answers with a value of a type: what Microsoft.Extensions.AI's extension of the same name does for any client, here with
    /// <see cref="OctantResponseFormat"/>, so that every answer is one: numbers of the type's size, all properties, texts of the form that is read.
    /// </summary>
    /// <typeparam name="T">of what</typeparam>
    /// <param name="messages">the conversation</param>
    /// <param name="serializerOptions">how it is written and read</param>
    /// <param name="options">how it shall be answered; its ResponseFormat is not looked at</param>
    /// <param name="useJsonSchemaResponseFormat">false to ask the model for JSON in words alone, as that extension does</param>
    /// <param name="cancellationToken">breaks the answer off</param>
    /// <exception cref="ConstraintException">the type has a schema that cannot be enforced</exception>
    public async Task<ChatResponse<T>> GetResponseAsync<T>(IEnumerable<ChatMessage> messages, JsonSerializerOptions serializerOptions,
        ChatOptions? options = null, bool? useJsonSchemaResponseFormat = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ArgumentNullException.ThrowIfNull(serializerOptions);
        serializerOptions.MakeReadOnly();
        if (useJsonSchemaResponseFormat == false)
            return await ((IChatClient)this).GetResponseAsync<T>(messages, serializerOptions, options, false, cancellationToken).ConfigureAwait(false);
        options = options?.Clone() ?? new();
        options.ResponseFormat = OctantResponseFormat.ForJsonSchema<T>(serializerOptions);
        return new(await GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false), serializerOptions);
    }

    /// <inheritdoc cref="GetResponseAsync{T}(IEnumerable{ChatMessage}, JsonSerializerOptions, ChatOptions?, bool?, CancellationToken)"/>
    public Task<ChatResponse<T>> GetResponseAsync<T>(IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        bool? useJsonSchemaResponseFormat = null, CancellationToken cancellationToken = default) =>
        GetResponseAsync<T>(messages, AIJsonUtilities.DefaultOptions, options, useJsonSchemaResponseFormat, cancellationToken);

    /// <inheritdoc cref="GetResponseAsync{T}(IEnumerable{ChatMessage}, JsonSerializerOptions, ChatOptions?, bool?, CancellationToken)"/>
    public Task<ChatResponse<T>> GetResponseAsync<T>(ChatMessage chatMessage, JsonSerializerOptions serializerOptions,
        ChatOptions? options = null, bool? useJsonSchemaResponseFormat = null, CancellationToken cancellationToken = default) =>
        GetResponseAsync<T>([chatMessage], serializerOptions, options, useJsonSchemaResponseFormat, cancellationToken);

    /// <inheritdoc cref="GetResponseAsync{T}(IEnumerable{ChatMessage}, JsonSerializerOptions, ChatOptions?, bool?, CancellationToken)"/>
    public Task<ChatResponse<T>> GetResponseAsync<T>(ChatMessage chatMessage, ChatOptions? options = null,
        bool? useJsonSchemaResponseFormat = null, CancellationToken cancellationToken = default) =>
        GetResponseAsync<T>([chatMessage], AIJsonUtilities.DefaultOptions, options, useJsonSchemaResponseFormat, cancellationToken);

    /// <inheritdoc cref="GetResponseAsync{T}(IEnumerable{ChatMessage}, JsonSerializerOptions, ChatOptions?, bool?, CancellationToken)"/>
    public Task<ChatResponse<T>> GetResponseAsync<T>(string chatMessage, JsonSerializerOptions serializerOptions,
        ChatOptions? options = null, bool? useJsonSchemaResponseFormat = null, CancellationToken cancellationToken = default) =>
        GetResponseAsync<T>([new ChatMessage(ChatRole.User, chatMessage)], serializerOptions, options, useJsonSchemaResponseFormat, cancellationToken);

    /// <inheritdoc cref="GetResponseAsync{T}(IEnumerable{ChatMessage}, JsonSerializerOptions, ChatOptions?, bool?, CancellationToken)"/>
    public Task<ChatResponse<T>> GetResponseAsync<T>(string chatMessage, ChatOptions? options = null,
        bool? useJsonSchemaResponseFormat = null, CancellationToken cancellationToken = default) =>
        GetResponseAsync<T>([new ChatMessage(ChatRole.User, chatMessage)], AIJsonUtilities.DefaultOptions, options, useJsonSchemaResponseFormat, cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var request = ChatRequest.Read(messages, options, language);
        var (response, created) = (Guid.NewGuid().ToString("N"), DateTimeOffset.UtcNow);
        ChatResponseUpdate Update(IList<AIContent> contents) => new(ChatRole.Assistant, contents)
        {
            ResponseId = response,
            MessageId = response,
            ModelId = language.Name,
            CreatedAt = created,
        };

        // What must be JSON is all answer, also where it speaks of thoughts and calls.
        var reader = request.Options.Constraint is null ? format.Open(request.Tools, request.PromptEnd) : AnswerFormat.Verbatim.Open();
        var withThoughts = options?.Reasoning?.Output is not ReasoningOutput.None;
        var (generated, cached, finish) = (0, 0, ChatFinishReason.Length);
        await foreach (var (update, shared) in Answer(request, cancellationToken).ConfigureAwait(false))
        {
            (generated, cached) = (generated + 1, shared);
            var parts = reader.Push(update.Text);
            if (update.Finish is { } reason) parts = [.. parts, .. reader.Finish(isCut: reason is not FinishReason.Stop)];
            if (parts.Any(part => part is AnswerCall)) finish = ChatFinishReason.ToolCalls;
            else if (update.Finish is FinishReason.Stop && finish != ChatFinishReason.ToolCalls) finish = ChatFinishReason.Stop;
            var piece = Update([.. parts.Where(part => withThoughts || part is not AnswerReasoning).Select(AnswerContents.Of)]);
            if (piece.Contents.Count == 0 && update.Token.Likeliest is null) continue;
            if (update.Token.Likeliest is { } likeliest)
                piece.AdditionalProperties = new() { ["logprobs"] = update.Token, ["top_logprobs"] = likeliest };
            yield return piece;
        }
        var last = Update([]);
        last.FinishReason = finish;
        yield return last;
        yield return Update([new UsageContent(new()
        {
            InputTokenCount = request.Ids.Length, OutputTokenCount = generated, TotalTokenCount = request.Ids.Length + generated,
            CachedInputTokenCount = cached,
        })]);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null) return null;
        object[] services = [this, metadata, language, language.Model, language.Tokenizer];
        return services.FirstOrDefault(serviceType.IsInstanceOfType);
    }

    /// <summary>Breaks off the answer that is being computed, refuses those that wait, and frees the model.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0) return;
        closing.Cancel();
        turn.Wait();                                        // until nobody computes; the turn is never given back
        caches.Dispose();
        language.Dispose();
        turn.Dispose();
        closing.Dispose();
    }

    /// <summary>
    /// Computes on a thread of its own and hands over what is ready. The turn ends with the computation, not with the reading: who
    /// asks something else while reading an answer, or stops reading, keeps nobody waiting.
    /// </summary>
    async IAsyncEnumerable<(TextUpdate Update, int Cached)> Answer(ChatRequest request, [EnumeratorCancellation] CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(disposed != 0, this);
        // Whoever stops listening stops the computation, too.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, closing.Token);
        await TakeTurn(stop.Token).ConfigureAwait(false);
        var ready = Channel.CreateUnbounded<(TextUpdate, int)>(new() { SingleReader = true, SingleWriter = true });
        var work = Task.Run(() => Compute(request, ready.Writer, stop.Token), CancellationToken.None);
        try
        {
            await foreach (var update in ready.Reader.ReadAllAsync(cancellation).ConfigureAwait(false)) yield return update;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await work.ConfigureAwait(false);
        }
        cancellation.ThrowIfCancellationRequested();
    }

    async Task TakeTurn(CancellationToken stop)
    {
        try
        {
            await turn.WaitAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (disposed != 0)
        {
            throw new ObjectDisposedException(nameof(OctantChat));
        }
    }

    void Compute(ChatRequest request, ChannelWriter<(TextUpdate, int)> ready, CancellationToken stop)
    {
        try
        {
            var cache = caches.For(request.Ids);
            var sequence = cache.Prepare(request.Ids);
            var cached = sequence.Length;
            var text = language.Begin(sequence, request.Ids, request.Options);
            try
            {
                foreach (var update in language.Continue(text, format.Markers, stop)) ready.TryWrite((update, cached));
            }
            finally
            {
                cache.Keep(text);
            }
            ready.Complete();
        }
        catch (OperationCanceledException)
        {
            ready.Complete(disposed != 0 ? new ObjectDisposedException(nameof(OctantChat)) : null);
        }
        catch (Exception e)
        {
            ready.Complete(e);                              // thrown where the answer is read
        }
        finally
        {
            turn.Release();
        }
    }
}
