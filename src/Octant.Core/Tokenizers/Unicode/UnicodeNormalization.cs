namespace Octant.Tokenizers.Unicode;

enum NormalForm { C, D, KC, KD }

/// <summary>Unicode's normal forms (UAX 15), each new character with what it does to the old ones, for offsets.</summary>
static class UnicodeNormalization
{
    const int SBase = 0xAC00, LBase = 0x1100, VBase = 0x1161, TBase = 0x11A7, LCount = 19, VCount = 21, TCount = 28;

    public static AlignedText Apply(AlignedText text, NormalForm form)
    {
        if (IsSurely(text.Span, form)) return text;
        var characters = Decompose(text.CodePoints(), form is NormalForm.KC or NormalForm.KD);
        return text.Transform(form is NormalForm.C or NormalForm.KC ? Compose(characters) : characters);
    }

    /// <summary>Whether a text is seen to be in a form without work; no means perhaps.</summary>
    static bool IsSurely(ReadOnlySpan<char> text, NormalForm form)
    {
        // Below these, nothing decomposes (D, KC, KD), or all that does composes to itself again (C).
        var limit = form switch { NormalForm.C => 0x300, NormalForm.D => 0xC0, _ => 0xA0 };
        var first = text.IndexOfAnyExceptInRange('\0', (char)(limit - 1));
        if (first < 0) return true;
        if (form != NormalForm.C) return false;
        foreach (var rune in text[first..].EnumerateRunes())
            if (rune.Value >= limit && !IsStable(rune.Value)) return false;
        return true;
    }

    static bool IsStable(int c)
    {
        if (UnicodeTables.CombiningClass(c) != 0 || UnicodeTables.ComposesBackward(c)) return false;
        if (c is >= VBase and < VBase + VCount or > TBase and < TBase + TCount) return false;
        var parts = UnicodeTables.Decomposition(c, compatible: false);
        return parts.Length == 0 || parts.Length == 2 && UnicodeTables.Compose(parts[0], parts[1]) == c;
    }

    static List<(int CodePoint, int Change)> Decompose(List<int> text, bool compatible)
    {
        var result = new List<(int CodePoint, int Change)>(text.Count);
        foreach (var c in text)
        {
            var before = result.Count;
            Decompose(c, compatible, result);
            for (var i = before + 1; i < result.Count; i++) result[i] = (result[i].CodePoint, 1);
        }
        Reorder(result);
        return result;
    }

    // Full decompositions are at most a few steps deep in Unicode's data.
    static void Decompose(int c, bool compatible, List<(int CodePoint, int Change)> result)
    {
        if (c is >= SBase and < SBase + LCount * VCount * TCount)
        {
            var index = c - SBase;
            result.Add((LBase + index / (VCount * TCount), 0));
            result.Add((VBase + index % (VCount * TCount) / TCount, 0));
            if (index % TCount != 0) result.Add((TBase + index % TCount, 0));
            return;
        }
        var parts = UnicodeTables.Decomposition(c, compatible);
        if (parts.Length == 0) result.Add((c, 0));
        else
            foreach (var part in parts) Decompose(part, compatible, result);
    }

    /// <summary>Canonical ordering: runs of combining characters by their class, equal ones as they stood.</summary>
    static void Reorder(List<(int CodePoint, int Change)> text)
    {
        for (var start = 0; start < text.Count; start++)
        {
            if (UnicodeTables.CombiningClass(text[start].CodePoint) == 0) continue;
            var end = start + 1;
            while (end < text.Count && UnicodeTables.CombiningClass(text[end].CodePoint) != 0) end++;
            if (end - start > 1)
            {
                var sorted = text[start..end].OrderBy(c => UnicodeTables.CombiningClass(c.CodePoint)).ToList();
                for (var i = start; i < end; i++) text[i] = sorted[i - start];
            }
            start = end;
        }
    }

    static List<(int CodePoint, int Change)> Compose(List<(int CodePoint, int Change)> text)
    {
        var result = new List<(int CodePoint, int Change)>(text.Count);
        var (starter, lastClass) = (-1, 0);
        foreach (var (c, change) in text)
        {
            var combining = UnicodeTables.CombiningClass(c);
            // A character is blocked from its starter by one between them of no lower class.
            var adjacent = starter == result.Count - 1;
            if (starter >= 0 && (adjacent || lastClass < combining) && Pair(result[starter].CodePoint, c) is >= 0
                and var composed)
            {
                // The pair is one character now: it replaces what its parts replaced.
                result[starter] = (composed, result[starter].Change + change - 1);
                continue;
            }
            if (combining == 0) starter = result.Count;
            lastClass = combining;
            result.Add((c, change));
        }
        return result;
    }

    static int Pair(int first, int second)
    {
        if (first is >= LBase and < LBase + LCount && second is >= VBase and < VBase + VCount)
            return SBase + ((first - LBase) * VCount + second - VBase) * TCount;
        if (first is >= SBase and < SBase + LCount * VCount * TCount && (first - SBase) % TCount == 0
            && second is > TBase and < TBase + TCount)
            return first + second - TBase;
        return UnicodeTables.Compose(first, second);
    }
}
