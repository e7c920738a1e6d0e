using System.CommandLine;
using Octant.Models;
using Octant.Training.Recipes;
using Octant.Training.Runs;

namespace Octant.Cli;

/// <summary>`octant train`: from a recipe to a model.</summary>
static class TrainCommand
{
    public static Command Create()
    {
        Argument<string?> recipe = new("recipe") { Description = "a YAML file; --explain prints what it may say", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> folder = new("--out") { Description = "where everything is written; result.folder, or runs/NAME, by default" };
        Option<bool> resume = new("--resume") { Description = "go on from the last checkpoint in that folder; begin where there is none" };
        Option<string[]> set = new("--set") { Description = "key=value: overrules the recipe; may be given several times" };
        Option<bool> explain = new("--explain") { Description = "print every key: its type, its default, what it means; with a recipe, its values too" };
        Option<int?> threads = new("--threads") { Description = "threads that compute; one a core by default" };
        var command = new Command("train", "Trains a model from raw text, as a recipe says.") { recipe, folder, resume, set, explain, threads };
        command.SetAction(parsed =>
        {
            var settings = parsed.GetValue(set) ?? [];
            var file = parsed.GetValue(recipe) is { } path ? RecipeFile.Open(path, settings) : null;
            if (file is null && settings.Length > 0) throw new OctantException("--set overrules a recipe, and none was named.");
            if (parsed.GetValue(explain))
            {
                Explanation.Print(file);
                return 0;
            }
            if (file is null)
                throw new OctantException("no recipe was named: octant train recipes/shakespeare-char.yaml, say, or octant train --explain.");
            if (parsed.GetValue(threads) is { } count) Engine.Threads = count;
            return Train(file, parsed.GetValue(folder) ?? file.Recipe.Result?.Folder ?? DefaultFolder(file), parsed.GetValue(resume));
        });
        return command.WithExamples(
            "octant train recipes/shakespeare-char.yaml",
            "octant train recipes/shakespeare-char.yaml --resume",
            "octant train recipes/shakespeare-char.yaml --out runs/llama --set model.type=llama --set training.steps=500",
            "octant train my.yaml --set data.text=corpus.jsonl.gz --set 'samples.prompts=[\"Once upon a time\"]'",
            "octant train --explain",
            "octant train recipes/shakespeare-char.yaml --explain");
    }

    static string DefaultFolder(RecipeFile file) => Path.Combine("runs", Path.GetFileNameWithoutExtension(file.Path));

    static int Train(RecipeFile file, string folder, bool resume)
    {
        using var interruption = new Interruption();
        var stop = interruption.Begin(CancellationToken.None);
        RunResult result;
        using (var display = RunDisplay.Create())
        {
            result = TrainingRun.Run(file, folder, resume, display, stop);
        }
        interruption.End();
        foreach (var line in Describe(file, result)) Console.Out.WriteLine(line);
        if (result.End == RunEnd.Interrupted) return 130;   // as shells say it of what SIGINT ended
        return result.End != RunEnd.Diverged ? 0 : throw new OctantException(Diverged(file, result));
    }

    static string Diverged(RecipeFile file, RunResult result)
    {
        var left = result.BestStep is { } step
            ? $"the checkpoint of step {step} is the last good one, and {result.Folder} holds its weights" : "there was no checkpoint yet";
        return $"the loss or the weights are no longer finite at step {result.Step}: {left}. " +
            $"Try a smaller optimizer.learning_rate ({file.Recipe.Optimizer.LearningRate} now), a longer schedule.warm_up, or training.clip.";
    }

    static IEnumerable<string> Describe(RecipeFile file, RunResult result)
    {
        if (result.BestLoss is { } loss)
            yield return $"loss {loss:F4} nats a token on what was kept back (step {result.BestStep})" +
                (result.BitsPerByte is { } bits ? $", {bits:F4} bits per byte" : "");
        switch (result.End)
        {
            case RunEnd.Interrupted:
                // The run's own recipe, which says what --set said, too.
                yield return $"stopped at step {result.Step} of {file.Recipe.Training.Steps}; go on with: " +
                    $"octant train {Path.Combine(result.Folder, "recipe.yaml")} --out {result.Folder} --resume";
                break;
            case RunEnd.NoLongerBetter:
                yield return $"ended at step {result.Step}: {file.Recipe.Training.Patience} evaluations brought nothing better";
                break;
        }
        if (result.BestStep is not null && result.End != RunEnd.Interrupted)
            yield return $"the model is in {result.Folder}; how it went: {Path.Combine(result.Folder, "report.html")}";
    }
}
