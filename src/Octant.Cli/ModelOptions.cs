using System.CommandLine;
using Octant.Hub;

namespace Octant.Cli;

/// <summary>The options by which every command names its model.</summary>
sealed class ModelOptions
{
    readonly Option<string?> model = new("--model", "-m") { Description = "a folder, a GGUF file, an embedded model's name, or org/name[@revision] (org/name:Q4_K_M chooses a GGUF file); the embedded model by default" };
    readonly Option<string> numberType = new("--dtype") { Description = "number type: auto, float32, bfloat16, float16", DefaultValueFactory = _ => "auto" };
    readonly Option<int?> threads = new("--threads") { Description = "threads that compute; one a core by default" };
    readonly Option<int?> context = new("--context") { Description = "tokens that a text may have; what the model was made for by default" };

    /// <summary>Only which model it is.</summary>
    public void AddNameTo(Command command) => command.Options.Add(model);

    public void AddTo(Command command)
    {
        AddNameTo(command);
        command.Options.Add(numberType);
        command.Options.Add(threads);
        command.Options.Add(context);
    }

    /// <summary>Whether the user named a model, or takes what there is.</summary>
    public bool IsNamed(ParseResult parsed) => parsed.GetValue(model) is not null;

    /// <summary>Opens the model; fetched first where it is not here yet.</summary>
    /// <exception cref="OctantException">none was named and none is embedded, or there is none of that name</exception>
    public async Task<LanguageModel> Open(ParseResult parsed, CancellationToken cancellation)
    {
        var name = Name(parsed);
        await Downloads.Locate(name, cancellation);         // fetches what is not here, and shows how far it is
        return await LanguageModel.OpenAsync(name, new(parsed.GetValue(numberType)!, parsed.GetValue(context), parsed.GetValue(threads)), cancellation: cancellation);
    }

    /// <summary>Where the model's tokenizer lies: a tokenizer.json alone is enough.</summary>
    public Task<string> LocateTokenizer(ParseResult parsed, CancellationToken cancellation) => Downloads.LocateTokenizer(Name(parsed), cancellation);

    string Name(ParseResult parsed)
    {
        if (parsed.GetValue(model) is { } name) return name;
        using var hub = new ModelHub();
        if (hub.Embedded().Any(embedded => embedded.Name == ModelHub.DefaultModel)) return ModelHub.DefaultModel;
        string[] cached = [.. hub.Cached().Where(known => known.Kind is not ("PyTorch" or "other")).Select(known => known.Name).Distinct()];
        throw new OctantException($"no model was named, and {ModelHub.DefaultModel} is not in {hub.Settings.Embedded}: " + (cached.Length == 0
            ? "give --model FOLDER or --model FILE.gguf, or fetch one with `octant pull org/name`."
            : $"give --model, with a folder, a .gguf file, or one of those in the cache: {string.Join(", ", cached)}."));
    }
}
