using System.Text;

namespace Octant.Tokenizers.Training;

/// <summary>Tokenizers that need no learning: a token is a character, or a byte.</summary>
public static class PlainTokenizers
{
    // Nothing merges, so that where words end changes no token; but short words are remembered, and take no memory of the size
    // of the text.
    const string AtSpaces = """{"type":"Split","pattern":{"String":" "},"behavior":"MergedWithPrevious","invert":false}""";
    const string BytesAtSpaces =
        $$"""{"type":"Sequence","pretokenizers":[{{AtSpaces}},{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}]}""";

    /// <summary>
    /// Each distinct character of texts is a token, in order of code points. Any other character becomes the unknown token.
    /// </summary>
    /// <param name="texts">read once, one by one</param>
    /// <param name="specialTokens">the first tokens, in this order</param>
    /// <param name="unknown">
    /// the token for characters that the texts lack, put behind the special ones unless it is one of them; null drops such
    /// characters
    /// </param>
    /// <exception cref="TokenizerException">there is no text</exception>
    public static TrainedTokenizer Characters(IEnumerable<string> texts, IReadOnlyList<string>? specialTokens = null,
        string? unknown = "<unk>")
    {
        ArgumentNullException.ThrowIfNull(texts);
        var found = new HashSet<Rune>();
        foreach (var text in texts) found.UnionWith(text.EnumerateRunes());
        if (found.Count == 0) throw new TokenizerException("There is no text to take characters from: all texts are empty.");
        IReadOnlyList<string> special = [.. (specialTokens ?? []).Concat(unknown is null ? [] : [unknown]).Distinct(StringComparer.Ordinal)];
        string[] tokens = [.. special, .. found.Order().Select(character => character.ToString()).Except(special, StringComparer.Ordinal)];
        return TokenizerJson.Write(new(new BpeJsonModel(new(tokens, []), unknown), special, AtSpaces, Decoder: """{"type":"Fuse"}"""));
    }

    /// <summary>Each byte of a text's UTF-8 is a token whose id is its value; special tokens follow from 256 on.</summary>
    /// <param name="specialTokens">in order of their ids</param>
    public static TrainedTokenizer Bytes(IReadOnlyList<string>? specialTokens = null)
    {
        var special = specialTokens ?? [];
        string[] tokens = [.. Enumerable.Range(0, 256).Select(value => ByteAlphabet.CharacterOf((byte)value).ToString()), .. special];
        return TokenizerJson.Write(new(new BpeJsonModel(new(tokens, [])), special, BytesAtSpaces, TokenizerJson.ByteLevelDecoder));
    }
}
