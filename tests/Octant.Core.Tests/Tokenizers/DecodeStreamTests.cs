using CsCheck;
using Octant.Tokenizers;

namespace Octant.Core.Tests.Tokenizers;

public sealed class DecodeStreamTests
{
    readonly Tokenizer tokenizer = SmallTokenizers.Open();
    readonly Tokenizer sentencePiece = Tokenizer.FromGguf(SmallTokenizers.SentencePiece());

    static (List<string> Pieces, string Flushed) Stream(Tokenizer tokenizer, IEnumerable<int> ids)
    {
        var stream = tokenizer.OpenDecodeStream();
        return ([.. ids.Select(stream.Step).OfType<string>()], stream.Flush());
    }

    [Fact]
    public void Pieces_joined_are_the_whole_for_any_ids() =>
        Gen.Int[0, tokenizer.VocabularySize - 1].Array[0, 40].Sample(ids =>
        {
            var (pieces, rest) = Stream(tokenizer, ids);
            return string.Concat(pieces) + rest == tokenizer.Decode(ids) && !pieces.Exists(piece => piece.EndsWith('\uFFFD'));
        });

    [Fact]
    public void Pieces_joined_are_the_whole_for_any_text() =>
        Gen.Int[0, 7].Select(i => new[] { "hello", " ", "  ", "é", "😀", "o", "<call>", "日" }[i]).Array[0, 20]
            .Select(string.Concat).Sample(text =>
        {
            var ids = sentencePiece.EncodeIds(text);
            var (pieces, rest) = Stream(sentencePiece, ids);
            return string.Concat(pieces) + rest == sentencePiece.Decode(ids);
        });

    [Fact]
    public void Nothing_is_said_within_a_character()
    {
        var stream = tokenizer.OpenDecodeStream();
        Assert.Equal([null, null, null, "😀"], tokenizer.EncodeIds("😀").Select(stream.Step));
        Assert.Equal("", stream.Flush());
    }

    [Fact]
    public void The_flush_says_what_never_became_a_character()
    {
        var stream = tokenizer.OpenDecodeStream();
        Assert.Null(stream.Step(tokenizer.EncodeIds("😀")[0]));
        Assert.Equal("\uFFFD", stream.Flush());
    }

    [Fact]
    public void An_id_outside_the_vocabulary_does_not_spoil_the_stream()
    {
        var stream = tokenizer.OpenDecodeStream();
        Assert.Throws<TokenizerException>(() => stream.Step(1_000_000));
        Assert.Equal("hello", stream.Step(tokenizer.IdOf("hello")!.Value));
    }

    /// <summary>Bytes of no character, special tokens that are left out, a text of U+FFFD: what makes nothing certain is not looked at over and over.</summary>
    [Fact]
    public void A_hundred_thousand_ids_without_a_character_take_linear_time()
    {
        var (stray, hello) = (tokenizer.EncodeIds("😀")[0], tokenizer.IdOf("hello")!.Value);
        Check(tokenizer, Enumerable.Repeat(stray, 100_000));
        Check(tokenizer, [hello, .. Enumerable.Repeat(stray, 100_000), .. tokenizer.EncodeIds("😀"), hello]);
        Check(tokenizer, [hello, .. Enumerable.Repeat(Enumerable.Range(0, tokenizer.VocabularySize).First(tokenizer.IsSpecial), 100_000), hello]);
        Check(tokenizer, tokenizer.EncodeIds(new string('\uFFFD', 50_000) + "é"));
        Check(sentencePiece, sentencePiece.EncodeIds(" hello" + new string('\uFFFD', 50_000) + "é o"));

        static void Check(Tokenizer tokenizer, IEnumerable<int> ids)
        {
            var (pieces, rest) = Stream(tokenizer, ids);
            Assert.Equal(tokenizer.Decode([.. ids]), string.Concat(pieces) + rest);
        }
    }

    [Fact]
    public void Long_streams_of_any_bytes_are_the_whole()
    {
        var bytes = tokenizer.EncodeIds("é😀日\uFFFD").Distinct().ToArray();
        Gen.Int[0, bytes.Length - 1].Select(i => bytes[i]).Array[60, 400].Sample(ids =>
        {
            var (pieces, rest) = Stream(tokenizer, ids);
            return string.Concat(pieces) + rest == tokenizer.Decode(ids);
        });
    }
}
