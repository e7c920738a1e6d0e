using System.Threading.Channels;

namespace Octant.Data.Batching;

/// <summary>
/// Batches without end, read ahead in the background. <see cref="Cursor"/> stands behind what was handed out, not behind what was
/// read: a run that starts from it sees the same batches as one that was never interrupted.
/// </summary>
public sealed class Batches : IDisposable
{
    readonly Channel<(Batch Batch, BatchCursor Next)> ready;
    readonly CancellationTokenSource stop = new();
    readonly Task reading;

    /// <param name="reader">makes the batches; its file stays open until this is disposed of</param>
    /// <param name="start">where to begin; the default is the beginning</param>
    /// <param name="ahead">how many batches may wait</param>
    public Batches(BatchReader reader, BatchCursor start = default, int ahead = 4)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ahead);
        Cursor = start;
        ready = Channel.CreateBounded<(Batch, BatchCursor)>(new BoundedChannelOptions(ahead) { SingleReader = true, SingleWriter = true });
        reading = Task.Run(() => ReadAheadAsync(reader, start));
    }

    /// <summary>Where one stands behind the last batch that was handed out.</summary>
    public BatchCursor Cursor { get; private set; }

    /// <summary>The next batch; waits for it where it is not yet there.</summary>
    /// <exception cref="DatasetException">it cannot be read, or the place to begin does not fit the data</exception>
    /// <exception cref="OperationCanceledException">the waiting was ended</exception>
    public Batch Next(CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(stop.IsCancellationRequested, this);
        cancellation.ThrowIfCancellationRequested();
        // Where the reader failed, its error comes out here, behind all that it read before.
        (Batch Batch, BatchCursor Next) next;
        while (!ready.Reader.TryRead(out next)) ready.Reader.WaitToReadAsync(cancellation).AsTask().GetAwaiter().GetResult();
        Cursor = next.Next;
        return next.Batch;
    }

    /// <summary>Ends the reading, and waits until the file is no longer touched.</summary>
    public void Dispose()
    {
        if (stop.IsCancellationRequested) return;
        stop.Cancel();
        // What went wrong was or would have been told by Next.
        ((IAsyncResult)reading).AsyncWaitHandle.WaitOne();
        stop.Dispose();
    }

    async Task ReadAheadAsync(BatchReader reader, BatchCursor cursor)
    {
        try
        {
            while (true)
            {
                stop.Token.ThrowIfCancellationRequested();
                var read = reader.Read(cursor);
                await ready.Writer.WriteAsync(read, stop.Token).ConfigureAwait(false);
                cursor = read.Next;
            }
        }
        catch (Exception error)
        {
            ready.Writer.Complete(error);
            throw;
        }
    }
}
