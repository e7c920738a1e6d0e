using Octant.Tokenizers.Models;
using Octant.Tokenizers.PostProcessors;

namespace Octant.Tokenizers.SentencePiece;

/// <summary>
/// Builds tokenizers from SentencePiece's .model files, equal to SentencePiece in every id. They differ from what tokenizer.json can say:
/// spaces are counted across symbols, symbols are found before and after normalisation, and decoding removes only what encoding put there.
/// </summary>
static class SentencePieceTokenizer
{
    /// <summary>A model that stands alone: nothing is put around a text, and tokens that control the model are never found in one.</summary>
    public static Tokenizer Build(ReadOnlySpan<byte> file)
    {
        var model = SentencePieceModel.Read(file);
        var control = from pair in model.Pieces.Select((piece, id) => (piece, id))
                      where pair.piece.Type == PieceType.Control
                      select new AddedToken(pair.id, pair.piece.Text, Special: true, IsFound: false);
        return Build(model, new(model.IdOf(model.BosPiece), model.IdOf(model.EosPiece), model.IdOf(model.PadPiece), AddBos: false, AddEos: false), control);
    }

    /// <param name="model">the pieces</param>
    /// <param name="special">which of them are put around a text</param>
    /// <param name="added">which are found in texts before all else, or left out of decoded ones</param>
    /// <param name="frame">puts tokens around a text; where it is null, those that the special ones say</param>
    public static Tokenizer Build(SentencePieceModel model, SpecialTokens special, IEnumerable<AddedToken> added, PostProcessor? frame = null)
    {
        var vocabulary = new Vocabulary(model.Pieces.Select((piece, id) => (piece.Text, id)), "pieces");
        var unknown = model.Pieces.FindIndex(piece => piece.Type == PieceType.Unknown);
        special = special with { Unk = unknown };
        var symbols = new SymbolMatcher(model.Pieces.Select((piece, id) => (piece, id))
            .Where(pair => pair.piece.Type == PieceType.UserDefined).Select(pair => (pair.piece.Text, pair.id)));
        var none = new SymbolMatcher([]);
        var normalizer = new SentencePieceNormalizer(model.Normalizer, symbols, model.TreatWhitespaceAsSuffix);
        // transformers puts a prefix before texts alone when they are cut into words, too late for tokens to have one.
        var found = new AddedTokens(added, model.Normalizer.PrefixesFirstOnly ? null : normalizer);
        return new Tokenizer(new TokenizerParts(
            ModelOf(model, vocabulary, unknown, symbols), found, normalizer, null,
            frame ?? (special is { AddBos: false, AddEos: false } ? null : TemplatePostProcessor.Around(special, id => found.Find(id)?.Content ?? model.Pieces[id].Text)),
            new SentencePieceDecoder(model, model.Denormalizer is null ? null : new(model.Denormalizer, none, spaceEnds: false)),
            null, null, special));
    }

    static TokenModel ModelOf(SentencePieceModel model, Vocabulary vocabulary, int unknown, SymbolMatcher symbols)
    {
        switch (model.Type)
        {
            case ModelType.Unigram:
                return Unigram(model, vocabulary, unknown);
            case ModelType.Bpe:
                if (model.Pieces.Exists(piece => piece.Type == PieceType.Unused))
                    throw new TokenizerException("Pieces of the type UNUSED in a BPE model of SentencePiece are not supported.");
                var merges = ScoredMerges.From(vocabulary, [.. model.Pieces.Select(piece => piece.Score)],
                    id => model.Pieces[id].Type is PieceType.Normal or PieceType.UserDefined);
                return new FrozenSymbols(new Bpe(vocabulary, merges.Table, Options(), merges.Symbols), symbols);
            case ModelType.Char:
                return new FrozenSymbols(new Bpe(vocabulary, new MergeTable([]), Options()), symbols);
            case ModelType.Word:
                return new SpacedWords(vocabulary, unknown, model.TreatWhitespaceAsSuffix);
            default:
                throw new TokenizerException($"SentencePiece's model type {(int)model.Type} is not supported.");
        }

        BpeOptions Options() => new(Unknown: model.Pieces[unknown].Text, FusesUnknown: true, ByteFallback: model.ByteFallback);
    }

    /// <summary>Scores are floats; a symbol that the user defined gets more than any way through its letters could.</summary>
    static Unigram Unigram(SentencePieceModel model, Vocabulary vocabulary, int unknown)
    {
        var normal = model.Pieces.Where(piece => piece.Type == PieceType.Normal).Select(piece => piece.Score).ToArray();
        var best = normal.DefaultIfEmpty(0).Max();
        double[] scores = [.. model.Pieces.Select(piece =>
            piece.Type == PieceType.UserDefined ? System.Text.Encoding.UTF8.GetByteCount(piece.Text) * best - 0.1 : piece.Score)];
        return new(vocabulary, scores, new(unknown, model.ByteFallback, IsSentencePiece: true, LowestScore: normal.DefaultIfEmpty(0).Min()),
            id => model.Pieces[id].Type is PieceType.Normal or PieceType.UserDefined);
    }
}
