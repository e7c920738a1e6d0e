namespace Octant.Tokenizers.PreTokenizers;

/// <summary>What becomes of a match when a text is split.</summary>
enum SplitBehavior
{
    Removed,
    Isolated,
    MergedWithPrevious,
    MergedWithNext,
    Contiguous,
}

/// <summary>Cuts words at matches.</summary>
static class Splitting
{
    /// <summary>Splits each word by a pattern.</summary>
    /// <param name="words">the words</param>
    /// <param name="pattern">what is looked for, in each word by itself</param>
    /// <param name="behavior">what becomes of the matches</param>
    /// <param name="invert">what lies between matches counts as match, and the other way round</param>
    public static void Split(Words words, TextPattern pattern, SplitBehavior behavior, bool invert = false)
    {
        foreach (var word in words.Stretches) SplitWord(words, word, pattern, behavior, invert);
        words.Turn();
    }

    /// <summary>Splits one word; the caller turns.</summary>
    public static void SplitWord(Words words, Stretch word, TextPattern pattern, SplitBehavior behavior, bool invert)
    {
        var matches = words.Matches;
        matches.Clear();
        pattern.Find(words.Text[word], matches);
        if (behavior is SplitBehavior.Removed or SplitBehavior.Isolated)
        {
            Cut(words, word, matches, keepsMatches: behavior == SplitBehavior.Isolated || invert,
                keepsGaps: behavior == SplitBehavior.Isolated || !invert);
            return;
        }
        var pieces = Pieces(word, matches, invert);
        if (behavior == SplitBehavior.MergedWithNext) MergeWithNext(words, pieces);
        else Merge(words, pieces, contiguous: behavior == SplitBehavior.Contiguous);
    }

    static void Cut(Words words, Stretch word, List<Stretch> matches, bool keepsMatches, bool keepsGaps)
    {
        var last = word.Start;
        foreach (var match in matches)
        {
            if (keepsGaps) words.Keep(new Stretch(last, word.Start + match.Start));
            last = word.Start + match.End;
            if (keepsMatches) words.Keep(new Stretch(word.Start + match.Start, last));
        }
        if (keepsGaps) words.Keep(new Stretch(last, word.End));
    }

    /// <summary>Matches and what lies between them, in order.</summary>
    static List<(Stretch Stretch, bool Matches)> Pieces(Stretch word, List<Stretch> matches, bool invert)
    {
        var pieces = new List<(Stretch, bool)>(matches.Count * 2 + 1);
        var last = word.Start;
        foreach (var match in matches)
        {
            if (last != word.Start + match.Start) pieces.Add((new Stretch(last, word.Start + match.Start), invert));
            last = word.Start + match.End;
            pieces.Add((new Stretch(word.Start + match.Start, last), !invert));
        }
        if (last != word.End) pieces.Add((new Stretch(last, word.End), invert));
        return pieces;
    }

    /// <summary>
    /// Contiguous: neighbours of one kind become one. Else a match joins what stands before it, unless that is a match.
    /// </summary>
    static void Merge(Words words, List<(Stretch Stretch, bool Matches)> pieces, bool contiguous)
    {
        Stretch? open = null;
        var previous = false;
        foreach (var (stretch, matches) in pieces)
        {
            var joins = contiguous ? matches == previous : matches && !previous;
            if (joins && open is { } before) open = new Stretch(before.Start, stretch.End);
            else
            {
                if (open is { } done) words.Keep(done);
                open = stretch;
            }
            previous = matches;
        }
        if (open is { } last) words.Keep(last);
    }

    static void MergeWithNext(Words words, List<(Stretch Stretch, bool Matches)> pieces)
    {
        for (var i = 0; i < pieces.Count; i++)
        {
            // Of several matches in a row only the last joins what follows.
            if (pieces[i].Matches && i + 1 < pieces.Count && !pieces[i + 1].Matches)
            {
                words.Keep(new Stretch(pieces[i].Stretch.Start, pieces[i + 1].Stretch.End));
                i++;
            }
            else words.Keep(pieces[i].Stretch);
        }
    }
}
