using Octant.Tokenizers.RegularExpressions;

namespace Octant.Tokenizers.Models;

/// <summary>BERT's: the longest piece that begins the word, then the longest that continues it, and so on.</summary>
sealed class WordPiece(Vocabulary vocabulary, string unknown, string prefix, int maximumCharacters) : TokenModel(vocabulary)
{
    public static WordPiece From(JsonPart part) => new(Vocabulary.Read(part["vocab"]), part.TextOrNull("unk_token") ?? "[UNK]",
        part.TextOrNull("continuing_subword_prefix") ?? "##", part.Number("max_input_chars_per_word", 100));

    public override void Encode(ReadOnlySpan<char> word, List<WordToken> tokens)
    {
        var before = tokens.Count;
        if (CountCharacters(word) <= maximumCharacters && TryEncode(word, tokens)) return;
        tokens.RemoveRange(before, tokens.Count - before);
        var id = Vocabulary.IdOf(unknown);
        if (id < 0) throw new TokenizerException($"The vocabulary lacks the unknown token \"{unknown}\".");
        tokens.Add(new WordToken(id, System.Text.Encoding.UTF8.GetByteCount(word)));
    }

    bool TryEncode(ReadOnlySpan<char> word, List<WordToken> tokens)
    {
        // The prefix, then the rest of the word.
        var buffer = new char[prefix.Length + word.Length];
        prefix.CopyTo(buffer);
        word.CopyTo(buffer.AsSpan(prefix.Length));
        for (var start = 0; start < word.Length;)
        {
            if (start > 0) prefix.CopyTo(buffer.AsSpan(start));
            var from = start == 0 ? prefix.Length : start;
            var (end, id) = (Math.Min(word.Length, start + Vocabulary.LongestToken), -1);
            if (end < word.Length && char.IsLowSurrogate(word[end])) end--;
            while (end > start)
            {
                id = Vocabulary.IdOf(buffer.AsSpan(from, prefix.Length + end - from));
                if (id >= 0) break;
                end -= end > 1 && char.IsLowSurrogate(word[end - 1]) ? 2 : 1;
            }
            if (end <= start) return false;
            tokens.Add(new WordToken(id, System.Text.Encoding.UTF8.GetByteCount(word[start..end])));
            start = end;
        }
        return true;
    }

    static int CountCharacters(ReadOnlySpan<char> word)
    {
        var count = 0;
        for (var at = 0; at < word.Length; at += RegexMachine.WidthAt(word, at)) count++;
        return count;
    }
}
