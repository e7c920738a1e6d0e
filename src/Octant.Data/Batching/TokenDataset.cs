namespace Octant.Data.Batching;

/// <summary>
/// A stretch of a token file in windows: each has a block of T tokens and the one behind it, so that every token but the first is
/// the label of the one before. A window begins where the one before ended: the last token of one is the first of the next.
/// </summary>
public sealed class TokenDataset
{
    /// <summary>The label of what has none: losses pass it over.</summary>
    public const int NoLabel = -100;

    // Tokens: a batch of more is a mistake, and would ask for gigabytes.
    const int LargestBatch = 1 << 26;

    readonly TokenFile file;
    readonly long start;

    /// <param name="file">stays open as long as this is read, and is not closed by it</param>
    /// <param name="block">T: how many tokens a model sees at once</param>
    /// <param name="start">of the stretch</param>
    /// <param name="end">of the stretch; null for the end of the file</param>
    /// <param name="name">what errors call it</param>
    /// <exception cref="DatasetException">the block is not positive, or the stretch is shorter than a window</exception>
    public TokenDataset(TokenFile file, int block, long start = 0, long? end = null, string name = "The text")
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(end ?? file.Count, file.Count);
        if (block is <= 0 or > LargestBatch)
            throw new DatasetException($"A block of {block} tokens was asked for: it must be 1 to {LargestBatch}.");
        (this.file, this.start, Block) = (file, start, block);
        Tokens = Math.Max(0, (end ?? file.Count) - start);
        if (Tokens <= block)
            throw new DatasetException(
                $"{name} has {Tokens} tokens, fewer than a block of {block} and the one behind it: take more text or a smaller block ({file.Path}).");
    }

    /// <summary>T: how many tokens a window feeds.</summary>
    public int Block { get; }

    /// <summary>How many tokens there are in all.</summary>
    public long Tokens { get; }

    /// <summary>How many whole windows there are.</summary>
    public long Count => (Tokens - 1) / Block;

    /// <summary>How many there are with the last, that may be shorter: together they label every token but the first.</summary>
    public long PaddedCount => (Tokens - 1 + Block - 1) / Block;

    /// <summary>How many places a window of T + 1 tokens may begin at.</summary>
    public long Offsets => Tokens - Block;

    /// <summary>Cuts a file in two: what is learnt from, and what is kept back.</summary>
    /// <param name="file">stays open</param>
    /// <param name="block">T</param>
    /// <param name="validationShare">
    /// how much of the file's end is kept back, from 0 (nothing: null) to less than 1; as nanoGPT does, the first part is rounded
    /// down
    /// </param>
    /// <exception cref="DatasetException">a part is shorter than a window</exception>
    public static (TokenDataset Training, TokenDataset? Validation) Split(TokenFile file, int block, double validationShare = 0.1)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (!(validationShare is >= 0 and < 1))
            throw new DatasetException($"A share of {validationShare} was asked for validation: it lies between 0 and 1.");
        var end = validationShare == 0 ? file.Count : (long)(file.Count * (1 - validationShare));
        return (new TokenDataset(file, block, 0, end, "The text to learn from"),
            validationShare == 0 ? null : new TokenDataset(file, block, end, file.Count, "The text kept back for validation"));
    }

    /// <summary>Reads a whole window.</summary>
    /// <param name="index">below <see cref="Count"/></param>
    /// <param name="window">T + 1 ids: the first T are fed, the last T are their labels</param>
    public void Read(long index, Span<int> window)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        ReadAt(index * Block, window);
    }

    /// <summary>Reads a window that begins anywhere.</summary>
    /// <param name="offset">below <see cref="Offsets"/></param>
    /// <param name="window">T + 1 ids</param>
    public void ReadAt(long offset, Span<int> window)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(offset, Offsets);
        ArgumentOutOfRangeException.ThrowIfNotEqual(window.Length, Block + 1);
        file.Read(start + offset, window);
    }

    /// <summary>
    /// Reads a window, also the last, that may be shorter: it is filled up with the file's end token (0 where there is none),
    /// labelled <see cref="NoLabel"/>.
    /// </summary>
    /// <param name="index">below <see cref="PaddedCount"/></param>
    /// <param name="ids">T of them</param>
    /// <param name="labels">T of them: the next token of each</param>
    /// <returns>how many labels there are</returns>
    public int ReadPadded(long index, Span<long> ids, Span<long> labels)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, PaddedCount);
        var offset = index * Block;
        var valid = (int)Math.Min(Block, Tokens - 1 - offset);
        Span<int> window = new int[valid + 1];
        file.Read(start + offset, window);
        ids[valid..].Fill(file.EndToken ?? 0);
        labels[valid..].Fill(NoLabel);
        for (var i = 0; i < valid; i++) (ids[i], labels[i]) = (window[i], window[i + 1]);
        return valid;
    }

    /// <summary>The positions within a window at which a document begins, ascending.</summary>
    /// <param name="offset">where the window begins</param>
    public int[] DocumentStarts(long offset)
    {
        var found = new List<int>();
        for (var document = file.FirstDocumentFrom(start + offset); document < file.DocumentCount; document++)
        {
            var position = file.StartOf(document) - start - offset;
            if (position >= Block) break;
            found.Add((int)position);
        }
        return [.. found];
    }

    /// <summary>All windows in order, the last one padded, to measure a loss over every token.</summary>
    /// <param name="rows">B: how many windows a batch has; the last has what is left</param>
    /// <exception cref="DatasetException">the number of rows is not positive, or more than memory takes</exception>
    public IEnumerable<Batch> InOrder(int rows)
    {
        RequireRows(rows);
        for (var first = 0L; first < PaddedCount; first += rows)
        {
            var count = (int)Math.Min(rows, PaddedCount - first);
            var batch = new Batch(count, Block, new long[count * Block], new long[count * Block], new long[count]);
            for (var row = 0; row < count; row++)
            {
                batch.Offsets[row] = (first + row) * Block;
                ReadPadded(first + row, batch.Ids.AsSpan(row * Block, Block), batch.Labels.AsSpan(row * Block, Block));
            }
            yield return batch;
        }
    }

    internal void RequireRows(int rows)
    {
        if (rows <= 0) throw new DatasetException($"Batches of {rows} rows were asked for: it must be at least 1.");
        if ((long)rows * Block > LargestBatch)
            throw new DatasetException($"Batches of {rows} rows of {Block} tokens were asked for: more than {LargestBatch} tokens at once.");
    }
}
