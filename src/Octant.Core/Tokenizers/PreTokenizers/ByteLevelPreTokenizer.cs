using Octant.Tokenizers.RegularExpressions;

namespace Octant.Tokenizers.PreTokenizers;

/// <summary>GPT-2's: splits by its expression, then writes each byte as a character.</summary>
/// <param name="addPrefixSpace">a word that begins without a space gets one</param>
/// <param name="usesRegex">whether words are split at all</param>
/// <param name="asCharacters">whether bytes become characters; a model that reads bytes does without</param>
sealed class ByteLevelPreTokenizer(bool addPrefixSpace, bool usesRegex, bool asCharacters) : PreTokenizer
{
    static readonly TextPattern gpt2 = new TextPattern.Expression(new CodePointRegex(WordPatterns.Gpt2));

    internal override PreTokenizer? WithoutByteCharacters() =>
        new ByteLevelPreTokenizer(addPrefixSpace, usesRegex, asCharacters: false);

    internal override void Apply(Words words)
    {
        if (addPrefixSpace) AddSpaces(words);
        if (usesRegex) Splitting.Split(words, gpt2, SplitBehavior.Isolated);
        if (asCharacters) WriteBytes(words);
    }

    static void AddSpaces(Words words)
    {
        var text = words.Text;
        if (words.Stretches.TrueForAll(word => text.Span[word.Start] == ' ')) return;
        var result = text.Successor(text.Length + words.Stretches.Count);
        foreach (var word in words.Stretches)
        {
            var start = result.Length;
            if (text.Span[word.Start] != ' ') result.Append(' ', text.Alignment(word.Start));
            result.Append(text, word);
            words.Keep(new Stretch(start, result.Length));
        }
        words.Turn(result);
    }

    static void WriteBytes(Words words)
    {
        var result = words.Text.Successor(words.Text.Length);
        foreach (var word in words.Stretches)
        {
            var start = result.Length;
            ByteAlphabet.Append(words.Text, word, result);
            words.Keep(new Stretch(start, result.Length));
        }
        words.Turn(result);
    }
}
