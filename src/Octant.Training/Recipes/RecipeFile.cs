using System.Text;
using Octant.Data.Reading;
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

    /// <summary>Whether the file or the command line says a key, be it at its default.</summary>
    public bool IsGiven(string key) => places.ContainsKey(key);

    /// <summary>A path that a key names: as the recipe has it, it begins at the recipe's folder; on the command line, at the current one.</summary>
    public string Resolve(string key, string place) =>
        place == Sources.StandardInput || IsOverridden(key) ? place : System.IO.Path.Combine(Folder, place);

    /// <summary>The same recipe for a file in another folder: its paths lead from there to where they lead now.</summary>
    public Recipe PlacedIn(string folder)
    {
        var (data, tokenizer, model, result) = (Recipe.Data, Recipe.Tokenizer, Recipe.Model, Recipe.Result);
        return Recipe with
        {
            Data = data with
            {
                Text = [.. data.Text.Select(place => Placed("data.text", place))],
                ValidationText = data.ValidationText is { } texts ? [.. texts.Select(place => Placed("data.validation_text", place))] : null,
            },
            Tokenizer = tokenizer is { From: { } vocabulary } ? tokenizer with { From = Placed("tokenizer.from", vocabulary) } : tokenizer,
            Model = model is { From: { } weights } ? model with { From = Placed("model.from", weights) } : model,
            Result = result is { ChatTemplate: { } template } ? result with { ChatTemplate = Placed("result.chat_template", template) } : result,
        };

        string Placed(string key, string place) => place == Sources.StandardInput ? place
            : System.IO.Path.GetRelativePath(System.IO.Path.GetFullPath(folder), System.IO.Path.GetFullPath(Resolve(key, place)));
    }

    string Folder => System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!;

    bool IsOverridden(string key)
    {
        for (var at = key; ; at = at[..at.LastIndexOf('.')])
        {
            if (Overridden.Contains(at)) return true;
            if (!at.Contains('.', StringComparison.Ordinal)) return false;
        }
    }

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
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(path)).TrimStart('\uFEFF');
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
            // A setting is one line, which the reader of the message has before him.
            var place = origin.StartsWith("--set", StringComparison.Ordinal) ? origin : $"{origin}:{At(e).Line}:{At(e).Column}";
            throw new RecipeException($"{place}: {Reason(e)}", e);
        }
    }

    // What cannot be read begins long before the place where that shows.
    static Mark At(YamlException e) => e is SyntaxErrorException ? e.End : e.Start;

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
