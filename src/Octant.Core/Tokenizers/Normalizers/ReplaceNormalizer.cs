namespace Octant.Tokenizers.Normalizers;

/// <summary>Puts a text in the place of each match.</summary>
sealed class ReplaceNormalizer(TextPattern pattern, string content) : Normalizer
{
    internal override AlignedText Apply(AlignedText text)
    {
        var matches = new List<Stretch>();
        pattern.Find(text.Span, matches);
        if (matches.Count == 0) return text;
        var result = text.Successor(text.Length);
        var last = 0;
        foreach (var match in matches)
        {
            result.Append(text, new Stretch(last, match.Start));
            // In offsets, all of the new text stands for the last character of the old.
            result.Append(content, match.End == 0 ? (text.Origin, text.Origin) : text.Alignment(match.End - 1));
            last = match.End;
        }
        result.Append(text, new Stretch(last, text.Length));
        return result;
    }
}
