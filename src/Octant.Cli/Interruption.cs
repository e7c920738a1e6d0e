namespace Octant.Cli;

/// <summary>Ctrl-C ends what is being done, not the program; where nothing is being done it ends the program.</summary>
sealed class Interruption : IDisposable
{
    CancellationTokenSource? current;

    public Interruption() => Console.CancelKeyPress += OnKey;

    /// <summary>Something begins that Ctrl-C can end.</summary>
    public CancellationToken Begin(CancellationToken outer)
    {
        current = CancellationTokenSource.CreateLinkedTokenSource(outer);
        return current.Token;
    }

    /// <summary>It is over.</summary>
    public void End()
    {
        current?.Dispose();
        current = null;
    }

    public void Dispose()
    {
        Console.CancelKeyPress -= OnKey;
        End();
    }

    void OnKey(object? sender, ConsoleCancelEventArgs key)
    {
        if (current is not { } running) return;
        key.Cancel = true;
        running.Cancel();
    }
}
