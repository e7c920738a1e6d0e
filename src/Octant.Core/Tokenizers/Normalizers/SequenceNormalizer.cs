namespace Octant.Tokenizers.Normalizers;

/// <summary>Several, one after the other.</summary>
sealed class SequenceNormalizer(IReadOnlyList<Normalizer> normalizers) : Normalizer
{
    internal override AlignedText Apply(AlignedText text)
    {
        foreach (var normalizer in normalizers) text = normalizer.Apply(text);
        return text;
    }
}
