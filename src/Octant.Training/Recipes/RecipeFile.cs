using System.Text;
using Octant.Models;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Octant.Training.Recipes;

/// <summary>A recipe and where it stands: errors found later still name the line.</summary>
public sealed class RecipeFile
{
    // A recipe is written by hand; what is larger is another file.
    const int LargestFile = 1 << 20, Deepest = 32;

    readonly Dictionary<string, string> places;

    internal RecipeFile(Recipe recipe, string path, IReadOnlySet<string> overridden, Dictionary<string, string> places) =>
        (Recipe, Path, Overridden, this.places) = (recipe, path, overridden, places);

    /// <summary>What it says.</summary>
    public Recipe Recipe { get; }

    /// <summary>Where it lies.</summary>
    public string Path { get; }

    /// <summary>The keys that the command line set.</summary>
    IReadOnlySet<string> Overridden { get; }

    /// <summary>Reads a recipe.</summary>
    /// <param name="path">a YAML file</param>
    /// <param name="settings">key=value, each as if the file said it</param>
    /// <exception cref="RecipeException">
    /// it cannot be read; a key is unknown (the nearest is named), twice there, missing, of the wrong type or out of its range: with
    /// line and column
    /// </exception>
    public static RecipeFile Open(string path, IReadOnlyList<string>? settings = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var reader = new RecipeReader(path);
        var root = Parse(Read(path), path);
        foreach (var setting in settings ?? []) reader.Set(root, setting);
        var recipe = reader.Bind<Recipe>(root);
        var file = new RecipeFile(recipe, path, reader.Overridden, reader.Places);
        RecipeChecks.Check(file);
        return file;
    }

    /// <summary>A path that a key names: as the recipe has it, it begins at the recipe's folder; on the command line, at the current one.</summary>
    public string Resolve(string key, string place) =>
        place == "-" || Overridden.Contains(key) ? place
            : System.IO.Path.Combine(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!, place);

    /// <summary>An error about a key, with the line that it stands in.</summary>
    public RecipeException Wrong(string key, string what, Exception? inner = null)
    {
        for (var at = key; ; at = at[..at.LastIndexOf('.')])
        {
            if (places.TryGetValue(at, out var place)) return new($"{place}: {key} {what}", inner);
            if (!at.Contains('.', StringComparison.Ordinal)) return new($"{Path}: {key} {what}", inner);
        }
    }

    static string Read(string path)
    {
        try
        {
            if (Directory.Exists(path)) throw new RecipeException($"{path} is a folder: name the recipe's file.");
            if (!File.Exists(path)) throw new RecipeException($"There is no recipe {path}.");
            if (new FileInfo(path).Length > LargestFile)
                throw new RecipeException($"{path} has more than {LargestFile} bytes: that is no recipe.");
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(path));
        }
        catch (DecoderFallbackException e)
        {
            throw new RecipeException($"{path} is no UTF-8: byte {e.Index} begins no character.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RecipeException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The tree of a YAML text; only what is shallow is made into one.</summary>
    internal static YamlMappingNode Parse(string text, string origin)
    {
        try
        {
            CheckDepth(text, origin);
            var yaml = new YamlStream();
            yaml.Load(new StringReader(text));
            if (yaml.Documents.Count > 1) throw new RecipeException($"{origin} holds {yaml.Documents.Count} documents: a recipe is one.");
            if (yaml.Documents.Count == 0) return [];
            return yaml.Documents[0].RootNode as YamlMappingNode
                ?? throw new RecipeException($"{origin}: a recipe is keys and values, such as `training: {{steps: 2000}}`.");
        }
        catch (YamlException e)
        {
            throw new RecipeException($"{origin}:{e.Start.Line}:{e.Start.Column}: {Reason(e)}", e);
        }
    }

    static string Reason(YamlException e) => e.Message.Contains("Duplicate key", StringComparison.Ordinal)
        ? $"the key {e.Message[(e.Message.LastIndexOf(' ') + 1)..]} is there twice: keep one of them."
        : $"this is no YAML ({e.InnerException?.Message ?? e.Message}).";

    static void CheckDepth(string text, string origin)
    {
        var parser = new Parser(new StringReader(text));
        for (var depth = 0; parser.MoveNext();)
        {
            depth += parser.Current!.NestingIncrease;
            if (depth > Deepest)
                throw new RecipeException($"{origin}:{parser.Current.Start.Line}:{parser.Current.Start.Column}: keys lie more than {Deepest} deep.");
            if (parser.Current is YamlDotNet.Core.Events.AnchorAlias)
                throw new RecipeException($"{origin}:{parser.Current.Start.Line}:{parser.Current.Start.Column}: recipes know no aliases (*name): write the value.");
        }
    }
}

/// <summary>What no single key can tell.</summary>
static class RecipeChecks
{
    public static void Check(RecipeFile file)
    {
        var recipe = file.Recipe;
        if (recipe.Data.Text.Count == 0) throw file.Wrong("data.text", "names nothing: name a file, a folder, or - for standard input.");
        CheckNumberType(file, "training.dtype", recipe.Training.Dtype, "auto", "float32", "bfloat16", "float64");
        CheckNumberType(file, "result.dtype", recipe.Result?.Dtype ?? "float32", "float32", "float16", "bfloat16");
        if (recipe.Model is { } model) CheckModel(file, model);
        if ((long)recipe.Training.Batch * recipe.Training.Block > 1 << 26)
            throw file.Wrong("training.batch", $"is {recipe.Training.Batch} rows of {recipe.Training.Block} tokens: more than {1 << 26} tokens at once.");
        if (recipe.Model?.Context is { } context && context < recipe.Training.Block)
            throw file.Wrong("model.context", $"is {context}, shorter than training.block, {recipe.Training.Block}.");
        if (recipe.Data.Validation == 0 && recipe.Data.ValidationText is null && recipe.Training.Patience > 0)
            throw file.Wrong("training.patience", "needs text to measure on: give data.validation or data.validation_text.");
    }

    static void CheckModel(RecipeFile file, ModelRecipe model)
    {
        if (model.From is not null)
        {
            foreach (var (key, given) in (ReadOnlySpan<(string, object?)>)[
                ("key_value_heads", model.KeyValueHeads), ("inner", model.Inner), ("context", model.Context), ("tied", model.Tied), ("config", model.Config)])
                if (given is not null) throw file.Wrong($"model.{key}", "is given beside model.from, whose own it is: take one of them out.");
            return;
        }
        if (Architectures.All.All(known => known.ModelType != model.Type))
            throw file.Wrong("model.type", $"is {model.Type}; there are {string.Join(", ", Architectures.All.Select(known => known.ModelType))}.");
        if (model.Width % model.Heads != 0)
            throw file.Wrong("model.width", $"is {model.Width}, no multiple of model.heads, {model.Heads}.");
        if (model.KeyValueHeads is { } kept && model.Heads % kept != 0)
            throw file.Wrong("model.key_value_heads", $"is {kept}, no divisor of model.heads, {model.Heads}.");
    }

    static void CheckNumberType(RecipeFile file, string key, string value, params string[] known)
    {
        if (!known.Contains(value)) throw file.Wrong(key, $"is {value}; there are {string.Join(", ", known)}.");
    }
}
