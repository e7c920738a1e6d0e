namespace Octant.Tokenizers.Normalizers;

/// <summary>Puts a text before any that is not empty.</summary>
sealed class PrependNormalizer(string prefix) : Normalizer
{
    internal override AlignedText Apply(AlignedText text)
    {
        if (text.Length == 0) return text;
        var result = text.Successor(text.Length + prefix.Length);
        // What is new belongs to the first character, in offsets.
        result.Append(prefix, text.Alignment(0));
        result.Append(text, new Stretch(0, text.Length));
        return result;
    }
}
