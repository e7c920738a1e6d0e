using System.Diagnostics;
using static TorchSharp.torch;

namespace Training;

static class Machine
{
    public static string Processor { get; } = File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").First(line => line.StartsWith("model name", StringComparison.Ordinal)).Split(':')[1].Trim()
        : "processor unknown";

    public static string Load { get; } = File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Trim() : "unknown";

    /// <summary>Seconds that it takes: of the clock, or of the processor where one thread runs, whatever else the machine does then.</summary>
    public static double Time(Action action)
    {
        using var scope = NewDisposeScope();
        var (clock, before) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        action();
        return (get_num_threads() == 1 ? Environment.CpuUsage.TotalTime - before : clock.Elapsed).TotalSeconds;
    }

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
