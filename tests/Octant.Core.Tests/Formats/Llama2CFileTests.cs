using Octant.Formats;
using Octant.Tokenizers;

namespace Octant.Core.Tests.Formats;

/// <summary>llama2.c's files: where each tensor lies, and that a length which does not fit is not read.</summary>
public sealed class Llama2CFileTests : IDisposable
{
    const int Width = 8, Inner = 12, Layers = 2, Heads = 4, Shared = 2, Vocabulary = 6, Context = 5;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(0, true)]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(1, false)]
    public void Every_tensor_is_where_the_exporter_put_it(int version, bool tied)
    {
        var path = folder.File("model.bin", Bytes(version, tied));
        using var file = TensorFiles.Open(path);
        var read = Assert.IsType<Llama2CFile>(file);
        Assert.Equal((Width, Inner, tied), ((int)read.Config["hidden_size"]!, (int)read.Config["intermediate_size"]!, (bool)read.Config["tie_word_embeddings"]!));
        Assert.Equal(tied ? 20 : 21, file.Tensors.Count);
        Assert.Equal([Vocabulary, Width], file.Tensors["token_embd.weight"].Shape);
        Assert.Equal([Shared * Width / Heads, Width], file.Tensors["blk.1.attn_k.weight"].Shape);
        // Numbers count up: a tensor's first tells how many lie before it.
        var firsts = file.Tensors.ToDictionary(pair => pair.Key, pair => (int)pair.Value.ToFloats()[0]);
        var attention = Width * Width * 2 + Width * Shared * Width / Heads * 2;
        if (version == 0)
        {
            Assert.Equal((0, Vocabulary * Width), (firsts["token_embd.weight"], firsts["blk.0.attn_norm.weight"]));
            Assert.Equal(Vocabulary * Width + Layers * (Width + attention), firsts["blk.0.ffn_norm.weight"]);
        }
        else Assert.Equal((0, Layers * Width * 2, Layers * Width * 2 + Width), (firsts["blk.0.attn_norm.weight"], firsts["output_norm.weight"], firsts["token_embd.weight"]));
        if (!tied) Assert.Equal(Count(version, tied) - Vocabulary * Width, firsts["output.weight"]);
    }

    [Fact]
    public void What_does_not_fit_is_no_checkpoint()
    {
        var sound = Bytes(0, true);
        foreach (var damaged in (byte[][])[sound[..27], [.. BitConverter.GetBytes(-1), .. sound[4..]], [.. sound[..20], .. BitConverter.GetBytes(int.MinValue), .. sound[24..]]])
            Assert.Contains("no checkpoint", Assert.Throws<CheckpointException>(() => TensorFiles.Open(folder.File("m.bin", damaged))).Message);
        Assert.Contains($"{sound.Length + 1} bytes where its sizes come to {sound.Length}", Assert.Throws<CheckpointException>(() => TensorFiles.Open(folder.File("m.bin", [.. sound, 0]))).Message);
        byte[] quantised = [.. Bytes(1, true)];
        quantised[4] = 2;
        Assert.Contains("version 2", Assert.Throws<CheckpointException>(() => TensorFiles.Open(folder.File("q.bin", quantised))).Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void What_is_cut_off_says_how_much_of_it_there_is(int version)
    {
        var sound = Bytes(version, true);
        foreach (var length in (int[])[sound.Length - 1, 300, 256])
            Assert.Contains($"cut off: it has {length} bytes of {sound.Length}", Assert.Throws<CheckpointException>(() => TensorFiles.Open(folder.File("m.bin", sound.AsSpan(0, length)))).Message);
        if (version == 1) Assert.Contains("cut off: it has 20 bytes of 256", Assert.Throws<CheckpointException>(() => TensorFiles.Open(folder.File("m.bin", sound.AsSpan(0, 20)))).Message);
    }

    [Fact]
    public void Its_tokens_are_a_SentencePiece_vocabulary()
    {
        (string Text, float Score)[] tokens = [("<unk>", 0), ("\n<s>\n", 0), ("\n</s>\n", 0), (" ", -1), ("a", -2), ("b", -3), (" a", -0.5f), ("<0x0A>", 0)];
        byte[] file = [.. BitConverter.GetBytes(7), .. tokens.SelectMany(token =>
            (byte[])[.. BitConverter.GetBytes(token.Score), .. BitConverter.GetBytes(token.Text.Length), .. System.Text.Encoding.UTF8.GetBytes(token.Text)])];
        var tokenizer = Tokenizer.Open(folder.File("tok8.bin", file));
        Assert.Equal(["<s>", "▁a", "b", "<0x0A>", "▁", "b"], tokenizer.Encode("ab\n b").Tokens);
        Assert.Equal("ab\n b", tokenizer.Decode(tokenizer.EncodeIds("ab\n b")));
        for (var length = 0; length < file.Length; length++)
        {
            // Whole tokens, and enough of them, or nothing.
            var cut = folder.File("tokens.bin", file.AsSpan(0, length));
            try
            {
                Assert.InRange(Tokenizer.Open(cut).VocabularySize, 4, tokens.Length - 1);
            }
            catch (TokenizerException)
            {
            }
        }
    }

    static int Count(int version, bool tied) => Vocabulary * Width * (tied ? 1 : 2) + Layers * (2 * Width + 2 * Width * Width + 2 * Width * Shared * Width / Heads + 3 * Width * Inner)
        + Width + (version == 0 ? Context * (Width / Heads / 2) * 2 : 0);

    static byte[] Bytes(int version, bool tied)
    {
        int[] sizes = [Width, Inner, Layers, Heads, Shared, version == 0 && !tied ? -Vocabulary : Vocabulary, Context];
        byte[] header = [.. sizes.SelectMany(BitConverter.GetBytes)];
        if (version == 1)
        {
            var padded = new byte[256];
            byte[] head = [.. BitConverter.GetBytes(0x616B3432u), .. BitConverter.GetBytes(1), .. header, tied ? (byte)1 : (byte)0];
            head.CopyTo(padded, 0);
            header = padded;
        }
        return [.. header, .. Enumerable.Range(0, Count(version, tied)).SelectMany(i => BitConverter.GetBytes((float)i))];
    }
}
