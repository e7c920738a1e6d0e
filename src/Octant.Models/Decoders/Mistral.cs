using Octant.Configs;
using Octant.Generation;
using Octant.Models.Nn;
using static TorchSharp.torch;

namespace Octant.Models.Decoders;

// B = batch, T = tokens of this pass, S = tokens seen so far, D = hidden size, V = vocabulary,
// H = query heads, K = key/value heads, E = head size

/// <summary>
/// Mistral: Llama's decoder without biases, whose queries may see only a window of the tokens before them
/// (Jiang et al. 2023, arXiv:2310.06825).
/// </summary>
public sealed class Mistral(MistralConfig c, Weights root) : IDecoder
{
    readonly Embedding embed = Base(root).Embedding("embed_tokens", c.VocabSize, c.HiddenSize, Init.Normal(c.InitializerRange));
    readonly MistralLayer[] layers = Base(root).Layers("layers", c.NumHiddenLayers, at => new MistralLayer(c, at));
    readonly RmsNorm norm = Base(root).RmsNorm("norm", c.HiddenSize, c.RmsNormEps);
    readonly Linear head = c.TieWordEmbeddings
        ? root.Tied("lm_head", to: Base(root) / "embed_tokens")
        : root.Linear("lm_head", c.HiddenSize, c.VocabSize, bias: false, Init.Normal(c.InitializerRange));
    readonly Rotary rotary = root.Rotary(c.Rotary, c.HeadSize, c.MaxPositionEmbeddings);

    /// <inheritdoc/>
    public ModelShape Shape { get; } = new(c.VocabSize, c.MaxPositionEmbeddings, c.HiddenSize, c.NumHiddenLayers);

    /// <inheritdoc/>
    public Tensor Hidden(Tensor ids, Pass pass)
    {
        var back = pass.Causal(ids, c.SlidingWindow);
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

sealed class MistralLayer(MistralConfig c, Weights w)
{
    readonly RmsNorm attentionNorm = w.RmsNorm("input_layernorm", c.HiddenSize, c.RmsNormEps);
    readonly MistralAttention attention = new(c, w / "self_attn");
    readonly RmsNorm mlpNorm = w.RmsNorm("post_attention_layernorm", c.HiddenSize, c.RmsNormEps);
    readonly GatedMlp mlp =
        w.GatedMlp("mlp", c.HiddenSize, c.IntermediateSize, bias: false, c.HiddenAct, Init.Normal(c.InitializerRange));

    public Tensor Forward(Tensor x, int layer, CausalAttention back, Rotation rotation)
    {
        x = x.Plus(attention.Forward(attentionNorm.Forward(x), layer, back, rotation));
        return x.Plus(mlp.Forward(mlpNorm.Forward(x)));                         // [B, T, D]
    }
}

sealed class MistralAttention
{
    readonly MistralConfig c;
    readonly Linear q, k, v, o;

    public MistralAttention(MistralConfig c, Weights w)
    {
        this.c = c;
        var (inner, shared) = (c.NumAttentionHeads * c.HeadSize, c.KeyValueHeads * c.HeadSize);
        var init = Init.Normal(c.InitializerRange);
        q = w.Linear("q_proj", c.HiddenSize, inner, bias: false, init);
        k = w.Linear("k_proj", c.HiddenSize, shared, bias: false, init);
        v = w.Linear("v_proj", c.HiddenSize, shared, bias: false, init);
        o = w.Linear("o_proj", inner, c.HiddenSize, bias: false, init);
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
