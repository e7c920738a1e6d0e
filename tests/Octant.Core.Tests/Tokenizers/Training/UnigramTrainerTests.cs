using Octant.Tokenizers;
using Octant.Tokenizers.Training;

namespace Octant.Core.Tests.Tokenizers.Training;

/// <summary>What Hugging Face's trainer learns is compared under tests/Goldens; here is what must hold of all that is learnt.</summary>
public sealed class UnigramTrainerTests
{
    static readonly string[] texts = ["the cats and the mats", "then the cat, then the mat", "a cat and a mat<s>they the them"];

    [Fact]
    public void What_is_learnt_says_its_texts_again_and_knows_what_it_does_not_know()
    {
        var trained = new MetaspaceUnigramTrainer(new(40, ["<s>", "</s>"])).Train(Enumerable.Repeat(texts, 20).SelectMany(all => all)).Tokenizer;
        Assert.Equal(["<unk>", "<s>", "</s>"], Enumerable.Range(0, 3).Select(id => trained.TokenOf(id)!));
        Assert.All(texts[..2], text => Assert.Equal(text, trained.Decode(trained.EncodeIds(text), skipSpecialTokens: false)));
        // What stands in several words is a piece.
        Assert.Equal(["▁the", "y"], trained.EncodeIds("they").Select(id => trained.TokenOf(id)!));
        Assert.Equal("<unk>", trained.TokenOf(trained.EncodeIds("z")[^1]));
        // Nothing reaches over a special token, and none becomes a piece.
        Assert.DoesNotContain(Enumerable.Range(3, trained.VocabularySize - 3), id => trained.TokenOf(id)!.Contains('<', StringComparison.Ordinal));
    }

    [Fact]
    public void The_alphabet_asked_for_is_there_and_scores_fall()
    {
        var pieces = new UnigramTrainer(new(30, InitialAlphabet: "xyz")).Train(new Dictionary<string, long> { ["▁cat"] = 3, ["▁cats"] = 2 });
        Assert.All("xyz▁cats", letter => Assert.Contains(pieces, piece => piece.Piece == letter.ToString()));
        Assert.Equal(pieces.Select(piece => piece.Score).OrderDescending(), pieces.Select(piece => piece.Score));
    }

    [Theory]
    [InlineData(3, 16, 0.75, "special tokens alone")]
    [InlineData(8, 16, 0.75, "no room")]
    [InlineData(40, 0, 0.75, "piece length of 0")]
    [InlineData(40, 16, 1.0, "shrinking factor")]
    public void Sizes_without_sense_are_refused(int size, int length, double factor, string reason) =>
        Assert.Contains(reason, Assert.Throws<TokenizerException>(() =>
            new MetaspaceUnigramTrainer(new(size, ["<s>", "</s>"], MaximumPieceLength: length, ShrinkingFactor: factor)).Train(texts)).Message);

    [Fact]
    public void Texts_without_anything_are_refused() =>
        Assert.Contains("no text", Assert.Throws<TokenizerException>(() => new MetaspaceUnigramTrainer(new(40)).Train([""])).Message);
}
