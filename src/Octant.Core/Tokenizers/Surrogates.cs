namespace Octant.Tokenizers;

/// <summary>.NET's strings can hold half of a surrogate pair, which no text in UTF-8 has.</summary>
static class Surrogates
{
    /// <summary>The text with U+FFFD for each such half; the same memory where there is none.</summary>
    public static ReadOnlySpan<char> Mend(ReadOnlySpan<char> text)
    {
        var first = FirstHalf(text);
        if (first < 0) return text;
        var mended = text.ToArray();
        for (var at = first; at >= 0;)
        {
            mended[at] = '\uFFFD';
            var next = FirstHalf(mended.AsSpan(at + 1));
            at = next < 0 ? -1 : at + 1 + next;
        }
        return mended;
    }

    static int FirstHalf(ReadOnlySpan<char> text)
    {
        for (var at = 0; text[at..].IndexOfAnyInRange('\uD800', '\uDFFF') is >= 0 and var found;)
        {
            at += found;
            if (!(char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]))) return at;
            at += 2;
        }
        return -1;
    }
}
