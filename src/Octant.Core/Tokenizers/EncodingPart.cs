namespace Octant.Tokenizers;

/// <summary>
/// A text's tokens on their way through truncation, template and padding, with the windows that truncation cut off.
/// </summary>
sealed record EncodingPart(IReadOnlyList<EncodedToken> Tokens, IReadOnlyList<EncodingPart> Overflowing)
{
    public EncodingPart(IReadOnlyList<EncodedToken> tokens) : this(tokens, [])
    {
    }

    public int Length => Tokens.Count;

    /// <summary>Changes each token, in the windows too.</summary>
    public EncodingPart Select(Func<EncodedToken, EncodedToken> change) => SelectAll(tokens => [.. tokens.Select(change)]);

    /// <summary>Changes the tokens, and those of each window.</summary>
    public EncodingPart SelectAll(Func<IReadOnlyList<EncodedToken>, IReadOnlyList<EncodedToken>> change) =>
        new(change(Tokens), [.. Overflowing.Select(window => window.SelectAll(change))]);

    /// <summary>One after the other; the windows of each with all the others.</summary>
    public static EncodingPart Join(IReadOnlyList<EncodingPart> parts)
    {
        if (parts.Count == 0) return new EncodingPart([]);
        return parts.Skip(1).Aggregate(parts[0], (all, next) => all.Followed(next));
    }

    EncodingPart Followed(EncodingPart next)
    {
        // The order of the reference: windows of the first with the second and each of its windows, then the first with those.
        var windows = new List<EncodingPart>();
        foreach (var window in Overflowing)
        {
            windows.Add(Pair(window, next));
            windows.AddRange(next.Overflowing.Select(other => Pair(window, other)));
        }
        windows.AddRange(next.Overflowing.Select(other => Pair(this, other)));
        return Pair(this, next) with { Overflowing = windows };

        static EncodingPart Pair(EncodingPart a, EncodingPart b) => new([.. a.Tokens, .. b.Tokens]);
    }

    public Encoding ToEncoding() => new(Tokens, [.. Overflowing.Select(window => window.ToEncoding())]);
}
