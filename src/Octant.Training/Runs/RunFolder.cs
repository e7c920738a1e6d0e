using Octant.Formats;
using Octant.Training.Recipes;

namespace Octant.Training.Runs;

/// <summary>
/// Where a run lies: the resulting model at the top, as Transformers wants it, and beside it what the run needs to go on. One process
/// at a time writes to it.
/// </summary>
sealed class RunFolder : IDisposable
{
    readonly FileStream hold;

    RunFolder(string path, FileStream hold) => (Path, this.hold) = (path, hold);

    public string Path { get; }
    public string Recipe => In("recipe.yaml");
    public string Metrics => In("metrics.jsonl");
    public string Samples => In("samples.jsonl");
    public string Curve => In("curve.svg");
    public string Report => In("report.html");
    public string Checkpoints => In("checkpoints");
    public string Data => In("data");

    public string In(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Takes a folder for a run.</summary>
    /// <param name="path">is made where it is not there</param>
    /// <param name="resume">whether a run that lies there goes on; else it must not be there</param>
    /// <exception cref="RunException">it holds a run or another model, another process is at it</exception>
    /// <exception cref="CheckpointException">it cannot be written to</exception>
    public static RunFolder Take(string path, bool resume)
    {
        if (File.Exists(path)) throw new RunException($"{path} is a file: name a folder with --out.");
        var holdsRun = HoldsRun(path);
        if (holdsRun && !resume)
            throw new RunException($"{path} holds a run already: go on with it with --resume, or name another folder with --out.");
        if (!holdsRun && File.Exists(System.IO.Path.Combine(path, "config.json")))
            throw new RunException($"{path} holds a model that no run of octant train made: name another folder with --out.");
        Drafts.Guard(path, () => Directory.CreateDirectory(path));
        var folder = new RunFolder(path, Hold(path));
        Drafts.Guard(path, () =>
        {
            Directory.CreateDirectory(folder.Data);
            Directory.CreateDirectory(folder.Checkpoints);
            // What a killed process left half written.
            foreach (var left in (string[])[.. Directory.EnumerateFiles(path, "*.part"), .. Directory.EnumerateFiles(folder.Data, "*.part")]) File.Delete(left);
        });
        return folder;
    }

    /// <summary>A recipe is the first thing that a run writes.</summary>
    static bool HoldsRun(string path) =>
        File.Exists(System.IO.Path.Combine(path, "recipe.yaml")) || Directory.Exists(System.IO.Path.Combine(path, "checkpoints"));

    static FileStream Hold(string path)
    {
        var file = System.IO.Path.Combine(path, ".lock");
        try
        {
            // The system lets go of it when the process ends, however it ends.
            return new(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (File.Exists(file))
        {
            throw new RunException($"Another process trains in {path}: wait for it, or name another folder with --out.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"{path} cannot be written: {e.Message}", e);
        }
    }

    bool HasCheckpoint => Directory.EnumerateDirectories(Checkpoints, "step-*").Any();

    /// <summary>Notes the recipe, or sees that it is still the one that the run began with.</summary>
    /// <exception cref="RunException">it is another: every key that differs is named</exception>
    public void Agree(RecipeFile file)
    {
        if (!File.Exists(Recipe) || !HasCheckpoint)
        {
            using var drafts = new Drafts();
            drafts.Write(Recipe, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(RecipeText.Yaml(file.Recipe))));
            drafts.Commit();
            return;
        }
        var (before, now) = (RecipeText.Flat(RecipeFile.Open(Recipe).Recipe), RecipeText.Flat(file.Recipe));
        var changed = before.Keys.Union(now.Keys).Where(key => !IsPlace(key) && before.GetValueOrDefault(key) != now.GetValueOrDefault(key)).Order(StringComparer.Ordinal).ToList();
        if (changed.Count == 0) return;
        var list = string.Join("\n  ", changed.Select(key => $"{key} was {before.GetValueOrDefault(key) ?? "not given"}, now it is {now.GetValueOrDefault(key) ?? "not given"}"));
        throw new RunException(
            $"The recipe is no longer the one that {Path} began with:\n  {list}\nGo on with the old one ({Recipe}), or begin another run with --out; with model.from it can go on from these weights.");
    }

    // Texts may move: what they say is compared by itself.
    static bool IsPlace(string key) => key is "data.text" or "data.validation_text" or "result.folder";

    public void Dispose() => hold.Dispose();
}
