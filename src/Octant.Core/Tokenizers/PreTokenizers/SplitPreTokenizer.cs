namespace Octant.Tokenizers.PreTokenizers;

/// <summary>Splits words by a pattern.</summary>
sealed class SplitPreTokenizer(TextPattern pattern, SplitBehavior behavior, bool invert = false) : PreTokenizer
{
    internal override void Apply(Words words) => Splitting.Split(words, pattern, behavior, invert);
}
