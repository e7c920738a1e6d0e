using CsCheck;
using Octant.Core.Tests.Formats;
using Octant.Data.Batching;
using Octant.Data.Reading;
using Octant.Tokenizers;
using Octant.Tokenizers.Training;

namespace Octant.Data.Tests;

public sealed class BatchesTests : IDisposable
{
    static readonly Tokenizer bytes = PlainTokenizers.Bytes().Tokenizer;

    readonly TemporaryFolder folder = new();
    readonly TokenFile file;

    public BatchesTests()
    {
        var place = Path.Combine(folder.Path, "text.tokens");
        TokenFile.Write(place, bytes, [new Document(string.Concat(Enumerable.Range(0, 500).Select(i => $"{i} ")), "memory")]);
        file = new TokenFile(place);
    }

    public void Dispose()
    {
        file.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void A_permutation_has_every_number_once() =>
        Gen.Select(Gen.Int[1, 3000], Gen.ULong).Sample((count, seed) =>
        {
            var order = new Permutation(count, seed);
            Assert.Equal(Enumerable.Range(0, count).Select(i => (long)i), Enumerable.Range(0, count).Select(i => order[i]).Order());
        }, iter: 300);

    [Fact]
    public void A_permutation_looks_like_chance()
    {
        // Each of 6 orders of 3 is as likely; a chi-square of 5 degrees of freedom is above 20.5 once in a thousand.
        var counts = new Dictionary<string, int>();
        for (var seed = 0ul; seed < 6000; seed++)
        {
            var order = new Permutation(3, seed);
            var key = $"{order[0]}{order[1]}{order[2]}";
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }
        Assert.Equal(6, counts.Count);
        Assert.InRange(counts.Values.Sum(count => (count - 1000.0) * (count - 1000.0) / 1000), 0, 20.5);
        // Fixed points of a random permutation: one on average, whatever its size.
        var large = new Permutation(1_000_000_007, 1);
        Assert.InRange(Enumerable.Range(0, 100_000).Select(i => large[i]).Average(), 495e6, 505e6);
    }

    [Fact]
    public void An_epoch_sees_every_window_once_in_an_order_of_its_own()
    {
        var data = new TokenDataset(file, 7);
        var reader = new BatchReader(data, new BatchOptions(5, Seed: 3));
        var (seen, cursor) = (new List<long>(), default(BatchCursor));
        while (seen.Count < 2 * data.Count)
        {
            (var batch, cursor) = reader.Read(cursor);
            seen.AddRange(batch.Offsets);
            Assert.All(batch.Offsets, offset => Assert.Equal(0, offset % 7));
        }
        var (first, second) = (seen[..(int)data.Count], seen[(int)data.Count..(2 * (int)data.Count)]);
        Assert.Equal(Enumerable.Range(0, (int)data.Count).Select(i => i * 7L), first.Order());
        Assert.Equal(first.Order(), second.Order());
        Assert.NotEqual(first, second);
        Assert.NotEqual(first.Take(5), new BatchReader(data, new BatchOptions(5, Seed: 4)).Read(default).Batch.Offsets);
    }

    [Fact]
    public void Rows_hold_the_tokens_at_their_offsets_and_the_next_ones_as_labels()
    {
        var data = new TokenDataset(file, 7, start: 20);
        foreach (var order in Enum.GetValues<BatchOrder>())
        {
            var batch = new BatchReader(data, new BatchOptions(4, order, 9)).Read(default).Batch;
            var window = new int[8];
            for (var row = 0; row < 4; row++)
            {
                file.Read(20 + batch.Offsets[row], window);
                Assert.Equal(window[..7].Select(id => (long)id), batch.Ids[(row * 7)..(row * 7 + 7)]);
                Assert.Equal(window[1..].Select(id => (long)id), batch.Labels[(row * 7)..(row * 7 + 7)]);
            }
        }
    }

    [Fact]
    public void Random_windows_begin_everywhere_and_depend_on_seed_and_number_alone()
    {
        var data = new TokenDataset(file, 7, end: 40);
        var reader = new BatchReader(data, new BatchOptions(8, BatchOrder.Random, 1));
        var offsets = Enumerable.Range(0, 300).SelectMany(step => reader.Read(new BatchCursor(0, step)).Batch.Offsets).ToList();
        Assert.Equal(Enumerable.Range(0, 33).Select(i => (long)i), offsets.Distinct().Order());
        // 2400 draws of 33 places: 73 each, with a deviation of 8.4.
        Assert.All(offsets.CountBy(offset => offset), place => Assert.InRange(place.Value, 40, 106));
        Assert.Equal(offsets[^8..], reader.Read(new BatchCursor(0, 299)).Batch.Offsets);
    }

    [Fact]
    public void A_resumed_run_sees_what_an_uninterrupted_one_sees() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 9], Gen.Enum<BatchOrder>(), Gen.ULong, Gen.Int[0, 30]).Sample((block, rows, order, seed, stop) =>
        {
            var reader = new BatchReader(new TokenDataset(file, block, end: 200), new BatchOptions(rows, order, seed));
            var whole = new List<Batch>();
            using (var batches = new Batches(reader))
                for (var i = 0; i < stop + 10; i++) whole.Add(batches.Next());
            BatchCursor saved;
            using (var batches = new Batches(reader, ahead: 7))
            {
                for (var i = 0; i < stop; i++) batches.Next();
                saved = batches.Cursor;
            }
            using var resumed = new Batches(reader, saved, ahead: 1);
            for (var i = 0; i < 10; i++)
            {
                var batch = resumed.Next();
                Assert.Equal(whole[stop + i].Offsets, batch.Offsets);
                Assert.Equal(whole[stop + i].Ids, batch.Ids);
            }
        }, iter: 60, threads: 1);

    [Fact]
    public void The_cursor_stands_behind_what_was_handed_out()
    {
        using var batches = new Batches(new BatchReader(new TokenDataset(file, 10), new BatchOptions(3)), ahead: 16);
        Assert.Equal(default, batches.Cursor);
        batches.Next();
        batches.Next();
        Assert.Equal(new BatchCursor(0, 6), batches.Cursor);
    }

    [Theory]
    [InlineData(BatchOrder.Shuffled, 0, 1_000_000)]
    [InlineData(BatchOrder.Shuffled, -1, 0)]
    [InlineData(BatchOrder.Random, 2, 0)]
    [InlineData(BatchOrder.Random, 0, -2)]
    public void A_cursor_of_other_data_is_an_error(BatchOrder order, long epoch, long position)
    {
        using var batches = new Batches(new BatchReader(new TokenDataset(file, 10), new BatchOptions(3, order)), new BatchCursor(epoch, position));
        Assert.Contains("was saved with other data", Assert.Throws<DatasetException>(() => batches.Next()).Message);
        Assert.Contains("was saved with other data", Assert.Throws<DatasetException>(() => batches.Next()).Message);
    }

    [Fact]
    public void Disposing_ends_the_reading_so_that_the_file_may_be_closed()
    {
        var batches = new Batches(new BatchReader(new TokenDataset(file, 10), new BatchOptions(3)), ahead: 2);
        batches.Next();
        batches.Dispose();
        batches.Dispose();
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => batches.Next());
    }

    [Fact]
    public void Waiting_can_be_ended()
    {
        using var batches = new Batches(new BatchReader(new TokenDataset(file, 10), new BatchOptions(3)));
        // However much is read ahead: the token is asked first.
        Assert.ThrowsAny<OperationCanceledException>(() => batches.Next(new CancellationToken(canceled: true)));
    }
}
