using System.Text.Json;
using Octant.Tokenizers.PreTokenizers;

namespace Octant.Tokenizers.Training;

/// <summary>How a byte-level encoding cuts texts into words, which tokens do not reach over.</summary>
public enum WordSplitting
{
    /// <summary>GPT-2's: a word with the space before it, digits of any number, line ends apart from spaces or not.</summary>
    Gpt2,

    /// <summary>Llama 3's: digits by threes, a word with any one sign before it, line ends apart from the line after them.</summary>
    Llama3,
}

/// <summary>The pre-tokenizers behind the names, as tokenizer.json writes them.</summary>
static class WordSplittings
{
    const string ByteLevel = """{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}""";

    // The pattern of Llama 3's tokenizer.json, which is cl100k_base's without the possessive quantifiers.
    static readonly string llama3 =
        $$"""
        {"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"{{WordPatterns.Llama3.Replace(@"\", @"\\", StringComparison.Ordinal)}}"},"behavior":"Isolated","invert":false},{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}]}
        """;

    public static string Json(this WordSplitting splitting) => splitting switch
    {
        WordSplitting.Gpt2 => ByteLevel,
        WordSplitting.Llama3 => llama3,
        _ => throw new TokenizerException($"{splitting} is no way to cut words: it is {string.Join(" or ", Enum.GetNames<WordSplitting>())}."),
    };

    public static PreTokenizer PreTokenizer(this WordSplitting splitting)
    {
        using var json = JsonDocument.Parse(splitting.Json());
        return PreTokenizers.PreTokenizer.Parse(json.RootElement);
    }

    /// <summary>
    /// A text in pieces of at least so many characters, cut between a line's end and a line's beginning: a single line feed
    /// between two characters that are not white space ends a word in every splitting above, so that the pieces have the words of
    /// the whole.
    /// </summary>
    public static IEnumerable<ReadOnlyMemory<char>> Pieces(string text, int length)
    {
        var start = 0;
        while (text.Length - start > length)
        {
            var cut = NextCut(text, start + length);
            if (cut < 0) break;
            yield return text.AsMemory(start..cut);
            start = cut;
        }
        yield return text.AsMemory(start);
    }

    static int NextCut(string text, int from)
    {
        for (var at = from; at + 1 < text.Length && (at = text.IndexOf('\n', at)) >= 0 && at + 1 < text.Length; at++)
            if (!char.IsWhiteSpace(text[at - 1]) && !char.IsWhiteSpace(text[at + 1])) return at + 1;
        return -1;
    }
}
