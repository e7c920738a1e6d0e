using Octant.Constraints.Grammars;
using Octant.Constraints.Tokens;

namespace Octant.Constraints;

/// <summary>How far a text has come that must satisfy a constraint. For one text, on one thread at a time.</summary>
public sealed class ConstraintState
{
    readonly BoundConstraint bound;
    Configuration at;

    internal ConstraintState(BoundConstraint bound) => (this.bound, at) = (bound, bound.Start);

    /// <summary>Whether the text satisfies the constraint as it is.</summary>
    public bool IsComplete => at.CanEnd;

    /// <summary>Whether nothing can follow.</summary>
    public bool IsOver => at.CanEnd && at.Items.Length == 0;

    /// <summary>The fewest tokens with which the text can be ended.</summary>
    public int TokensToEnd => bound.ShortestEnd(at)?.Count ?? Tokens.ShortestEnd.Never;

    /// <summary>The tokens that may come next, a bit each, [(V + 63) / 64]; ends of texts are not among them.</summary>
    public ReadOnlySpan<ulong> AllowedTokens => bound.Mask(at);

    /// <summary>Takes the scores away of what may not come next.</summary>
    /// <param name="scores">[V]</param>
    /// <param name="ends">the ids that end a text; they are left where it is complete</param>
    public void Mask(Span<float> scores, IReadOnlyCollection<int>? ends = null)
    {
        const int few = 32;
        var count = ends?.Count ?? 0;
        Span<float> kept = count <= few ? stackalloc float[few] : new float[count];
        var i = 0;
        foreach (var id in ends ?? []) kept[i++] = (uint)id < (uint)scores.Length ? scores[id] : 0;
        TokenMasks.Apply(bound.Mask(at), scores);
        if (!at.CanEnd) return;
        i = 0;
        foreach (var id in ends ?? [])
        {
            if ((uint)id < (uint)scores.Length) scores[id] = kept[i];
            i++;
        }
    }

    /// <summary>Whether something may follow that ends within so many tokens.</summary>
    public bool CanGoOn(int left) => bound.ShortestWay(at) is { } way && way.Count <= left;

    /// <summary>Goes on with a token.</summary>
    /// <param name="token">that was chosen</param>
    /// <param name="left">how many tokens may follow it</param>
    /// <returns>
    /// the token that was taken: another one where this would leave the text without an end within what is left, namely the first of the
    /// shortest way there; null where the text is complete and ends here
    /// </returns>
    public int? Take(int token, int left)
    {
        if (bound.After(at, token) is { } next && bound.CanEndWithin(next, left))
        {
            at = next;
            return token;
        }
        return at.CanEnd ? null : TakeNearest();
    }

    /// <summary>Takes the first token of the shortest way on.</summary>
    /// <exception cref="InvalidOperationException">nothing can follow</exception>
    public int TakeNearest()
    {
        var token = bound.ShortestWay(at) is [var first, ..] ? first : throw new InvalidOperationException("Nothing can follow the text.");
        at = bound.After(at, token)!;
        return token;
    }
}
