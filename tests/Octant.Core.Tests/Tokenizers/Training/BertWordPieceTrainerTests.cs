using Octant.Tokenizers;
using Octant.Tokenizers.Training;

namespace Octant.Core.Tests.Tokenizers.Training;

/// <summary>The trainer below it is compared under tests/Goldens; here is what BERT's tokenizer adds.</summary>
public sealed class BertWordPieceTrainerTests
{
    static readonly string[] texts = ["The unhappy cat, the happy cat.", "Unhappiness is a happy cat's café."];

    [Theory]
    [InlineData(true, "the happy cat")]
    [InlineData(false, "The happy cat")]
    public void A_text_is_said_with_its_ends_in_the_case_that_was_learnt(bool lowercase, string expected)
    {
        var trained = new BertWordPieceTrainer(new(80, Lowercase: lowercase)).Train(texts).Tokenizer;
        var ids = trained.EncodeIds("The happy cat");
        Assert.Equal(("[CLS]", "[SEP]"), (trained.TokenOf(ids[0]), trained.TokenOf(ids[^1])));
        Assert.Equal(expected, trained.Decode(ids));
        Assert.Contains(Enumerable.Range(0, trained.VocabularySize), id => trained.TokenOf(id)!.StartsWith("##", StringComparison.Ordinal));
    }

    [Fact]
    public void Sizes_without_room_and_texts_without_anything_are_refused()
    {
        Assert.Contains("special tokens alone", Assert.Throws<TokenizerException>(() => new BertWordPieceTrainer(new(5))).Message);
        Assert.Contains("no text", Assert.Throws<TokenizerException>(() => new BertWordPieceTrainer(new(50)).Train([""])).Message);
    }
}
