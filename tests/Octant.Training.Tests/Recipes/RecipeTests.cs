using System.Text.Json.Nodes;
using Octant.Data.Batching;
using Octant.Data.Cleaning;
using Octant.Models;
using Octant.Testing;
using Octant.Training.Recipes;

namespace Octant.Training.Tests.Recipes;

public sealed class RecipeTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("octant-recipe-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    const string Least = "data: {text: a.txt}\ntraining: {steps: 5}\noptimizer: {learning_rate: 1e-3}\n";

    [Fact]
    public void A_recipe_says_little_and_the_rest_has_defaults()
    {
        var recipe = Open(Least).Recipe;
        Assert.Equal(["a.txt"], recipe.Data.Text);
        Assert.Equal(5, recipe.Training.Steps);
        Assert.Equal(1337, recipe.Training.Seed);
        Assert.Null(recipe.Model);
    }

    [Fact]
    public void What_is_written_reads_as_the_same_recipe()
    {
        var recipe = Open("""
            data: {text: [a.txt, "b c.jsonl"], separator: "\n\n", clean: {nfc: true, minimum_length: 3}, duplicates: near, validation_text: [v.txt]}
            tokenizer: {kind: characters, special_tokens: ["<|x|>", "\"quoted\""]}
            model: {type: llama, layers: 3, heads: 4, key_value_heads: 2, width: 64, tied: true, config: {rms_norm_eps: 1e-5, hidden_act: silu, rope_theta: 500}}
            training: {steps: 2_000, seed: -3, order: random, dtype: float32, average: 0.99, evaluate_batches: 7}
            optimizer: {name: Muon, learning_rate: 0.02, momentum: 0.9}
            schedule: {name: warm-up-stable-decay, warm_up: 10, decay: 100}
            samples: {prompts: "ROMEO:", temperature: 0}
            result: {dtype: float16, folder: somewhere}
            """).Recipe;
        Assert.Equal(new TextCleaning(Nfc: true, MinimumLength: 3), recipe.Data.Clean);
        Assert.Equal(BatchOrder.Random, recipe.Training.Order);
        Assert.Equal(OptimizerName.Muon, recipe.Optimizer.Name);
        Assert.Equal("silu", (string?)recipe.Model!.Config!["hidden_act"]);
        var again = Open(RecipeText.Yaml(recipe)).Recipe;
        Assert.Equal(RecipeText.Flat(recipe), RecipeText.Flat(again));
        Assert.True(JsonNode.DeepEquals(recipe.Model.Config, again.Model!.Config));
        Assert.Equal(recipe.Data.Clean, again.Data.Clean);
    }

    [Fact]
    public void Settings_of_the_command_line_overrule_the_file_in_their_order()
    {
        var recipe = Open(Least, "training.steps=7", "training.steps=8", "model={type: llama, width: 32}", "model.layers=2", "optimizer.weight_decay=0").Recipe;
        Assert.Equal((8, "llama", 32, 2, 0.0), (recipe.Training.Steps, recipe.Model!.Type, recipe.Model.Width, recipe.Model.Layers, recipe.Optimizer.WeightDecay));
        var error = Assert.Throws<RecipeException>(() => Open(Least, "training.step=7"));
        Assert.Equal("--set training.step=7: training.step is no key: did you mean training.steps?", error.Message);
    }

    [Fact]
    public void Every_key_is_documented()
    {
        Assert.All(RecipeKeys.All, key => Assert.True(key.Meaning.Length > 3, $"{key.Path} has no meaning"));
        foreach (var architecture in Architectures.All)
            Assert.All(RecipeKeys.OfConfig(architecture.Keys), key => Assert.True(key.Meaning.Length > 3, $"{architecture.ModelType}: {key.Path} has no meaning"));
        Assert.Contains(RecipeKeys.All, key => key is { Path: "training.checkpoint_every", Default: "250", Type: "whole number, 1 or more" });
        Assert.Contains(RecipeKeys.All, key => key is { Path: "optimizer.name", Default: "adamw" });
    }

    [Fact]
    public void The_recipes_that_the_repository_carries_are_sound()
    {
        var files = Directory.GetFiles(Path.Combine(Repository.Root, "recipes"), "*.yaml");
        Assert.Equal(3, files.Length);
        foreach (var path in files)
        {
            var file = RecipeFile.Open(path);
            Assert.All(file.Recipe.Data.Text, place => Assert.True(File.Exists(file.Resolve("data.text", place)), $"{path}: {place}"));
        }
    }

    [Fact]
    public void A_path_begins_at_the_recipe_and_on_the_command_line_where_one_stands()
    {
        Assert.Equal(Path.Combine(folder, "a.txt"), Open(Least).Resolve("data.text", "a.txt"));
        Assert.Equal("a.txt", Open(Least, "data.text=a.txt").Resolve("data.text", "a.txt"));
    }

    RecipeFile Open(string yaml, params string[] settings)
    {
        var path = Path.Combine(folder, "recipe.yaml");
        File.WriteAllText(path, yaml);
        return RecipeFile.Open(path, settings);
    }
}
