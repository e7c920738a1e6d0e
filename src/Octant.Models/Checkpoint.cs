using System.Text.Json.Nodes;
using Octant.Formats;
using Octant.Models.Nn;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace Octant.Models;

/// <summary>Owns the tensors of one model: those of a file, or fresh ones.</summary>
public sealed class Checkpoint : IDisposable
{
    readonly ITensorSource source;
    readonly Dictionary<string, Parameter> parameters = [];
    readonly Dictionary<string, Matrix> matrices = [];
    readonly List<Tensor> buffers = [];
    readonly HashSet<string> expected = [];
    readonly List<string> misfits = [];

    Checkpoint(ITensorSource source, JsonObject? config) => (this.source, Config) = (source, config);

    /// <summary>New weights, the same for the same seed and names, whatever the order in which layers ask.</summary>
    /// <param name="seed">of all draws</param>
    /// <param name="type">of the tensors; float32 when null</param>
    public static Checkpoint Fresh(long seed, ScalarType? type = null) => new(new FreshTensors(seed, type ?? float32), null);

    /// <summary>The weights and the configuration of a folder in the Hugging Face layout, or of a GGUF file.</summary>
    /// <param name="path">a folder, a .safetensors or a .gguf file</param>
    /// <param name="type">what numbers are converted to, once, while reading; null leaves them as the file has them</param>
    /// <exception cref="CheckpointException">there is no checkpoint, it is damaged, or its architecture is not known</exception>
    public static Checkpoint Open(string path, ScalarType? type = null)
    {
        var opened = CheckpointFiles.Open(path);
        return new(new FileTensors(opened.Tensors, opened.Names, type), opened.Config);
    }

    /// <summary>What config.json says, or what a GGUF file's metadata say in its place; null for fresh weights.</summary>
    public JsonObject? Config { get; }

    /// <summary>What has been taken so far, by the names of the architecture.</summary>
    public IReadOnlyDictionary<string, Parameter> Parameters => parameters;

    /// <summary>Builds a model on these weights. The only way to one, so that nothing missing or left over goes unseen.</summary>
    /// <exception cref="CheckpointException">tensors were missing, misshapen, taken twice or not used: all are listed</exception>
    public T Build<T>(Func<Weights, T> model)
    {
        using var scope = NewDisposeScope();
        var built = model(new Weights(this, ""));
        var unused = source.Names.Where(name => !parameters.ContainsKey(name) && !expected.Contains(name));
        string[] all = [.. misfits, .. unused.Select(name => $"{name}: not used")];
        if (all.Length == 0)
        {
            source.Release();
            NativeMemory.Trim();
            return built;
        }
        const int shown = 40;
        var more = all.Length > shown ? $"\n  ... and {all.Length - shown} more" : "";
        throw new CheckpointException(
            $"{source.Origin} does not hold a {built!.GetType().Name} of this configuration:\n  {string.Join("\n  ", all.Take(shown))}{more}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in parameters.Values.Concat(buffers)) tensor.Dispose();
        source.Dispose();
    }

    /// <summary>Whether the file has something below that place; fresh weights have all that is asked for.</summary>
    internal bool Has(string path) =>
        source is FreshTensors || source.Names.Any(name => name.StartsWith($"{path}.", StringComparison.Ordinal));

    /// <summary>Refuses a configuration that lies about the number of layers, before anything is made for them.</summary>
    internal void CheckCount(string name, int count)
    {
        if (source is not FreshTensors && count > source.Names.Count)
            throw new CheckpointException($"{source.Origin} has {source.Names.Count} tensors, too few for {count} layers {name}.*: its configuration is of another model.");
    }

    internal Parameter Take(string name, long[] shape, Init init)
    {
        if (parameters.TryGetValue(name, out var taken))
        {
            misfits.Add($"{name}: taken twice");
            return taken;
        }
        // A misfit does not stop the building, so that all are listed.
        Tensor tensor;
        if (source.ShapeOf(name, shape) is not { } found) tensor = Misfit($"missing{Untied(name)}");
        else if (!found.SequenceEqual(shape)) tensor = Misfit($"[{string.Join(", ", found)}] found");
        else tensor = source.Read(name, shape, init);

        var parameter = new Parameter(tensor);
        parameter.DetachFromDisposeScope();                 // outlives the scope in which the model is built
        parameters.Add(name, parameter);
        return parameter;

        Tensor Misfit(string what)
        {
            misfits.Add($"{name}: {what}, [{string.Join(", ", shape)}] expected");
            return empty(shape, device: META);
        }
    }

    internal Matrix Take(string name, Matrix matrix) => matrices[name] = matrix;

    /// <summary>The matrix of that name once more. A file may hold it under both names.</summary>
    internal Matrix Tie(string name, string to)
    {
        expected.Add(name);
        return matrices[to];
    }

    internal void Skip(string name) => expected.Add(name);

    internal Tensor Keep(Tensor buffer)
    {
        buffers.Add(buffer.DetachFromDisposeScope());
        return buffer;
    }

    static string Untied(string name) => name.EndsWith("lm_head.weight", StringComparison.Ordinal)
        ? " though config.json says tie_word_embeddings: false" : "";
}
