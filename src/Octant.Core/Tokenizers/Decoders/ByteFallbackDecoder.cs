using System.Globalization;

namespace Octant.Tokenizers.Decoders;

/// <summary>
/// Tokens such as &lt;0xE4&gt; back to bytes. A run of them that is not UTF-8 as a whole gives one U+FFFD for every byte.
/// </summary>
sealed class ByteFallbackDecoder : Decoder
{
    static readonly System.Text.UTF8Encoding strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    internal override List<string> Apply(List<string> tokens)
    {
        var result = new List<string>(tokens.Count);
        var run = new List<byte>();
        foreach (var token in tokens)
        {
            if (ByteOf(token) is { } value)
            {
                run.Add(value);
                continue;
            }
            Flush(run, result);
            result.Add(token);
        }
        Flush(run, result);
        return result;
    }

    /// <summary>The byte that a token stands for; null for any other token.</summary>
    public static byte? ByteOf(string token) =>
        token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
            && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
                ? value : null;

    static void Flush(List<byte> run, List<string> result)
    {
        if (run.Count == 0) return;
        try
        {
            result.Add(strict.GetString([.. run]));
        }
        catch (ArgumentException)
        {
            result.AddRange(Enumerable.Repeat("\uFFFD", run.Count));
        }
        run.Clear();
    }
}
