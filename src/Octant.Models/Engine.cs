using static TorchSharp.torch;

namespace Octant.Models;

/// <summary>What concerns libtorch as a whole.</summary>
public static class Engine
{
    /// <summary>Threads that compute one operator; one a core at first.</summary>
    /// <exception cref="OctantException">less than one</exception>
    public static int Threads
    {
        get => get_num_threads();
        set => set_num_threads(value >= 1 ? value : throw new OctantException($"{value} threads cannot compute: give 1 or more."));
    }
}
