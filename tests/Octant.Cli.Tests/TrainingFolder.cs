using System.Text;

namespace Octant.Cli.Tests;

/// <summary>A text, a recipe and what is made of them, in a folder of a test's own, gone with it.</summary>
sealed class TrainingFolder : IDisposable
{
    static readonly string[] Words =
        ["to", "be", "or", "not", "thou", "art", "king", "queen", "of", "night", "and", "day", "speak", "the", "sword", "my", "lord"];

    /// <param name="recipe">what differs from a run of 30 steps with dropout, an average, samples and a checkpoint every 5 steps</param>
    public TrainingFolder(string recipe = "")
    {
        Write("text.txt", Text(6000));
        Write("recipe.yaml", $$"""
            data: {text: text.txt, validation: 0.1}
            tokenizer: {kind: characters}
            model: {type: gpt2, layers: 2, heads: 2, width: 16, dropout: 0.2}
            training: {steps: 30, batch: 2, block: 16, accumulate: 2, average: 0.9, dtype: float32, checkpoint_every: 5, evaluate_every: 10}
            optimizer: {learning_rate: 1e-2, name: adamw}
            schedule: {name: cosine, warm_up: 3}
            samples: {prompts: ["thou "], tokens: 12, every: 10}
            {{recipe}}
            """);
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("octant-train-").FullName;

    public string Recipe => At("recipe.yaml");

    public string At(string name) => Path.Combine(Folder, name);

    public void Write(string name, string text) => File.WriteAllText(At(name), text);

    /// <summary>Trains to the end, in another process.</summary>
    public Task<Result> Train(string run, params string[] more) => OctantCommand.Run(["train", Recipe, "--out", At(run), .. more]);

    /// <summary>Each measured step with what does not depend on the clock.</summary>
    public string[] Losses(string run) =>
        [.. File.ReadLines(Path.Combine(At(run), "metrics.jsonl")).Select(line => line[..line.IndexOf(",\"tokens_per_second\"", StringComparison.Ordinal)])];

    public byte[] Bytes(string run, string name) => File.ReadAllBytes(Path.Combine(At(run), name));

    /// <summary>Everything that must not differ between two runs that came to the same.</summary>
    public void AssertSame(string run, string other)
    {
        Assert.Equal(Losses(other), Losses(run));
        foreach (var name in (string[])["model.safetensors", "samples.jsonl", "config.json", "generation_config.json", "tokenizer.json",
            "checkpoints/step-00000030/model.safetensors", "checkpoints/step-00000030/state.safetensors"])
            Assert.True(Bytes(other, name).AsSpan().SequenceEqual(Bytes(run, name)), $"{name} differs");
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>Words in an order that is always the same.</summary>
    public static string Text(int words)
    {
        var (text, random) = (new StringBuilder(), new Random(7));
        for (var i = 0; i < words; i++) text.Append(Words[random.Next(Words.Length)]).Append(i % 9 == 8 ? '\n' : ' ');
        return text.ToString();
    }
}
