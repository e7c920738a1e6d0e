namespace Octant.Tokenizers.Decoders;

/// <summary>Joins all tokens, so that what follows sees one text.</summary>
sealed class FuseDecoder : Decoder
{
    internal override List<string> Apply(List<string> tokens) => [string.Concat(tokens)];
}
