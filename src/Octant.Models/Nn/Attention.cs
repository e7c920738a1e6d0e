using static TorchSharp.torch;

namespace Octant.Models.Nn;

/// <summary>Scaled dot-product attention (Vaswani et al. 2017, arXiv:1706.03762) by libtorch's fused kernel.</summary>
public static class Attention
{
    // TorchSharp's own binding lacks the scale and grouped heads.
    static readonly Script Fused = new("""
        def attend(q, k, v, mask: Optional[Tensor], dropout: float, causal: bool, scale: Optional[float]):
            return torch.scaled_dot_product_attention(q, k, v, mask, dropout, causal, scale=scale, enable_gqa=True)

        """);

    /// <summary>softmax(q kᵀ · scale + mask) v</summary>
    /// <param name="q">[B, H, T, E]</param>
    /// <param name="k">[B, K, S, E], K a divisor of H</param>
    /// <param name="v">[B, K, S, E]</param>
    /// <param name="mask">[B, 1, T, S], true where a query may look; null lets all see all, or each of T look back</param>
    /// <param name="causal">whether each of T looks back only; not beside a mask</param>
    /// <param name="scale">of the scores; 1/√E when null</param>
    /// <param name="dropout">probability that a weight is dropped</param>
    /// <returns>[B, H, T, E]</returns>
    public static Tensor Attend(
        Tensor q, Tensor k, Tensor v, Tensor? mask, bool causal, double? scale = null, double dropout = 0)
    {
        // For a single query libtorch takes 0.22 ms in bfloat16, 0.03 in float32 (512 keys); converting them costs less than that.
        if (q.size(2) == 1 && q.dtype == ScalarType.BFloat16 && k.size(2) <= 2048)
        {
            using var scope = NewDisposeScope();
            return Attend(q.Exact(), k.Exact(), v.Exact(), mask, causal, scale, dropout).As(q).MoveToOuterDisposeScope();
        }
        return Fused.Invoke("attend", q, k, v, mask, dropout, causal, scale);
    }
}

/// <summary>
/// How the tokens of one pass look back at each other and at those before: made once a pass for each width of window, it holds
/// the masks and knows the caches, so that a layer only brings its queries, keys and values.
/// </summary>
public sealed class CausalAttention
{
    readonly Pass pass;
    readonly (Segment Segment, View View)[] segments;

    /// <summary>What a segment's queries see: the keys from First on, those where the mask is true.</summary>
    readonly record struct View(long First, Tensor? Mask, bool Causal);

    internal CausalAttention(Pass pass, Tensor ids, int? window)
    {
        this.pass = pass;
        segments = [.. pass.SegmentsOf(ids).Select(segment => (segment, Look(segment, ids, window)))];
    }

    /// <summary>Attention of one layer, over its cache where there is one.</summary>
    /// <param name="layer">which slot of the cache is its own</param>
    /// <param name="q">[B, H, T, E]</param>
    /// <param name="k">[B, K, T, E], K a divisor of H</param>
    /// <param name="v">[B, K, T, E]</param>
    /// <param name="scale">of the scores; 1/√E when null</param>
    /// <param name="dropout">probability that a weight is dropped in training</param>
    /// <returns>[B, H, T, E]</returns>
    public Tensor Attend(int layer, Tensor q, Tensor k, Tensor v, double? scale = null, double dropout = 0)
    {
        if (!pass.Training) dropout = 0;
        if (segments.Length == 1) return Attend(segments[0].Segment, segments[0].View, layer, q, k, v, scale, dropout);
        var parts = new List<Tensor>(segments.Length);
        var at = 0L;
        foreach (var (segment, view) in segments)
        {
            parts.Add(Attend(segment, view, layer,
                q.narrow(2, at, segment.Length), k.narrow(2, at, segment.Length), v.narrow(2, at, segment.Length), scale, dropout));
            at += segment.Length;
        }
        return cat(parts, 2);
    }

    Tensor Attend(Segment segment, View view, int layer, Tensor q, Tensor k, Tensor v, double? scale, double dropout)
    {
        // In float32 libtorch's kernel takes as long.
        if (pass.Training && view is { First: 0, Mask: null, Causal: true } && segment.Cache is null && dropout == 0
            && q.dtype != ScalarType.Float32)
            return BlockwiseAttention.Attend(q, k, v, scale);
        if (segment.Cache is { } cache) (k, v) = cache.KeyValues(layer).Append(k, v);       // [B, K, S, E]
        if (view.First > 0)
            (k, v) = (k.narrow(2, view.First, k.size(2) - view.First), v.narrow(2, view.First, v.size(2) - view.First));
        return Attention.Attend(q, k, v, view.Mask, view.Causal, scale, dropout);
    }

    /// <summary>Tokens look back, never at padding, and no further than the window, which counts the query itself.</summary>
    View Look(Segment segment, Tensor ids, int? window)
    {
        var (past, queries) = (segment.Cache?.Length ?? 0, segment.Length);
        var keys = past + queries;
        var first = window is { } width ? Math.Max(0, past + 1 - width) : 0;               // no query sees what lies before
        var narrow = window < keys - first;
        if (pass.Present is null && !narrow && (past == 0 || queries == 1)) return new(first, null, queries > 1);

        var key = Numbers.Range(first, keys, ids.device);                                // [S]
        var query = Numbers.Range(past, keys, ids.device).unsqueeze(1);                   // [T, 1]
        var back = key <= query;                                                           // [T, S]
        if (narrow) back = back.logical_and(key > query.Minus(window!.Value));
        if (pass.Present is null) return new(first, back.view(1, 1, queries, keys - first), false);
        var present = pass.Present.to_type(ScalarType.Bool).narrow(1, first, keys - first).unsqueeze(1);   // [B, 1, S]
        // A padded query sees itself: a row of -∞ alone would be NaN.
        return new(first, back.logical_and(present).logical_or(key == query).unsqueeze(1), false);
    }
}
