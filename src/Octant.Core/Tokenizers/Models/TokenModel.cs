namespace Octant.Tokenizers.Models;

/// <summary>A token in a word.</summary>
/// <param name="Id">its id</param>
/// <param name="Bytes">how many bytes of the word (in UTF-8) it takes, from where the one before ended</param>
/// <param name="Text">how it shows, where that is not what the vocabulary says</param>
/// <param name="Shares">stands for the same bytes as the token before it</param>
readonly record struct WordToken(int Id, int Bytes, string? Text = null, bool Shares = false);

/// <summary>Finds the tokens within a word: the "model" of a tokenizer.json.</summary>
abstract class TokenModel(Vocabulary vocabulary)
{
    public Vocabulary Vocabulary => vocabulary;

    /// <summary>The chance by which merges are to be left out in training, as the file says.</summary>
    public virtual double? Dropout => null;

    /// <summary>The same model with merges left out by chance.</summary>
    /// <exception cref="TokenizerException">nothing merges here</exception>
    public virtual TokenModel WithDropout(double rate, int seed) =>
        throw new TokenizerException("Only byte-pair encodings can leave merges out: this tokenizer has none.");

    /// <summary>Appends the tokens of a word.</summary>
    public abstract void Encode(ReadOnlySpan<char> word, List<WordToken> tokens);

    /// <summary>Appends the ids of a word's tokens.</summary>
    public virtual void EncodeIds(ReadOnlySpan<char> word, List<int> ids)
    {
        var tokens = new List<WordToken>();
        Encode(word, tokens);
        foreach (var token in tokens) ids.Add(token.Id);
    }

    /// <param name="part">the model as it stands in tokenizer.json</param>
    /// <param name="readsBytes">words come as they are, and the model sees their bytes through GPT-2's alphabet</param>
    public static TokenModel Read(JsonPart part, bool readsBytes)
    {
        // Files of old do not name their model's type; BPE is the one that has merges.
        var type = part.TextOrNull("type") ?? (part.Find("merges") is not null ? "BPE" : part.Find("unk_id") is not null ? "Unigram" : throw part.Wrong("lacks \"type\""));
        return type switch
        {
            "BPE" => BpeReader.Read(part, readsBytes),
            "WordPiece" => WordPiece.From(part),
            "Unigram" => Unigram.From(part),
            "WordLevel" => WordLevel.From(part),
            _ => throw part.Wrong($"is \"{type}\", which is not supported"),
        };
    }
}
