using System.Text.Json.Nodes;
using Octant.Formats;
using Octant.Tokenizers.PostProcessors;

namespace Octant.Tokenizers.SentencePiece;

/// <summary>
/// Models of SentencePiece whose class in transformers numbers or frames the pieces in its own way: what their folders mean where they have
/// no tokenizer.json.
/// </summary>
static class SentencePieceClasses
{
    /// <param name="file">the model</param>
    /// <param name="folder">what lies beside it</param>
    /// <returns>null for a class that is not known</returns>
    public static Tokenizer? Build(ReadOnlySpan<byte> file, FolderTokens folder) => folder.Class switch
    {
        null or "Llama" or "CodeLlama" or "Gemma" => Llama(LlamaPieces(file, folder)!, folder),
        "T5" or "MT5" => T5(SentencePieceModel.Read(file), folder),
        "XLMRoberta" => XlmRoberta(SentencePieceModel.Read(file), folder),
        _ => null,
    };

    /// <summary>
    /// The pieces as Llama's class and its kin use them. Up to transformers 4.31, and without "legacy": false ever since, what follows a
    /// special token has a space put before it, too.
    /// </summary>
    /// <returns>null for another class</returns>
    public static SentencePieceModel? LlamaPieces(ReadOnlySpan<byte> file, FolderTokens folder)
    {
        if (folder.Class is not (null or "Llama" or "CodeLlama" or "Gemma")) return null;
        var model = SentencePieceModel.Read(file);
        return model with
        {
            Normalizer = model.Normalizer with
            {
                AddDummyPrefix = model.Normalizer.AddDummyPrefix && (folder.Config["add_prefix_space"].Flag() ?? true),
                PrefixesFirstOnly = folder.Config["legacy"].Flag() == false,
            },
        };
    }

    /// <summary>The pieces as they are; a text begins with its token unless told otherwise.</summary>
    static Tokenizer Llama(SentencePieceModel model, FolderTokens folder)
    {
        var (added, names) = (All(folder, Known(model), model), folder.Names);
        return SentencePieceTokenizer.Build(model, new(Id(names.Bos, model.BosPiece), Id(names.Eos, model.EosPiece), Id(names.Pad, model.PadPiece),
            AddBos: names.AddBos ?? true, AddEos: names.AddEos ?? false), added);

        int? Id(string? named, string piece) => added.FirstOrDefault(token => token.Content == (named ?? piece))?.Id ?? model.IdOf(named ?? piece);
    }

    /// <summary>T5's texts have an end and no beginning; what was left out of them is named by tokens behind the pieces, the first of them last.</summary>
    static Tokenizer T5(SentencePieceModel model, FolderTokens folder)
    {
        var known = Known(model);
        for (var left = Sentinels(folder.Config) - 1; left >= 0; left--)
        {
            known.Add(new(model.Pieces.Count, $"<extra_id_{left}>", Special: true, TakesLeft: true, TakesRight: true));
            model.Pieces.Add(new($"<extra_id_{left}>", 0, PieceType.Control));
        }
        return SentencePieceTokenizer.Build(model, new(Eos: model.IdOf(model.EosPiece), Pad: model.IdOf(model.PadPiece), AddBos: false, AddEos: true),
            All(folder, known, model));
    }

    /// <summary>How many there are: as many as are named, or as extra_ids says; 100 where nothing is said.</summary>
    static int Sentinels(JsonObject config)
    {
        if (config["additional_special_tokens"] is JsonArray named && named.Count(IsSentinel) is > 0 and var count) return count;
        if (config["extra_ids"] is not { } given) return 100;
        return given.Number() is >= 0 and <= 10_000 and var number ? number
            : throw new TokenizerException($"tokenizer_config.json: extra_ids is {given.ToJsonString()}; it must be a number of tokens up to 10000.");

        static bool IsSentinel(JsonNode? token) => ((token as JsonObject)?["content"] ?? token).Text()?.StartsWith("<extra_id_", StringComparison.Ordinal) == true;
    }

    /// <summary>XLM-R has its first tokens from fairseq, so that each piece is one further than in the model; &lt;mask&gt; comes last.</summary>
    static Tokenizer XlmRoberta(SentencePieceModel model, FolderTokens folder)
    {
        if (model.Pieces.Count < 3 || model.Pieces[0].Type != PieceType.Unknown)
            throw new TokenizerException("It is no model of XLM-R: <unk>, <s> and </s> are to be its first pieces.");
        Piece[] rest = [.. model.Pieces.Skip(3)];
        model.Pieces.Clear();
        foreach (var token in (string[])["<s>", "<pad>", "</s>"]) model.Pieces.Add(new(token, 0, PieceType.Control));
        model.Pieces.Add(new(model.UnkPiece, 0, PieceType.Unknown));
        model.Pieces.AddRange(rest);
        model.Pieces.Add(new("<mask>", 0, PieceType.Control));
        var known = Known(model);
        known[^1] = known[^1] with { TakesLeft = true };
        return SentencePieceTokenizer.Build(model, new(Bos: 0, Eos: 2, Pad: 1, AddBos: true, AddEos: true), All(folder, known, model),
            new RobertaPostProcessor(EncodedToken.Framing(0, "<s>"), EncodedToken.Framing(2, "</s>"), trimsOffsets: false, addedPrefixSpace: false));
    }

    /// <summary>What controls the model is found in texts, and so is what stands for the unknown.</summary>
    static List<AddedToken> Known(SentencePieceModel model) =>
        [.. from pair in model.Pieces.Select((piece, id) => (piece, id))
            where pair.piece.Type is PieceType.Control or PieceType.Unknown
            select new AddedToken(pair.id, pair.piece.Text, Special: true)];

    static IReadOnlyCollection<AddedToken> All(FolderTokens folder, List<AddedToken> known, SentencePieceModel model)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (id, piece) in model.Pieces.Index()) ids.TryAdd(piece.Text, id);
        return folder.All(known, token => ids.TryGetValue(token, out var id) ? id : null, model.Pieces.Count);
    }
}
