using Octant.Data.Batching;
using Octant.Generation;
using Octant.Models;
using Octant.Training.Recipes;

namespace Octant.Training.Runs;

/// <summary>What is trained on what, in words.</summary>
static class RunFacts
{
    public static IEnumerable<(string Name, string Value)> Of(
        TrainingRecipe training, RunState state, Learner learner, TokenDataset data, TokenDataset? validation)
    {
        var (shape, count) = (learner.Model.Shape, learner.Parameters.Values.Sum(parameter => parameter.numel()));
        var epochs = (double)training.Steps * training.Batch * training.Block * training.Accumulate / data.Tokens;
        yield return ("model", $"{(string?)learner.Config["model_type"]}, {count:N0} parameters");
        yield return ("context", $"{shape.Context:N0} tokens of a vocabulary of {shape.Vocabulary:N0}");
        yield return ("learns from", $"{data.Tokens:N0} tokens, {epochs:F1} times");
        if (validation is not null) yield return ("is measured on", $"{validation.Tokens:N0} tokens");
        yield return ("computes in", $"{state.NumberType}, {Engine.Threads} threads, {Engine.Processor}");
        yield return ("seed", $"{training.Seed}");
    }
}

/// <summary>What only the model that was built, or the tokens that were made, can tell.</summary>
static class RunChecks
{
    public static void Check(RecipeFile file, TokenizedCorpus corpus, ModelShape shape)
    {
        corpus.Training.RequireVocabulary(shape.Vocabulary);
        if (file.Recipe.Training.Block > shape.Context)
            throw file.Wrong("training.block", $"is {file.Recipe.Training.Block}, longer than the model's context, {shape.Context}.");
        foreach (var prompt in file.Recipe.Samples?.Prompts ?? [])
            if (corpus.Tokenizer.EncodeIds(prompt, addSpecialTokens: false).Length is var length && (length == 0 || length >= shape.Context))
                throw file.Wrong("samples.prompts", $"has one of {length} tokens ({prompt}); there must be 1 to {shape.Context - 1}.");
    }
}
