using static TorchSharp.torch;

namespace Octant.Models;

/// <summary>One line of an architecture's table of GGUF names.</summary>
/// <param name="Ours">a module of ours; * stands for the layer's number; null for what is read elsewhere or can be computed</param>
/// <param name="Theirs">llama.cpp's name of it</param>
/// <param name="Layout">how they arrange it; null for as we do</param>
public sealed record GgufName(string? Ours, string Theirs, Layout? Layout = null);

/// <summary>How llama.cpp's files name and arrange the tensors of an architecture (its gguf-py/gguf/constants.py).</summary>
public sealed class GgufNames(params IEnumerable<GgufName> table)
{
    readonly Dictionary<string, GgufName> byTheirs = table.ToDictionary(line => line.Theirs);

    /// <summary>Our name of one of theirs, and how it is to be read; the same name where the table lacks it, null to leave it out.</summary>
    public (string? Name, Layout Layout) Ours(string theirs)
    {
        var (module, layer, kind) = Split(theirs);
        if (!byTheirs.TryGetValue(module, out var line)) return (theirs, Layout.Same);
        return (line.Ours is null ? null : $"{line.Ours.Replace("*", layer, StringComparison.Ordinal)}{kind}", line.Layout ?? Layout.Same);
    }

    /// <summary>Their name of one of ours, and how it is to be written; null where the table lacks it.</summary>
    public (string Name, Layout Layout)? Theirs(string ours)
    {
        var number = Array.Find(ours.Split('.'), part => part.Length > 0 && part.All(char.IsAsciiDigit));
        var kind = ours.EndsWith(".weight", StringComparison.Ordinal) ? ".weight" : ours.EndsWith(".bias", StringComparison.Ordinal) ? ".bias" : "";
        var module = ours[..^kind.Length];
        if (number is not null) module = module.Replace($".{number}.", ".*.", StringComparison.Ordinal);
        var line = byTheirs.Values.FirstOrDefault(line => line.Ours == module);
        return line is null ? null : ($"{line.Theirs.Replace("*", number, StringComparison.Ordinal)}{kind}", line.Layout ?? Layout.Same);
    }

    /// <summary>"blk.3.attn_q.bias" is module "blk.*.attn_q", layer "3", kind ".bias".</summary>
    static (string Module, string Layer, string Kind) Split(string name)
    {
        var parts = name.Split('.');
        var layer = "";
        if (parts is ["blk", var number, ..]) (layer, parts[1]) = (number, "*");
        return parts[^1] is "weight" or "bias"
            ? (string.Join('.', parts[..^1]), layer, $".{parts[^1]}")
            : (string.Join('.', parts), layer, "");
    }
}

/// <summary>How a file arranges a tensor that the architecture has otherwise.</summary>
public abstract class Layout
{
    /// <summary>As the architecture has it.</summary>
    public static Layout Same { get; } = new AsIs();

    /// <summary>[in, out] for [out, in] and the other way round; vectors are left alone.</summary>
    public static Layout Transposed { get; } = new Turned();

    /// <summary>Rotary pairs lie side by side, not half a head apart.</summary>
    public static Layout AdjacentPairs(int heads) => new Interleaved(heads);

    /// <summary>The shape that a file's tensor has after reading.</summary>
    internal virtual long[] ShapeRead(long[] shape) => shape;

    /// <summary>Whether a tensor of so many dimensions is another afterwards; else its numbers go through as they are.</summary>
    internal virtual bool Changes(int dimensions) => true;

    /// <summary>From the file's arrangement to ours.</summary>
    internal abstract Tensor Read(Tensor x);

    /// <summary>From our arrangement to the file's.</summary>
    internal abstract Tensor Write(Tensor x);

    sealed class AsIs : Layout
    {
        internal override bool Changes(int dimensions) => false;

        internal override Tensor Read(Tensor x) => x;

        internal override Tensor Write(Tensor x) => x;
    }

    sealed class Turned : Layout
    {
        internal override long[] ShapeRead(long[] shape) => shape is [var rows, var columns] ? [columns, rows] : shape;

        internal override bool Changes(int dimensions) => dimensions != 1;

        internal override Tensor Read(Tensor x) => x.dim() == 2 ? x.t().contiguous() : x;

        internal override Tensor Write(Tensor x) => Read(x);
    }

    /// <summary>Row 2j + s of a head in the file is row s·E/2 + j in ours.</summary>
    sealed class Interleaved(int heads) : Layout
    {
        internal override Tensor Read(Tensor x)
        {
            var rest = x.shape[1..];
            var half = x.size(0) / heads / 2;
            return x.view([heads, half, 2, .. rest]).transpose(1, 2).contiguous().view(x.shape);
        }

        internal override Tensor Write(Tensor x)
        {
            var rest = x.shape[1..];
            var half = x.size(0) / heads / 2;
            return x.view([heads, 2, half, .. rest]).transpose(1, 2).contiguous().view(x.shape);
        }
    }
}
