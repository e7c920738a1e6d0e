namespace Octant.Tokenizers.Models;

/// <summary>Words are tokens.</summary>
sealed class WordLevel(Vocabulary vocabulary, string unknown) : TokenModel(vocabulary)
{
    public static WordLevel From(JsonPart part) => new(Vocabulary.Read(part["vocab"]), part["unk_token"].Text());

    public override void Encode(ReadOnlySpan<char> word, List<WordToken> tokens)
    {
        var id = Vocabulary.IdOf(word);
        if (id < 0) id = Vocabulary.IdOf(unknown);
        if (id < 0)
            throw new TokenizerException($"The vocabulary holds neither the word \"{word}\" nor the unknown token \"{unknown}\".");
        tokens.Add(new WordToken(id, System.Text.Encoding.UTF8.GetByteCount(word)));
    }
}
