using Octant.Tokenizers.RegularExpressions;
using Octant.Tokenizers.Unicode;

namespace Octant.Tokenizers.Normalizers;

/// <summary>
/// BERT's: drops control characters, sets Chinese characters apart, strips accents, lowers case; each on request.
/// </summary>
sealed class BertNormalizer(bool cleanText, bool chineseApart, bool stripAccents, bool lowercase) : Normalizer
{
    readonly LowercaseNormalizer lower = new();

    public static BertNormalizer From(JsonPart part)
    {
        var lowercase = part.Flag("lowercase", true);
        // Accents follow the case where nothing is said.
        return new BertNormalizer(part.Flag("clean_text", true), part.Flag("handle_chinese_chars", true),
            part.Flag("strip_accents", lowercase), lowercase);
    }

    internal override AlignedText Apply(AlignedText text)
    {
        if (cleanText) text = CharacterFilter.Map(CharacterFilter.Keep(text, c => !IsDropped(c)), ToSpace);
        if (chineseApart) text = SetApart(text);
        if (stripAccents)
            text = CharacterFilter.Keep(UnicodeNormalization.Apply(text, NormalForm.D), c => !ReferenceClasses.NonSpacingMarks.Contains(c));
        return lowercase ? lower.Apply(text) : text;
    }

    static int ToSpace(int c) => CharacterClasses.IsSpace(c) ? ' ' : c;

    static bool IsDropped(int c) => c == 0xFFFD || c is not ('\t' or '\n' or '\r') && ReferenceClasses.Others.Contains(c);

    static AlignedText SetApart(AlignedText text)
    {
        var result = new List<(int CodePoint, int Change)>(text.Length);
        foreach (var c in text.CodePoints())
            if (IsChinese(c)) result.AddRange([(' ', 0), (c, 1), (' ', 1)]);
            else result.Add((c, 0));
        return text.Transform(result);
    }

    // BERT's own ranges: the ideographs without the newest extensions.
    static bool IsChinese(int c) => c is >= 0x4E00 and <= 0x9FFF or >= 0x3400 and <= 0x4DBF or >= 0x20000 and <= 0x2A6DF
        or >= 0x2A700 and <= 0x2B73F or >= 0x2B740 and <= 0x2B81F or >= 0x2B920 and <= 0x2CEAF or >= 0xF900 and <= 0xFAFF
            or >= 0x2F800 and <= 0x2FA1F;
}
