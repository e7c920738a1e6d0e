namespace Octant.Cli;

/// <summary>Ctrl-C ends what is being done, not the program; where nothing is being done, or pressed again, it ends the program.</summary>
sealed class Interruption : IDisposable
{
    readonly Lock guard = new();                            // the key comes on a thread of its own
    CancellationTokenSource? current;

    public Interruption() => Console.CancelKeyPress += OnKey;

    /// <summary>Something begins that Ctrl-C can end.</summary>
    public CancellationToken Begin(CancellationToken outer)
    {
        lock (guard)
        {
            current = CancellationTokenSource.CreateLinkedTokenSource(outer);
            return current.Token;
        }
    }

    /// <summary>It is over.</summary>
    public void End()
    {
        lock (guard)
        {
            current?.Dispose();
            current = null;
        }
    }

    public void Dispose()
    {
        Console.CancelKeyPress -= OnKey;
        End();
    }

    void OnKey(object? sender, ConsoleCancelEventArgs key)
    {
        lock (guard)
        {
            if (current is not { IsCancellationRequested: false } running) return;
            key.Cancel = true;
            running.Cancel();
        }
    }
}
