using Octant.Models.Nn;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Octant.Training.Averaging;

/// <summary>An average of the parameters over the steps: often a better model than the last step's.</summary>
public sealed class MovingAverage : IDisposable
{
    const string UpdateCount = "updates";

    readonly IReadOnlyDictionary<string, Parameter> parameters;
    readonly IDecay decay;
    readonly Dictionary<string, Tensor> averages = [];
    long updates;

    /// <summary>Starts from the parameters as they are.</summary>
    public MovingAverage(IReadOnlyDictionary<string, Parameter> parameters, IDecay decay)
    {
        (this.parameters, this.decay) = (parameters, decay);
        foreach (var (name, parameter) in parameters)
        {
            using var alone = parameter.detach();
            averages.Add(name, alone.clone().DetachFromDisposeScope());
        }
    }

    /// <summary>The averages by their parameters' names; they live as long as this.</summary>
    public IReadOnlyDictionary<string, Tensor> Averages => averages;

    /// <summary>Takes the parameters in: average ← d · average + (1 - d) · parameter.</summary>
    public void Update()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var stays = decay.At(updates++);
        foreach (var (name, average) in averages) average.TimesInPlace(stays).PlusInPlace(parameters[name], 1 - stays);
    }

    /// <summary>
    /// Puts the averages where the parameters are, and those in the averages' place: once to evaluate or save with the averages,
    /// and once more to go on.
    /// </summary>
    public void Swap()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (var (name, average) in averages)
        {
            var kept = average.clone();
            average.copy_(parameters[name]);
            parameters[name].copy_(kept);
        }
    }

    /// <summary>All that the next update depends on; the living tensors, and the count as a float64 scalar.</summary>
    public IReadOnlyDictionary<string, Tensor> Save() =>
        new Dictionary<string, Tensor>(averages) { [UpdateCount] = tensor((double)updates, float64) };

    /// <summary>Goes on from what <see cref="Save"/> gave.</summary>
    /// <exception cref="OctantException">it is another model's</exception>
    public void Load(IReadOnlyDictionary<string, Tensor> saved)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var misfit = averages.Keys.FirstOrDefault(
            name => !saved.TryGetValue(name, out var other) || !other.shape.SequenceEqual(averages[name].shape));
        if (misfit is not null) throw new OctantException($"The saved average is another model's: {misfit} is missing or has another shape.");
        if (saved.Count != averages.Count + 1 || !saved.TryGetValue(UpdateCount, out var count))
            throw new OctantException($"The saved average is another model's, or {UpdateCount} is missing.");
        foreach (var (name, average) in averages) average.copy_(saved[name]);
        updates = (long)count.Number();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var average in averages.Values) average.Dispose();
    }
}
