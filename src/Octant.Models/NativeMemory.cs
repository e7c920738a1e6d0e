using System.Runtime.InteropServices;

namespace Octant.Models;

/// <summary>Gives back to the system what libtorch has freed. glibc keeps it: a sixth of a model's memory after opening or a long prompt.</summary>
static partial class NativeMemory
{
    static readonly bool Available = OperatingSystem.IsLinux()
        && NativeLibrary.TryLoad("libc.so.6", out var library) && NativeLibrary.TryGetExport(library, "malloc_trim", out _);

    /// <summary>Takes some milliseconds; does nothing where the C library is another.</summary>
    public static void Trim()
    {
        if (Available) _ = malloc_trim(0);
    }

    [LibraryImport("libc.so.6")]
    private static partial int malloc_trim(nuint keep);
}
