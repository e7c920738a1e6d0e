using System.Runtime.InteropServices;

namespace Octant.Models;

/// <summary>What glibc does with memory that libtorch has freed.</summary>
public static partial class NativeMemory
{
    // malloc.h: M_TRIM_THRESHOLD and M_MMAP_THRESHOLD, in bytes
    const int TrimThreshold = -1, MapThreshold = -3, Largest = 1 << 30;

    static readonly bool Available = OperatingSystem.IsLinux()
        && NativeLibrary.TryLoad("libc.so.6", out var library) && NativeLibrary.TryGetExport(library, "malloc_trim", out _);

    /// <summary>
    /// Keeps it for the next tensor, as training asks for the same sizes in every step. Else glibc returns large pieces at once, and
    /// the system fills their pages with zeros when they are wanted again: 2 to 4 per cent of a step. Does nothing where the C library
    /// is another.
    /// </summary>
    public static void Keep()
    {
        if (!Available) return;
        _ = mallopt(TrimThreshold, Largest);
        _ = mallopt(MapThreshold, Largest);
    }

    /// <summary>
    /// Gives it back to the system: a sixth of a model's memory after opening or a long prompt. Takes some milliseconds; does nothing
    /// where the C library is another.
    /// </summary>
    internal static void Trim()
    {
        if (Available) _ = malloc_trim(0);
    }

    [LibraryImport("libc.so.6")]
    private static partial int malloc_trim(nuint keep);

    [LibraryImport("libc.so.6")]
    private static partial int mallopt(int parameter, int value);
}
