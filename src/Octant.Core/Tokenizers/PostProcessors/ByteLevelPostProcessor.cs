using System.Text;
using Octant.Tokenizers.RegularExpressions;

namespace Octant.Tokenizers.PostProcessors;

/// <summary>Adds nothing; takes white space out of the offsets on request.</summary>
sealed class ByteLevelPostProcessor(bool addedPrefixSpace, bool trimsOffsets) : PostProcessor
{
    public override int Added(bool pair) => 0;

    public override (int[] Before, int[] After)? Frame => ([], []);

    public override IReadOnlyList<EncodingPart> Apply(IReadOnlyList<EncodingPart> parts, bool addSpecialTokens) =>
        trimsOffsets ? [.. parts.Select(part => Trim(part, addedPrefixSpace))] : parts;

    /// <summary>
    /// Offsets without the white space at the ends of tokens; a leading space that encoding added never was in them.
    /// </summary>
    public static EncodingPart Trim(EncodingPart part, bool addedPrefixSpace) =>
        part.SelectAll(tokens =>
            [.. tokens.Select((token, i) => token with { Offsets = Trim(token, i == 0, addedPrefixSpace) })]);

    static (int Start, int End) Trim(EncodedToken token, bool isFirst, bool addedPrefixSpace)
    {
        var (start, end) = token.Offsets;
        var leading = token.Text.EnumerateRunes().TakeWhile(IsSpace).Count();
        var trailing = token.Text.EnumerateRunes().Reverse().TakeWhile(IsSpace).Count();
        if (leading > 0)
        {
            if ((isFirst || start == 0) && addedPrefixSpace && leading == 1) leading = 0;
            start = Math.Min(start + leading, end);
        }
        if (trailing > 0 && end >= trailing) end = Math.Max(end - trailing, start);
        return (start, end);
    }

    static bool IsSpace(Rune rune) => rune.Value == ByteAlphabet.CharacterOf((byte)' ') || CharacterClasses.IsSpace(rune.Value);
}
