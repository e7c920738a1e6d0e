using CsCheck;
using Octant.Core.Tests.Formats;
using Octant.Data.Batching;
using Octant.Data.Reading;
using Octant.Tokenizers;
using Octant.Tokenizers.Training;

namespace Octant.Data.Tests;

public sealed class TokenDatasetTests : IDisposable
{
    static readonly Tokenizer bytes = PlainTokenizers.Bytes(["<|eos|>"]).Tokenizer;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    TokenFile Open(params string[] texts)
    {
        var place = Path.Combine(folder.Path, "text.tokens");
        TokenFile.Write(place, bytes, texts.Select(text => new Document(text, "memory")), new TokenFileOptions(256));
        return new TokenFile(place);
    }

    static string Text(int length) => string.Concat(Enumerable.Range(0, length).Select(i => (char)('a' + i % 26)));

    [Fact]
    public void Windows_label_every_token_but_the_first_once() =>
        Gen.Select(Gen.Int[2, 80], Gen.Int[1, 12], Gen.Int[1, 5]).Where((length, block, _) => length >= block).Sample((length, block, rows) =>
        {
            using var file = Open(Text(length));
            var data = new TokenDataset(file, block);
            Assert.Equal((length / block, (length + block - 1) / block), (data.Count, data.PaddedCount));
            var labels = data.InOrder(rows).SelectMany(batch => batch.Labels).Where(label => label != TokenDataset.NoLabel);
            Assert.Equal([.. Text(length)[1..].Select(c => (long)c), 256], labels);
            Assert.All(data.InOrder(rows), batch => Assert.Equal(batch.Labels.Count(label => label >= 0), batch.CountLabels()));
            var window = new int[block + 1];
            data.Read(data.Count - 1, window);
            Assert.Equal(Text(length + 1).Skip((int)(data.Count - 1) * block).Take(block).Select(c => (int)c), window[..^1]);
        }, iter: 200, threads: 1);

    [Fact]
    public void The_last_window_is_filled_up_without_labels()
    {
        using var file = Open("abcde");
        var (ids, labels) = (new long[4], new long[4]);
        Assert.Equal(1, new TokenDataset(file, 4).ReadPadded(1, ids, labels));
        Assert.Equal(['e', 256, 256, 256], ids);
        Assert.Equal([256, -100, -100, -100], labels);
    }

    [Fact]
    public void A_file_is_cut_where_nanoGPT_cuts_it()
    {
        using var file = Open(Text(1000 - 1 + 7));
        var (training, validation) = TokenDataset.Split(file, 8);
        // 0.9 x 1007 = 906.3
        Assert.Equal((906, 101), (training.Tokens, validation!.Tokens));
        var window = new int[9];
        validation.Read(0, window);
        Assert.Equal('a' + 906 % 26, window[0]);
        Assert.Null(TokenDataset.Split(file, 8, 0).Validation);
        Assert.Equal(1007, TokenDataset.Split(file, 8, 0).Training.Tokens);
    }

    [Fact]
    public void Document_starts_are_those_within_the_window() =>
        Gen.Select(Gen.Int[1, 6].Array[1, 20], Gen.Int[1, 9], Gen.Int[0, 200], Gen.Int[0, 5]).Sample((lengths, block, at, start) =>
        {
            using var file = Open([.. lengths.Select(Text)]);
            if (file.Count - start <= block) return;
            var data = new TokenDataset(file, block, start);
            var offset = at % data.Offsets;
            // A document begins at the file's beginning, and behind each end token.
            var all = new int[file.Count];
            file.Read(0, all);
            var expected = Enumerable.Range(0, block).Where(i => start + offset + i is var place && (place == 0 || all[place - 1] == 256));
            Assert.Equal(expected, data.DocumentStarts(offset));
        }, iter: 200, threads: 1);

    [Theory]
    [InlineData(5, 0.1, "The text kept back for validation has 3 tokens")]
    [InlineData(25, 0.5, "The text to learn from has 13 tokens")]
    [InlineData(100, 0.0, "The text to learn from has 27 tokens, fewer than a block of 100")]
    [InlineData(0, 0.1, "block of 0")]
    [InlineData(-1, 0.1, "block of -1")]
    [InlineData(8, 1.0, "share of 1")]
    [InlineData(8, -0.5, "share of -0.5")]
    [InlineData(8, double.NaN, "share of NaN")]
    public void A_text_shorter_than_a_block_is_an_error(int block, double share, string what)
    {
        using var file = Open(Text(26));
        Assert.Contains(what, Assert.Throws<DatasetException>(() => TokenDataset.Split(file, block, share)).Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-3)]
    [InlineData(int.MaxValue)]
    public void Batches_without_rows_or_with_too_many_are_refused(int rows)
    {
        using var file = Open(Text(26));
        var data = new TokenDataset(file, 8);
        Assert.Contains($"Batches of {rows} rows", Assert.Throws<DatasetException>(() => new BatchReader(data, new BatchOptions(rows))).Message);
        Assert.Contains($"Batches of {rows} rows", Assert.Throws<DatasetException>(() => data.InOrder(rows).Count()).Message);
    }
}
