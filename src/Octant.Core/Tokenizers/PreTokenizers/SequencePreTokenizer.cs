namespace Octant.Tokenizers.PreTokenizers;

/// <summary>Several, one after the other.</summary>
sealed class SequencePreTokenizer(IReadOnlyList<PreTokenizer> preTokenizers) : PreTokenizer
{
    internal override void Apply(Words words)
    {
        foreach (var preTokenizer in preTokenizers) preTokenizer.Apply(words);
    }

    internal override bool NeedsOffsets => preTokenizers.Any(preTokenizer => preTokenizer.NeedsOffsets);

    internal override PreTokenizer? WithoutByteCharacters() =>
        preTokenizers.Count > 0 && preTokenizers[^1].WithoutByteCharacters() is { } last
            ? new SequencePreTokenizer([.. preTokenizers.SkipLast(1), last]) : null;
}
