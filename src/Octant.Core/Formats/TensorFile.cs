namespace Octant.Formats;

/// <summary>A checkpoint's tensors: what there is, and where its bytes lie. Reading it reads the header only.</summary>
public interface ITensorFile : IDisposable
{
    /// <summary>The file or folder, for messages.</summary>
    string Origin { get; }

    /// <summary>Every tensor by the name that the file gives it.</summary>
    IReadOnlyDictionary<string, TensorInfo> Tensors { get; }
}

/// <summary>One tensor of a file. Whoever makes one has checked that its bytes lie inside the file and fit its shape.</summary>
/// <param name="Name">as the file spells it</param>
/// <param name="Type">how its numbers are stored</param>
/// <param name="Shape">outermost dimension first, as NumPy and Torch have it</param>
/// <param name="File">the mapped file that holds it</param>
/// <param name="Offset">of its first byte in that file</param>
/// <param name="Bytes">how many there are</param>
public sealed record TensorInfo(string Name, ElementType Type, IReadOnlyList<long> Shape, MappedFile File, long Offset, long Bytes)
{
    /// <summary>How many numbers it holds.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Bytes of it, counted from its own first.</summary>
    public ReadOnlySpan<byte> Read(long from, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(from + count, Bytes);
        return File.Read(Offset + from, count);
    }
}
