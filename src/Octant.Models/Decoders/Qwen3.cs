using Octant.Configs;
using Octant.Generation;
using Octant.Models.Nn;
using static TorchSharp.torch;

namespace Octant.Models.Decoders;

// B = batch, T = tokens of this pass, S = tokens seen so far, D = hidden size, V = vocabulary,
// H = query heads, K = key/value heads, E = head size

/// <summary>
/// Qwen3: Llama's decoder with a norm on every query and key head; later layers may see only a window of the tokens before
/// (Yang et al. 2025, arXiv:2505.09388).
/// </summary>
public sealed class Qwen3(Qwen3Config c, Weights root) : IDecoder
{
    readonly Embedding embed = Base(root).Embedding("embed_tokens", c.VocabSize, c.HiddenSize, Init.Normal(c.InitializerRange));
    readonly Qwen3Layer[] layers = Base(root).Layers("layers", c.NumHiddenLayers, at => new Qwen3Layer(c, at));
    readonly RmsNorm norm = Base(root).RmsNorm("norm", c.HiddenSize, c.RmsNormEps);
    readonly Linear head = c.TieWordEmbeddings
        ? root.Tied("lm_head", to: Base(root) / "embed_tokens")
        : root.Linear("lm_head", c.HiddenSize, c.VocabSize, bias: false, Init.Normal(c.InitializerRange));
    readonly IReadOnlyList<int?> windows = c.Windows;
    readonly Rotary rotary = root.Rotary(c.Rotary, c.HeadSize, c.MaxPositionEmbeddings);

    /// <summary>The same tensors in llama.cpp's files.</summary>
    public static GgufNames GgufNames(Qwen3Config _) => new(
        new("model.embed_tokens", "token_embd"),
        new("model.layers.*.input_layernorm", "blk.*.attn_norm"),
        new("model.layers.*.self_attn.q_proj", "blk.*.attn_q"),
        new("model.layers.*.self_attn.k_proj", "blk.*.attn_k"),
        new("model.layers.*.self_attn.q_norm", "blk.*.attn_q_norm"),
        new("model.layers.*.self_attn.k_norm", "blk.*.attn_k_norm"),
        new("model.layers.*.self_attn.v_proj", "blk.*.attn_v"),
        new("model.layers.*.self_attn.o_proj", "blk.*.attn_output"),
        new("model.layers.*.post_attention_layernorm", "blk.*.ffn_norm"),
        new("model.layers.*.mlp.gate_proj", "blk.*.ffn_gate"),
        new("model.layers.*.mlp.up_proj", "blk.*.ffn_up"),
        new("model.layers.*.mlp.down_proj", "blk.*.ffn_down"),
        new("model.norm", "output_norm"),
        new("lm_head", "output"));

    /// <inheritdoc/>
    public ModelShape Shape { get; } = new(c.VocabSize, c.MaxPositionEmbeddings, c.HiddenSize, c.NumHiddenLayers);

    /// <inheritdoc/>
    public Tensor Hidden(Tensor ids, Pass pass)
    {
        var full = pass.Causal(ids);
        var windowed = windows.Any(window => window is not null) ? pass.Causal(ids, c.SlidingWindow) : full;
        var rotation = pass.Rotation(rotary, ids);

        var x = embed.Forward(ids);                                             // [B, T, D]
        x = pass.Through(layers, x, (layer, i, x) => layer.Forward(x, i, windows[i] is null ? full : windowed, rotation));
        return pass.Note(norm.Forward(x));                                      // [B, T, D]
    }

    /// <inheritdoc/>
    public Tensor Logits(Tensor hidden) => head.Forward(hidden);                // [B, T, V]

    // A checkpoint that was saved without the head lacks this prefix.
    static Weights Base(Weights root) => root.StepIfPresent("model");
}

sealed class Qwen3Layer(Qwen3Config c, Weights w)
{
    readonly RmsNorm attentionNorm = w.RmsNorm("input_layernorm", c.HiddenSize, c.RmsNormEps);
    readonly Qwen3Attention attention = new(c, w / "self_attn");
    readonly RmsNorm mlpNorm = w.RmsNorm("post_attention_layernorm", c.HiddenSize, c.RmsNormEps);
    readonly GatedMlp mlp =
        w.GatedMlp("mlp", c.HiddenSize, c.IntermediateSize, bias: false, c.HiddenAct, Init.Normal(c.InitializerRange));

    public Tensor Forward(Tensor x, int layer, CausalAttention back, Rotation rotation)
    {
        x = x.Plus(attention.Forward(attentionNorm.Forward(x), layer, back, rotation));
        return x.Plus(mlp.Forward(mlpNorm.Forward(x)));                         // [B, T, D]
    }
}

sealed class Qwen3Attention
{
    readonly Qwen3Config c;
    readonly Linear q, k, v, o;
    readonly RmsNorm queryNorm, keyNorm;

    public Qwen3Attention(Qwen3Config c, Weights w)
    {
        this.c = c;
        var (inner, shared) = (c.NumAttentionHeads * c.HeadSize, c.KeyValueHeads * c.HeadSize);
        var init = Init.Normal(c.InitializerRange);
        q = w.Linear("q_proj", c.HiddenSize, inner, c.AttentionBias, init);
        k = w.Linear("k_proj", c.HiddenSize, shared, c.AttentionBias, init);
        v = w.Linear("v_proj", c.HiddenSize, shared, c.AttentionBias, init);
        queryNorm = w.RmsNorm("q_norm", c.HeadSize, c.RmsNormEps);
        keyNorm = w.RmsNorm("k_norm", c.HeadSize, c.RmsNormEps);
        o = w.Linear("o_proj", inner, c.HiddenSize, c.AttentionBias, init);
    }

    public Tensor Forward(Tensor x, int layer, CausalAttention back, Rotation rotation)
    {
        var queries = rotation.Apply(queryNorm.Forward(q.Forward(x).Heads(c.HeadSize)));    // [B, H, T, E]
        var keys = rotation.Apply(keyNorm.Forward(k.Forward(x).Heads(c.HeadSize)));         // [B, K, T, E]
        var values = v.Forward(x).Heads(c.HeadSize);                            // [B, K, T, E]
        var y = back.Attend(layer, queries, keys, values, dropout: c.AttentionDropout);
        return o.Forward(y.Merge());                                            // [B, T, D]
    }
}
