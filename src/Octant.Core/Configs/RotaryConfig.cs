using System.Text.Json.Serialization;
using Octant.Formats;

namespace Octant.Configs;

/// <summary>
/// The <c>rope_parameters</c> of a config.json: rotary positions (Su et al. 2021, arXiv:2104.09864) and the ways of stretching
/// them over longer contexts than those trained on. What another type reads is ignored, as the reference does.
/// </summary>
/// <param name="RopeTheta">base of the frequencies: that of pair i is θ^(-2i/E)</param>
/// <param name="RopeType">how they are stretched</param>
/// <param name="Factor">by how much the context grows</param>
/// <param name="LowFreqFactor">llama3: wavelengths above original/low are slowed by the whole factor</param>
/// <param name="HighFreqFactor">llama3: wavelengths below original/high stay</param>
/// <param name="OriginalMaxPositionEmbeddings">llama3, yarn: the context trained on; the model's own where absent</param>
/// <param name="AttentionFactor">yarn: multiplies cosines and sines; computed from the factor where absent</param>
/// <param name="BetaFast">yarn: pairs that turn more often than this within the context stay; 32 where absent</param>
/// <param name="BetaSlow">yarn: pairs that turn less often than this are slowed by the whole factor; 1 where absent</param>
/// <param name="Mscale">yarn: numerator of the attention factor, together with the next</param>
/// <param name="MscaleAllDim">yarn: denominator of the attention factor</param>
/// <param name="Truncate">yarn: whether the bounds are rounded outwards to whole pairs</param>
/// <param name="Divisors">of the frequencies, one a pair: a scaling already computed, as GGUF files hold it; never in a config.json</param>
public sealed record RotaryConfig(
    double RopeTheta = 10_000,
    RotaryType RopeType = RotaryType.Default,
    double? Factor = null,
    double? LowFreqFactor = null,
    double? HighFreqFactor = null,
    int? OriginalMaxPositionEmbeddings = null,
    double? AttentionFactor = null,
    double? BetaFast = null,
    double? BetaSlow = null,
    double? Mscale = null,
    double? MscaleAllDim = null,
    bool Truncate = true,
    IReadOnlyList<float>? Divisors = null)
{
    /// <summary>Whether frequencies depend on how long the sequence is.</summary>
    [JsonIgnore]
    public bool DependsOnLength => RopeType == RotaryType.Dynamic;

    /// <summary>Refuses numbers with which nothing could turn.</summary>
    /// <exception cref="CheckpointException">one is out of its range</exception>
    internal RotaryConfig Check()
    {
        foreach (var (key, value) in (ReadOnlySpan<(string, double?)>)[
            ("rope_theta", RopeTheta), ("factor", Factor), ("low_freq_factor", LowFreqFactor), ("high_freq_factor", HighFreqFactor),
            ("original_max_position_embeddings", OriginalMaxPositionEmbeddings), ("attention_factor", AttentionFactor),
            ("beta_fast", BetaFast), ("beta_slow", BetaSlow)])
            if (value is { } number && !(number > 0 && double.IsFinite(number)))
                throw new CheckpointException($"config.json: {key} of the rotary positions is {number}; it must be above 0.");
        return Divisors?.All(divisor => divisor > 0 && float.IsFinite(divisor)) != false ? this
            : throw new CheckpointException("config.json: a divisor of the rotary positions is not above 0.");
    }

    /// <summary>Multiplies cosines and sines.</summary>
    public double Magnitude(int context)
    {
        if (RopeType != RotaryType.Yarn) return 1;
        if (AttentionFactor is { } given) return given;
        var factor = YarnFactor(context);
        return Mscale is { } m and not 0 && MscaleAllDim is { } all and not 0
            ? Grown(factor, m) / Grown(factor, all)
            : Grown(factor, 1);

        static double Grown(double factor, double scale) => factor <= 1 ? 1 : 0.1 * scale * Math.Log(factor) + 1;
    }

    /// <summary>Radians by which each pair turns from one position to the next.</summary>
    /// <param name="headSize">E, even</param>
    /// <param name="context">the config's max_position_embeddings</param>
    /// <param name="length">of the sequence so far, where <see cref="DependsOnLength"/></param>
    /// <returns>[E/2]</returns>
    /// <exception cref="CheckpointException">a key that this type needs is missing</exception>
    public float[] Frequencies(int headSize, int context, long length = 0)
    {
        var frequencies = RopeType switch
        {
            RotaryType.Default => Plain(headSize, RopeTheta),
            RotaryType.Linear => Array.ConvertAll(Plain(headSize, RopeTheta), f => f / (float)Need(Factor, "factor")),
            RotaryType.Dynamic => Plain(headSize, DynamicTheta(headSize, context, length)),
            RotaryType.Llama3 => Llama3(headSize, context),
            RotaryType.Yarn => Yarn(headSize, context),
            var other => throw new CheckpointException($"config.json: rope_type {other} is not known."),
        };
        if (Divisors is null) return frequencies;
        if (Divisors.Count != frequencies.Length)
            throw new CheckpointException($"rope_freqs has {Divisors.Count} factors, the heads have {frequencies.Length} pairs.");
        return [.. frequencies.Zip(Divisors, (frequency, divisor) => frequency / divisor)];
    }

    /// <summary>In float32, as the reference computes them: at position 10,000 the last bit counts.</summary>
    static float[] Plain(int headSize, double theta) =>
        [.. Enumerable.Range(0, headSize / 2).Select(i => 1 / MathF.Pow((float)theta, 2f * i / headSize))];

    /// <summary>The base grows with the sequence ("NTK-aware", by Reddit users bloc97 and emozilla).</summary>
    double DynamicTheta(int headSize, int context, long length)
    {
        var factor = Need(Factor, "factor");
        return RopeTheta * Math.Pow(
            factor * Math.Max(length, context) / context - (factor - 1), headSize / (headSize - 2.0));
    }

    /// <summary>Long wavelengths are slowed, short ones kept, those between interpolated (Llama 3.1, arXiv:2407.21783).</summary>
    float[] Llama3(int headSize, int context)
    {
        var (factor, original) = ((float)Need(Factor, "factor"), (float)(OriginalMaxPositionEmbeddings ?? context));
        var (low, high) = ((float)Need(LowFreqFactor, "low_freq_factor"), (float)Need(HighFreqFactor, "high_freq_factor"));
        return Array.ConvertAll(Plain(headSize, RopeTheta), frequency =>
        {
            var wavelength = 2 * MathF.PI / frequency;
            if (wavelength < original / high) return frequency;
            if (wavelength > original / low) return frequency / factor;
            var smooth = (original / wavelength - low) / (high - low);
            return (1 - smooth) * frequency / factor + smooth * frequency;
        });
    }

    /// <summary>YaRN (Peng et al. 2023, arXiv:2309.00071), equations 14 and 17.</summary>
    float[] Yarn(int headSize, int context)
    {
        var factor = YarnFactor(context);
        var original = OriginalMaxPositionEmbeddings ?? context;
        var (low, high) = (PairThatTurns(BetaFast ?? 32), PairThatTurns(BetaSlow ?? 1));
        if (Truncate) (low, high) = (Math.Floor(low), Math.Ceiling(high));
        (low, high) = (Math.Max(low, 0), Math.Min(high, headSize - 1));
        if (low == high) high += 0.001;                     // as the reference avoids dividing by zero
        return [.. Plain(headSize, RopeTheta).Select((frequency, i) =>
        {
            var slowed = (float)Math.Clamp((i - low) / (high - low), 0, 1);
            return frequency / (float)factor * slowed + frequency * (1 - slowed);
        })];

        double PairThatTurns(double times) =>
            headSize * Math.Log(original / (times * 2 * Math.PI)) / (2 * Math.Log(RopeTheta));
    }

    double YarnFactor(int context) =>
        Factor ?? context / Need(OriginalMaxPositionEmbeddings, "factor or original_max_position_embeddings");

    double Need(double? value, string key) => value
        ?? throw new CheckpointException($"config.json: rope_parameters of type {RopeType.ToString().ToLowerInvariant()} need {key}.");
}

/// <summary>How rotary positions are stretched over a longer context.</summary>
public enum RotaryType
{
    /// <summary>Not at all.</summary>
    [JsonStringEnumMemberName("default")] Default,
    /// <summary>Every frequency divided by the factor (Chen et al. 2023, arXiv:2306.15595).</summary>
    [JsonStringEnumMemberName("linear")] Linear,
    /// <summary>The base grows with the sequence.</summary>
    [JsonStringEnumMemberName("dynamic")] Dynamic,
    /// <summary>By wavelength, as Llama 3.1 does.</summary>
    [JsonStringEnumMemberName("llama3")] Llama3,
    /// <summary>By wavelength, with warmer attention (arXiv:2309.00071).</summary>
    [JsonStringEnumMemberName("yarn")] Yarn,
}
