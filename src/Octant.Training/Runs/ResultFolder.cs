using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Octant.Formats;
using Octant.Models;
using Octant.Training.Recipes;
using static TorchSharp.torch;

namespace Octant.Training.Runs;

/// <summary>The model that a run made, as Transformers and every command of octant load it. The tokenizer lies there already.</summary>
static class ResultFolder
{
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes weights, configuration, how it writes, and what it is.</summary>
    /// <param name="folder">the run's</param>
    /// <param name="file">the recipe</param>
    /// <param name="config">the model's config.json</param>
    /// <param name="ends">ids that end an answer</param>
    /// <param name="weights">by their names in the checkpoint</param>
    /// <param name="readme">what people read first</param>
    public static void Write(
        RunFolder folder, RecipeFile file, JsonObject config, IReadOnlyList<int> ends, IReadOnlyDictionary<string, Tensor> weights, string readme)
    {
        var recipe = file.Recipe.Result ?? new();
        var written = (JsonObject)config.DeepClone();
        written.Remove("torch_dtype");
        written["dtype"] = recipe.Dtype;
        if (file.Recipe.Model?.From is null)                // else they are what they were
        {
            written["eos_token_id"] = Ids(ends);
            written["bos_token_id"] = null;
        }
        using var drafts = new Drafts();
        Text("config.json", written.ToJsonString(Indented));
        Text("generation_config.json", Generation(file, ends).ToJsonString(Indented));
        Text("README.md", readme);
        drafts.Commit();
        var type = NumberType.Named(recipe.Dtype);
        SafetensorsWriter.WriteFolder(folder.Path, weights.Select(named => TensorWriter.Source(named.Key, named.Value, type)));

        void Text(string name, string text) => drafts.Write(folder.In(name), text + "\n");
    }

    /// <summary>How it writes: as the recipe says, and where that goes on from a model and says nothing, as that model did.</summary>
    static JsonObject Generation(RecipeFile file, IReadOnlyList<int> ends)
    {
        var recipe = file.Recipe.Result ?? new();
        var from = file.Recipe.Model?.From is { } place
            ? JsonFiles.ReadObject(Path.Combine(file.Resolve("model.from", place), "generation_config.json")) : null;
        var json = from is null ? [] : (JsonObject)from.DeepClone();
        if (Says("temperature"))
        {
            json["do_sample"] = recipe.Temperature > 0;
            if (recipe.Temperature > 0) json["temperature"] = recipe.Temperature;
            else json.Remove("temperature");
        }
        if (Says("top_k") && recipe.TopK > 0) json["top_k"] = recipe.TopK;
        if (Says("top_p") && recipe.TopP < 1) json["top_p"] = recipe.TopP;
        if (Says("min_p") && recipe.MinP > 0) json["min_p"] = recipe.MinP;
        if (Says("repetition_penalty") && recipe.RepetitionPenalty != 1) json["repetition_penalty"] = recipe.RepetitionPenalty;
        if (recipe.MaxTokens is { } most) json["max_new_tokens"] = most;
        if (from is null && ends.Count > 0) json["eos_token_id"] = Ids(ends);
        return json;

        bool Says(string key) => from is null || file.IsGiven($"result.{key}");
    }

    static JsonNode? Ids(IReadOnlyList<int> ids) => ids.Count switch
    {
        0 => null,
        1 => ids[0],
        _ => new JsonArray([.. ids.Select(id => (JsonNode)id)]),
    };

    /// <summary>A model card: what it is, what it was made of, how good it is, how it is used and made again.</summary>
    public static string Readme(RecipeFile file, RunFolder folder, RunResult result, IReadOnlyList<(string Name, string Value)> facts, bool talks)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {folder.Name}\n\n{file.Recipe.Result?.Description?.Trim() ?? "A language model trained by Octant."}\n\n");
        if (result.End == RunEnd.Interrupted) text.Append("The run was interrupted and can go on.\n\n");
        text.Append("![Its loss over the steps](curve.svg)\n\n| | |\n|---|---|\n");
        foreach (var (fact, value) in facts.Concat(Figures(result))) text.Append(CultureInfo.InvariantCulture, $"| {fact} | {value} |\n");
        text.Append(CultureInfo.InvariantCulture, $"\n    octant {(talks ? "chat" : "generate")} --model {folder.Name}{(talks ? "" : " --prompt \"...\"")}\n");
        text.Append("\nTransformers loads it with `AutoModelForCausalLM.from_pretrained`. ");
        text.Append(CultureInfo.InvariantCulture, $"The recipe that made it (`octant train {Path.GetFileName(file.Path)}`):\n\n");
        foreach (var line in RecipeText.Yaml(file.Recipe).TrimEnd().Split('\n')) text.Append(CultureInfo.InvariantCulture, $"    {line}\n");
        return text.ToString();
    }

    /// <summary>How good it is.</summary>
    public static IEnumerable<(string Name, string Value)> Figures(RunResult result)
    {
        yield return ("steps", $"{result.Step}");
        if (result.BestStep is { } step) yield return ("weights of step", $"{step}");
        if (result.BestLoss is not { } loss) yield break;
        yield return ("loss on what was kept back", loss.ToString("F4", CultureInfo.InvariantCulture) + " nats a token");
        yield return ("perplexity", Math.Exp(loss).ToString("F3", CultureInfo.InvariantCulture) + " a token");
        if (result.BitsPerByte is { } bits) yield return ("bits per byte", bits.ToString("F4", CultureInfo.InvariantCulture));
    }
}
