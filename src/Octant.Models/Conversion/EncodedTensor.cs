using System.Buffers;
using Octant.Formats;
using Octant.Formats.Quantizing;
using static TorchSharp.torch;

namespace Octant.Models.Conversion;

/// <summary>A tensor of one file on its way into another: decoded, rearranged and encoded piece by piece when its turn comes.</summary>
static class EncodedTensor
{
    const int Piece = 1 << 20;                              // numbers at a time, whole blocks of every type

    /// <param name="name">in the new file</param>
    /// <param name="info">in the old one</param>
    /// <param name="type">of the new file</param>
    /// <param name="shape">in the new file</param>
    /// <param name="arrange">how the new file has it otherwise; null for the same</param>
    /// <param name="cancellation">ends the writing between two pieces</param>
    public static TensorSource Source(string name, TensorInfo info, ElementType type, IReadOnlyList<long> shape, Func<Tensor, Tensor>? arrange, CancellationToken cancellation)
    {
        if (arrange is null && type == info.Type) return TensorSource.Copy(info) with { Name = name };
        return new(name, type, shape, arrange is null
            ? stream => Write(stream, type, info.Count, info.Decode, cancellation)
            : stream => WriteArranged(stream, type, info, arrange, cancellation));
    }

    static void WriteArranged(Stream stream, ElementType type, TensorInfo info, Func<Tensor, Tensor> arrange, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var reader = new TensorReader(float32);
        var arranged = arrange(reader.Read(info)).contiguous().flatten();
        Write(stream, type, arranged.size(0), (first, target) =>
        {
            using var part = arranged.narrow(0, first, target.Length);
            System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(part.bytes).CopyTo(target);
        }, cancellation);
    }

    delegate void Decoder(long first, Span<float> target);

    static void Write(Stream stream, ElementType type, long count, Decoder decode, CancellationToken cancellation)
    {
        var layout = type.Layout();
        var numbers = ArrayPool<float>.Shared.Rent(Piece);
        var bytes = ArrayPool<byte>.Shared.Rent(Piece / layout.Count * layout.Bytes);
        try
        {
            for (var at = 0L; at < count; at += Piece)
            {
                cancellation.ThrowIfCancellationRequested();
                var length = (int)Math.Min(Piece, count - at);
                decode(at, numbers.AsSpan(0, length));
                Encode(type, numbers, bytes, length);
                stream.Write(bytes, 0, length / layout.Count * layout.Bytes);
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(numbers);
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    static void Encode(ElementType type, float[] numbers, byte[] bytes, int count)
    {
        const int share = 1 << 13;
        var layout = type.Layout();
        Parallel.For(0, (count + share - 1) / share, i =>
        {
            var (from, length) = (i * share, Math.Min(share, count - i * share));
            Quantizer.Encode(type, numbers.AsSpan(from, length),
                bytes.AsSpan(from / layout.Count * layout.Bytes, length / layout.Count * layout.Bytes));
        });
    }
}
