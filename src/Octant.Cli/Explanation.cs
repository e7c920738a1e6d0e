using Octant.Models;
using Octant.Training.Recipes;

namespace Octant.Cli;

/// <summary>`octant train --explain`: every key of a recipe, as the code declares it.</summary>
static class Explanation
{
    public static void Print(RecipeFile? file)
    {
        var given = file is null ? null : RecipeText.Flat(file.Recipe);
        Console.Out.WriteLine(file is null
            ? "# Every key of a recipe. A value behind a colon is the default; keys without one are left out unless you give them."
            : $"# {file.Path}: every key, with the value that holds; those marked * are given.");
        foreach (var key in RecipeKeys.All) Print(key, given);
        var type = file?.Recipe.Model?.Type;
        foreach (var architecture in Architectures.All.Where(known => type is null || known.ModelType == type))
        {
            Console.Out.WriteLine();
            Console.Out.WriteLine($"# model.config, where model.type is {architecture.ModelType} ({architecture.Name}): its own keys");
            foreach (var key in RecipeKeys.OfConfig(architecture.Keys)) Print(key with { IsRequired = false }, given: null);
        }
    }

    static void Print(RecipeKey key, IReadOnlyDictionary<string, string>? given)
    {
        if (key.Type == "section" && !key.Path.Contains('.', StringComparison.Ordinal))
        {
            Console.Out.WriteLine();
            Console.Out.WriteLine($"{key.Path}:  # {key.Meaning}{(key.IsRequired ? " (must be given)" : "")}");
            return;
        }
        var value = given?.GetValueOrDefault(key.Path) ?? key.Default;
        var mark = given?.ContainsKey(key.Path) == true ? "*" : " ";
        var name = $"  {mark} {key.Path}{(value is null ? "" : $": {value}")}";
        Console.Out.WriteLine(name);
        Console.Out.WriteLine($"        {key.Type}{(key.IsRequired ? ", must be given" : "")}. {Sentence(key.Meaning)}");
    }

    static string Sentence(string meaning) => meaning.Length == 0 ? "" : char.ToUpperInvariant(meaning[0]) + meaning[1..] + ".";
}
