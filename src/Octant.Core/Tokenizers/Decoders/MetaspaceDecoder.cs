using Octant.Tokenizers.PreTokenizers;

namespace Octant.Tokenizers.Decoders;

/// <summary>SentencePiece's visible space back to a space; dropped in the first token where encoding put one there.</summary>
sealed class MetaspaceDecoder(string replacement, PrependScheme scheme) : Decoder
{
    internal override List<string> Apply(List<string> tokens)
    {
        for (var i = 0; i < tokens.Count; i++)
            tokens[i] = tokens[i]
                .Replace(replacement, i == 0 && scheme != PrependScheme.Never ? "" : " ", StringComparison.Ordinal);
        return tokens;
    }
}
