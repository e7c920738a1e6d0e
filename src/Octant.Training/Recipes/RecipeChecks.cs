using Octant.Models;

namespace Octant.Training.Recipes;

/// <summary>What no single key can tell.</summary>
static class RecipeChecks
{
    // Tokens that a model sees at once; more is a mistake, and would ask for gigabytes.
    const int MostTokens = 1 << 26;

    static readonly string[] SizesOfModel =
        ["type", "layers", "heads", "width", "key_value_heads", "inner", "context", "dropout", "tied", "config"];

    static readonly string[] MakingOfTokenizer = ["kind", "vocabulary", "special_tokens"];

    public static void Check(RecipeFile file)
    {
        var recipe = file.Recipe;
        if (recipe.Data.Text.Count == 0) throw file.Wrong("data.text", "names nothing: name a file, a folder, or - for standard input.");
        if (recipe.Data.Clean?.MinimumLength < 0)
            throw file.Wrong("data.clean.minimum_length", $"is {recipe.Data.Clean.MinimumLength}: it must be 0 or more.");
        if (recipe.Data.Validation == 0 && recipe.Data.ValidationText is null && recipe.Training.Patience > 0)
            throw file.Wrong("training.patience", "needs text to measure on: give data.validation or data.validation_text.");
        CheckNumberType(file, "training.dtype", recipe.Training.Dtype, "auto", "float32", "bfloat16", "float64");
        CheckNumberType(file, "result.dtype", recipe.Result?.Dtype ?? "float32", "float32", "float16", "bfloat16");
        CheckModel(file, recipe.Model ?? new());
        if ((long)recipe.Training.Batch * recipe.Training.Block > MostTokens)
            throw file.Wrong("training.batch",
                $"is {recipe.Training.Batch} rows of {recipe.Training.Block} tokens: more than {MostTokens} tokens at once.");
        if (recipe.Samples?.Prompts?.Any(string.IsNullOrEmpty) == true)
            throw file.Wrong("samples.prompts", "has an empty one: there is nothing to go on from.");
        RefuseUseless(file, "optimizer", recipe.Optimizer.Name, recipe.Optimizer.Lacks());
        if (recipe.Schedule is { } schedule) RefuseUseless(file, "schedule", schedule.Name, schedule.Lacks());
    }

    /// <summary>Keys of which what was chosen makes no use: they would be ignored.</summary>
    static void RefuseUseless(RecipeFile file, string section, Enum name, IEnumerable<string> lacks)
    {
        foreach (var key in lacks.Where(key => file.IsGiven($"{section}.{key}")))
            throw file.Wrong($"{section}.{key}",
                $"is given, but {RecipeKeys.NameOf(name)} has none: leave it out, or take another {section}.name.");
    }

    static void CheckModel(RecipeFile file, ModelRecipe model)
    {
        string[] making = [.. MakingOfTokenizer.Select(key => $"tokenizer.{key}")];
        if (model.From is not null) RefuseBeside(file, "model.from", [.. SizesOfModel.Select(key => $"model.{key}"), .. making]);
        if (file.Recipe.Tokenizer?.From is not null) RefuseBeside(file, "tokenizer.from", making);
        if (model.From is not null) return;
        if (Architectures.All.All(known => known.ModelType != model.Type))
            throw file.Wrong("model.type", $"is {model.Type}; there are {string.Join(", ", Architectures.All.Select(known => known.ModelType))}.");
        if (model.Width % model.Heads != 0)
            throw file.Wrong("model.width", $"is {model.Width}, no multiple of model.heads, {model.Heads}.");
        if (model.KeyValueHeads is { } kept && model.Heads % kept != 0)
            throw file.Wrong("model.key_value_heads", $"is {kept}, no divisor of model.heads, {model.Heads}.");
        if (model.Context < file.Recipe.Training.Block)
            throw file.Wrong("model.context", $"is {model.Context}, shorter than training.block, {file.Recipe.Training.Block}.");
    }

    /// <summary>Keys that something which was there before has decided: they would be ignored.</summary>
    static void RefuseBeside(RecipeFile file, string from, IReadOnlyList<string> keys)
    {
        foreach (var key in keys.Where(file.IsGiven)) throw file.Wrong(key, $"is given beside {from}, whose own it is: take one of them out.");
    }

    static void CheckNumberType(RecipeFile file, string key, string value, params string[] known)
    {
        if (!known.Contains(value)) throw file.Wrong(key, $"is {value}; there are {string.Join(", ", known)}.");
    }
}
