using System.Globalization;
using Octant.Formats;
using Octant.Models;
using Octant.Training.Averaging;
using Octant.Training.Optimizers;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Octant.Training.Runs;

/// <summary>
/// The checkpoints of a run: folders step-N with the weights as Transformers has them, what optimiser and average remember, and where
/// the run stands. Each is written beside and renamed, so that one is whole or not there. The last two are kept, and the best.
/// </summary>
sealed class RunCheckpoints(string folder)
{
    const string Weights = "model.safetensors", Memory = "state.safetensors", State = "state.json", Draft = ".part";
    const string OptimizerPrefix = "optimizer/", AveragePrefix = "average/";

    int saved = -1;

    /// <summary>Removes what a killed process left half written.</summary>
    public void Clean() => Drafts.Guard(folder, () =>
    {
        foreach (var left in Directory.EnumerateDirectories(folder, $"*{Draft}").ToList()) Directory.Delete(left, recursive: true);
    });

    /// <summary>Where the weights of a step lie.</summary>
    public string WeightsOf(int step) => Path.Combine(PlaceOf(step), Weights);

    /// <summary>Where the averaged weights of a step lie, and what their names begin with.</summary>
    public (string Path, string Prefix) AverageOf(int step) => (Path.Combine(PlaceOf(step), Memory), AveragePrefix);

    /// <summary>The steps of which there is one, the last first.</summary>
    public IReadOnlyList<int> Steps() => Directory.Exists(folder)
        ? [.. Directory.EnumerateDirectories(folder, "step-*").Select(StepOf).Where(step => step >= 0).OrderDescending()] : [];

    /// <summary>Writes one, and then removes those that are no longer kept.</summary>
    /// <exception cref="CheckpointException">no room, no permission; those that were there still are</exception>
    public string Save(RunState state, IReadOnlyDictionary<string, Parameter> parameters, IOptimizer optimizer, MovingAverage? average)
    {
        var (place, draft) = (PlaceOf(state.Step), PlaceOf(state.Step) + Draft);
        if (saved == state.Step) return place;
        try
        {
            Drafts.Guard(draft, () => Directory.CreateDirectory(draft));
            SafetensorsWriter.Write(Path.Combine(draft, Weights), parameters.Select(named => TensorWriter.Source(named.Key, named.Value)));
            SafetensorsWriter.Write(Path.Combine(draft, Memory),
                Prefixed(OptimizerPrefix, optimizer.Save()).Concat(Prefixed(AveragePrefix, average?.Save() ?? new Dictionary<string, Tensor>())));
            using var drafts = new Drafts();
            drafts.Write(Path.Combine(draft, State), stream => stream.Write(state.ToJson()));
            drafts.Commit();
            Drafts.Guard(place, () => Directory.Move(draft, place));
        }
        catch (CheckpointException)
        {
            // What went wrong is what the user must hear of; room is given back where that is possible.
            try { Directory.Delete(draft, recursive: true); }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
            throw;
        }
        saved = state.Step;
        Prune(state.BestStep);
        return place;
    }

    static IEnumerable<TensorSource> Prefixed(string prefix, IReadOnlyDictionary<string, Tensor> tensors) =>
        tensors.Select(named => TensorWriter.Source(prefix + named.Key, named.Value));

    void Prune(int? best)
    {
        foreach (var step in Steps().Skip(2).Where(step => step != best))
        {
            // Renamed first: a folder that is being removed must not look like a checkpoint.
            var gone = $"{PlaceOf(step)}.old{Draft}";
            Drafts.Guard(gone, () =>
            {
                Directory.Move(PlaceOf(step), gone);
                Directory.Delete(gone, recursive: true);
            });
        }
    }

    /// <summary>The last one that can be read. Later ones, that cannot, are set aside under another name.</summary>
    /// <returns>null where there is none; and what is wrong with those set aside</returns>
    /// <exception cref="RunException">there are some, but none can be read: all stay as they are</exception>
    public (RunState? State, IReadOnlyList<string> Damaged) Last()
    {
        var damaged = new List<(int Step, string What)>();
        foreach (var step in Steps())
        {
            try
            {
                var state = Read(step);
                foreach (var (other, _) in damaged) SetAside(other);
                return (state, [.. damaged.Select(one => one.What)]);
            }
            catch (OctantException e)
            {
                damaged.Add((step, e.Message));
            }
        }
        return damaged.Count == 0 ? (null, [])
            : throw new RunException($"No checkpoint in {folder} can be read: {string.Join("; ", damaged.Select(one => one.What))}");
    }

    /// <summary>Sets aside those of later steps.</summary>
    public void SetAsideAfter(int step)
    {
        foreach (var later in Steps().Where(other => other > step)) SetAside(later);
    }

    RunState Read(int step)
    {
        var state = RunState.Read(Path.Combine(PlaceOf(step), State));
        if (state.Step != step) throw new RunException($"{PlaceOf(step)} says that it is of step {state.Step}.");
        using var weights = TensorFiles.Open(Path.Combine(PlaceOf(step), Weights));
        using var memory = TensorFiles.Open(Path.Combine(PlaceOf(step), Memory));
        return state;
    }

    void SetAside(int step) => Drafts.Guard(PlaceOf(step), () =>
    {
        for (var i = 0; ; i++)
        {
            var aside = Path.Combine(folder, $"damaged-{i}-step-{step:D8}");
            if (Directory.Exists(aside)) continue;
            Directory.Move(PlaceOf(step), aside);
            return;
        }
    });

    /// <summary>Puts the weights and memories of a step where they belong.</summary>
    /// <exception cref="OctantException">they are another model's or optimiser's</exception>
    public void Load(int step, IReadOnlyDictionary<string, Parameter> parameters, IOptimizer optimizer, MovingAverage? average)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        Copy(Read(WeightsOf(step), ""), parameters, WeightsOf(step));
        var memory = Path.Combine(PlaceOf(step), Memory);
        optimizer.Load(Read(memory, OptimizerPrefix));
        average?.Load(Read(memory, AveragePrefix));
        saved = step;
    }

    static void Copy(Dictionary<string, Tensor> weights, IReadOnlyDictionary<string, Parameter> parameters, string path)
    {
        foreach (var (name, parameter) in parameters)
        {
            if (!weights.TryGetValue(name, out var saved) || !saved.shape.SequenceEqual(parameter.shape))
                throw new RunException($"{path} is another model's: {name} is missing or has another shape.");
            parameter.copy_(saved);
        }
    }

    /// <summary>The tensors of a file whose names begin so, without that beginning.</summary>
    public static Dictionary<string, Tensor> Read(string path, string prefix)
    {
        using var file = TensorFiles.Open(path);
        using var reader = new TensorReader();
        return file.Tensors.Values.Where(info => info.Name.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(info => info.Name[prefix.Length..], reader.Read);
    }

    string PlaceOf(int step) => Path.Combine(folder, $"step-{step:D8}");

    static int StepOf(string path) =>
        int.TryParse(Path.GetFileName(path).AsSpan("step-".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? step : -1;
}
