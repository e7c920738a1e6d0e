using Octant.Tokenizers.Unicode;

namespace Octant.Tokenizers.Normalizers;

/// <summary>Drops combining marks; letters that hold their accent keep it, unless decomposed before.</summary>
sealed class StripAccentsNormalizer : Normalizer
{
    internal override AlignedText Apply(AlignedText text) => CharacterFilter.Keep(text, c => !ReferenceClasses.Marks.Contains(c));
}
