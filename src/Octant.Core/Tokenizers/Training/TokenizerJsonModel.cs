using System.Text.Json;

namespace Octant.Tokenizers.Training;

/// <summary>The part of a tokenizer.json that learning makes.</summary>
abstract record TokenizerJsonModel
{
    /// <summary>In order of their ids.</summary>
    public abstract IReadOnlyList<string> Tokens { get; }

    /// <summary>Writes the members of "model".</summary>
    public abstract void Write(Utf8JsonWriter json);

    protected static void WriteUnknown(Utf8JsonWriter json, string? unknown)
    {
        if (unknown is null) json.WriteNull("unk_token");
        else json.WriteString("unk_token", unknown);
    }

    protected void WriteVocabulary(Utf8JsonWriter json)
    {
        json.WriteStartObject("vocab");
        foreach (var (id, token) in Tokens.Index()) json.WriteNumber(token, id);
        json.WriteEndObject();
    }
}

/// <param name="Vocabulary">tokens, and pairs in order of their ranks</param>
/// <param name="Unknown">the token for other symbols</param>
sealed record BpeJsonModel(BpeVocabulary Vocabulary, string? Unknown = null) : TokenizerJsonModel
{
    public override IReadOnlyList<string> Tokens => Vocabulary.Tokens;

    public override void Write(Utf8JsonWriter json)
    {
        json.WriteString("type", "BPE");
        json.WriteNull("dropout");
        WriteUnknown(json, Unknown);
        json.WriteNull("continuing_subword_prefix");
        json.WriteNull("end_of_word_suffix");
        json.WriteBoolean("fuse_unk", false);
        json.WriteBoolean("byte_fallback", false);
        json.WriteBoolean("ignore_merges", false);
        WriteVocabulary(json);
        json.WriteStartArray("merges");
        foreach (var (left, right) in Vocabulary.Merges)
        {
            json.WriteStartArray();
            json.WriteStringValue(left);
            json.WriteStringValue(right);
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }
}

/// <param name="Tokens">in order of their ids</param>
/// <param name="Unknown">the token for words that no tokens say</param>
/// <param name="ContinuingPrefix">what marks a token within a word</param>
sealed record WordPieceJsonModel(IReadOnlyList<string> Tokens, string Unknown, string ContinuingPrefix) : TokenizerJsonModel
{
    public override IReadOnlyList<string> Tokens { get; } = Tokens;

    public override void Write(Utf8JsonWriter json)
    {
        json.WriteString("type", "WordPiece");
        WriteUnknown(json, Unknown);
        json.WriteString("continuing_subword_prefix", ContinuingPrefix);
        json.WriteNumber("max_input_chars_per_word", 100);
        WriteVocabulary(json);
    }
}

/// <param name="Pieces">with their scores, in order of their ids</param>
/// <param name="Unknown">the id of the token for what no piece says</param>
sealed record UnigramJsonModel(IReadOnlyList<(string Piece, double Score)> Pieces, int? Unknown) : TokenizerJsonModel
{
    public override IReadOnlyList<string> Tokens { get; } = [.. Pieces.Select(piece => piece.Piece)];

    public override void Write(Utf8JsonWriter json)
    {
        json.WriteString("type", "Unigram");
        if (Unknown is { } unknown) json.WriteNumber("unk_id", unknown);
        else json.WriteNull("unk_id");
        json.WriteStartArray("vocab");
        foreach (var (piece, score) in Pieces)
        {
            json.WriteStartArray();
            json.WriteStringValue(piece);
            json.WriteNumberValue(score);
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteBoolean("byte_fallback", false);
    }
}
