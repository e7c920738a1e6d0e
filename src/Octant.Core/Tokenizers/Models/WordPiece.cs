using Octant.Tokenizers.RegularExpressions;

namespace Octant.Tokenizers.Models;

/// <summary>BERT's: the longest piece that begins the word, then the longest that continues it, and so on.</summary>
sealed class WordPiece : TokenModel
{
    readonly string unknown;
    readonly int maximumCharacters;
    readonly ByteTrie pieces;

    /// <summary>Where pieces that continue a word begin in the trie; -1 where there are none.</summary>
    readonly int continuing = ByteTrie.Root;

    public WordPiece(Vocabulary vocabulary, string unknown, string prefix, int maximumCharacters) : base(vocabulary)
    {
        (this.unknown, this.maximumCharacters) = (unknown, maximumCharacters);
        pieces = new(vocabulary.Entries.Select(entry => (entry.Key, entry.Value)));
        foreach (var value in System.Text.Encoding.UTF8.GetBytes(prefix))
            if (continuing >= 0 && !pieces.Step(ref continuing, value)) continuing = -1;
    }

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
        const int onStack = 512;
        var most = System.Text.Encoding.UTF8.GetMaxByteCount(word.Length);
        var bytes = most <= onStack ? stackalloc byte[onStack] : new byte[most];
        bytes = bytes[..System.Text.Encoding.UTF8.GetBytes(word, bytes)];
        for (var start = 0; start < bytes.Length;)
        {
            var (node, id, end) = (start == 0 ? ByteTrie.Root : continuing, -1, start);
            for (var at = start; node >= 0 && at < bytes.Length && pieces.Step(ref node, bytes[at]); at++)
                if (pieces.ValueAt(node) is >= 0 and var found) (id, end) = (found, at + 1);
            if (id < 0) return false;
            tokens.Add(new WordToken(id, end - start));
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
