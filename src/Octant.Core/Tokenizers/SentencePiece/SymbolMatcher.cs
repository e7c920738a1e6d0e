using System.Text;
using Octant.Tokenizers.Models;

namespace Octant.Tokenizers.SentencePiece;

/// <summary>Finds the longest of some texts that begins a text.</summary>
sealed class SymbolMatcher(IEnumerable<(string Text, int Id)> symbols)
{
    readonly ByteTrie trie = new(symbols);

    /// <summary>UTF-16 units of the longest symbol that begins here, and its id; 0 where none does.</summary>
    public int Longest(ReadOnlySpan<char> text, out int id)
    {
        (id, var length) = (-1, 0);
        Span<byte> utf8 = stackalloc byte[4];
        var node = ByteTrie.Root;
        for (var at = 0; at < text.Length;)
        {
            Rune.DecodeFromUtf16(text[at..], out var rune, out var width);
            at += width;
            foreach (var value in utf8[..rune.EncodeToUtf8(utf8)])
                if (!trie.Step(ref node, value)) return length;
            if (trie.ValueAt(node) is >= 0 and var found) (id, length) = (found, at);
        }
        return length;
    }
}

/// <summary>Symbols that the user defined are one token wherever they stand; another model encodes what is between.</summary>
sealed class FrozenSymbols(TokenModel model, SymbolMatcher symbols) : TokenModel(model.Vocabulary)
{
    public override TokenModel WithDropout(double rate, int seed) => new FrozenSymbols(model.WithDropout(rate, seed), symbols);

    public override void Encode(ReadOnlySpan<char> word, List<WordToken> tokens)
    {
        var start = 0;
        for (var at = 0; at < word.Length;)
        {
            var length = symbols.Longest(word[at..], out var id);
            if (length == 0)
            {
                at += char.IsHighSurrogate(word[at]) && at + 1 < word.Length ? 2 : 1;
                continue;
            }
            if (start < at) model.Encode(word[start..at], tokens);
            tokens.Add(new(id, System.Text.Encoding.UTF8.GetByteCount(word.Slice(at, length))));
            start = at += length;
        }
        if (start < word.Length) model.Encode(word[start..], tokens);
    }
}

/// <summary>Words are pieces: SentencePiece's model "word", whose words end or begin with a visible space.</summary>
sealed class SpacedWords(Vocabulary vocabulary, int unknown, bool spaceEnds) : TokenModel(vocabulary)
{
    public override void Encode(ReadOnlySpan<char> word, List<WordToken> tokens)
    {
        while (word.Length > 0)
        {
            var end = spaceEnds ? word.IndexOf('▁') + 1 : word[1..].IndexOf('▁') + 1;
            if (end == 0) end = word.Length;
            var id = Vocabulary.IdOf(word[..end]);
            var bytes = System.Text.Encoding.UTF8.GetByteCount(word[..end]);
            // Neighbours that are unknown become one.
            if (id < 0 && tokens.Count > 0 && tokens[^1].Id == unknown) tokens[^1] = new(unknown, tokens[^1].Bytes + bytes);
            else tokens.Add(new(id < 0 ? unknown : id, bytes));
            word = word[end..];
        }
    }
}
