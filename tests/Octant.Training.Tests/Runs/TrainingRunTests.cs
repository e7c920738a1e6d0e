using System.Text.Json.Nodes;
using Octant.Testing;
using Octant.Training.Monitoring;
using Octant.Training.Recipes;
using Octant.Training.Runs;

namespace Octant.Training.Tests.Runs;

/// <summary>Runs in this process; those that are killed and go on are in the tests of the command.</summary>
public sealed class TrainingRunTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("octant-run-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Shakespeare_is_cut_where_nanogpt_cuts_it()
    {
        var events = new Collected();
        TrainingRun.Run(Shakespeare("training.steps=1", "training.evaluate_batches=1"), Path.Combine(folder, "run"), progress: events);
        var began = Assert.Single(events.All.OfType<Began>());
        Assert.Contains(began.Facts, fact => fact.Value.StartsWith("1,003,854 tokens", StringComparison.Ordinal));
        Assert.Contains(began.Facts, fact => fact.Value == "111,540 tokens");
        Assert.Contains(began.Facts, fact => fact.Value.EndsWith("vocabulary of 66", StringComparison.Ordinal));    // 65 characters and <unk>
    }

    [Fact]
    public void A_small_model_learns_shakespeare_below_what_pairs_of_letters_tell()
    {
        var result = TrainingRun.Run(Shakespeare("training.steps=400", "training.evaluate_batches=20", "model.width=64", "model.layers=2", "optimizer.learning_rate=5e-3", "schedule.warm_up=20"), Path.Combine(folder, "run"));
        // Letters foretold by the one before leave 2.45 nats each.
        Assert.InRange(result.BestLoss!.Value, 1.5, 2.42);
        Assert.Equal(RunEnd.Finished, result.End);
    }

    [Fact]
    public void It_ends_when_nothing_gets_better_and_keeps_the_best()
    {
        var file = Small("training.steps=500", "training.patience=2", "training.evaluate_every=5", "optimizer.learning_rate=0.05",
            "optimizer.weight_decay=0", "data.validation_text=[other.txt]");
        var result = TrainingRun.Run(file, Path.Combine(folder, "run"));
        Assert.Equal(RunEnd.NoLongerBetter, result.End);
        Assert.Equal(result.BestStep + 10, result.Step);
        var measured = MetricsFile.Read(Path.Combine(folder, "run/metrics.jsonl")).Where(m => m.ValidationLoss is not null).ToList();
        Assert.Equal(result.BestLoss, measured.Min(m => m.ValidationLoss));
        Assert.True(Directory.Exists(Path.Combine(folder, $"run/checkpoints/step-{result.BestStep:D8}")));
    }

    [Fact]
    public void Dialogues_of_a_play_make_a_model_that_talks()
    {
        var events = new Collected();
        TrainingRun.Run(Shakespeare("training.steps=1", "training.evaluate_batches=1", "data.dialogues=true", "tokenizer={kind: bpe, vocabulary: 512}", "samples.prompts=[\"<|user|>Who?<|end|><|assistant|>\"]", "result.dtype=float16"),
            Path.Combine(folder, "run"), progress: events);
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "run/tokenizer_config.json")))!;
        Assert.Contains("<|assistant|>", (string)config["chat_template"]!);
        Assert.Equal("<|end|>", (string?)config["eos_token"]);
        Assert.Equal(2, JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "run/generation_config.json")))!["eos_token_id"]!.AsArray().Count);
        Assert.Equal("float16", (string?)JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "run/config.json")))!["dtype"]);
        Assert.Single(events.All.OfType<Sampled>());
    }

    [Fact]
    public void Only_one_process_writes_to_a_run()
    {
        var place = Path.Combine(folder, "run");
        TrainingRun.Run(Small("training.steps=2"), place);
        using var held = new FileStream(Path.Combine(place, ".octant-run"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        Assert.Contains("Another process", Assert.Throws<RunException>(() => TrainingRun.Run(Small("training.steps=2"), place, resume: true)).Message);
    }

    [Fact]
    public void A_sample_longer_than_the_context_is_refused_before_anything_is_learnt()
    {
        var error = Assert.Throws<RecipeException>(() => TrainingRun.Run(
            Small("training.steps=2", $"samples.prompts=[{new string('a', 100)}]"), Path.Combine(folder, "run")));
        Assert.Contains("samples.prompts", error.Message);
    }

    [Fact]
    public void A_tokenizer_that_was_there_comes_with_all_its_files_and_a_template_of_the_recipe_s_own_overrules_its_own()
    {
        var there = Path.Combine(folder, "there");
        TrainingRun.Run(Small("training.steps=1"), there);
        Directory.CreateDirectory(Path.Combine(there, "additional_chat_templates"));
        foreach (var name in (string[])["additional_chat_templates/tool_use.jinja", "chat_template.jinja", "tokenizer.model", "config.json"]) File.WriteAllText(Path.Combine(there, name), "theirs");
        File.WriteAllText(Path.Combine(folder, "mine.jinja"), "mine");
        TrainingRun.Run(Small("training.steps=1", $"tokenizer={{from: {there}}}"), Path.Combine(folder, "run"));
        foreach (var name in (string[])["additional_chat_templates/tool_use.jinja", "chat_template.jinja", "tokenizer.model"]) Assert.Equal("theirs", File.ReadAllText(Path.Combine(folder, "run", name)));
        Assert.NotEqual("theirs", File.ReadAllText(Path.Combine(folder, "run/config.json")));
        TrainingRun.Run(Small("training.steps=1", $"tokenizer={{from: {there}}}", $"result={{chat_template: {Path.Combine(folder, "mine.jinja")}}}"), Path.Combine(folder, "other"));
        Assert.Equal("mine", File.ReadAllText(Path.Combine(folder, "other/chat_template.jinja")));
        Assert.False(File.Exists(Path.Combine(folder, "other/additional_chat_templates/tool_use.jinja")));
    }

    static RecipeFile Shakespeare(params string[] settings) => RecipeFile.Open(
        Path.Combine(Repository.Root, "recipes/shakespeare-char.yaml"), ["training.dtype=float32", "samples={}", .. settings]);

    RecipeFile Small(params string[] settings)
    {
        File.WriteAllText(Path.Combine(folder, "text.txt"), string.Concat(Enumerable.Repeat("to be or not to be, ", 50)));
        File.WriteAllText(Path.Combine(folder, "other.txt"), string.Concat(Enumerable.Repeat("the king is dead. ", 5)));
        File.WriteAllText(Path.Combine(folder, "recipe.yaml"), """
            data: {text: text.txt, validation: 0.2}
            tokenizer: {kind: characters}
            model: {layers: 1, heads: 2, width: 16}
            training: {steps: 10, batch: 4, block: 16, dtype: float32}
            optimizer: {learning_rate: 1e-2}
            """);
        var resolved = settings.Select(setting => setting.Replace("[other.txt]", $"[{Path.Combine(folder, "other.txt")}]", StringComparison.Ordinal));
        return RecipeFile.Open(Path.Combine(folder, "recipe.yaml"), [.. resolved]);
    }

    sealed class Collected : IProgress<RunEvent>
    {
        public List<RunEvent> All { get; } = [];

        public void Report(RunEvent value) => All.Add(value);
    }
}
