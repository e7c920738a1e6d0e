namespace Octant.Tokenizers.Decoders;

/// <summary>
/// Connectionist temporal classification: repeated tokens are one, padding separates, a delimiter is a space.
/// </summary>
sealed class CtcDecoder(string padding, string delimiter, bool cleansUp) : Decoder
{
    internal override List<string> Apply(List<string> tokens)
    {
        var result = new List<string>(tokens.Count);
        for (var i = 0; i < tokens.Count; i++)
        {
            if (i > 0 && tokens[i] == tokens[i - 1]) continue;
            var token = padding.Length > 0 ? tokens[i].Replace(padding, "", StringComparison.Ordinal) : tokens[i];
            if (cleansUp && delimiter.Length > 0)
                token = WordPieceDecoder.CleanUp(token).Replace(delimiter, " ", StringComparison.Ordinal);
            if (token.Length > 0) result.Add(token);
        }
        return result;
    }
}
