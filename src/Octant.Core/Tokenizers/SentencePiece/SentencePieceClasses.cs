using System.Globalization;
using System.Text.Json.Nodes;
using Octant.Tokenizers.PostProcessors;

namespace Octant.Tokenizers.SentencePiece;

/// <summary>
/// Models of SentencePiece whose class in transformers numbers or frames the pieces in its own way: what their folders mean where they have
/// no tokenizer.json.
/// </summary>
static class SentencePieceClasses
{
    /// <param name="kind">the class without "Tokenizer"</param>
    /// <param name="file">the model</param>
    /// <param name="config">tokenizer_config.json</param>
    /// <returns>null for a class that is not known</returns>
    public static Tokenizer? Build(string kind, ReadOnlySpan<byte> file, JsonObject config) => kind switch
    {
        "T5" or "MT5" => T5(SentencePieceModel.Read(file), config),
        "XLMRoberta" => XlmRoberta(SentencePieceModel.Read(file)),
        _ => null,
    };

    /// <summary>T5's texts have an end and no beginning; what was left out of them is named by tokens behind the pieces, the first of them last.</summary>
    static Tokenizer T5(SentencePieceModel model, JsonObject config)
    {
        var added = Added(model);
        for (var left = Sentinels(config) - 1; left >= 0; left--)
        {
            added.Add(new(model.Pieces.Count, $"<extra_id_{left}>", Special: true, TakesLeft: true, TakesRight: true));
            model.Pieces.Add(new($"<extra_id_{left}>", 0, PieceType.Control));
        }
        AddedToken[] given = [.. Given(config)];
        added = [.. added.ExceptBy(given.Select(token => token.Id), token => token.Id), .. given];
        return SentencePieceTokenizer.Build(model, new(Eos: model.IdOf(model.EosPiece), Pad: model.IdOf(model.PadPiece), AddBos: false, AddEos: true), added);
    }

    /// <summary>How many there are: as many as are named, or as extra_ids says; 100 where nothing is said.</summary>
    static int Sentinels(JsonObject config)
    {
        if (config["additional_special_tokens"] is JsonArray named && named.Count(IsSentinel) is > 0 and var count) return count;
        return config["extra_ids"] switch
        {
            null => 100,
            JsonValue value when value.TryGetValue<int>(out var number) && number is >= 0 and <= 10_000 => number,
            var other => throw new TokenizerException($"tokenizer_config.json: extra_ids is {other.ToJsonString()}; it must be a number of tokens up to 10000."),
        };

        static bool IsSentinel(JsonNode? token) => ((token as JsonObject)?["content"] ?? token) is JsonValue value && value.TryGetValue<string>(out var text)
            && text.StartsWith("<extra_id_", StringComparison.Ordinal);
    }

    /// <summary>XLM-R has its first tokens from fairseq, so that each piece is one further than in the model; &lt;mask&gt; comes last.</summary>
    static Tokenizer XlmRoberta(SentencePieceModel model)
    {
        if (model.Pieces.Count < 3 || model.Pieces[0].Type != PieceType.Unknown)
            throw new TokenizerException("It is no model of XLM-R: <unk>, <s> and </s> are to be its first pieces.");
        Piece[] rest = [.. model.Pieces.Skip(3)];
        model.Pieces.Clear();
        foreach (var token in (string[])["<s>", "<pad>", "</s>"]) model.Pieces.Add(new(token, 0, PieceType.Control));
        model.Pieces.Add(new(model.UnkPiece, 0, PieceType.Unknown));
        model.Pieces.AddRange(rest);
        model.Pieces.Add(new("<mask>", 0, PieceType.Control));
        var added = Added(model);
        added[^1] = added[^1] with { TakesLeft = true };
        return SentencePieceTokenizer.Build(model, new(Bos: 0, Eos: 2, Pad: 1, AddBos: true, AddEos: true), added,
            new RobertaPostProcessor(EncodedToken.Framing(0, "<s>"), EncodedToken.Framing(2, "</s>"), trimsOffsets: false, addedPrefixSpace: false));
    }

    /// <summary>What controls the model is found in texts, and so is what stands for the unknown.</summary>
    static List<AddedToken> Added(SentencePieceModel model) =>
        [.. from pair in model.Pieces.Select((piece, id) => (piece, id))
            where pair.piece.Type is PieceType.Control or PieceType.Unknown
            select new AddedToken(pair.id, pair.piece.Text, Special: true)];

    /// <summary>added_tokens_decoder, whose flags count before ours.</summary>
    static IEnumerable<AddedToken> Given(JsonObject config)
    {
        foreach (var (key, value) in config["added_tokens_decoder"] as JsonObject ?? [])
            if (int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && value is JsonObject token
                && token["content"] is JsonValue content && content.TryGetValue<string>(out var text))
                yield return new(id, text, Flag(token, "special"), Flag(token, "single_word"), Flag(token, "lstrip"), Flag(token, "rstrip"));

        static bool Flag(JsonObject token, string key) => token[key] is JsonValue value && value.TryGetValue<bool>(out var flag) && flag;
    }
}
