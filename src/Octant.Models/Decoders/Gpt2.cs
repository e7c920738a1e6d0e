using Octant.Configs;
using Octant.Generation;
using Octant.Models.Nn;
using static TorchSharp.torch;

namespace Octant.Models.Decoders;

// B = batch, T = tokens of this pass, D = hidden size, V = vocabulary, H = heads, E = head size

/// <summary>GPT-2: pre-norm decoder with learned positions and a tied head (Radford et al. 2019).</summary>
public sealed class Gpt2 : IDecoder
{
    readonly Gpt2Config c;
    readonly Embedding tokens, positions;
    readonly Gpt2Layer[] layers;
    readonly LayerNorm norm;
    readonly Linear head;

    /// <summary>Reads it from a place in a checkpoint.</summary>
    public Gpt2(Gpt2Config c, Weights root)
    {
        this.c = c;
        var w = root.StepIfPresent("transformer");                              // the published checkpoints lack this prefix
        tokens = w.Embedding("wte", c.VocabSize, c.NEmbd, Init.Normal(c.InitializerRange));
        positions = w.Embedding("wpe", c.NPositions, c.NEmbd, Init.Normal(c.InitializerRange));
        layers = w.Layers("h", c.NLayer, at => new Gpt2Layer(c, at));
        norm = w.LayerNorm("ln_f", c.NEmbd, c.LayerNormEpsilon);
        head = c.TieWordEmbeddings
            ? root.Tied("lm_head", to: w / "wte")
            : root.Linear("lm_head", c.NEmbd, c.VocabSize, bias: false, Init.Normal(c.InitializerRange));
    }

    /// <summary>The same tensors in llama.cpp's files.</summary>
    public static GgufNames GgufNames(Gpt2Config _) => new(
        new("transformer.wte", "token_embd"),
        new("transformer.wpe", "position_embd"),
        new("transformer.h.*.ln_1", "blk.*.attn_norm"),
        new("transformer.h.*.attn.c_attn", "blk.*.attn_qkv", Layout.Transposed),
        new("transformer.h.*.attn.c_proj", "blk.*.attn_output", Layout.Transposed),
        new("transformer.h.*.ln_2", "blk.*.ffn_norm"),
        new("transformer.h.*.mlp.c_fc", "blk.*.ffn_up", Layout.Transposed),
        new("transformer.h.*.mlp.c_proj", "blk.*.ffn_down", Layout.Transposed),
        new("transformer.ln_f", "output_norm"),
        new("lm_head", "output"));

    /// <inheritdoc/>
    public ModelShape Shape => new(c.VocabSize, c.NPositions, c.NEmbd, c.NLayer);

    /// <inheritdoc/>
    public Tensor Hidden(Tensor ids, Pass pass)
    {
        var back = pass.Causal(ids);
        var x = tokens.Forward(ids).Plus(positions.Forward(pass.PositionsOf(ids)));    // [B, T, D]
        x = pass.Through(layers, pass.Dropout(x, c.EmbdPdrop), (layer, i, x) => layer.Forward(x, i, back, pass));
        return pass.Note(norm.Forward(x));                                      // [B, T, D]
    }

    /// <inheritdoc/>
    public Tensor Logits(Tensor hidden) => head.Forward(hidden);                // [B, T, V]
}

sealed class Gpt2Layer(Gpt2Config c, Weights w)
{
    readonly LayerNorm attentionNorm = w.LayerNorm("ln_1", c.NEmbd, c.LayerNormEpsilon);
    readonly Gpt2Attention attention = new(c, w / "attn");
    readonly LayerNorm mlpNorm = w.LayerNorm("ln_2", c.NEmbd, c.LayerNormEpsilon);
    readonly Mlp mlp = new(
        (w / "mlp").Conv1D("c_fc", c.NEmbd, c.InnerSize, Init.Normal(c.InitializerRange)),
        (w / "mlp").Conv1D("c_proj", c.InnerSize, c.NEmbd, Residual(c)), (w / "mlp").Activation("act", c.ActivationFunction));

    public Tensor Forward(Tensor x, int layer, CausalAttention back, Pass pass)
    {
        x = x.Plus(pass.Dropout(attention.Forward(attentionNorm.Forward(x), layer, back), c.ResidPdrop));
        return x.Plus(pass.Dropout(mlp.Forward(mlpNorm.Forward(x)), c.ResidPdrop));    // [B, T, D]
    }

    /// <summary>What adds to the residual stream starts smaller, by the root of how often that happens (section 2.3).</summary>
    public static Init Residual(Gpt2Config c) => Init.Normal(c.InitializerRange / Math.Sqrt(2 * c.NLayer));
}

sealed class Gpt2Attention
{
    readonly Gpt2Config c;
    readonly Linear qkv, o;

    public Gpt2Attention(Gpt2Config c, Weights w)
    {
        this.c = c;
        qkv = w.Conv1D("c_attn", c.NEmbd, 3 * c.NEmbd, Init.Normal(c.InitializerRange));
        o = w.Conv1D("c_proj", c.NEmbd, c.NEmbd, Gpt2Layer.Residual(c));
        w.Skip("bias");                                                         // the causal mask, which old files hold
        w.Skip("masked_bias");
    }

    public Tensor Forward(Tensor x, int layer, CausalAttention back)
    {
        var split = qkv.Forward(x).chunk(3, -1);                                // 3 x [B, T, D]
        var (queries, keys, values) = (split[0].Heads(c.HeadSize), split[1].Heads(c.HeadSize), split[2].Heads(c.HeadSize));
        var scale = c.ScaleAttnWeights ? 1 / Math.Sqrt(c.HeadSize) : 1;
        if (c.ScaleAttnByInverseLayerIdx) scale /= layer + 1;
        return o.Forward(back.Attend(layer, queries, keys, values, scale, c.AttnPdrop).Merge());    // [B, T, D]
    }
}
