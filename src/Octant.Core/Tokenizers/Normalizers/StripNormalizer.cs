using Octant.Tokenizers.RegularExpressions;

namespace Octant.Tokenizers.Normalizers;

/// <summary>Removes white space at the ends.</summary>
sealed class StripNormalizer(bool left, bool right) : Normalizer
{
    internal override AlignedText Apply(AlignedText text)
    {
        // White space is all in the basic plane.
        var (start, end) = (0, text.Length);
        while (left && start < end && CharacterClasses.IsSpace(text.Span[start])) start++;
        while (right && end > start && CharacterClasses.IsSpace(text.Span[end - 1])) end--;
        if (start == 0 && end == text.Length) return text;
        var result = text.Successor(end - start);
        result.Append(text, new Stretch(start, end));
        return result;
    }
}
