using System.Text.Json.Nodes;
using Octant.Models;
using Octant.Models.Nn;
using Octant.Training.Averaging;
using Octant.Training.Losses;
using Octant.Training.Optimizers;
using Octant.Training.Recipes;
using static TorchSharp.torch;

namespace Octant.Training.Runs;

/// <summary>What learns, and what teaches it: the tensors of a run.</summary>
sealed class Learner : IDisposable
{
    readonly Checkpoint weights;

    /// <param name="file">the recipe</param>
    /// <param name="vocabulary">how many tokens there are</param>
    /// <param name="type">what is computed in</param>
    /// <exception cref="OctantException">sizes do not fit each other, or what is gone on from cannot be read</exception>
    public Learner(RecipeFile file, int vocabulary, ScalarType type)
    {
        var training = file.Recipe.Training;
        Config = ModelConfig.Of(file, vocabulary);
        (weights, Model) = ModelConfig.Build(file, Config);
        Optimizer = file.Recipe.Optimizer.Create(weights.Parameters, type);
        if (training.Average > 0) Average = new(weights.Parameters, new Growing(training.Average));
        Step = new(Model, Optimizer, new LanguageModelLoss(training.LabelSmoothing, training.ZLoss))
        {
            Type = type,
            Recompute = training.Recompute,
            LargestNorm = training.Clip > 0 ? training.Clip : double.PositiveInfinity,
        };
    }

    public JsonObject Config { get; }
    public IDecoder Model { get; }
    public IOptimizer Optimizer { get; }
    public MovingAverage? Average { get; }
    public TrainingStep Step { get; }
    public IReadOnlyDictionary<string, TorchSharp.Modules.Parameter> Parameters => weights.Parameters;

    /// <summary>The model as generation wants it, with the same weights.</summary>
    public TorchLanguageModel ForGeneration() => new(weights, Model);

    /// <summary>Whether every weight is a number.</summary>
    public bool IsFinite() => double.IsFinite(Gradients.Norm([.. Parameters.Values]));

    /// <summary>Does something with the averaged weights, where there is an average; that is what is measured and saved.</summary>
    public T WithAverage<T>(Func<T> act)
    {
        Average?.Swap();
        try
        {
            return act();
        }
        finally
        {
            Average?.Swap();
        }
    }

    public void Dispose()
    {
        Average?.Dispose();
        Optimizer.Dispose();
        weights.Dispose();
    }
}
