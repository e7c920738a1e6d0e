using Octant.Formats;

namespace Octant.Configs;

/// <summary>
/// What a configuration is in a GGUF file's metadata: the other way round than <see cref="GgufConfig"/>, and as strict. What llama.cpp would
/// not read is refused by name, for the file would compute something else there.
/// </summary>
/// <param name="Architecture">llama.cpp's name of it</param>
/// <param name="Keys">its keys</param>
/// <param name="Divisors">of the rotary frequencies, which become a tensor; null for none</param>
public sealed record GgufHeader(string Architecture, GgufKeys Keys, IReadOnlyList<float>? Divisors)
{
    internal sealed record DecoderFacts(string Architecture, int Vocabulary, int Width, int Inner, int Layers, int Heads, int KeyValueHeads,
        int HeadSize, int Context, double Epsilon, string Activation, RotaryConfig Rotary, bool HasWindow);

    /// <summary>What every decoder in Llama's line has.</summary>
    internal static GgufHeader LlamaLike(DecoderFacts c)
    {
        if (c.Activation is not ("silu" or "swish")) throw Refused($"hidden_act is {c.Activation}; only silu");
        if (c.HasWindow) throw Refused("attention has a sliding window; only attention to all that went before");
        var keys = Common(c.Architecture, c.Layers, c.Context, c.Width, c.Inner, c.Heads)
            .Add($"{c.Architecture}.attention.head_count_kv", (uint)c.KeyValueHeads)
            .Add($"{c.Architecture}.attention.layer_norm_rms_epsilon", (float)c.Epsilon)
            .Add($"{c.Architecture}.attention.key_length", (uint)c.HeadSize)
            .Add($"{c.Architecture}.attention.value_length", (uint)c.HeadSize)
            .Add($"{c.Architecture}.rope.dimension_count", (uint)c.HeadSize)
            .Add($"{c.Architecture}.rope.freq_base", (float)c.Rotary.RopeTheta)
            .Add($"{c.Architecture}.vocab_size", (uint)c.Vocabulary);
        return new(c.Architecture, keys, Scaled(c, keys));
    }

    internal static GgufKeys Common(string architecture, int layers, int context, int width, int inner, int heads) => new GgufKeys()
        .Add("general.architecture", architecture)
        .Add($"{architecture}.block_count", (uint)layers)
        .Add($"{architecture}.context_length", (uint)context)
        .Add($"{architecture}.embedding_length", (uint)width)
        .Add($"{architecture}.feed_forward_length", (uint)inner)
        .Add($"{architecture}.attention.head_count", (uint)heads);

    /// <summary>Stretched positions: spelled out where llama.cpp computes the same, else as the divisors that they come to.</summary>
    static IReadOnlyList<float>? Scaled(DecoderFacts c, GgufKeys keys)
    {
        var rotary = c.Rotary;
        if (rotary.Divisors is { } given) return given;
        switch (rotary.RopeType)
        {
            case RotaryType.Default:
                return null;
            case RotaryType.Linear:
                keys.Add($"{c.Architecture}.rope.scaling.type", "linear").Add($"{c.Architecture}.rope.scaling.factor", (float)rotary.Factor!.Value);
                return null;
            case RotaryType.Llama3:
                var (plain, slowed) = (new RotaryConfig(rotary.RopeTheta).Frequencies(c.HeadSize, c.Context), rotary.Frequencies(c.HeadSize, c.Context));
                return [.. plain.Zip(slowed, (frequency, divided) => frequency / divided)];
            case RotaryType.Yarn when rotary is { AttentionFactor: null, Mscale: null, MscaleAllDim: null, Truncate: true, Factor: not null }:
                keys.Add($"{c.Architecture}.rope.scaling.type", "yarn").Add($"{c.Architecture}.rope.scaling.factor", (float)rotary.Factor!.Value)
                    .Add($"{c.Architecture}.rope.scaling.original_context_length", (uint)(rotary.OriginalMaxPositionEmbeddings ?? c.Context));
                if (rotary.BetaFast is { } fast) keys.Add($"{c.Architecture}.rope.scaling.yarn_beta_fast", (float)fast);
                if (rotary.BetaSlow is { } slow) keys.Add($"{c.Architecture}.rope.scaling.yarn_beta_slow", (float)slow);
                return null;
            default:
                throw Refused($"rotary positions are of the type {rotary.RopeType} with settings of their own; only default, linear, llama3 and plain yarn");
        }
    }

    internal static CheckpointException Refused(string what) => new($"config.json: {what} can be written to GGUF files.");
}
