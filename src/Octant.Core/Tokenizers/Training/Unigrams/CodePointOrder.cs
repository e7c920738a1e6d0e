namespace Octant.Tokenizers.Training.Unigrams;

/// <summary>Orders texts by their code points, as UTF-8 and arrays of characters do; UTF-16 puts surrogates below the last of the basic plane.</summary>
sealed class CodePointOrder : IComparer<string>
{
    public static CodePointOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var (a, b) = ((x ?? "").EnumerateRunes(), (y ?? "").EnumerateRunes());
        while (true)
        {
            var (hasA, hasB) = (a.MoveNext(), b.MoveNext());
            if (!hasA || !hasB) return hasA.CompareTo(hasB);
            if (a.Current != b.Current) return a.Current.CompareTo(b.Current);
        }
    }
}
