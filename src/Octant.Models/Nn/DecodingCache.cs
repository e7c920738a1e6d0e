using static TorchSharp.torch;

namespace Octant.Models.Nn;

/// <summary>
/// What a decoder remembers of a sequence (or of a batch of equally long ones) between passes. Each layer asks for the slot that
/// its kind needs, and gets the same one again; recurrent layers have theirs beside <see cref="KeyValues"/>.
/// </summary>
public sealed class DecodingCache : IDisposable
{
    readonly SortedList<int, KeyValues> slots = [];

    /// <summary>Tokens seen so far.</summary>
    public long Length { get; private set; }

    /// <summary>The slot of an attention layer.</summary>
    public KeyValues KeyValues(int layer)
    {
        if (!slots.TryGetValue(layer, out var slot)) slots.Add(layer, slot = new());
        return slot;
    }

    /// <summary>Forgets all but the first tokens.</summary>
    public void Truncate(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        Length = length;
        foreach (var slot in slots.Values) slot.Truncate(length);
    }

    /// <summary>Another cache that remembers the same, or the first tokens of it.</summary>
    public DecodingCache Fork(long? length = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length ?? 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length ?? 0, Length);
        var fork = new DecodingCache { Length = length ?? Length };
        foreach (var (layer, slot) in slots) fork.slots.Add(layer, slot.Fork(fork.Length));
        return fork;
    }

    /// <summary>A pass has gone through: every slot holds that many tokens more.</summary>
    internal void Advance(long tokens) => Length += tokens;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var slot in slots.Values) slot.Dispose();
    }
}

/// <summary>A layer's keys and values, in buffers that grow by half when full: appending n tokens one by one copies O(n) in all.</summary>
public sealed class KeyValues : IDisposable
{
    Tensor? keys, values;                                                       // [B, K, capacity, E]

    /// <summary>Tokens held.</summary>
    public long Length { get; private set; }

    /// <summary>Adds the keys and values of further tokens.</summary>
    /// <param name="k">[B, K, T, E]</param>
    /// <param name="v">[B, K, T, E]</param>
    /// <returns>views of everything so far: 2 x [B, K, S, E]</returns>
    public (Tensor Keys, Tensor Values) Append(Tensor k, Tensor v)
    {
        Write(ref keys, k);
        Write(ref values, v);
        Length += k.size(2);
        return (keys!.narrow(2, 0, Length), values!.narrow(2, 0, Length));
    }

    /// <summary>Forgets all but the first tokens; their room is kept.</summary>
    public void Truncate(long length) => Length = Math.Min(Length, length);

    /// <summary>A copy of the first tokens that grows by itself.</summary>
    public KeyValues Fork(long length)
    {
        var fork = new KeyValues();
        if (Math.Min(length, Length) is > 0 and var kept) fork.Append(keys!.narrow(2, 0, kept), values!.narrow(2, 0, kept));
        return fork;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        keys?.Dispose();
        values?.Dispose();
    }

    void Write(ref Tensor? buffer, Tensor x)
    {
        var needed = Length + x.size(2);
        if (buffer is null || buffer.size(2) < needed)
        {
            // Outlives the pass that makes it. Some room, so that decoding does not begin by copying the prompt's.
            var capacity = Math.Max(needed + 64, (buffer?.size(2) ?? 0) * 3 / 2);
            var larger = empty([x.size(0), x.size(1), capacity, x.size(3)], x.dtype, x.device).DetachFromDisposeScope();
            if (buffer is not null && Length > 0) larger.narrow(2, 0, Length).copy_(buffer.narrow(2, 0, Length));
            buffer?.Dispose();
            buffer = larger;
        }
        buffer.narrow(2, Length, x.size(2)).copy_(x);
    }
}
