using Octant.Generation;

namespace Octant;

/// <summary>
/// A few sequences, so that conversations which take turns each find what the model has seen of them. A conversation that goes on
/// takes its sequence; another one, or one that was changed, begins with a copy of what it has in common with one of them.
/// </summary>
sealed class PromptCaches(ILanguageModel model, int most) : IDisposable
{
    /// <summary>So few tokens in common (what every template begins with) are computed again in no more time than they are copied.</summary>
    const int WorthCopying = 16;

    readonly List<PromptCache> caches = [];                 // the one used last comes last

    /// <summary>The cache to go on with; how much of the prompt it shares, it knows itself.</summary>
    public PromptCache For(ReadOnlySpan<int> prompt)
    {
        PromptCache? best = null;
        var (shared, continues) = (0, false);
        foreach (var cache in caches)
        {
            var common = cache.Shared(prompt);
            if (best is not null && (common, common == cache.Length).CompareTo((shared, continues)) <= 0) continue;
            (best, shared, continues) = (cache, common, common == cache.Length);
        }
        // The one that would have to go is taken itself, and cut back: nothing need be copied.
        if (best is not null && (continues || (caches.Count == most && best == caches[0]))) caches.Remove(best);
        else
        {
            best = shared >= WorthCopying ? best!.Fork(shared) : new(model);
            if (caches.Count == most)
            {
                caches[0].Dispose();
                caches.RemoveAt(0);
            }
        }
        caches.Add(best);
        return best;
    }

    /// <inheritdoc/>
    public void Dispose() => caches.ForEach(cache => cache.Dispose());
}
