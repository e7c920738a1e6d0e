namespace Octant.Tokenizers.Decoders;

/// <summary>BERT's: a token that begins with the prefix continues its word, any other begins one after a space.</summary>
sealed class WordPieceDecoder(string prefix, bool cleansUp) : Decoder
{
    internal override List<string> Apply(List<string> tokens)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            if (i > 0)
                tokens[i] = tokens[i].StartsWith(prefix, StringComparison.Ordinal) ? tokens[i][prefix.Length..]
                    : $" {tokens[i]}";
            if (cleansUp) tokens[i] = CleanUp(tokens[i]);
        }
        return tokens;
    }

    /// <summary>Takes away the spaces that splitting off punctuation and contractions brought.</summary>
    public static string CleanUp(string text) => text
        .Replace(" .", ".", StringComparison.Ordinal).Replace(" ?", "?", StringComparison.Ordinal)
        .Replace(" !", "!", StringComparison.Ordinal).Replace(" ,", ",", StringComparison.Ordinal)
        .Replace(" ' ", "'", StringComparison.Ordinal).Replace(" n't", "n't", StringComparison.Ordinal)
        .Replace(" 'm", "'m", StringComparison.Ordinal).Replace(" do not", " don't", StringComparison.Ordinal)
        .Replace(" 's", "'s", StringComparison.Ordinal).Replace(" 've", "'ve", StringComparison.Ordinal)
        .Replace(" 're", "'re", StringComparison.Ordinal);
}
