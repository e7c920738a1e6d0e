namespace Octant.Tokenizers.Normalizers;

/// <summary>What SentencePiece's nmt rules do to control characters and spaces.</summary>
sealed class NmtNormalizer : Normalizer
{
    internal override AlignedText Apply(AlignedText text) =>
        CharacterFilter.Map(CharacterFilter.Keep(text, c => !IsDropped(c)), ToSpace);

    static bool IsDropped(int c) => c is >= 1 and <= 8 or 0xB or >= 0xE and <= 0x1F or 0x7F or 0x8F or 0x9F;

    static int ToSpace(int c) =>
        c is 9 or 0xA or 0xC or 0xD or 0x1680 or >= 0x200B and <= 0x200F or 0x2028 or 0x2029 or 0x2581 or 0xFEFF or 0xFFFD
        ? ' ' : c;
}
