namespace Octant.Generation;

/// <summary>A model that scores the next token, whatever engine computes it. Not for several threads at once.</summary>
public interface ILanguageModel : IDisposable
{
    /// <summary>Vocabulary, context, width, layers.</summary>
    ModelShape Shape { get; }

    /// <summary>A new, empty sequence.</summary>
    ISequence Open();

    /// <summary>Appends tokens to sequences and scores what follows them.</summary>
    /// <param name="batch">each sequence at most once</param>
    /// <param name="logits">receives, slice by slice, [V] for each position that the slice wants scored</param>
    /// <exception cref="OctantException">an id is outside the vocabulary, or a sequence would outgrow the context: no sequence has changed</exception>
    void Step(ReadOnlySpan<Slice> batch, Span<float> logits);
}

/// <summary>The tokens that a model has seen of one text, and what it remembers of them.</summary>
public interface ISequence : IDisposable
{
    /// <summary>How many tokens.</summary>
    int Length { get; }

    /// <summary>Recurrent states and freed windows cannot go back to every length.</summary>
    bool CanTruncateTo(int length);

    /// <summary>Forgets all but the first tokens.</summary>
    void Truncate(int length);

    /// <summary>A second sequence with the same tokens, which grows by itself.</summary>
    ISequence Fork() => Fork(Length);

    /// <summary>A second sequence with the first of the tokens; what is remembered of the others is not copied.</summary>
    /// <param name="length">to which this sequence could be cut back</param>
    ISequence Fork(int length);
}

/// <summary>A sequence and the ids that come next in it.</summary>
public readonly record struct Slice(ISequence Sequence, ReadOnlyMemory<int> Ids, Scored Scored = Scored.Last)
{
    /// <summary>How many positions are scored.</summary>
    public int Positions => Scored switch { Scored.None => 0, Scored.Last => 1, _ => Ids.Length };
}

/// <summary>Which positions of a slice get logits; the head is a large part of a small model's work.</summary>
public enum Scored
{
    /// <summary>The last.</summary>
    Last,
    /// <summary>Every one.</summary>
    All,
    /// <summary>None: the slice is a piece of a prompt.</summary>
    None,
}
