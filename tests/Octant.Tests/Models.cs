using System.Collections.Concurrent;
using Octant.Generation;
using Octant.Testing;

namespace Octant.Tests;

/// <summary>Notes the ids of every step: what a model is told, and how much it has to compute.</summary>
sealed class RecordingModel(ILanguageModel model) : ILanguageModel
{
    readonly ConcurrentQueue<int[]> steps = [];

    public ModelShape Shape => model.Shape;

    /// <summary>The ids that went through the model, in all.</summary>
    public int Tokens => steps.Sum(step => step.Length);

    /// <summary>The ids of each step so far.</summary>
    public IReadOnlyList<int[]> Steps => [.. steps];

    /// <summary>What happens before each step.</summary>
    public Action? BeforeStep { get; set; }

    public ISequence Open() => model.Open();

    public void Step(ReadOnlySpan<Slice> batch, Span<float> logits)
    {
        BeforeStep?.Invoke();
        foreach (var slice in batch) steps.Enqueue(slice.Ids.ToArray());
        model.Step(batch, logits);
    }

    public void Dispose() => model.Dispose();
}

/// <summary>A tiny model, opened, whose steps are recorded.</summary>
sealed class OpenModel : IDisposable
{
    readonly TinyModel files;

    public OpenModel(TinyModel? files = null, LanguageModelOptions? options = null)
    {
        this.files = files ?? new();
        var opened = LanguageModel.Open(this.files.Folder, options ?? new("float32"));
        Recorded = new(opened.Model);
        Language = new(opened.Name, Recorded, opened.Tokenizer, opened.Template, opened.Defaults);
        Chat = new(Language);
    }

    public LanguageModel Language { get; }

    public OctantChat Chat { get; }

    public RecordingModel Recorded { get; }

    /// <summary>The first prompt that the model was given, special tokens and all.</summary>
    public string Prompt => Language.Tokenizer.Decode(Recorded.Steps[0], skipSpecialTokens: false);

    public void Dispose()
    {
        Chat.Dispose();
        files.Dispose();
    }
}
