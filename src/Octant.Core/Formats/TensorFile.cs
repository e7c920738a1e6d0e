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
/// <param name="Arrangement">how its numbers lie, where that is not one behind the other as its shape says</param>
public sealed record TensorInfo(
    string Name, ElementType Type, IReadOnlyList<long> Shape, MappedFile File, long Offset, long Bytes, Arrangement? Arrangement = null)
{
    /// <summary>How many numbers it holds.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Bytes of it, counted from its own first.</summary>
    public ReadOnlySpan<byte> Read(long from, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(from, Bytes - count);
        return Arrangement is null ? File.Read(Offset + from, count) : Arrangement.Gather(this, from, count);
    }

    /// <summary>
    /// A run of its numbers as float32 (as <see cref="Elements"/> decodes them), so that a tensor of any size is read in parts, or
    /// by several threads.
    /// </summary>
    /// <param name="first">the first number; where numbers are stored in blocks, the first of a block</param>
    /// <param name="target">takes as many as it is long; whole blocks</param>
    public void Decode(long first, Span<float> target)
    {
        while (target.Length > 0)
        {
            var part = target[..Math.Min(target.Length, 1 << 24)];
            Elements.Decode(Type, Read(BytesOf(first), (int)BytesOf(part.Length)), part);
            first += part.Length;
            target = target[part.Length..];
        }
    }

    /// <summary>All its numbers as float32; a complex one as two.</summary>
    /// <exception cref="CheckpointException">they are more than an array holds</exception>
    public float[] ToFloats()
    {
        var numbers = new float[ArrayLength()];
        Decode(0, numbers);
        return numbers;
    }

    /// <summary>All its numbers as float64; a complex one as two.</summary>
    /// <exception cref="CheckpointException">they are more than an array holds</exception>
    public double[] ToDoubles()
    {
        var numbers = new double[ArrayLength()];
        for (var at = 0; at < numbers.Length; at += 1 << 24)
        {
            var part = numbers.AsSpan(at, Math.Min(numbers.Length - at, 1 << 24));
            Elements.Decode(Type, Read(BytesOf(at), (int)BytesOf(part.Length)), part);
        }
        return numbers;
    }

    /// <summary>All its integers (or truth values); U64 as its bits.</summary>
    /// <exception cref="CheckpointException">they are no integers, or more than an array holds</exception>
    public long[] ToIntegers()
    {
        if (!Type.IsInteger()) throw new CheckpointException($"{Name} of {File.Path} holds {Type}; integers are needed.");
        var numbers = new long[ArrayLength()];
        for (var at = 0; at < numbers.Length; at += 1 << 24)
        {
            var part = numbers.AsSpan(at, Math.Min(numbers.Length - at, 1 << 24));
            Elements.Decode(Type, Read(BytesOf(at), (int)BytesOf(part.Length)), part);
        }
        return numbers;
    }

    long BytesOf(long numbers)
    {
        var block = Type.Layout();
        var (count, rest) = Math.DivRem(Type == ElementType.C64 ? numbers / 2 : numbers, block.Count);
        return rest == 0 ? count * block.Bytes
            : throw new ArgumentException($"{Name} is {Type}: it is read in blocks of {block.Count}, not from or to number {numbers}.");
    }

    int ArrayLength() => Elements.CountIn(Type, Bytes) is var count && count <= Array.MaxLength ? (int)count
        : throw new CheckpointException($"{Name} of {File.Path} has {count} numbers, more than an array holds: read it in parts.");
}
