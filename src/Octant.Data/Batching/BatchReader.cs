namespace Octant.Data.Batching;

/// <summary>
/// Batches by their cursor: the same data, options and cursor give the same batch, whatever was read before. Safe to use from
/// several threads at once.
/// </summary>
public sealed class BatchReader
{
    readonly TokenDataset data;
    readonly BatchOptions options;

    /// <param name="data">what the windows are taken from</param>
    /// <param name="options">how many at once, in which order</param>
    /// <exception cref="DatasetException">the number of rows is not positive, or more than memory takes</exception>
    public BatchReader(TokenDataset data, BatchOptions options)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        data.RequireRows(options.Rows);
        (this.data, this.options) = (data, options);
    }

    /// <summary>The batch at a cursor, and the cursor behind it.</summary>
    /// <exception cref="DatasetException">the cursor does not fit the data: it is of others</exception>
    public (Batch Batch, BatchCursor Next) Read(BatchCursor cursor)
    {
        Validate(cursor);
        var batch = new Batch(options.Rows, data.Block, new long[options.Rows * data.Block], new long[options.Rows * data.Block],
            new long[options.Rows]);
        var next = options.Order == BatchOrder.Random ? Draw(batch.Offsets, cursor) : Shuffle(batch.Offsets, cursor);
        Span<int> window = new int[data.Block + 1];
        for (var row = 0; row < batch.Rows; row++)
        {
            data.ReadAt(batch.Offsets[row], window);
            for (var t = 0; t < batch.Block; t++)
                (batch.Ids[row * batch.Block + t], batch.Labels[row * batch.Block + t]) = (window[t], window[t + 1]);
        }
        return (batch, next);
    }

    void Validate(BatchCursor cursor)
    {
        if (cursor.Epoch < 0 || cursor.Position < 0 || options.Order == BatchOrder.Shuffled && cursor.Position > data.Count
            || options.Order == BatchOrder.Random && cursor.Epoch != 0)
            throw new DatasetException(
                $"The place in the data (epoch {cursor.Epoch}, position {cursor.Position}) does not fit its {data.Count} windows: it was saved with other data or options.");
    }

    /// <summary>The next windows of the epoch's order; where it ends, the next one's begins.</summary>
    BatchCursor Shuffle(long[] offsets, BatchCursor cursor)
    {
        var order = Order(cursor.Epoch);
        for (var row = 0; row < offsets.Length; row++)
        {
            if (cursor.Position == data.Count)
            {
                cursor = new BatchCursor(cursor.Epoch + 1, 0);
                order = Order(cursor.Epoch);
            }
            offsets[row] = order[cursor.Position] * data.Block;
            cursor = cursor with { Position = cursor.Position + 1 };
        }
        return cursor;
    }

    Permutation Order(long epoch) => new(data.Count, Hashing.Mix(options.Seed, (ulong)epoch));

    BatchCursor Draw(long[] offsets, BatchCursor cursor)
    {
        for (var row = 0; row < offsets.Length; row++)
        {
            // The high half of a product maps 64 random bits to a range (Lemire 2019) with a bias below range / 2^64.
            var random = Hashing.Mix(options.Seed, (ulong)cursor.Position, (ulong)row);
            offsets[row] = (long)Math.BigMul(random, (ulong)data.Offsets, out _);
        }
        return cursor with { Position = cursor.Position + 1 };
    }
}
