namespace Octant.Tokenizers.Normalizers;

/// <summary>Writes each byte as GPT-2's character for it.</summary>
sealed class ByteLevelNormalizer : Normalizer
{
    internal override AlignedText Apply(AlignedText text)
    {
        var result = text.Successor(text.Length);
        ByteAlphabet.Append(text, new Stretch(0, text.Length), result);
        return result;
    }
}
