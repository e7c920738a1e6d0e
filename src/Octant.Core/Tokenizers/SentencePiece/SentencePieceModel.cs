namespace Octant.Tokenizers.SentencePiece;

/// <summary>What a piece is, with SentencePiece's numbers.</summary>
enum PieceType
{
    Normal = 1, Unknown = 2, Control = 3, UserDefined = 4, Unused = 5, Byte = 6,
}

/// <summary>How a model finds its pieces, with SentencePiece's numbers.</summary>
enum ModelType
{
    Unigram = 1, Bpe = 2, Word = 3, Char = 4,
}

readonly record struct Piece(string Text, float Score, PieceType Type);

/// <summary>How a text is rewritten before it is encoded, or after it was decoded.</summary>
sealed record NormalizerSpec
{
    public byte[] Charsmap { get; init; } = [];
    public bool AddDummyPrefix { get; init; } = true;

    /// <summary>Whether the prefix goes before a text alone, and not before what follows an added token: no option of SentencePiece's, but of transformers' classes.</summary>
    public bool PrefixesFirstOnly { get; init; }

    public bool RemoveExtraWhitespaces { get; init; } = true;
    public bool EscapeWhitespaces { get; init; } = true;

    public static NormalizerSpec Read(ReadOnlySpan<byte> message)
    {
        var spec = new NormalizerSpec();
        for (var field = new Protobuf(message); field.Next();)
            spec = field.Field switch
            {
                2 => spec with { Charsmap = field.Span().ToArray() },
                3 => spec with { AddDummyPrefix = field.Flag() },
                4 => spec with { RemoveExtraWhitespaces = field.Flag() },
                5 => spec with { EscapeWhitespaces = field.Flag() },
                _ => spec,
            };
        return spec;
    }
}

/// <summary>
/// A SentencePiece .model file: pieces and how they are used (github.com/google/sentencepiece, src/sentencepiece_model.proto, whose
/// numbers and defaults these are).
/// </summary>
sealed record SentencePieceModel
{
    public List<Piece> Pieces { get; } = [];
    public ModelType Type { get; init; } = ModelType.Unigram;
    public bool TreatWhitespaceAsSuffix { get; init; }
    public bool ByteFallback { get; init; }
    public string UnkSurface { get; init; } = " \u2047 ";
    public string UnkPiece { get; init; } = "<unk>";
    public string BosPiece { get; init; } = "<s>";
    public string EosPiece { get; init; } = "</s>";
    public string PadPiece { get; init; } = "<pad>";
    public NormalizerSpec Normalizer { get; init; } = new();
    public NormalizerSpec? Denormalizer { get; init; }

    /// <summary>Where a piece stands; null where there is none.</summary>
    public int? IdOf(string piece) => Pieces.FindIndex(known => known.Text == piece) is >= 0 and var id ? id : null;

    /// <exception cref="TokenizerException">it is damaged</exception>
    public static SentencePieceModel Read(ReadOnlySpan<byte> file)
    {
        var model = new SentencePieceModel();
        for (var field = new Protobuf(file); field.Next();)
            switch (field.Field)
            {
                case 1: model.Pieces.Add(ReadPiece(field.Span(), model.Pieces.Count)); break;
                case 2: model = ReadTrainer(model, field.Span()); break;
                case 3: model = model with { Normalizer = NormalizerSpec.Read(field.Span()) }; break;
                case 5: model = model with { Denormalizer = NormalizerSpec.Read(field.Span()) }; break;
            }
        if (model.Pieces.Count(piece => piece.Type == PieceType.Unknown) != 1)
            throw new TokenizerException("It is no sound model of SentencePiece: it does not have one piece for what is unknown.");
        return model;
    }

    static Piece ReadPiece(ReadOnlySpan<byte> message, int id)
    {
        var piece = new Piece("", 0, PieceType.Normal);
        for (var field = new Protobuf(message); field.Next();)
            piece = field.Field switch
            {
                1 => piece with { Text = field.Text() },
                2 => piece with { Score = field.Float() },
                3 => piece with { Type = (PieceType)field.Int() },
                _ => piece,
            };
        if (piece.Text.Length == 0) throw new TokenizerException($"It is no sound model of SentencePiece: piece {id} is empty.");
        if (!Enum.IsDefined(piece.Type) || float.IsNaN(piece.Score))
            throw new TokenizerException($"It is no sound model of SentencePiece: piece {id} has type {(int)piece.Type} and score {piece.Score}.");
        return piece;
    }

    static SentencePieceModel ReadTrainer(SentencePieceModel model, ReadOnlySpan<byte> message)
    {
        for (var field = new Protobuf(message); field.Next();)
            model = field.Field switch
            {
                3 => model with { Type = (ModelType)field.Int() },
                24 => model with { TreatWhitespaceAsSuffix = field.Flag() },
                35 => model with { ByteFallback = field.Flag() },
                44 => model with { UnkSurface = field.Text() },
                45 => model with { UnkPiece = field.Text() },
                46 => model with { BosPiece = field.Text() },
                47 => model with { EosPiece = field.Text() },
                48 => model with { PadPiece = field.Text() },
                _ => model,
            };
        return model;
    }
}
