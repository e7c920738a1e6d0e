using Octant.Tokenizers;
using Octant.Tokenizers.Training;

namespace Octant.Core.Tests.Tokenizers.Training;

/// <summary>What SentencePiece's own trainer learns is compared under tests/Goldens; here is what must hold of all that is learnt.</summary>
public sealed class SentencePieceTrainerTests
{
    static readonly string[] lines = ["the cat sat on the mat", "the cats sat on the mats", "a cat and a mat", "the the the"];

    [Theory]
    [InlineData(SentencePieceModelType.Unigram, 24)]
    [InlineData(SentencePieceModelType.Bpe, 24)]
    [InlineData(SentencePieceModelType.Word, 9)]
    [InlineData(SentencePieceModelType.Char, 14)]
    public void A_vocabulary_has_its_size_no_piece_twice_and_falling_scores(SentencePieceModelType type, int size)
    {
        var pieces = new SentencePieceTrainer(new(type, size)).Train(lines);
        Assert.InRange(pieces.Count, 4, size);
        Assert.Equal(["<unk>", "<s>", "</s>"], pieces.Take(3).Select(piece => piece.Piece));
        Assert.Equal(pieces.Count, pieces.Select(piece => piece.Piece).Distinct().Count());
        Assert.Equal(pieces.Skip(3).Select(piece => piece.Score).OrderDescending(), pieces.Skip(3).Select(piece => piece.Score));
        if (type is not SentencePieceModelType.Word) Assert.All("▁thecasonmd", letter => Assert.Contains(pieces, piece => piece.Piece == letter.ToString()));
    }

    [Fact]
    public void Bytes_come_before_what_is_learnt() =>
        Assert.Equal("<0xFF>", new SentencePieceTrainer(new(SentencePieceModelType.Bpe, 280, ByteFallback: true)).Train(lines)[258].Piece);

    [Fact]
    public void Texts_without_anything_and_vocabularies_without_room_are_refused()
    {
        Assert.Contains("SeedSize is 0", Assert.Throws<TokenizerException>(() => new SentencePieceTrainer(new(SeedSize: 0))).Message);
        Assert.Contains("ShrinkingFactor", Assert.Throws<TokenizerException>(() => new SentencePieceTrainer(new(ShrinkingFactor: double.NaN))).Message);
        Assert.Contains("no text", Assert.Throws<TokenizerException>(() => new SentencePieceTrainer(new()).Train(["", " "])).Message);
        Assert.Contains("no room", Assert.Throws<TokenizerException>(() => new SentencePieceTrainer(new(VocabularySize: 8)).Train(lines)).Message);
    }
}
