using Octant.Tokenizers.Unicode;

namespace Octant.Tokenizers.Normalizers;

/// <summary>Lower case, each character by itself: a final capital sigma becomes the plain small one.</summary>
sealed class LowercaseNormalizer : Normalizer
{
    internal override AlignedText Apply(AlignedText text)
    {
        var result = new List<(int CodePoint, int Change)>(text.Length);
        var changed = false;
        foreach (var c in text.CodePoints())
        {
            var lower = UnicodeTables.ToLower(c);
            changed |= lower != c;
            result.Add((lower, 0));
            // SpecialCasing.txt: capital I with dot above keeps its dot.
            if (c == 0x130) result.Add((0x307, 1));
        }
        return changed ? text.Transform(result) : text;
    }
}
