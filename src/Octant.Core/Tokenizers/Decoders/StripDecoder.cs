namespace Octant.Tokenizers.Decoders;

/// <summary>Drops a character at the ends of each token, at most so many times.</summary>
sealed class StripDecoder(string content, int start, int stop) : Decoder
{
    internal override List<string> Apply(List<string> tokens)
    {
        for (var i = 0; i < tokens.Count; i++) tokens[i] = Stripped(tokens[i]);
        return tokens;
    }

    string Stripped(string token)
    {
        if (content.Length == 0) return token;
        var (from, to) = (0, token.Length);
        for (var left = start; left > 0 && token.AsSpan(from).StartsWith(content, StringComparison.Ordinal); left--)
            from += content.Length;
        for (var left = stop; left > 0 && token.AsSpan(from, to - from).EndsWith(content, StringComparison.Ordinal); left--)
            to -= content.Length;
        return token[from..to];
    }
}
