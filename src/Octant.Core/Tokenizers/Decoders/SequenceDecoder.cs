namespace Octant.Tokenizers.Decoders;

/// <summary>Several, one after the other; sequences within are as if their parts stood here.</summary>
sealed class SequenceDecoder(IEnumerable<Decoder> decoders) : Decoder
{
    readonly Decoder[] decoders = [.. decoders.SelectMany(decoder => decoder is SequenceDecoder inner ? inner.decoders : [decoder])];

    internal override List<string> Apply(List<string> tokens)
    {
        var most = ReplaceDecoder.MostOf(tokens);
        foreach (var decoder in decoders) tokens = decoder is ReplaceDecoder replace ? replace.Apply(tokens, most) : decoder.Apply(tokens);
        return tokens;
    }
}
