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
            var lower = ToLower(c);
            changed |= lower != c;
            result.Add((lower, 0));
            // SpecialCasing.txt: capital I with dot above keeps its dot.
            if (c == 0x130) result.Add((0x307, 1));
        }
        return changed ? text.Transform(result) : text;
    }

    /// <summary>That of Rust's char::to_lowercase, which has the pairs of Unicode 17; regular expressions of Oniguruma's end with 16.</summary>
    static int ToLower(int c) => c switch
    {
        0xA7CE or 0xA7D2 or 0xA7D4 => c + 1,
        >= 0x16EA0 and <= 0x16EB8 => c + 27,
        _ => UnicodeTables.ToLower(c),
    };
}
