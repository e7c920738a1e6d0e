using Octant.Configs;
using Octant.Generation;
using Octant.Models.Nn;
using static TorchSharp.torch;

namespace Octant.Models.Decoders;

// B = batch, T = tokens of this pass, S = tokens seen so far, D = hidden size, V = vocabulary,
// H = query heads, K = key/value heads, E = head size

/// <summary>
/// Llama: pre-norm decoder with RMSNorm, SwiGLU and rotary positions (Touvron et al. 2023, arXiv:2302.13971);
/// grouped key/value heads since version 2 (arXiv:2307.09288).
/// </summary>
public sealed class Llama(LlamaConfig c, Weights root) : IDecoder
{
    readonly Embedding embed = Base(root).Embedding("embed_tokens", c.VocabSize, c.HiddenSize, Init.Normal(c.InitializerRange));
    readonly LlamaLayer[] layers = Base(root).Layers("layers", c.NumHiddenLayers, at => new LlamaLayer(c, at));
    readonly RmsNorm norm = Base(root).RmsNorm("norm", c.HiddenSize, c.RmsNormEps);
    readonly Linear head = c.TieWordEmbeddings
        ? root.Tied("lm_head", to: Base(root) / "embed_tokens")
        : root.Linear("lm_head", c.HiddenSize, c.VocabSize, bias: false, Init.Normal(c.InitializerRange));
    readonly Rotary rotary = root.Rotary(c.Rotary, c.HeadSize, c.MaxPositionEmbeddings);

    /// <summary>The same tensors in llama.cpp's files.</summary>
    public static GgufNames GgufNames(LlamaConfig c) => GgufNames(c.NumAttentionHeads, c.KeyValueHeads);

    internal static GgufNames GgufNames(int heads, int keyValueHeads) => new(
        new("model.embed_tokens", "token_embd"),
        new("model.layers.*.input_layernorm", "blk.*.attn_norm"),
        new("model.layers.*.self_attn.q_proj", "blk.*.attn_q", Layout.AdjacentPairs(heads)),
        new("model.layers.*.self_attn.k_proj", "blk.*.attn_k", Layout.AdjacentPairs(keyValueHeads)),
        new("model.layers.*.self_attn.v_proj", "blk.*.attn_v"),
        new("model.layers.*.self_attn.o_proj", "blk.*.attn_output"),
        new("model.layers.*.post_attention_layernorm", "blk.*.ffn_norm"),
        new("model.layers.*.mlp.gate_proj", "blk.*.ffn_gate"),
        new("model.layers.*.mlp.up_proj", "blk.*.ffn_up"),
        new("model.layers.*.mlp.down_proj", "blk.*.ffn_down"),
        new("model.norm", "output_norm"),
        new("lm_head", "output"),
        new(null, "rope_freqs"));                                               // in the configuration, as divisors

    /// <inheritdoc/>
    public ModelShape Shape { get; } = new(c.VocabSize, c.MaxPositionEmbeddings, c.HiddenSize, c.NumHiddenLayers);

    /// <inheritdoc/>
    public Tensor Hidden(Tensor ids, Pass pass)
    {
        var back = pass.Causal(ids);
        var rotation = pass.Rotation(rotary, ids);

        var x = embed.Forward(ids);                                             // [B, T, D]
        x = pass.Through(layers, x, (layer, i, x) => layer.Forward(x, i, back, rotation));
        return pass.Note(norm.Forward(x));                                      // [B, T, D]
    }

    /// <inheritdoc/>
    public Tensor Logits(Tensor hidden) => head.Forward(hidden);                // [B, T, V]

    // A checkpoint that was saved without the head lacks this prefix.
    static Weights Base(Weights root) => root.StepIfPresent("model");
}

sealed class LlamaLayer(LlamaConfig c, Weights w)
{
    readonly RmsNorm attentionNorm = w.RmsNorm("input_layernorm", c.HiddenSize, c.RmsNormEps);
    readonly LlamaAttention attention = new(c, w / "self_attn");
    readonly RmsNorm mlpNorm = w.RmsNorm("post_attention_layernorm", c.HiddenSize, c.RmsNormEps);
    readonly GatedMlp mlp =
        w.GatedMlp("mlp", c.HiddenSize, c.IntermediateSize, c.MlpBias, c.HiddenAct, Init.Normal(c.InitializerRange));

    public Tensor Forward(Tensor x, int layer, CausalAttention back, Rotation rotation)
    {
        x = x.Plus(attention.Forward(attentionNorm.Forward(x), layer, back, rotation));
        return x.Plus(mlp.Forward(mlpNorm.Forward(x)));                         // [B, T, D]
    }
}

sealed class LlamaAttention
{
    readonly LlamaConfig c;
    readonly Linear q, k, v, o;

    public LlamaAttention(LlamaConfig c, Weights w)
    {
        this.c = c;
        var (inner, shared) = (c.NumAttentionHeads * c.HeadSize, c.KeyValueHeads * c.HeadSize);
        var init = Init.Normal(c.InitializerRange);
        q = w.Linear("q_proj", c.HiddenSize, inner, c.AttentionBias, init);
        k = w.Linear("k_proj", c.HiddenSize, shared, c.AttentionBias, init);
        v = w.Linear("v_proj", c.HiddenSize, shared, c.AttentionBias, init);
        o = w.Linear("o_proj", inner, c.HiddenSize, c.AttentionBias, init);
        w.Skip("rotary_emb.inv_freq");                                          // before Transformers 4.32
    }

    public Tensor Forward(Tensor x, int layer, CausalAttention back, Rotation rotation)
    {
        var queries = rotation.Apply(q.Forward(x).Heads(c.HeadSize));           // [B, H, T, E]
        var keys = rotation.Apply(k.Forward(x).Heads(c.HeadSize));              // [B, K, T, E]
        var values = v.Forward(x).Heads(c.HeadSize);                            // [B, K, T, E]
        var y = back.Attend(layer, queries, keys, values, dropout: c.AttentionDropout);
        return o.Forward(y.Merge());                                            // [B, T, D]
    }
}
