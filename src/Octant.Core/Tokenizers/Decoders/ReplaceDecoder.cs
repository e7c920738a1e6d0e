using System.Text;

namespace Octant.Tokenizers.Decoders;

/// <summary>Puts a text in the place of each match, in each token by itself.</summary>
sealed class ReplaceDecoder(TextPattern pattern, string content) : Decoder
{
    internal override List<string> Apply(List<string> tokens) => Apply(tokens, MostOf(tokens));

    /// <summary>How long a text may become: replacements of a hostile file, one behind the other, could ask for any amount of memory.</summary>
    public static long MostOf(List<string> tokens) => Math.Max(AlignedText.LeastLimit, tokens.Sum(token => (long)token.Length) * AlignedText.MostGrowth);

    /// <param name="tokens">the tokens</param>
    /// <param name="most">characters that they may have together afterwards</param>
    /// <exception cref="TokenizerException">they would have more</exception>
    public List<string> Apply(List<string> tokens, long most)
    {
        var matches = new List<Stretch>();
        var left = most;
        for (var i = 0; i < tokens.Count; i++)
        {
            matches.Clear();
            pattern.Find(tokens[i], matches);
            left -= tokens[i].Length + (long)matches.Count * content.Length;
            foreach (var match in matches) left += match.Length;
            if (left < 0) throw new TokenizerException($"The decoder's replacements are refused: with them a text grows beyond {most} characters.");
            if (matches.Count > 0) tokens[i] = Replaced(tokens[i], matches);
        }
        return tokens;
    }

    string Replaced(string token, List<Stretch> matches)
    {
        var result = new StringBuilder();
        var last = 0;
        foreach (var match in matches)
        {
            result.Append(token, last, match.Start - last).Append(content);
            last = match.End;
        }
        return result.Append(token, last, token.Length - last).ToString();
    }
}
