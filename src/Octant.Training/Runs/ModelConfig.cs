using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Octant.Formats;
using Octant.Models;
using Octant.Models.Nn;
using Octant.Training.Recipes;
using static TorchSharp.torch;

namespace Octant.Training.Runs;

/// <summary>The config.json of what a recipe trains, and the model that it describes.</summary>
static class ModelConfig
{
    /// <summary>Of a fresh model, or of the one to go on from.</summary>
    public static JsonObject Of(RecipeFile file, int vocabulary)
    {
        var recipe = file.Recipe.Model ?? new();
        if (recipe.From is { } from)
        {
            var place = file.Resolve("model.from", from);
            return JsonFiles.ReadObject(Path.Combine(place, "config.json"))
                ?? throw file.Wrong("model.from", $"is {place}, where there is no config.json: name a model's folder.");
        }
        CheckMemory(file, recipe, vocabulary);
        var architecture = Architectures.All.First(known => known.ModelType == recipe.Type);
        try
        {
            var config = architecture.Fresh(new(
                vocabulary, recipe.Context ?? file.Recipe.Training.Block, recipe.Layers, recipe.Heads, recipe.Width, recipe.KeyValueHeads,
                recipe.Inner, recipe.Dropout, recipe.Tied));
            foreach (var (key, value) in recipe.Config ?? []) config[key] = value?.DeepClone();
            return config;
        }
        catch (CheckpointException e)
        {
            throw file.Wrong("model", $"cannot be. {e.Message}", e);
        }
    }

    /// <summary>Weights, gradients and two memories of an optimiser, in float32, are more than there is: said before they are asked for.</summary>
    static void CheckMemory(RecipeFile file, ModelRecipe recipe, int vocabulary)
    {
        const int bytes = 16;
        var parameters = recipe.Width * (12.0 * recipe.Layers * recipe.Width + vocabulary);
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (parameters * bytes > memory)
            throw file.Wrong("model", $"has about {parameters:N0} parameters, which take {parameters * bytes / 1e9:N1} GB to train; " +
                $"there are {memory / 1e9:N1}. Make model.width or model.layers smaller.");
    }

    /// <summary>Fresh weights, or those to go on from, in float32.</summary>
    public static (Checkpoint Weights, IDecoder Model) Build(RecipeFile file, JsonObject config)
    {
        var from = file.Recipe.Model?.From;
        var weights = from is null
            ? Checkpoint.Fresh(file.Recipe.Training.Seed, MastersOf(file))
            : Checkpoint.Open(file.Resolve("model.from", from), MastersOf(file));
        try
        {
            return (weights, Architectures.Decoder(weights, config));
        }
        catch (CheckpointException e)
        {
            weights.Dispose();
            throw file.Wrong("model", $"cannot be. {e.Message}", e);
        }
        catch (ExternalException e)
        {
            weights.Dispose();
            throw file.Wrong("model", "does not fit into memory: make model.width, model.layers or the vocabulary smaller.", e);
        }
    }

    static ScalarType MastersOf(RecipeFile file) => file.Recipe.Training.Dtype == "float64" ? ScalarType.Float64 : ScalarType.Float32;
}
