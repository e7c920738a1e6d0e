using static TorchSharp.torch;

namespace Octant.Models;

/// <summary>What concerns libtorch as a whole.</summary>
public static class Engine
{
    const int Most = 1024;

    /// <summary>The processor that computes, as it calls itself.</summary>
    public static string Processor => Models.Processor.Name;

    /// <summary>Threads that compute one operator; one a core at first.</summary>
    /// <exception cref="OctantException">less than one, or more than any machine has</exception>
    public static int Threads
    {
        get => get_num_threads();
        set => set_num_threads(value is >= 1 and <= Most ? value : throw new OctantException($"{value} threads cannot compute: give between 1 and {Most}."));
    }
}
