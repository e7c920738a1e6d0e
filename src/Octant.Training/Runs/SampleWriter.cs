using System.Text.Encodings.Web;
using System.Text.Json;
using Octant.Formats;
using Octant.Generation;
using Octant.Models;
using Octant.Tokenizers;
using Octant.Training.Recipes;

namespace Octant.Training.Runs;

/// <summary>What the model writes on the way, as JSON lines.</summary>
sealed class SampleWriter
{
    static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    readonly string path;
    readonly List<Sample> all;

    /// <param name="path">its folder exists</param>
    /// <param name="after">later ones are dropped: they are written again</param>
    public SampleWriter(string path, int after)
    {
        this.path = path;
        all = File.Exists(path) ? [.. File.ReadLines(path).Select(Read).OfType<Sample>().Where(sample => sample.Step <= after)] : [];
        Save();
    }

    /// <summary>All so far.</summary>
    public IReadOnlyList<Sample> All => all;

    /// <summary>Continues each prompt. The draws are decided by the run's seed, the step and the prompt's number.</summary>
    public IReadOnlyList<Sample> Write(
        TorchLanguageModel model, Tokenizer tokenizer, IReadOnlyList<int> ends, SampleRecipe recipe, int step, long seed)
    {
        var written = recipe.Prompts!.Index().Select(prompt => new Sample(step, prompt.Item, Continue(
            model, tokenizer, prompt.Item, new()
            {
                MaxTokens = recipe.Tokens,
                Temperature = recipe.Temperature,
                TopK = recipe.TopK,
                TopP = recipe.TopP,
                Seed = unchecked(seed * 1_000_003 + step * 1009L + prompt.Index),
                EndIds = ends.Count > 0 ? [.. ends] : null,
            }))).ToList();
        all.AddRange(written);
        Save();
        return written;
    }

    static string Continue(TorchLanguageModel model, Tokenizer tokenizer, string prompt, GenerationOptions options)
    {
        var ids = tokenizer.EncodeIds(prompt, addSpecialTokens: false);
        using var sequence = model.Open();
        var text = new Continuation(sequence, ids, options);
        try
        {
            foreach (var _ in DecodingLoop.Run(model, [text])) { }
        }
        catch (OctantException e)
        {
            return $"({e.Message})";                        // a run that diverges; how it ends is the loop's to say
        }
        return tokenizer.Decode([.. text.Ids.Skip(text.PromptLength)]);
    }

    void Save() => Drafts.Replace(path, string.Concat(all.Select(sample => JsonSerializer.Serialize(sample, Json) + "\n")));

    static Sample? Read(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<Sample>(line, Json);
        }
        catch (JsonException)
        {
            return null;                                    // half a line: it is written again
        }
    }
}
