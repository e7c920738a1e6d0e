namespace Octant.Data.Batching;

/// <summary>Windows side by side.</summary>
/// <param name="Rows">B: how many</param>
/// <param name="Block">T: how many tokens each has</param>
/// <param name="Ids">[B, T], row after row</param>
/// <param name="Labels">[B, T]: the next token of each; <see cref="TokenDataset.NoLabel"/> for what is padding</param>
/// <param name="Offsets">
/// [B]: where in its data set each window begins; <see cref="TokenDataset.DocumentStarts"/> says which documents begin within
/// </param>
public sealed record Batch(int Rows, int Block, long[] Ids, long[] Labels, long[] Offsets)
{
    /// <summary>How many labels there are, without padding: what a mean loss is divided by.</summary>
    public int CountLabels() => Labels.Length - Labels.AsSpan().Count(TokenDataset.NoLabel);
}

/// <summary>In which order windows are seen.</summary>
public enum BatchOrder
{
    /// <summary>An epoch is every whole window once, in an order of its own that the seed decides.</summary>
    Shuffled,

    /// <summary>nanoGPT's: windows begin anywhere, each drawn by itself; a batch depends on the seed and its number alone.</summary>
    Random,
}

/// <summary>What batches are made of.</summary>
/// <param name="Rows">B: how many windows a batch has</param>
/// <param name="Order">in which order they come</param>
/// <param name="Seed">of that order</param>
public sealed record BatchOptions(int Rows, BatchOrder Order = BatchOrder.Shuffled, ulong Seed = 0);

/// <summary>Where in the order of windows one stands: all that is needed to go on from there.</summary>
/// <param name="Epoch">how often the data were seen; 0 where windows are drawn at random</param>
/// <param name="Position">how many windows of the epoch were seen; how many batches, where they are drawn at random</param>
public readonly record struct BatchCursor(long Epoch, long Position);
