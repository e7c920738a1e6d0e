using static TorchSharp.torch;

namespace Octant.Training.Optimizers;

/// <summary>Several optimisers as one, each with parameters of its own: Muon for the matrices and AdamW for the rest.</summary>
public sealed class Combined(params IReadOnlyList<IOptimizer> parts) : IOptimizer
{
    /// <inheritdoc/>
    public IReadOnlyList<ParameterGroup> Groups { get; } = [.. parts.SelectMany(part => part.Groups)];

    /// <inheritdoc/>
    public void Step()
    {
        foreach (var part in parts) part.Step();
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, Tensor> Save() => new Dictionary<string, Tensor>(parts.SelectMany(part => part.Save()));

    /// <inheritdoc/>
    public void Load(IReadOnlyDictionary<string, Tensor> saved)
    {
        // The first takes what no part has, so that its error names it.
        var owner = new Dictionary<string, IOptimizer>();
        foreach (var part in parts)
            foreach (var name in part.Groups.SelectMany(group => group.Parameters.Keys)) owner[name] = part;
        var shares = saved.ToLookup(slot => owner.GetValueOrDefault(slot.Key[..Math.Max(0, slot.Key.LastIndexOf('.'))], parts[0]));
        foreach (var part in parts) part.Load(new Dictionary<string, Tensor>(shares[part]));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var part in parts) part.Dispose();
    }
}
