using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Octant.Models.Nn;

/// <summary>
/// What one pass through a model is told, and what is done around every layer of every model: a new need becomes a
/// member here and changes no layer's signature.
/// </summary>
public sealed class Pass
{
    /// <summary>[B, S], 1 for a token and 0 for padding; null when nothing is padded.</summary>
    public Tensor? Present { get; init; }

    /// <summary>[B, T]; when null a row's positions count its tokens, so that padding on the left shifts nothing.</summary>
    public Tensor? Positions { get; init; }

    /// <summary>What the tokens before these left behind; grows by T.</summary>
    public DecodingCache? Cache { get; init; }

    /// <summary>
    /// Sequences of different lengths side by side in one row: B is 1, their lengths sum to T, each sees itself alone.
    /// Null for an ordinary batch. Excludes padding and <see cref="Cache"/>.
    /// </summary>
    public IReadOnlyList<Segment>? Segments { get; init; }

    /// <summary>The type that activations have; the weights' own when null.</summary>
    public ScalarType? Type { get; init; }

    /// <summary>Whether dropout drops.</summary>
    public bool Training { get; init; }

    /// <summary>
    /// Whether layers are computed again in the backward pass instead of kept: a third more time, far less memory. What
    /// <see cref="IDecoder.Hidden"/> made must live until then, in the caller's scope. Not beside a cache.
    /// </summary>
    public bool Recompute { get; init; }

    /// <summary>Receives what enters each layer, then what leaves the last norm: [B, T, D].</summary>
    public ICollection<Tensor>? States { get; init; }

    /// <summary>How the tokens look back at each other, all of them or within a window.</summary>
    /// <param name="ids">[B, T]</param>
    /// <param name="window">how many tokens a query sees, its own included; null for all</param>
    public CausalAttention Causal(Tensor ids, int? window = null) => new(this, ids, window);

    /// <summary>By how much the heads of each token turn.</summary>
    /// <param name="rotary">the model's own</param>
    /// <param name="ids">[B, T]</param>
    public Rotation Rotation(Rotary rotary, Tensor ids)
    {
        var positions = PositionsOf(ids);
        if (Segments is not { Count: > 1 }) return rotary.At(positions);
        return Nn.Rotation.Beside([.. positions.split([.. Segments.Select(s => s.Length)], 1).Select(rotary.At)]);
    }

    /// <summary>Carries x through the layers, given each layer's own call, and moves the caches on.</summary>
    /// <param name="layers">in order</param>
    /// <param name="x">[B, T, D]</param>
    /// <param name="forward">the layer's own call</param>
    /// <returns>[B, T, D]</returns>
    public Tensor Through<TLayer>(TLayer[] layers, Tensor x, Func<TLayer, int, Tensor, Tensor> forward)
    {
        if (Type is { } type) x = x.to_type(type);
        var recompute = Recompute && is_grad_enabled();
        foreach (var (i, layer) in layers.Index())
        {
            Note(x);
            // Frees the layer's temporaries at once, and what it was given; what backward needs, the graph holds by itself.
            var entered = x;
            using (NewDisposeScope())
                x = (recompute ? Recomputation.Of(x => forward(layer, i, x), x) : forward(layer, i, x)).MoveToOuterDisposeScope();
            if (i > 0 && States is null) entered.Dispose();
        }
        foreach (var segment in SegmentsOf(x)) segment.Cache?.Advance(segment.Length);
        return x;
    }

    /// <summary>Hands a hidden state to who asked for them.</summary>
    public Tensor Note(Tensor state)
    {
        States?.Add(state);
        return state;
    }

    /// <summary>Drops in training, and only then.</summary>
    public Tensor Dropout(Tensor x, double probability) => Training && probability > 0 ? F.dropout(x, probability) : x;

    /// <summary>Where each token stands in its sequence.</summary>
    /// <param name="ids">[B, T]</param>
    /// <returns>[B, T], or [1, T] where rows are alike</returns>
    public Tensor PositionsOf(Tensor ids)
    {
        if (Positions is not null) return Positions;
        if (Present is not null)
            return Present.cumsum(-1).Minus(1).AtLeast(0).narrow(1, Cache?.Length ?? 0, ids.size(1));
        Tensor[] each = [.. SegmentsOf(ids).Select(s => Numbers.Range(s.Past, s.Past + s.Length, ids.device))];
        return (each.Length == 1 ? each[0] : cat(each)).unsqueeze(0);
    }

    /// <summary>An ordinary batch is one segment: its rows share one length and one cache.</summary>
    internal IReadOnlyList<Segment> SegmentsOf(Tensor ids) => Segments ?? [new(ids.size(1), Cache)];
}

/// <summary>A sequence's part of a pass.</summary>
/// <param name="Length">how many tokens of it are in this pass</param>
/// <param name="Cache">what the tokens before left behind; null when nothing is kept</param>
public readonly record struct Segment(long Length, DecodingCache? Cache)
{
    /// <summary>Tokens before these.</summary>
    public long Past => Cache?.Length ?? 0;
}
