using System.Globalization;
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
            return isAdded ? System.Text.Encoding.UTF8.GetBytes(token) : ByteAlphabet.BytesOf(token) ?? System.Text.Encoding.UTF8.GetBytes(token);
        if (parts.Decoder is CtcDecoder) throw new TokenizerException("What a token adds depends on its neighbours here: CTC joins equal ones.");
        if (Byte(token) is { } value) return [value];
        // All others make strings of tokens; spaces at the beginning of a text are taken off by some.
        var (alone, together) = (Text(parts, [Before]), Text(parts, [Before, token]));
        return System.Text.Encoding.UTF8.GetBytes(together.StartsWith(alone, StringComparison.Ordinal) ? together[alone.Length..] : token);
    }

    static string Text(TokenizerParts parts, List<string> tokens) =>
        parts.Decoder is { } decoder ? string.Concat(decoder.Apply(tokens)) : string.Join(' ', tokens);

    /// <summary>The byte of a token such as &lt;0x0A&gt;, by which characters are said that the vocabulary lacks.</summary>
    static byte? Byte(string token) => token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
        && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value : null;
}
