using System.Runtime.InteropServices;

namespace Octant.Data;

/// <summary>Numbers that look random and are the same on every machine: .NET's own hashes differ from run to run.</summary>
static class Hashing
{
    /// <summary>SplitMix64's finaliser (Steele, Lea, Flood 2014): every bit depends on every other; no two have one value.</summary>
    public static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9;
        value = (value ^ value >> 27) * 0x94D049BB133111EB;
        return value ^ value >> 31;
    }

    /// <summary>Of several numbers in their order.</summary>
    public static ulong Mix(ulong first, ulong second, ulong third = 0) => Mix(Mix(Mix(first) ^ second) ^ third);

    /// <summary>Of a row of numbers or characters.</summary>
    public static ulong Of<T>(ReadOnlySpan<T> values) where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes(values);
        var hash = (ulong)bytes.Length;
        for (; bytes.Length >= 8; bytes = bytes[8..]) hash = Mix(hash ^ MemoryMarshal.Read<ulong>(bytes));
        foreach (var value in bytes) hash = Mix(hash ^ value);
        return hash;
    }

    /// <inheritdoc cref="Of{T}(ReadOnlySpan{T})"/>
    public static ulong Of<T>(Span<T> values) where T : unmanaged => Of((ReadOnlySpan<T>)values);
}
