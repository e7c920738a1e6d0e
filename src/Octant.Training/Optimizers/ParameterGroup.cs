using Parameter = TorchSharp.Modules.Parameter;

namespace Octant.Training.Optimizers;

/// <summary>Parameters that are trained alike.</summary>
/// <param name="parameters">by their names in the checkpoint, which their state is saved under</param>
public sealed class ParameterGroup(IReadOnlyDictionary<string, Parameter> parameters)
{
    /// <summary>By their names in the checkpoint.</summary>
    public IReadOnlyDictionary<string, Parameter> Parameters => parameters;

    /// <summary>Of the next step.</summary>
    public double LearningRate { get; set; }

    /// <summary>How strongly parameters are drawn towards zero.</summary>
    public double WeightDecay { get; init; }

    /// <summary>
    /// Two groups: matrices, embeddings among them, decay; vectors (biases and norms, which have no scale to lose) do not.
    /// </summary>
    public static ParameterGroup[] DecayMatrices(
        IReadOnlyDictionary<string, Parameter> parameters, double learningRate, double weightDecay) =>
    [
        new(Of(parameters, isMatrix: true)) { LearningRate = learningRate, WeightDecay = weightDecay },
        new(Of(parameters, isMatrix: false)) { LearningRate = learningRate },
    ];

    static Dictionary<string, Parameter> Of(IReadOnlyDictionary<string, Parameter> parameters, bool isMatrix) =>
        new(parameters.Where(named => named.Value.dim() >= 2 == isMatrix));
}
