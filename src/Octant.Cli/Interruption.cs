using System.Runtime.InteropServices;

namespace Octant.Cli;

/// <summary>
/// Ctrl-C, or SIGTERM, by which schedulers of clusters end what has run too long, ends what is being done, not the program; where nothing is
/// being done, or again, it ends the program.
/// </summary>
sealed class Interruption : IDisposable
{
    readonly Lock guard = new();                            // the key comes on a thread of its own
    CancellationTokenSource? current;

    readonly PosixSignalRegistration termination;

    public Interruption()
    {
        Console.CancelKeyPress += OnKey;
        termination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            if (Interrupts()) signal.Cancel = true;
        });
    }

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
        termination.Dispose();
        End();
    }

    void OnKey(object? sender, ConsoleCancelEventArgs key)
    {
        if (Interrupts()) key.Cancel = true;
    }

    bool Interrupts()
    {
        lock (guard)
        {
            if (current is not { IsCancellationRequested: false } running) return false;
            running.Cancel();
            return true;
        }
    }
}
