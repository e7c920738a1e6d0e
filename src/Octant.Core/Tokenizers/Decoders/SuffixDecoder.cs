namespace Octant.Tokenizers.Decoders;

/// <summary>A suffix that ends words (&lt;/w&gt;) becomes a space, and nothing at the end.</summary>
sealed class SuffixDecoder(string suffix) : Decoder
{
    internal override List<string> Apply(List<string> tokens)
    {
        if (suffix.Length == 0) return tokens;
        for (var i = 0; i < tokens.Count; i++)
            tokens[i] = tokens[i].Replace(suffix, i == tokens.Count - 1 ? "" : " ", StringComparison.Ordinal);
        return tokens;
    }
}
