using Octant.Tokenizers.Decoders;

namespace Octant.Tokenizers;

/// <summary>What single tokens add to a text.</summary>
static class TokenBytes
{
    /// <summary>Some word that a token can stand behind.</summary>
    const string Before = "a";

    public static byte[] Of(TokenizerParts parts, string token, bool isAdded)
    {
        if (parts.Decoder is ByteLevelDecoder)
            return isAdded ? System.Text.Encoding.UTF8.GetBytes(token) : ByteAlphabet.BytesOrText(token);
        if (parts.Decoder is CtcDecoder) throw new TokenizerException("What a token adds depends on its neighbours here: CTC joins equal ones.");
        if (ByteFallbackDecoder.ByteOf(token) is { } value) return [value];
        // All others make strings of tokens; spaces at the beginning of a text are taken off by some.
        var (alone, together) = (Text(parts, [Before]), Text(parts, [Before, token]));
        return System.Text.Encoding.UTF8.GetBytes(together.StartsWith(alone, StringComparison.Ordinal) ? together[alone.Length..] : token);
    }

    static string Text(TokenizerParts parts, List<string> tokens) =>
        parts.Decoder is { } decoder ? string.Concat(decoder.Apply(tokens)) : string.Join(' ', tokens);
}
