using System.Text.RegularExpressions;
using Octant.Formats;
using Octant.Training.Recipes;

namespace Octant.Training.Runs;

/// <summary>
/// Where a run lies: the resulting model at the top, as Transformers wants it, and beside it what the run needs to go on. One process
/// at a time writes to it.
/// </summary>
sealed partial class RunFolder : IDisposable
{
    /// <summary>Says that a folder is a run's, and is held by who writes to it.</summary>
    const string Mark = ".octant-run";

    readonly FileStream hold;

    RunFolder(string path, FileStream hold) => (Path, this.hold) = (path, hold);

    public string Path { get; }
    public string Name => System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(Path)));
    public string Recipe => In("recipe.yaml");
    public string Metrics => In("metrics.jsonl");
    public string Samples => In("samples.jsonl");
    public string Curve => In("curve.svg");
    public string Report => In("report.html");
    public string Checkpoints => In("checkpoints");
    public string Data => In("data");
    public string TrainingTokens => In("data/training.tokens");
    public string ValidationTokens => In("data/validation.tokens");
    public string Sources => In("data/sources.json");

    public string In(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Takes a folder for a run.</summary>
    /// <param name="path">is made where it is not there</param>
    /// <param name="resume">whether a run that lies there goes on; else nothing must have come of it yet</param>
    /// <exception cref="RunException">it holds a run or something else, another process is at it</exception>
    /// <exception cref="CheckpointException">it cannot be written to</exception>
    public static RunFolder Take(string path, bool resume)
    {
        if (string.IsNullOrWhiteSpace(path)) throw new RunException("The run's folder has no name: give one with --out.");
        if (File.Exists(path)) throw new RunException($"{path} is a file: name a folder with --out.");
        var isRun = File.Exists(System.IO.Path.Combine(path, Mark))
            || File.Exists(System.IO.Path.Combine(path, "recipe.yaml")) && Directory.Exists(System.IO.Path.Combine(path, "checkpoints"));
        if (!isRun && Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
            throw new RunException($"{path} holds other files, none of a run: name an empty or a new folder with --out.");
        Drafts.Guard(path, () => Directory.CreateDirectory(path));
        var folder = new RunFolder(path, Hold(path));
        try
        {
            folder.RequireFresh(resume);
            Drafts.Guard(path, folder.Prepare);
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    void RequireFresh(bool resume)
    {
        var (hasCheckpoint, hasModel) = (HasCheckpoint, File.Exists(In("model.safetensors")));
        if (!resume && (hasCheckpoint || hasModel))
            throw new RunException($"{Path} holds a run already: go on with it with --resume, or name another folder with --out.");
        if (!hasCheckpoint && hasModel)
            throw new RunException($"The checkpoints of {Path} are gone, its model is not: to train on from it, begin another run with model.from.");
        if (hasCheckpoint && !File.Exists(Recipe))
            throw new RunException($"{Recipe} is gone, and with it what the run began with: put it back, or begin another run with --out.");
    }

    void Prepare()
    {
        Directory.CreateDirectory(Data);
        Directory.CreateDirectory(Checkpoints);
        // What a killed process left half written.
        foreach (var left in Directory.EnumerateFiles(Path).Concat(Directory.EnumerateFiles(Data)).Where(file => Draft().IsMatch(file)).ToList())
            File.Delete(left);
    }

    static FileStream Hold(string path)
    {
        var file = System.IO.Path.Combine(path, Mark);
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

    bool HasCheckpoint => Directory.Exists(Checkpoints) && Directory.EnumerateDirectories(Checkpoints, "step-*").Any();

    /// <summary>Notes the recipe, or sees that it is still the one that the run began with.</summary>
    /// <exception cref="RunException">it is another: every key that differs is named</exception>
    public void Agree(RecipeFile file)
    {
        if (HasCheckpoint) RequireSame(file);
        else Drafts.Replace(Recipe, RecipeText.Yaml(file.PlacedIn(Path)));
    }

    void RequireSame(RecipeFile file)
    {
        var (before, now) = (RecipeText.Flat(Own().PlacedIn(Path)), RecipeText.Flat(file.PlacedIn(Path)));
        var changed = before.Keys.Union(now.Keys)
            .Where(key => !IsPlaceOfText(key) && before.GetValueOrDefault(key) != now.GetValueOrDefault(key))
            .Order(StringComparer.Ordinal)
            .Select(key => $"{key} was {before.GetValueOrDefault(key) ?? "not given"}, now it is {now.GetValueOrDefault(key) ?? "not given"}")
            .ToList();
        if (changed.Count > 0)
            throw new RunException(
                $"The recipe is no longer the one that {Path} began with:\n  {string.Join("\n  ", changed)}\nGo on with the old one ({Recipe}), " +
                "or begin another run with --out; with model.from it can go on from these weights.");
    }

    RecipeFile Own()
    {
        try
        {
            return RecipeFile.Open(Recipe);
        }
        catch (RecipeException e)
        {
            throw new RunException($"What the run began with cannot be read ({e.Message}): mend {Recipe}, or begin another run with --out.", e);
        }
    }

    // Texts may move: what they say is compared by itself.
    static bool IsPlaceOfText(string key) => key is "data.text" or "data.validation_text" or "result.folder";

    public void Dispose() => hold.Dispose();

    [GeneratedRegex(@"\.\d+\.part$")]
    private static partial Regex Draft();
}
