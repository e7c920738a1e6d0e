using System.Text.Json;

namespace Octant.Cli.Tests;

/// <summary>`octant train`: what it makes, and what it refuses.</summary>
public sealed class TrainTests
{
    [Theory]
    [InlineData("gpt2"), InlineData("llama"), InlineData("mistral"), InlineData("qwen2"), InlineData("qwen3")]
    public async Task A_recipe_for_one_architecture_differs_by_a_word_from_one_for_another_and_what_it_makes_can_be_used(string type)
    {
        using var folder = new TrainingFolder();
        (await folder.Train("run", "--set", $"model.type={type}")).Succeeded();
        var losses = folder.Losses("run").Select(line => JsonDocument.Parse(line + "}").RootElement.GetProperty("loss").GetDouble()).ToList();
        Assert.Equal(30, losses.Count);
        Assert.True(losses[^5..].Average() < losses[..5].Average() - 0.3, $"it did not learn: {string.Join(' ', losses)}");
        var written = await OctantCommand.Run("generate", "--model", folder.At("run"), "--prompt", "thou ", "--max-tokens", "5", "--seed", "1");
        Assert.NotEmpty(written.Succeeded().Trim());
        var measured = await OctantCommand.Run("eval", "perplexity", "--model", folder.At("run"), "--text", folder.At("text.txt"), "--window", "16", "--json");
        Assert.InRange(JsonDocument.Parse(measured.Succeeded()).RootElement.GetProperty("perplexity").GetDouble(), 1, 21);
    }

    [Fact]
    public async Task A_run_leaves_a_folder_in_the_layout_of_transformers_and_all_that_one_wants_to_see()
    {
        using var folder = new TrainingFolder();
        (await folder.Train("run")).Succeeded();
        foreach (var name in (string[])["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "generation_config.json",
            "README.md", "recipe.yaml", "metrics.jsonl", "samples.jsonl", "report.html"])
            Assert.True(new FileInfo(folder.At($"run/{name}")) is { Exists: true, Length: > 0 }, name);
        Assert.Single(Directory.EnumerateFiles(folder.At("run"), "events.out.tfevents.*"));
        var config = JsonDocument.Parse(folder.Bytes("run", "config.json")).RootElement;
        Assert.Equal("gpt2", config.GetProperty("model_type").GetString());
        Assert.Equal("GPT2LMHeadModel", config.GetProperty("architectures")[0].GetString());
        Assert.Contains("val_loss", File.ReadLines(folder.At("run/metrics.jsonl")).ElementAt(9));
    }

    [Fact]
    public async Task A_model_goes_on_from_another()
    {
        using var folder = new TrainingFolder();
        (await folder.Train("first")).Succeeded();
        folder.Write("more.yaml", """
            data: {text: text.txt}
            model: {from: first}
            training: {steps: 3, batch: 2, block: 16}
            optimizer: {learning_rate: 1e-3}
            """);
        (await OctantCommand.Run("train", folder.At("more.yaml"), "--out", folder.At("second"))).Succeeded();
        Assert.Equal(folder.Bytes("first", "tokenizer.json"), folder.Bytes("second", "tokenizer.json"));
        var losses = folder.Losses("second");
        var last = JsonDocument.Parse(folder.Losses("first")[^1] + "}").RootElement.GetProperty("val_loss").GetDouble();
        Assert.InRange(JsonDocument.Parse(losses[0] + "}").RootElement.GetProperty("loss").GetDouble(), 0, last + 0.5);
    }

    [Fact]
    public async Task Standard_input_json_lines_and_a_learnt_vocabulary_work_together()
    {
        using var folder = new TrainingFolder();
        var lines = string.Concat(TrainingFolder.Text(3000).Split('\n').Select(line => JsonSerializer.Serialize(new { words = line }) + "\n"));
        var result = await OctantCommand.RunOn(lines, "train", folder.Recipe, "--out", folder.At("run"), "--set", "data.text=-",
            "--set", "data.format=json_lines", "--set", "data.field=words", "--set", "tokenizer={kind: bpe, vocabulary: 300}",
            "--set", "data.duplicates=exact");
        result.Succeeded();
        Assert.Contains("<|endoftext|>", File.ReadAllText(folder.At("run/tokenizer_config.json")));
    }

    [Fact]
    public async Task A_rate_that_diverges_ends_it_and_the_last_good_checkpoint_is_the_result()
    {
        using var folder = new TrainingFolder();
        // Without clipping and with plain steps, a huge rate makes weights overflow; the warm-up leaves a few good steps first.
        var result = await folder.Train("run", "--set", "optimizer={name: sgd, learning_rate: 1e30}", "--set", "schedule={name: constant, warm_up: 1000000000}",
            "--set", "training.clip=0", "--set", "training.checkpoint_every=1", "--set", "training.steps=200", "--set", "training.average=0");
        var error = result.AfterWords();
        Assert.Contains("no longer finite", error);
        Assert.Contains("learning_rate", error);
        Assert.Contains("last good", error);
        var good = await OctantCommand.Run("generate", "--model", folder.At("run"), "--prompt", "thou ", "--max-tokens", "3");
        good.Succeeded();
    }

    [Theory]
    [InlineData("training.stepz=3", "did you mean training.steps")]
    [InlineData("trainin.steps=3", "did you mean training")]
    [InlineData("steps=3", "there is training.steps")]
    [InlineData("training.steps=many", "whole number")]
    [InlineData("training.steps=0", "1 or more")]
    [InlineData("training.batch=-1", "from 1")]
    [InlineData("training.block=0", "from 1")]
    [InlineData("training.block=100000", "fewer than a block")]
    [InlineData("training.batch=10000000", "tokens at once")]
    [InlineData("model.width=15", "no multiple of model.heads")]
    [InlineData("model={type: llama, heads: 4, key_value_heads: 3, width: 16}", "no divisor")]
    [InlineData("model={type: gpt2, heads: 4, key_value_heads: 2, width: 16}", "as many key/value heads")]
    [InlineData("model.type=gpt5", "there are gpt2")]
    [InlineData("model.layers=0", "from 1")]
    [InlineData("model.config={n_emb: 3}", "n_emb")]
    [InlineData("model.dropout=1", "less than 1")]
    [InlineData("optimizer.learning_rate=-1", "more than 0")]
    [InlineData("optimizer.learning_rate=.nan", "number")]
    [InlineData("optimizer={name: sgd, learning_rate: 1, beta1: 0.9}", "beta1")]
    [InlineData("optimizer={name: adamv, learning_rate: 1}", "adamw | ")]
    [InlineData("tokenizer={kind: bpe, vocabulary: 100}", "vocabulary")]
    [InlineData("tokenizer.end_of_text=<|no|>", "no special token")]
    [InlineData("tokenizer={from: nowhere}", "tokenizer.json")]
    [InlineData("model={from: nowhere}", "beside model.from")]
    [InlineData("data.text=nowhere.txt", "nowhere.txt")]
    [InlineData("data.text=[]", "names nothing")]
    [InlineData("data.validation=1", "less than 1")]
    [InlineData("data.validation=0.9999", "fewer than a block")]
    [InlineData("training.dtype=int8", "there are auto")]
    [InlineData("result.chat_template=nowhere.jinja", "cannot be read")]
    [InlineData("nonsense", "key=value")]
    [InlineData("training=3", "keys and values")]
    [InlineData("data.text={a: b}", "list of texts")]
    [InlineData("training.steps=[1", "YAML")]
    [InlineData("training.steps=99999999999", "at most")]
    [InlineData("model.config={attn_pdrop: 2}", "attn_pdrop")]
    [InlineData("model.width=16777216", "GB to train")]
    [InlineData("samples.top_p=0", "more than 0")]
    [InlineData("schedule={name: constant, least: 0.5}", "schedule.least")]
    [InlineData("samples.prompts=['']", "empty")]
    [InlineData("tokenizer={from: text.txt, kind: bytes}", "beside tokenizer.from")]
    [InlineData("data.clean={minimum_length: -1}", "0 or more")]
    public async Task What_makes_no_sense_is_refused_in_one_line_and_leaves_no_model(string setting, string said)
    {
        using var folder = new TrainingFolder();
        Assert.Contains(said, (await folder.Train("run", "--set", setting)).AfterWords());
        Assert.False(File.Exists(folder.At("run/model.safetensors")));
    }

    [Fact]
    public async Task An_unknown_key_is_named_with_its_line_and_column()
    {
        using var folder = new TrainingFolder();
        folder.Write("recipe.yaml", "data:\n  text: text.txt\n  shufle: true\ntraining: {steps: 1}\noptimizer: {learning_rate: 1}\n");
        Assert.Contains("recipe.yaml:3:3: data.shufle is no key", (await folder.Train("run")).Failed());
        folder.Write("recipe.yaml", "data:\n  text: text.txt\n  text: text.txt\n");
        Assert.Contains("recipe.yaml:3:3", (await folder.Train("run")).Failed());
        folder.Write("recipe.yaml", "data: {text: text.txt}\noptimizer: {learning_rate: 1}\n");
        Assert.Contains("training is missing", (await folder.Train("run")).Failed());
        folder.Write("recipe.yaml", "");
        Assert.Contains("missing", (await folder.Train("run")).Failed());
        folder.Write("recipe.yaml", string.Concat(Enumerable.Repeat("[", 100_000)));
        Assert.Contains("deep", (await folder.Train("run")).Failed());
        folder.Write("recipe.yaml", "a: &x [1]\nb: *x\n");
        Assert.Contains("aliases", (await folder.Train("run")).Failed());
        File.Delete(folder.Recipe);
        Assert.Contains("There is no recipe", (await folder.Train("run")).Failed());
    }

    [Fact]
    public async Task Texts_that_cannot_be_learnt_from_are_refused()
    {
        using var folder = new TrainingFolder();
        folder.Write("text.txt", "");
        Assert.Contains("empty", (await folder.Train("run")).AfterWords());
        folder.Write("text.txt", "too short");
        Assert.Contains("fewer than a block", (await folder.Train("run", "--resume")).AfterWords());
        File.WriteAllBytes(folder.At("text.txt"), [.. "words\n"u8, 0xff, 0xfe]);
        Assert.Contains("text.txt:2 is not UTF-8", (await folder.Train("run", "--resume")).AfterWords());
    }

    [Fact]
    public async Task A_vocabulary_that_does_not_fit_the_model_is_refused()
    {
        using var folder = new TrainingFolder();
        (await folder.Train("small")).Succeeded();
        (await folder.Train("large", "--set", "tokenizer={kind: bytes}")).Succeeded();
        folder.Write("more.yaml", """
            data: {text: text.txt}
            model: {from: small}
            tokenizer: {from: large}
            training: {steps: 3, batch: 2, block: 16}
            optimizer: {learning_rate: 1e-3}
            """);
        Assert.Contains("vocabulary of 256", (await OctantCommand.Run("train", folder.At("more.yaml"), "--out", folder.At("second"))).AfterWords());
    }

    [Fact]
    public async Task A_run_that_diverges_among_samples_ends_as_one_that_does_not_write()
    {
        using var folder = new TrainingFolder();
        var result = await folder.Train("run", "--set", "optimizer.learning_rate=1e12", "--set", "training.checkpoint_every=2",
            "--set", "training.evaluate_every=3", "--set", "samples.every=1", "--set", "schedule={name: constant, warm_up: 1000000000}");
        Assert.Contains("no longer finite", result.AfterWords());
    }

    [Fact]
    public async Task Weights_that_are_finite_but_lost_are_no_good_checkpoint()
    {
        using var folder = new TrainingFolder();
        var result = await folder.Train("run", "--set", "data.validation=0", "--set", "training.checkpoint_every=1", "--set", "optimizer.learning_rate=1e9",
            "--set", "training.average=0", "--set", "samples={}", "--set", "schedule.warm_up=40", "--set", "training.steps=60");
        Assert.Contains("last good", result.AfterWords());
        (await OctantCommand.Run("generate", "--model", folder.At("run"), "--prompt", "thou ", "--max-tokens", "3")).Succeeded();
    }

    [Fact]
    public async Task A_folder_of_somebody_elses_is_left_as_it_is()
    {
        using var folder = new TrainingFolder();
        Directory.CreateDirectory(folder.At("mine"));
        folder.Write("mine/README.md", "mine");
        folder.Write("mine/film.part", "mine");
        Assert.Contains("other files", (await folder.Train("mine")).Failed());
        Assert.Contains("other files", (await folder.Train("mine", "--resume")).Failed());
        Assert.Equal(2, Directory.GetFileSystemEntries(folder.At("mine")).Length);
        Assert.Contains("other files", (await OctantCommand.Run("train", folder.Recipe, "--out", folder.Folder, "--resume")).Failed());
    }

    [Fact]
    public async Task A_start_that_failed_does_not_stand_in_the_way()
    {
        using var folder = new TrainingFolder();
        Assert.Contains("txet.txt", (await folder.Train("run", "--set", "data.text=txet.txt")).AfterWords());
        (await folder.Train("run")).Succeeded();
    }

    [Fact]
    public async Task What_a_model_to_go_on_from_has_decided_cannot_be_said_again()
    {
        using var folder = new TrainingFolder();
        (await folder.Train("first")).Succeeded();
        folder.Write("more.yaml", """
            data: {text: text.txt}
            model: {from: first, layers: 7}
            training: {steps: 3, batch: 2, block: 16}
            optimizer: {learning_rate: 1e-3}
            """);
        Assert.Contains("more.yaml:2:30: model.layers is given beside model.from", (await OctantCommand.Run("train", folder.At("more.yaml"), "--out", folder.At("second"))).Failed());
    }

    [Fact]
    public async Task Every_key_is_explained_with_its_meaning()
    {
        var text = (await OctantCommand.Run("train", "--explain")).Succeeded();
        foreach (var key in (string[])["training.steps", "training.seed", "training.checkpoint_every", "training.evaluate_every", "model.from", "optimizer.learning_rate"])
            Assert.Contains(key, text);
        Assert.DoesNotContain(". \n", text);
        using var folder = new TrainingFolder();
        var values = (await OctantCommand.Run("train", folder.Recipe, "--explain", "--set", "training.seed=5")).Succeeded();
        Assert.Contains("* training.seed: 5", values);
        Assert.Contains("training.clip: 1", values);
    }
}
