using System.Text;

namespace Octant.Tokenizers.Decoders;

/// <summary>Puts a text in the place of each match, in each token by itself.</summary>
sealed class ReplaceDecoder(TextPattern pattern, string content) : Decoder
{
    internal override List<string> Apply(List<string> tokens)
    {
        var matches = new List<Stretch>();
        for (var i = 0; i < tokens.Count; i++)
        {
            matches.Clear();
            pattern.Find(tokens[i], matches);
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
