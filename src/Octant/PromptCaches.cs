using Octant.Generation;

namespace Octant;

/// <summary>A few sequences, so that conversations which take turns each find what the model has seen of them.</summary>
sealed class PromptCaches(ILanguageModel model, int most) : IDisposable
{
    readonly List<PromptCache> caches = [];                 // the one used last comes last

    /// <summary>The cache that has most in common with a prompt; a new one where that is little and there is room.</summary>
    public PromptCache For(ReadOnlySpan<int> prompt)
    {
        var (best, shared) = (-1, -1);
        for (var i = 0; i < caches.Count; i++)
            if (caches[i].Shared(prompt) is var length && length > shared) (best, shared) = (i, length);
        if (caches.Count < most && shared < prompt.Length / 2) caches.Add(new(model));
        else
        {
            // One that shares nothing is as good as any other: then the one that was not used for longest.
            var chosen = caches[shared > 0 ? best : 0];
            caches.Remove(chosen);
            caches.Add(chosen);
        }
        return caches[^1];
    }

    public void Dispose() => caches.ForEach(cache => cache.Dispose());
}
