using System.Diagnostics;
using Octant.Models;
using static TorchSharp.torch;

namespace Training;

/// <summary>What training takes beside libtorch itself.</summary>
static class Footprint
{
    public static void Print(ScalarType type)
    {
        ones(1).Dispose();
        var before = Peak();
        using var workload = new Workload(type);
        for (var i = 0; i < 5; i++) workload.Step();
        var (parameters, bytes) = (workload.Parameters, type == NumberType.Named("bfloat16") ? 2 : 4);
        // Kept of a layer for its gradient, each of Width: both norms' inputs and outputs, queries, keys, values, what attention
        // returns, and four wide each the MLP before and after its activation. Then the last norm's input and output.
        var activations = Workload.Tokens * (Workload.Layers * 16 + 2) * Workload.Width * bytes;
        var formula = 4 * 4 * parameters + activations;
        Console.WriteLine($"peak {Peak() - before} MB; formula {formula / 1_000_000} MB: weights, gradients, two moments {4 * 4 * parameters / 1_000_000}, activations {activations / 1_000_000}");
    }

    static long Peak() => Process.GetCurrentProcess().PeakWorkingSet64 / 1_000_000;
}
