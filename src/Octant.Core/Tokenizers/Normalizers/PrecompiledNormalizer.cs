using System.Globalization;
using System.Text;

namespace Octant.Tokenizers.Normalizers;

/// <summary>
/// SentencePiece's rules as tokenizer.json has them. The reference looks up each grapheme of less than six bytes as a whole, by the shortest
/// key that begins it, and all else character by character; SentencePiece itself takes the longest key. Models of tokenizer.json were made
/// with the former.
/// </summary>
sealed class PrecompiledNormalizer(Charsmap map) : Normalizer
{
    const int LongestGrapheme = 5;                          // in bytes

    public static PrecompiledNormalizer From(JsonPart part)
    {
        var bytes = part["precompiled_charsmap"];
        try
        {
            return new(new Charsmap(Convert.FromBase64String(bytes.Text()), bytes.Path));
        }
        catch (FormatException)
        {
            throw bytes.Wrong("is not base64");
        }
    }

    internal override AlignedText Apply(AlignedText text)
    {
        var result = new List<(int CodePoint, int Change)>(text.Length);
        var changed = false;
        Span<byte> utf8 = stackalloc byte[LongestGrapheme];
        for (var rest = text.Span; rest.Length > 0;)
        {
            var grapheme = rest[..StringInfo.GetNextTextElementLength(rest)];
            rest = rest[grapheme.Length..];
            if (System.Text.Encoding.UTF8.TryGetBytes(grapheme, utf8, out var length) && map.FindShortest(utf8[..length], out var whole))
            {
                Replace(result, Count(grapheme), whole);
                changed = true;
                continue;
            }
            foreach (var rune in grapheme.EnumerateRunes())
                if (map.FindShortest(utf8[..rune.EncodeToUtf8(utf8)], out var single))
                {
                    Replace(result, 1, single);
                    changed = true;
                }
                else result.Add((rune.Value, 0));
        }
        return changed ? text.Transform(result) : text;
    }

    /// <summary>Characters more than there were are new; of fewer, the last stands for the rest too.</summary>
    /// <param name="result">to which</param>
    /// <param name="old">how many there were</param>
    /// <param name="with">those in their place, in UTF-8</param>
    static void Replace(List<(int CodePoint, int Change)> result, int old, ReadOnlySpan<byte> with)
    {
        var more = -old;
        while (with.Length > 0)
        {
            Rune.DecodeFromUtf8(with, out var rune, out var length);
            with = with[length..];
            result.Add((rune.Value, more++ < 0 ? 0 : 1));
        }
        if (more < 0 && result.Count > 0) result[^1] = (result[^1].CodePoint, result[^1].Change + more);
    }

    static int Count(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var _ in text.EnumerateRunes()) count++;
        return count;
    }
}
