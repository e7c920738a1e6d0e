using System.Text.Json.Nodes;
using Octant.Formats;
using Octant.Generation;
using Octant.Testing;
using static TorchSharp.torch;

namespace Octant.Models.Tests;

/// <summary>A model that people use: SmolLM2-135M-Instruct in the GGUF file that others ship, beside the reference's answers.</summary>
public sealed class SmolLmTests
{
    static readonly string Folder = Path.Combine(Repository.Root, "../shared/models/smollm2-135m-instruct");

    static string Model => Path.Combine(Folder, "SmolLM2-135M-Instruct.Q4_1.gguf");

    [Fact]
    public void In_float32_every_greedy_token_and_the_last_logits_are_the_reference_s()
    {
        SkipWithoutModel();
        using var scope = NewDisposeScope();
        using var model = TorchLanguageModel.Open(Model, float32);
        using var file = new SafetensorsFile(Path.Combine(Folder, "expected.safetensors"));
        using var reader = new TensorReader();
        foreach (var (i, item) in Cases().Index())
        {
            using var sequence = model.Open();
            var ids = Ids(item, "generated_ids");
            var options = new GenerationOptions { MaxTokens = 48, EndIds = [2] };
            var found = DecodingLoop.Run(model, [new(sequence, Ids(item, "prompt_ids"), options)]).Select(token => token.Id).ToArray();
            Assert.Equal(ids, found);

            var logits = LogitsAfter(model, Ids(item, "prompt_ids"));
            var expected = reader.Read(file.Tensors[$"last_logits.{i}"]).data<float>().ToArray();
            Assert.True(logits.Zip(expected, (a, b) => Math.Abs(a - b)).Max() < 1e-3);
        }
    }

    [Fact]
    public void In_the_fastest_type_the_likeliest_token_is_the_reference_s_wherever_its_margin_is_clear()
    {
        SkipWithoutModel();
        using var model = TorchLanguageModel.Open(Model);
        foreach (var item in Cases())
        {
            int[] prompt = Ids(item, "prompt_ids"), ids = Ids(item, "generated_ids"), all = [.. prompt, .. ids];
            double[] margins = [.. item["margins"]!.AsArray().Select(margin => (double)margin!)];
            using var sequence = model.Open();
            var logits = new float[all.Length * model.Shape.Vocabulary];
            model.Step([new(sequence, all, Scored.All)], logits);
            for (var i = 0; i < ids.Length; i++)
            {
                var row = logits.AsSpan((prompt.Length + i - 1) * model.Shape.Vocabulary, model.Shape.Vocabulary).ToArray();
                if (margins[i] >= 0.3) Assert.Equal(ids[i], Array.IndexOf(row, row.Max()));
            }
        }
    }

    static float[] LogitsAfter(ILanguageModel model, int[] ids)
    {
        using var sequence = model.Open();
        var logits = new float[model.Shape.Vocabulary];
        model.Step([new(sequence, ids)], logits);
        return logits;
    }

    static IEnumerable<JsonObject> Cases() =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "expected.json")))!["cases"]!.AsArray().Select(node => node!.AsObject());

    static int[] Ids(JsonObject item, string key) => [.. item[key]!.AsArray().Select(id => (int)id!)];

    static void SkipWithoutModel() => Assert.SkipUnless(File.Exists(Model), "../shared/models/smollm2-135m-instruct is not there");
}
