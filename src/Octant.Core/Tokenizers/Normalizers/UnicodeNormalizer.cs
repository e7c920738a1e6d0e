using Octant.Tokenizers.Unicode;

namespace Octant.Tokenizers.Normalizers;

/// <summary>NFC, NFD, NFKC, NFKD.</summary>
sealed class UnicodeNormalizer(NormalForm form) : Normalizer
{
    internal override AlignedText Apply(AlignedText text) => UnicodeNormalization.Apply(text, form);
}
