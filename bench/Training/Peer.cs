using System.Diagnostics;
using System.Globalization;
using static TorchSharp.torch;

namespace Training;

/// <summary>Eager PyTorch on the same shape, in a process of its own that takes a step whenever a line is sent.</summary>
sealed class Peer : IDisposable
{
    readonly Process process;

    Peer(Process process) => this.process = process;

    public static Peer Start(ScalarType type)
    {
        var python = Environment.GetEnvironmentVariable("OCTANT_PYTHON") ?? "/usr/bin/python3";
        var script = Path.Combine(AppContext.BaseDirectory, "peer.py");
        return new(Process.Start(new ProcessStartInfo(python, [script, type == ScalarType.BFloat16 ? "bfloat16" : "float32"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!);
    }

    /// <summary>Seconds.</summary>
    public double Step()
    {
        process.StandardInput.WriteLine();
        process.StandardInput.Flush();
        var line = process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("PyTorch has ended: is python3-torch installed?");
        return double.Parse(line, CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        process.WaitForExit();
        process.Dispose();
    }
}
