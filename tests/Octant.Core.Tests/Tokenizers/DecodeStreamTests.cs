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

    /// <summary>The reference's stream gives the first of these pieces, too, and ends at the second of the second with an error.</summary>
    [Theory]
    [InlineData("""{"type":"Sequence","decoders":[{"type":"WordPiece","prefix":"##"},{"type":"CTC","pad_token":"<pad>","word_delimiter_token":"|"}]}""",
        "0 0 0", "a| a| a", "a a")]
    [InlineData("""{"type":"BPEDecoder","suffix":"</w>"}""", "1 0", "cd|a", "c da")]
    [InlineData("""{"type":"Sequence","decoders":[{"type":"Fuse"},{"type":"ByteLevel"},{"type":"ByteLevel"}]}""", "2 0 3", "|\uFFFDa|日", "Ãa日")]
    public void Pieces_are_not_the_whole_where_a_decoder_takes_back_or_looks_far_back(string decoder, string ids, string pieces, string whole)
    {
        var odd = Tokenizer.FromJson($$"""{"decoder":{{decoder}},"model":{"type":"WordLevel","unk_token":"a","vocab":{"a":0,"c</w>d":1,"Ã":2,"日":3} } }""");
        int[] all = [.. ids.Split(' ').Select(int.Parse)];
        var stream = odd.OpenDecodeStream();
        Assert.Equal(pieces, string.Join('|', all.Select(stream.Step)));
        Assert.Equal(whole, odd.Decode(all));
    }

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
    public void An_id_beyond_the_vocabulary_adds_nothing_and_one_below_zero_does_not_spoil_the_stream()
    {
        var stream = tokenizer.OpenDecodeStream();
        Assert.Null(stream.Step(1_000_000));
        Assert.Throws<TokenizerException>(() => stream.Step(-1));
        Assert.Equal("hello", stream.Step(tokenizer.IdOf("hello")!.Value));
        Assert.Null(stream.Step(tokenizer.VocabularySize));
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
