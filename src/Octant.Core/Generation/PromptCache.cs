namespace Octant.Generation;

/// <summary>
/// One sequence that serves prompt after prompt: what a prompt has in common with what the model saw last is not computed again.
/// </summary>
public sealed class PromptCache(ILanguageModel model) : IDisposable
{
    ISequence? sequence;
    int[] seen = [];

    /// <summary>How many tokens of what was seen last are kept.</summary>
    public int Length => Math.Min(seen.Length, sequence?.Length ?? 0);

    /// <summary>How many tokens a prompt has in common with what was seen last.</summary>
    public int Shared(ReadOnlySpan<int> prompt) =>
        Math.Min(prompt.CommonPrefixLength(seen.AsSpan(0, Length)), prompt.Length - 1);

    /// <summary>The sequence, cut back to the longest beginning that it shares with a prompt, whose last token is left to be seen.</summary>
    public ISequence Prepare(ReadOnlySpan<int> prompt)
    {
        sequence ??= model.Open();
        var shared = Shared(prompt);
        if (!sequence.CanTruncateTo(shared))
        {
            sequence.Dispose();
            sequence = model.Open();
            shared = 0;
        }
        sequence.Truncate(shared);
        seen = seen[..shared];
        return sequence;
    }

    /// <summary>Notes what the sequence has seen, however the continuation ended.</summary>
    public void Keep(Continuation text) => seen = [.. text.Ids.Take(text.Sequence.Length)];

    /// <summary>Another one, with a copy of the beginning of what this one keeps; empty where the model cannot go back there.</summary>
    public PromptCache Fork(int length) => sequence?.CanTruncateTo(length) == true
        ? new(model) { sequence = sequence.Fork(length), seen = seen[..length] } : new(model);

    /// <inheritdoc/>
    public void Dispose() => sequence?.Dispose();
}
