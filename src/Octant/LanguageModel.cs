using System.Text.Json.Nodes;
using Octant.Chat;
using Octant.Constraints;
using Octant.Generation;
using Octant.Hub;
using Octant.Models;
using Octant.Tokenizers;

namespace Octant;

/// <summary>How a model is opened.</summary>
/// <param name="NumberType">auto (what this processor is fastest in), float32, bfloat16, float16 or float64</param>
/// <param name="Context">tokens that a sequence may have, below what the model was made for; null for that</param>
/// <param name="Threads">that compute, in the whole process; one a core when null</param>
/// <param name="KeptConversations">of which a chat remembers what the model has seen; each takes up to a whole context of memory</param>
public sealed record LanguageModelOptions(string NumberType = "auto", int? Context = null, int? Threads = null,
    int KeptConversations = LanguageModelOptions.UsualConversations)
{
    internal const int UsualConversations = 4;
}

/// <summary>A language model with all that belongs to it: tokens and scores, whatever the engine.</summary>
public sealed class LanguageModel : IDisposable
{
    readonly Lazy<TokenVocabulary> vocabulary;
    bool disposed;

    /// <summary>Puts a model together, on whatever engine.</summary>
    /// <param name="name">as it was asked for</param>
    /// <param name="model">scores the next token; is disposed of with this</param>
    /// <param name="tokenizer">text to tokens and back</param>
    /// <param name="template">writes conversations; null for a model that only continues text</param>
    /// <param name="defaults">how text is generated where nobody says otherwise</param>
    public LanguageModel(string name, ILanguageModel model, Tokenizer tokenizer, ChatTemplate? template, GenerationOptions defaults)
    {
        (Name, Model, Tokenizer, Template, Defaults) = (name, model, tokenizer, template, defaults);
        vocabulary = new(() => new TokenVocabulary(tokenizer, model.Shape.Vocabulary));
    }

    /// <summary>Opens a model; one on the hub is fetched first where the cache lacks it.</summary>
    /// <param name="name">
    /// a folder in the Hugging Face layout, a GGUF file, an embedded model's name, or org/name[@revision] (org/name:Q4_K_M chooses a
    /// GGUF file); the small model that Octant carries by default
    /// </param>
    /// <param name="options">number type, context, threads</param>
    /// <param name="progress">of a download</param>
    /// <param name="cancellation">ends a download; what has come is kept</param>
    /// <exception cref="OctantException">there is no such model, it is damaged, or its architecture is not known</exception>
    public static async Task<LanguageModel> OpenAsync(
        string name = ModelHub.DefaultModel, LanguageModelOptions? options = null, IProgress<DownloadProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var hub = new ModelHub();
        var resolved = await hub.ResolveAsync(name, progress, cancellation).ConfigureAwait(false);
        return OpenAt(resolved.Path, name, options ?? new());
    }

    /// <inheritdoc cref="OpenAsync"/>
    public static LanguageModel Open(string name = ModelHub.DefaultModel, LanguageModelOptions? options = null)
    {
        using var hub = new ModelHub();
        // On another thread, so that no caller's synchronisation context waits for itself.
        var resolved = hub.Find(name) ?? Task.Run(() => hub.ResolveAsync(name)).GetAwaiter().GetResult();
        return OpenAt(resolved.Path, name, options ?? new());
    }

    static LanguageModel OpenAt(string path, string name, LanguageModelOptions options)
    {
        if (options.Threads is { } threads) Engine.Threads = threads;
        var files = ModelFiles.Read(path);
        var model = TorchLanguageModel.Open(files.Weights, NumberType.Named(options.NumberType));
        try
        {
            return new(name, Narrowed(model, options.Context), files.Tokenizer, files.Template, files.Defaults);
        }
        catch (Exception)
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Opens a model's tokenizer alone, which takes a fraction of the time.</summary>
    /// <param name="path">a folder in the Hugging Face layout, a tokenizer.json alone, or a GGUF file</param>
    /// <exception cref="OctantException">there is none, or it is damaged</exception>
    public static Tokenizer OpenTokenizer(string path) => ModelFiles.ReadTokenizer(path);

    /// <summary>As it was asked for.</summary>
    public string Name { get; }

    /// <summary>Scores the next token.</summary>
    public ILanguageModel Model { get; }

    /// <summary>Text to tokens and back.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>Writes a conversation as the model wants it; null for a model that only continues text.</summary>
    public ChatTemplate? Template { get; }

    /// <summary>How its makers want text to be generated, and the ids that end it.</summary>
    public GenerationOptions Defaults { get; }

    /// <summary>Continues a text. Special tokens in it are parsed; the one that begins texts is put in front where the model wants it.</summary>
    /// <param name="prompt">the text</param>
    /// <param name="options">what differs from <see cref="Defaults"/></param>
    /// <param name="cancellation">looked at before every token</param>
    public IEnumerable<TextUpdate> Generate(string prompt, GenerationOptions? options = null, CancellationToken cancellation = default)
    {
        using var sequence = Model.Open();
        var text = Begin(sequence, Encode(prompt), (options ?? new()).Or(Defaults));
        foreach (var update in Continue(text, cancellation: cancellation)) yield return update;
    }

    /// <summary>What the model's tokens say: needed for constraints, built when first asked for.</summary>
    public TokenVocabulary Vocabulary => vocabulary.Value;

    /// <summary>A text to be continued by this model.</summary>
    /// <param name="sequence">of this model; has seen a beginning of the prompt, but not all of it</param>
    /// <param name="prompt">all of it</param>
    /// <param name="options">complete: nothing is asked of <see cref="Defaults"/></param>
    /// <exception cref="OctantException">a value is out of its range, or the constraint allows no text of so few tokens</exception>
    public Continuation Begin(ISequence sequence, ReadOnlySpan<int> prompt, GenerationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new(sequence, prompt, options, options.Constraint is null ? null : Vocabulary);
    }

    /// <summary>The ids of a prompt: with one beginning-of-text where the tokenizer adds it, also where the text has it already.</summary>
    public int[] Encode(string prompt)
    {
        var ids = Tokenizer.EncodeIds(prompt);
        if (ids is not [var first, var second, ..] || first != second || !Tokenizer.IsSpecial(first)) return ids;
        // Only what the tokenizer put there itself is one too many.
        var plain = Tokenizer.EncodeIds(prompt, addSpecialTokens: false);
        return plain.Length < ids.Length && plain.FirstOrDefault(-1) == first ? ids[1..] : ids;
    }

    /// <summary>The ids of a conversation, as its template writes it.</summary>
    /// <param name="messages">in OpenAI's shape</param>
    /// <param name="options">tools and variables; the answer's beginning is added by default</param>
    /// <exception cref="OctantException">the model has no template, or the template refuses the conversation, in its own words</exception>
    public int[] Encode(JsonArray messages, ChatTemplateOptions? options = null) => Encode(Render(messages, options));

    /// <summary>The ids of a conversation that was rendered: the template writes every special token itself, the first one too.</summary>
    internal int[] Encode(RenderedChat rendered) => Tokenizer.EncodeIds(rendered.Text, addSpecialTokens: false);

    /// <summary>A conversation as the model's template writes it.</summary>
    internal RenderedChat Render(JsonArray messages, ChatTemplateOptions? options = null)
    {
        var template = Template ?? throw new OctantException(
            $"{Name} has no chat template: it continues text, but holds no conversation.");
        return template.Render(messages, options ?? new() { AddGenerationPrompt = true });
    }

    /// <summary>Continues a text token by token; characters are whole, and what might become a stop string is held back.</summary>
    /// <param name="text">its options are complete: <see cref="Defaults"/> are not looked at</param>
    /// <param name="markers">special tokens that the text shows; others are left out of it</param>
    /// <param name="cancellation">looked at before every token</param>
    public IEnumerable<TextUpdate> Continue(
        Continuation text, IReadOnlyCollection<string>? markers = null, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        var decoder = Tokenizer.OpenDecodeStream();
        var shown = (markers ?? []).Select(marker => (Marker: marker, Id: Tokenizer.IdOf(marker))).Where(pair => pair.Id is { } id && Tokenizer.IsSpecial(id))
            .ToDictionary(pair => pair.Id!.Value, pair => pair.Marker);
        var stream = new TextStream(id => shown.TryGetValue(id, out var marker) ? decoder.Flush() + marker : decoder.Step(id),
            decoder.Flush, text.Options.StopStrings);
        // Special tokens are no part of the text: one that is named as a stop string stops as a token.
        int?[] stops = [.. (text.Options.StopStrings ?? []).Select(Tokenizer.IdOf).Where(id => id is { } known && Tokenizer.IsSpecial(known))];
        foreach (var token in DecodingLoop.Run(Model, [text], cancellation))
        {
            var ended = text.Options.EndIds?.Contains(token.Id) == true || stops.Contains(token.Id);
            var piece = ended ? "" : stream.Push(token.Id);
            if (ended || stream.Stopped || token.Finish is not null) piece += stream.Finish();
            var finish = ended || stream.Stopped ? FinishReason.Stop : token.Finish;
            yield return new(piece, token, finish);
            if (finish is not null) yield break;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        disposed = true;
        Model.Dispose();
    }

    static ILanguageModel Narrowed(TorchLanguageModel model, int? context)
    {
        if (context is null) return model;
        if (context < 1 || context > model.Shape.Context)
            throw new OctantException($"The context is {context}; this model's is between 1 and {model.Shape.Context} tokens.");
        return new NarrowedContext(model, context.Value);
    }
}

/// <summary>A piece of text as it comes out.</summary>
/// <param name="Text">often empty: a character may take several tokens</param>
/// <param name="Token">the token behind it</param>
/// <param name="Finish">why it is the last; null when it is not</param>
public sealed record TextUpdate(string Text, GeneratedToken Token, FinishReason? Finish);

/// <summary>A model whose sequences are kept shorter than they might be.</summary>
sealed class NarrowedContext(ILanguageModel model, int context) : ILanguageModel
{
    public ModelShape Shape { get; } = model.Shape with { Context = context };

    public ISequence Open() => model.Open();

    public void Step(ReadOnlySpan<Slice> batch, Span<float> logits)
    {
        foreach (var slice in batch)
            if (slice.Sequence.Length + slice.Ids.Length > context)
                throw new OctantException($"The sequence would have {slice.Sequence.Length + slice.Ids.Length} tokens, the context holds {context}.");
        model.Step(batch, logits);
    }

    public void Dispose() => model.Dispose();
}
