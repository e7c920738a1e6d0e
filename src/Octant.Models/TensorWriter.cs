using Octant.Formats;
using static TorchSharp.torch;

namespace Octant.Models;

/// <summary>Tensors on their way into a file.</summary>
public static class TensorWriter
{
    const int Piece = 1 << 22;

    /// <summary>A tensor to be written as it is then, converted piece by piece where the file is to have another type.</summary>
    /// <param name="name">in the file</param>
    /// <param name="tensor">lives until it is written</param>
    /// <param name="type">of the file; its own when null. Only floating numbers are converted</param>
    /// <exception cref="NotSupportedException">files have no such type</exception>
    public static TensorSource Source(string name, Tensor tensor, ScalarType? type = null)
    {
        var stored = type is { } wanted && tensor.is_floating_point() ? wanted : tensor.dtype;
        return new(name, TypeOf(stored), tensor.shape, stream => Write(stream, tensor, stored));
    }

    static void Write(Stream stream, Tensor tensor, ScalarType stored)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var flat = tensor.detach().cpu().contiguous().flatten();
        for (var at = 0L; at < flat.size(0); at += Piece)
        {
            using var piece = NewDisposeScope();
            stream.Write(flat.narrow(0, at, Math.Min(Piece, flat.size(0) - at)).to_type(stored).contiguous().bytes);
        }
    }

    static ElementType TypeOf(ScalarType type) => type switch
    {
        ScalarType.Float64 => ElementType.F64,
        ScalarType.Float32 => ElementType.F32,
        ScalarType.Float16 => ElementType.F16,
        ScalarType.BFloat16 => ElementType.BF16,
        ScalarType.Int64 => ElementType.I64,
        ScalarType.Int32 => ElementType.I32,
        ScalarType.Int16 => ElementType.I16,
        ScalarType.Int8 => ElementType.I8,
        ScalarType.Byte => ElementType.U8,
        ScalarType.Bool => ElementType.Bool,
        _ => throw new NotSupportedException($"Files hold no {type}."),
    };
}
