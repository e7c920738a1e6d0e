using CsCheck;
using Octant.Testing;
using Octant.Tokenizers;

namespace Octant.Core.Tests.Tokenizers;

/// <summary>What SentencePiece's own library says is compared under tests/Goldens; here are models that it did not make.</summary>
public sealed class SentencePieceTests
{
    static readonly (string Text, float Score, int Type)[] pieces =
        [("<unk>", 0, 2), ("<s>", 0, 3), ("</s>", 0, 3), ("▁a", -1, 1), ("b", -2, 1), ("ab", -2.5f, 1), ("▁", -3, 1), ("<xy>", 0, 4), ("a", -4, 1)];

    [Theory]
    [InlineData(1, "a b  ab ", "▁a ▁ b ▁ab!", "a b ab")]
    [InlineData(1, "<s>", "▁ <unk>", " \u2047 ")]
    [InlineData(1, "a<xy>b", "▁a <xy> b", "a<xy>b")]
    [InlineData(3, "a b ab", "▁a <unk>", "a \u2047 ")]
    [InlineData(4, "ab", "▁ a b", "ab")]
    public void Each_kind_of_model_finds_its_pieces(int kind, string text, string expected, string decoded)
    {
        var tokenizer = Tokenizer.FromSentencePiece(Model(kind));
        var tokens = tokenizer.Encode(text).Tokens;
        if (!expected.EndsWith('!')) Assert.Equal(expected, string.Join(' ', tokens));
        Assert.Equal(decoded, tokenizer.Decode(tokenizer.EncodeIds(text)));
    }

    [Fact]
    public void A_BPE_never_merges_into_or_over_a_symbol_of_the_user_s()
    {
        var tokenizer = Tokenizer.FromSentencePiece(Model(2));
        Assert.Equal(["▁a", "<xy>", "ab"], tokenizer.Encode("a<xy>ab").Tokens);
    }

    [Fact]
    public void Pieces_that_are_damaged_are_one_error_that_says_how()
    {
        Refuses("one piece for what is unknown", []);
        Refuses("claims 100 bytes", [0x0A, 100]);
        Refuses("wire type 3", [0x0B]);
        Refuses("64 bits", [.. Enumerable.Repeat((byte)0xFF, 12)]);
        Refuses("piece 0 is empty", [0x0A, 0]);
        Refuses("type 9", [0x0A, 5, 0x0A, 1, (byte)'a', 0x18, 9]);
        Refuses("model type 9", [.. Model(9)]);
        Refuses("UNUSED", [.. Model(2), .. Field(1, [.. Field(1, "u"u8), 0x18, 5])]);
        Refuses("map of characters", [.. Model(1), .. Field(3, Field(2, [9, 9, 9, 9, 9]))]);
    }

    [Fact]
    public void A_file_that_is_damaged_anywhere_encodes_or_is_refused_and_nothing_else()
    {
        var sound = File.ReadAllBytes(Path.Combine(Repository.Root, "tests/Goldens/carried/tokenizer-sentencepiece-keep-spaces/tokenizer.model"));
        Gen.Select(Gen.Int[0, sound.Length - 1], Gen.Byte, Gen.Int[0, sound.Length], Gen.Bool).Sample((at, value, length, cut) =>
        {
            byte[] damaged = [.. sound];
            damaged[at] = value;
            try
            {
                var tokenizer = Tokenizer.FromSentencePiece(cut ? damaged.AsSpan(0, length) : damaged);
                tokenizer.Decode(tokenizer.EncodeIds("Hello <tool> wörld  \n"));
            }
            catch (TokenizerException)
            {
                // Refused, with words.
            }
        }, iter: 300);
    }

    [Theory]
    [InlineData("a"), InlineData(" "), InlineData("😀"), InlineData("字"), InlineData("ab "), InlineData("<xy>")]
    public void A_long_text_of_one_letter_comes_back(string letter)
    {
        var text = string.Concat(Enumerable.Repeat(letter, 50_000));
        foreach (var kind in (int[])[1, 2, 3, 4])
            Assert.NotNull(Tokenizer.FromSentencePiece(Model(kind)).Decode(Tokenizer.FromSentencePiece(Model(kind)).EncodeIds(text)));
    }

    static void Refuses(string message, byte[] model) =>
        Assert.Contains(message, Assert.Throws<TokenizerException>(() => Tokenizer.FromSentencePiece(model)).Message);

    static byte[] Model(int kind) =>
        [.. pieces.SelectMany(piece => Field(1, [.. Field(1, System.Text.Encoding.UTF8.GetBytes(piece.Text)), 0x15, .. BitConverter.GetBytes(piece.Score), 0x18, (byte)piece.Type])),
            .. Field(2, [0x18, (byte)kind])];

    static byte[] Field(int number, ReadOnlySpan<byte> content) => [(byte)(number << 3 | 2), (byte)content.Length, .. content];
}
