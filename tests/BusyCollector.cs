namespace Octant.Testing;

/// <summary>Collects all the time, so that what libtorch still reads is freed if anything frees it (see Nn/Numbers.cs).</summary>
static class BusyCollector
{
    public static void During(Action action)
    {
        using var stop = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            action();
        }
        finally
        {
            stop.Cancel();
            collector.Join();
        }
    }
}
