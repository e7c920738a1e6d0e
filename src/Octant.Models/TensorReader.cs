using Microsoft.Win32.SafeHandles;
using Octant.Formats;
using static TorchSharp.torch;

namespace Octant.Models;

/// <summary>
/// Makes Torch tensors of a file's. What the file holds in the wanted type is mapped: nothing is copied, and what is written to
/// such a tensor stays in memory. The rest is converted piece by piece, so that no second copy of a tensor is ever held.
/// </summary>
public sealed class TensorReader(ScalarType? type = null) : IDisposable
{
    const int Piece = 1 << 20;                              // numbers converted at a time: 4 MB, which the cache holds

    readonly Dictionary<(string Path, ScalarType Type), Tensor> mapped = [];
    readonly Dictionary<string, SafeFileHandle> files = [];
    Tensor? staging;
    byte[] bytes = [];

    /// <summary>Reads one tensor.</summary>
    /// <returns>in the type asked for where it holds floating numbers, else in its own; block types become float32</returns>
    /// <exception cref="CheckpointException">libtorch has no such type</exception>
    public Tensor Read(TensorInfo info)
    {
        var stored = StoredAs(info.Type);
        var wanted = info.Type.IsFloating() ? type ?? stored ?? float32 : stored ?? throw new CheckpointException(
            $"{info.File.Path}: {info.Name} is {info.Type}, which tensors cannot hold.");
        long[] shape = [.. info.Shape];
        if (info.Count == 0) return empty(shape, wanted);
        if (stored == wanted) return Aligned(info) ? Map(info, wanted).view(shape) : Copy(info, wanted).view(shape);
        return Convert(info, wanted).view(shape);
    }

    /// <summary>What was mapped stays valid: views hold it.</summary>
    public void Dispose()
    {
        foreach (var file in mapped.Values) file.Dispose();
        foreach (var file in files.Values) file.Dispose();
        staging?.Dispose();
    }

    static bool Aligned(TensorInfo info) => info.Arrangement is null && info.File.IsOnDisk && info.Offset % info.Type.Layout().Bytes == 0;

    Tensor Map(TensorInfo info, ScalarType wanted)
    {
        var size = info.Type.Layout().Bytes;
        if (!mapped.TryGetValue((info.File.Path, wanted), out var file))
        {
            file = from_file(info.File.Path, shared: false, info.File.Length / size, wanted).DetachFromDisposeScope();
            mapped.Add((info.File.Path, wanted), file);
        }
        return file.narrow(0, info.Offset / size, info.Count);
    }

    Tensor Copy(TensorInfo info, ScalarType wanted)
    {
        var target = empty(info.Count, wanted);
        var size = info.Type.Layout().Bytes;
        for (var at = 0L; at < info.Count; at += Piece)
        {
            var count = (int)Math.Min(Piece, info.Count - at);
            using var part = target.narrow(0, at, count);
            Fetch(info, at * size, part.bytes);
        }
        return target;
    }

    Tensor Convert(TensorInfo info, ScalarType wanted)
    {
        var target = empty(info.Count, wanted);
        var block = info.Type.Layout();
        staging ??= empty(Piece, float32).DetachFromDisposeScope();
        for (var at = 0L; at < info.Count; at += Piece)
        {
            var count = (int)Math.Min(Piece, info.Count - at);
            using var part = target.narrow(0, at, count);
            using var numbers = wanted == float32 ? part.alias() : staging.narrow(0, 0, count);
            var length = count / block.Count * block.Bytes;
            if (bytes.Length < length) bytes = new byte[length];
            Fetch(info, at / block.Count * block.Bytes, bytes.AsSpan(0, length));
            Decode(info.Type, bytes, count, numbers);
            if (wanted != float32) part.copy_(numbers);
        }
        return target;
    }

    // Read, not mapped: the pages of a mapped file would count as this process's memory beside the tensors.
    void Fetch(TensorInfo info, long from, Span<byte> target)
    {
        if (info.Arrangement is not null || !info.File.IsOnDisk)
        {
            info.Read(from, target.Length).CopyTo(target);
            return;
        }
        var path = info.File.Path;
        if (!files.TryGetValue(path, out var file)) files.Add(path, file = File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete));
        for (var done = 0; done < target.Length;)
        {
            var read = RandomAccess.Read(file, target[done..], info.Offset + from + done);
            if (read == 0) throw new CheckpointException($"{path} has become shorter while it was read: {info.Name} lies beyond its end.");
            done += read;
        }
    }

    // In parallel: at a gigabyte a second and core, decoding is what opening a quantised file waits for.
    static unsafe void Decode(ElementType type, byte[] source, int count, Tensor numbers)
    {
        var block = type.Layout();
        const int slice = 1 << 14;                          // a multiple of every block's length
        fixed (byte* start = numbers.bytes)
        {
            var first = (float*)start;
            Parallel.For(0, (count + slice - 1) / slice, i =>
            {
                var at = i * slice;
                var length = Math.Min(slice, count - at);
                Elements.Decode(
                    type, source.AsSpan(at / block.Count * block.Bytes, length / block.Count * block.Bytes),
                    new Span<float>(first + at, length));
            });
        }
    }

    /// <summary>The Torch type with the same bytes; null when there is none.</summary>
    static ScalarType? StoredAs(ElementType type) => type switch
    {
        ElementType.F64 => ScalarType.Float64,
        ElementType.F32 => ScalarType.Float32,
        ElementType.F16 => ScalarType.Float16,
        ElementType.BF16 => ScalarType.BFloat16,
        ElementType.I64 => ScalarType.Int64,
        ElementType.I32 => ScalarType.Int32,
        ElementType.I16 => ScalarType.Int16,
        ElementType.I8 => ScalarType.Int8,
        ElementType.U8 => ScalarType.Byte,
        ElementType.Bool => ScalarType.Bool,
        ElementType.C64 => ScalarType.ComplexFloat32,
        _ => null,
    };
}
