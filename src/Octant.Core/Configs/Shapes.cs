using Octant.Formats;

namespace Octant.Configs;

/// <summary>Refuses configurations whose numbers contradict each other, before anything is allocated for them.</summary>
static class Shapes
{
    // Far beyond any model; keeps products of two of them inside 64 bits.
    const int Largest = 1 << 28, MostLayers = 1 << 16;

    public static void CheckPositive(params ReadOnlySpan<(int Value, string Key)> sizes)
    {
        foreach (var (value, key) in sizes)
        {
            var most = key is "num_hidden_layers" or "n_layer" ? MostLayers : Largest;
            if (value < 1 || value > most) throw new CheckpointException($"config.json: {key} is {value}; it must be between 1 and {most}.");
        }
    }

    public static void CheckEpsilon(double value, string key)
    {
        if (!(value > 0 && value < 1)) throw new CheckpointException($"config.json: {key} is {value}; it must be between 0 and 1.");
    }

    public static void CheckDropout(params ReadOnlySpan<(double Value, string Key)> shares)
    {
        foreach (var (value, key) in shares)
            if (!(value is >= 0 and < 1)) throw new CheckpointException($"config.json: {key} is {value}; it must be from 0 to less than 1.");
    }

    public static void CheckHeads(int hidden, int heads, int keyValueHeads, int? headSize, bool rotary)
    {
        CheckPositive((hidden, "hidden_size"), (heads, "num_attention_heads"), (keyValueHeads, "num_key_value_heads"));
        if (headSize is { } given) CheckPositive((given, "head_dim"));
        else if (hidden % heads != 0)
            throw new CheckpointException($"config.json: hidden_size {hidden} is no multiple of num_attention_heads {heads}.");
        if (heads % keyValueHeads != 0)
            throw new CheckpointException(
                $"config.json: num_attention_heads {heads} is no multiple of num_key_value_heads {keyValueHeads}.");
        if (rotary && (headSize ?? hidden / heads) % 2 != 0)
            throw new CheckpointException($"config.json: rotary positions turn pairs, but heads have {headSize ?? hidden / heads} numbers.");
    }

    /// <summary>Which layers slide: the list where there is one, else those from <paramref name="firstSliding"/> on.</summary>
    /// <returns>for each layer its window, null where it sees everything</returns>
    public static int?[] Windows(
        IReadOnlyList<string>? layerTypes, int layers, bool use, int? window, int firstSliding)
    {
        if (layerTypes is null)
            return [.. Enumerable.Range(0, layers).Select(i => use && i >= firstSliding ? window : null)];
        if (layerTypes.Count != layers)
            throw new CheckpointException($"config.json: layer_types has {layerTypes.Count} entries for {layers} layers.");
        return [.. layerTypes.Select(type => type switch
        {
            "full_attention" => (int?)null,
            "sliding_attention" when use && window is not null => window,
            "sliding_attention" => throw new CheckpointException(
                "config.json: layer_types names sliding_attention, but there is no sliding_window, or use_sliding_window is false."),
            _ => throw new CheckpointException(
                $"config.json: layer_types names {type}; there are full_attention and sliding_attention."),
        })];
    }
}
