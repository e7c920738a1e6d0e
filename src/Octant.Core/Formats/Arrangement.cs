namespace Octant.Formats;

/// <summary>
/// How the numbers of a tensor lie that are not one behind the other: transposed and cut views in PyTorch's files, Fortran order and
/// foreign byte order in NumPy's.
/// </summary>
/// <param name="Strides">numbers from one to the next along each dimension</param>
/// <param name="BigEndian">the highest byte of each number comes first</param>
public sealed record Arrangement(IReadOnlyList<long> Strides, bool BigEndian = false)
{
    /// <summary>The strides of a tensor whose last dimension runs fastest.</summary>
    internal static long[] RowMajor(IReadOnlyList<long> shape)
    {
        var strides = new long[shape.Count];
        var stride = 1L;
        for (var i = shape.Count - 1; i >= 0; i--) (strides[i], stride) = (stride, stride * Math.Max(1, shape[i]));
        return strides;
    }

    /// <summary>Bytes of a tensor in the order of its shape, in this machine's byte order. Whole numbers only.</summary>
    internal byte[] Gather(TensorInfo tensor, long from, int count)
    {
        var size = tensor.Type.Layout().Bytes;
        var (first, rest) = Math.DivRem(from, size);
        if (rest != 0 || count % size != 0) throw new ArgumentException($"{tensor.Name} is read in whole numbers of {size} bytes.");
        var bytes = new byte[count];
        var place = PlaceOf(first, tensor.Shape);
        var at = place.Zip(Strides, (index, stride) => index * stride).Sum();
        for (var i = 0; i < count; i += size)
        {
            tensor.File.Read(tensor.Offset + at * size, size).CopyTo(bytes.AsSpan(i, size));
            // A complex number is two numbers.
            if (BigEndian) Reverse(bytes.AsSpan(i, size), tensor.Type == ElementType.C64 ? size / 2 : size);
            for (var axis = place.Length - 1; axis >= 0; axis--)
            {
                at += Strides[axis];
                if (++place[axis] < tensor.Shape[axis]) break;
                at -= Strides[axis] * tensor.Shape[axis];
                place[axis] = 0;
            }
        }
        return bytes;
    }

    static void Reverse(Span<byte> bytes, int size)
    {
        for (; bytes.Length > 0; bytes = bytes[size..]) bytes[..size].Reverse();
    }

    static long[] PlaceOf(long number, IReadOnlyList<long> shape)
    {
        var place = new long[shape.Count];
        for (var axis = shape.Count - 1; axis >= 0; axis--) (number, place[axis]) = Math.DivRem(number, shape[axis]);
        return place;
    }
}
