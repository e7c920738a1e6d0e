using static TorchSharp.torch;

namespace Octant.Models.Nn;

/// <summary>
/// Causal attention for training, forward and backward in blocks that stay in the processor's cache: some rows of the batch and some
/// queries at a time, against the keys that they see and no others. Nothing of the size [T, T] is kept; the backward pass makes the
/// weights again (Dao et al. 2022, arXiv:2205.14135). libtorch's own kernel multiplies what is masked, too, and bfloat16 through MKL,
/// which off Intel's processors emulates it: [16, 6, 256, 64] takes 68 ms there and 28 here, on one thread with AVX512-BF16.
/// </summary>
sealed class BlockwiseAttention : autograd.SingleTensorFunction<BlockwiseAttention>
{
    const string Scale = "scale";

    // libtorch takes gradients over only after the function that made them has returned: they live until the next does.
    [ThreadStatic] static Tensor[]? handedOver;

    /// <summary>Queries at a time: fewer skip more of what is masked, but make narrow products.</summary>
    const long Queries = 128;

    /// <summary>Scores at a time, four megabytes in bfloat16: threads wait for each other after every operator on them.</summary>
    const long Scores = 1 << 21;

    // Gradients are handed back as views of one tensor, laid out by token as the projections want them.
    static readonly Script Blocks = new("""
        def each(x, groups: int):
            x = x.unsqueeze(2).expand(-1, -1, groups, -1, -1)
            return x.reshape(-1, x.size(3), x.size(4))

        def shared(x):
            return x.squeeze(2) if x.size(2) == 1 else x.sum(2)

        def weights(q, k, later):
            scores = torch.bmm(q, k.transpose(1, 2))
            scores[:, :, k.size(1) - q.size(1):].add_(later)
            return torch.softmax(scores, -1)

        def later(q, size: int):
            return torch.full([size, size], -float("inf"), dtype=q.dtype, device=q.device).triu_(1)

        def forward(q, k, v, scale: float, block: int, rows: int):
            B, H, T, E = q.shape
            groups = H // k.size(1)
            mask = later(q, min(block, T))
            out = torch.empty([B, T, H, E], dtype=q.dtype, device=q.device).transpose(1, 2)
            for b in range(0, B, rows):
                qs, ks, vs = each(q[b:b + rows], 1) * scale, each(k[b:b + rows], groups), each(v[b:b + rows], groups)
                for first in range(0, T, block):
                    end = min(first + block, T)
                    p = weights(qs[:, first:end], ks[:, :end], mask[:end - first, :end - first])
                    out[b:b + rows, :, first:end] = torch.bmm(p, vs[:, :end]).view(-1, H, end - first, E)
            return out

        def backward(q, k, v, gradient, scale: float, block: int, rows: int):
            B, H, T, E = q.shape
            K = k.size(1)
            groups = H // K
            mask = later(q, min(block, T))
            out = torch.empty([B, T, H + 2 * K, E], dtype=q.dtype, device=q.device).transpose(1, 2)
            for b in range(0, B, rows):
                qs, ks, vs = each(q[b:b + rows], 1) * scale, each(k[b:b + rows], groups), each(v[b:b + rows], groups)
                gs = each(gradient[b:b + rows], 1)
                dk, dv = gs, gs
                # The last queries see all keys, so that theirs are the first gradients of each.
                for first in range((T - 1) // block * block, -1, -block):
                    end = min(first + block, T)
                    x, g = qs[:, first:end], gs[:, first:end]
                    p = weights(x, ks[:, :end], mask[:end - first, :end - first])
                    ds = torch._softmax_backward_data(torch.bmm(g, vs[:, :end].transpose(1, 2)), p, -1, q.dtype)
                    out[b:b + rows, :H, first:end] = torch.bmm(ds, ks[:, :end]).mul_(scale).view(-1, H, end - first, E)
                    if end == T:
                        dk, dv = torch.bmm(ds.transpose(1, 2), x), torch.bmm(p.transpose(1, 2), g)
                    else:
                        dk[:, :end].baddbmm_(ds.transpose(1, 2), x)
                        dv[:, :end].baddbmm_(p.transpose(1, 2), g)
                out[b:b + rows, H:H + K] = shared(dk.view(-1, K, groups, T, E))
                out[b:b + rows, H + K:] = shared(dv.view(-1, K, groups, T, E))
            return out

        """);

    public override string Name => nameof(BlockwiseAttention);

    /// <summary>softmax(q kᵀ · scale, each query looking back) v</summary>
    /// <param name="q">[B, H, T, E]</param>
    /// <param name="k">[B, K, T, E], K a divisor of H</param>
    /// <param name="v">[B, K, T, E]</param>
    /// <param name="scale">of the scores; 1/√E when null</param>
    /// <returns>[B, H, T, E], laid out as [B, T, H, E]</returns>
    public static Tensor Attend(Tensor q, Tensor k, Tensor v, double? scale) =>
        apply(q, k, v, scale ?? 1 / Math.Sqrt(q.size(3)));

    public override Tensor forward(autograd.AutogradContext context, params object[] arguments)
    {
        var (q, k, v, scale) = ((Tensor)arguments[0], (Tensor)arguments[1], (Tensor)arguments[2], (double)arguments[3]);
        context.save_for_backward([q, k, v]);
        context.save_data(Scale, scale);
        using var _ = no_grad();
        return Blocks.Invoke("forward", q, k, v, scale, Queries, Rows(q));
    }

    public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
    {
        // Not when the scope around the whole backward pass ends, which is when TorchSharp frees them.
        foreach (var tensor in handedOver ?? []) tensor.Dispose();
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var saved = context.get_saved_variables();
        var (q, k, v) = (saved[0], saved[1], saved[2]);
        var all = Blocks.Invoke("backward", q, k, v, gradient, (double)context.get_data(Scale), Queries, Rows(q));
        gradient.Dispose();
        handedOver = all.split([q.size(1), k.size(1), v.size(1)], 1);
        return [.. handedOver.Select(part => part.MoveToOuterDisposeScope()), null!];
    }

    static long Rows(Tensor q) => Math.Max(1, Scores / (q.size(1) * Queries * q.size(2)));
}
