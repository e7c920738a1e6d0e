namespace Octant.Tokenizers.Decoders;

/// <summary>Several, one after the other.</summary>
sealed class SequenceDecoder(IReadOnlyList<Decoder> decoders) : Decoder
{
    internal override List<string> Apply(List<string> tokens)
    {
        foreach (var decoder in decoders) tokens = decoder.Apply(tokens);
        return tokens;
    }
}
