using System.CommandLine;
using Octant.Hub;

namespace Octant.Cli;

/// <summary>The options by which every command names its model.</summary>
sealed class ModelOptions
{
    readonly Option<string?> model = new("--model", "-m") { Description = "a folder, a GGUF file, or org/name[@revision] (org/name:Q4_K_M chooses a GGUF file)" };
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

    /// <summary>Where the model that was named lies; fetched first where it is not here yet.</summary>
    /// <exception cref="OctantException">none was named, or there is none of that name</exception>
    public async Task<string> Locate(ParseResult parsed, CancellationToken cancellation) =>
        await Locate(parsed.GetValue(model), Downloads.Locate, cancellation);

    public async Task<LanguageModel> Open(ParseResult parsed, CancellationToken cancellation)
    {
        await Locate(parsed, cancellation);                 // fetches what is not here, and shows how far it is
        return await LanguageModel.OpenAsync(parsed.GetValue(model)!, new(parsed.GetValue(numberType)!, parsed.GetValue(context), parsed.GetValue(threads)), cancellation: cancellation);
    }

    /// <summary>Where the model's tokenizer lies: a tokenizer.json alone is enough.</summary>
    public async Task<string> LocateTokenizer(ParseResult parsed, CancellationToken cancellation) =>
        parsed.GetValue(model) is { } path && path.EndsWith(".json", StringComparison.Ordinal) && File.Exists(path)
            ? path : await Locate(parsed.GetValue(model), Downloads.LocateTokenizer, cancellation);

    static async Task<string> Locate(
        string? name, Func<string, CancellationToken, Task<string>> locate, CancellationToken cancellation)
    {
        if (name is not null) return await locate(name, cancellation);
        using var hub = new ModelHub();
        string[] cached = [.. hub.Cached().Where(known => known.Kind is not ("PyTorch" or "other")).Select(known => known.Name).Distinct()];
        throw new OctantException(cached.Length == 0
            ? "no model was named, and none is in the cache: give --model FOLDER or --model FILE.gguf, or fetch one with `octant pull org/name`."
            : $"no model was named: give --model, with a folder, a .gguf file, or one of those in the cache: {string.Join(", ", cached)}.");
    }
}
