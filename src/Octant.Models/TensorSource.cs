using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Octant.Formats;
using static TorchSharp.torch;

namespace Octant.Models;

/// <summary>Where a checkpoint's tensors come from.</summary>
interface ITensorSource : IDisposable
{
    /// <summary>For messages.</summary>
    string Origin { get; }

    /// <summary>All that must be used.</summary>
    IReadOnlyCollection<string> Names { get; }

    /// <summary>The shape that there is; null when there is none of that name.</summary>
    long[]? ShapeOf(string name, long[] wanted);

    /// <summary>A new tensor, or a view of the file that is copied where it is written to.</summary>
    Tensor Read(string name, long[] shape, Init init);

    /// <summary>Nothing will be read any more: what was mapped stays, what was only converted is let go.</summary>
    void Release();
}

/// <summary>Drawn by seed and name: the order in which layers ask changes nothing.</summary>
sealed class FreshTensors(long seed, ScalarType type) : ITensorSource
{
    public string Origin => "fresh";
    public IReadOnlyCollection<string> Names => [];

    public long[]? ShapeOf(string name, long[] wanted) => wanted;

    public Tensor Read(string name, long[] shape, Init init)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{seed} {name}"));
        using var random = new Generator(BinaryPrimitives.ReadUInt64LittleEndian(hash));
        return init.Draw(shape, random).to_type(type);
    }

    public void Release() { }

    public void Dispose() { }
}

/// <summary>Those of a file, under the architecture's names.</summary>
sealed class FileTensors : ITensorSource
{
    readonly ITensorFile file;
    readonly TensorReader reader;
    readonly Dictionary<string, (TensorInfo Info, Layout Layout)> tensors = [];

    /// <param name="file">is disposed of with this</param>
    /// <param name="names">the file's own names, where they are not the architecture's</param>
    /// <param name="type">what numbers are converted to; null leaves them</param>
    public FileTensors(ITensorFile file, GgufNames? names, ScalarType? type)
    {
        this.file = file;
        reader = new(type);
        foreach (var info in file.Tensors.Values)
        {
            var (name, layout) = names?.Ours(info.Name) ?? (info.Name, Layout.Same);
            if (name is not null) tensors[name] = (info, layout);
        }
    }

    public string Origin => file.Origin;
    public IReadOnlyCollection<string> Names => tensors.Keys;

    public long[]? ShapeOf(string name, long[] wanted) =>
        tensors.TryGetValue(name, out var found) ? found.Layout.ShapeRead([.. found.Info.Shape]) : null;

    public Tensor Read(string name, long[] shape, Init init)
    {
        using var scope = NewDisposeScope();                                    // frees what is only rearranged at once
        var (info, layout) = tensors[name];
        return layout.Read(reader.Read(info)).MoveToOuterDisposeScope();
    }

    public void Release()
    {
        reader.Dispose();
        file.Dispose();
    }

    public void Dispose() => Release();
}
