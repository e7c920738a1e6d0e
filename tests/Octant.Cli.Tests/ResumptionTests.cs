using System.Diagnostics;

namespace Octant.Cli.Tests;

/// <summary>Whatever ends a run, what it made is not lost, and what it comes to is the same.</summary>
public sealed class ResumptionTests
{
    [Fact]
    public async Task Killed_at_random_twenty_times_a_run_comes_to_the_same_weights_losses_and_samples()
    {
        using var folder = new TrainingFolder("");
        var whole = await folder.Train("whole", Every1);
        Assert.Equal((0, ""), (whole.Code, whole.Errors));
        var random = new Random(11);
        var (kills, begun) = (0, Stopwatch.GetTimestamp());
        while (kills < 20)
        {
            using var running = OctantCommand.Start(["train", folder.Recipe, "--out", folder.At("killed"), "--resume", .. Every1]);
            // Sometimes before anything is there, mostly in the middle of steps and checkpoints, of which each step makes one.
            if (random.Next(5) > 0) await UntilStep(running);
            await Task.Delay(random.Next(60), TestContext.Current.CancellationToken);
            if (running.Kill()) kills++;
            var ended = await running.Result();
            if (ended.Code == 0)                            // it was faster than its killer: the same once more
            {
                folder.AssertSame("killed", "whole");
                Directory.Delete(folder.At("killed"), recursive: true);
            }
            else Assert.Equal("", ended.Errors);
        }
        var last = await folder.Train("killed", ["--resume", .. Every1]);
        Assert.Equal((0, ""), (last.Code, last.Errors));
        folder.AssertSame("killed", "whole");
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.At("killed"), "*.part", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Ctrl_C_finishes_the_step_saves_and_the_run_goes_on_from_there()
    {
        using var folder = new TrainingFolder();
        using var running = OctantCommand.Start("train", folder.Recipe, "--out", folder.At("run"), "--set", "training.steps=100000");
        await UntilStep(running);
        running.Interrupt();
        var result = await running.Result();
        Assert.Equal((130, ""), (result.Code, result.Errors));
        Assert.Contains("--resume", result.Output);
        var step = folder.Losses("run").Length;
        Assert.True(Directory.Exists(Path.Combine(folder.At("run"), $"checkpoints/step-{step:D8}")));
        Assert.True(File.Exists(Path.Combine(folder.At("run"), "model.safetensors")));

        using var again = OctantCommand.Start("train", folder.Recipe, "--out", folder.At("run"), "--resume", "--set", "training.steps=100000");
        while (await again.Output.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && !line.Contains("goes on", StringComparison.Ordinal)) { }
        Assert.StartsWith($"step {step + 1}/", await again.Output.ReadLineAsync(TestContext.Current.CancellationToken));
        again.Kill();
    }

    [Fact]
    public async Task Resuming_where_nothing_lies_begins()
    {
        using var folder = new TrainingFolder();
        Assert.Equal(0, (await folder.Train("one", "--resume")).Code);
        Assert.Equal(0, (await folder.Train("two")).Code);
        folder.AssertSame("one", "two");
    }

    [Fact]
    public async Task What_goes_on_from_another_model_resumes_to_the_same_and_keeps_its_tokens()
    {
        using var folder = new TrainingFolder("");
        Assert.Equal(0, (await folder.Train("first", "--set", "tokenizer={kind: bpe, vocabulary: 300}")).Code);
        folder.Write("recipe.yaml", """
            data: {text: text.txt}
            model: {from: first}
            training: {steps: 30, batch: 2, block: 16, dtype: float32, checkpoint_every: 5}
            optimizer: {learning_rate: 1e-3, name: muon}
            samples: {prompts: ["thou "], tokens: 12, every: 10}
            """);
        Assert.Equal(0, (await folder.Train("whole")).Code);
        using (var running = OctantCommand.Start("train", folder.Recipe, "--out", folder.At("cut")))
        {
            await UntilStep(running);
            await Task.Delay(20, TestContext.Current.CancellationToken);
            running.Kill();
        }
        Assert.Equal(0, (await folder.Train("cut", "--resume")).Code);
        folder.AssertSame("cut", "whole");
        Assert.Equal(0, System.Text.Json.JsonDocument.Parse(folder.Bytes("cut", "config.json")).RootElement.GetProperty("eos_token_id").GetInt32());
    }

    [Fact]
    public async Task A_finished_run_that_is_resumed_is_left_as_it_is()
    {
        using var folder = new TrainingFolder();
        Assert.Equal(0, (await folder.Train("run")).Code);
        var written = File.GetLastWriteTimeUtc(folder.At("run/checkpoints/step-00000030/state.json"));
        var model = folder.Bytes("run", "model.safetensors");
        Assert.Equal(0, (await folder.Train("run", "--resume")).Code);
        Assert.Equal(written, File.GetLastWriteTimeUtc(folder.At("run/checkpoints/step-00000030/state.json")));
        Assert.Equal(model, folder.Bytes("run", "model.safetensors"));
    }

    [Fact]
    public async Task The_command_that_is_printed_goes_on_also_after_settings()
    {
        using var folder = new TrainingFolder();
        using var running = OctantCommand.Start("train", folder.Recipe, "--out", folder.At("run"), "--set", "training.steps=100000", "--set", "model.width=32");
        await UntilStep(running);
        running.Interrupt();
        var result = await running.Result();
        var command = result.Output.TrimEnd().Split("octant ")[^1].Split(' ');
        using var again = OctantCommand.Start(command);
        await UntilStep(again);
        Assert.True(again.Kill());
    }

    [Fact]
    public async Task Damaged_checkpoints_are_set_aside_and_never_outlive_good_ones()
    {
        using var folder = new TrainingFolder();
        Assert.Equal(0, (await folder.Train("run")).Code);
        foreach (var step in (string[])["00000040", "00000050"])
        {
            Directory.CreateDirectory(folder.At($"run/checkpoints/step-{step}"));
            File.WriteAllText(folder.At($"run/checkpoints/step-{step}/state.json"), "");
        }
        var result = await folder.Train("run", "--resume");
        Assert.Equal(0, result.Code);
        Assert.True(Directory.Exists(folder.At("run/checkpoints/step-00000030")));
        Assert.Equal(2, Directory.EnumerateDirectories(folder.At("run/checkpoints"), "damaged-*").Count());
    }

    [Fact]
    public async Task A_model_without_its_checkpoints_is_not_trained_over()
    {
        using var folder = new TrainingFolder();
        Assert.Equal(0, (await folder.Train("run")).Code);
        Directory.Delete(folder.At("run/checkpoints"), recursive: true);
        Assert.Contains("model.from", (await folder.Train("run", "--resume", "--set", "training.seed=3")).Failed());
    }

    [Fact]
    public async Task Damaged_tokens_are_made_again()
    {
        using var folder = new TrainingFolder();
        Assert.Equal(0, (await folder.Train("run")).Code);
        File.WriteAllBytes(folder.At("run/data/training.tokens"), [1, 2, 3]);
        Assert.Equal(0, (await folder.Train("run", "--resume")).Code);
    }

    [Fact]
    public async Task The_last_two_checkpoints_and_the_best_are_kept()
    {
        using var folder = new TrainingFolder();
        Assert.Equal(0, (await folder.Train("run")).Code);
        var steps = Directory.EnumerateDirectories(folder.At("run/checkpoints")).Select(Path.GetFileName).Order();
        Assert.Equal(["step-00000025", "step-00000030"], steps);
    }

    [Fact]
    public async Task A_run_is_not_written_over()
    {
        using var folder = new TrainingFolder();
        Assert.Equal(0, (await folder.Train("run")).Code);
        var before = folder.Bytes("run", "model.safetensors");
        Assert.Contains("--resume", (await folder.Train("run")).Failed());
        Assert.Equal(before, folder.Bytes("run", "model.safetensors"));
    }

    [Fact]
    public async Task A_changed_recipe_is_refused_by_the_keys_that_differ()
    {
        using var folder = new TrainingFolder();
        Assert.Equal(0, (await folder.Train("run")).Code);
        var error = (await folder.Train("run", "--resume", "--set", "optimizer.learning_rate=2e-3", "--set", "training.seed=2")).Failed();
        Assert.Contains("optimizer.learning_rate was 0.01, now it is 0.002", error);
        Assert.Contains("training.seed", error);
        Assert.True(Directory.Exists(folder.At("run/checkpoints/step-00000030")));
    }

    [Fact]
    public async Task A_changed_or_missing_text_is_refused_and_one_that_only_moved_is_not()
    {
        using var folder = new TrainingFolder();
        Assert.Equal(0, (await folder.Train("run")).Code);
        var text = File.ReadAllText(folder.At("text.txt"));
        folder.Write("text.txt", "Not " + text);
        Assert.Contains("no longer the one", (await folder.Train("run", "--resume")).AfterWords());
        File.Delete(folder.At("text.txt"));
        Assert.Contains("text.txt", (await folder.Train("run", "--resume")).Failed());
        folder.Write("moved.txt", text);
        Directory.Delete(folder.At("run/data"), recursive: true);
        Assert.Equal(0, (await folder.Train("run", "--resume", "--set", $"data.text={folder.At("moved.txt")}")).Code);
    }

    [Fact]
    public async Task A_damaged_checkpoint_is_passed_over_and_said()
    {
        using var folder = new TrainingFolder();
        Assert.Equal(0, (await folder.Train("whole")).Code);
        Assert.Equal(0, (await folder.Train("run")).Code);
        File.WriteAllBytes(folder.At("run/checkpoints/step-00000030/state.safetensors"), [1, 2, 3]);
        var result = await folder.Train("run", "--resume");
        Assert.Equal(0, result.Code);
        Assert.Contains("damaged", result.Errors);
        Assert.Equal(folder.Losses("whole"), folder.Losses("run"));
        Assert.Equal(folder.Bytes("whole", "model.safetensors"), folder.Bytes("run", "model.safetensors"));
    }

    [Fact]
    public async Task A_disk_without_room_ends_it_with_one_line_the_last_checkpoint_stays_and_the_run_goes_on_when_there_is_room()
    {
        Assert.SkipUnless(File.Exists("/bin/bash"), "the limit on files is the shell's");
        using var folder = new TrainingFolder("");
        string[] larger = ["--set", "model.width=128"];
        Assert.Equal(0, (await folder.Train("whole", larger)).Code);
        using (var running = OctantCommand.Start(["train", folder.Recipe, "--out", folder.At("run"), .. larger]))
        {
            await UntilStep(running, "step 10/");
            running.Kill();
        }
        // Files of more than 300 kB cannot be written: the text's can, a checkpoint's cannot.
        var refused = await OctantCommand.RunBelow(300, ["train", folder.Recipe, "--out", folder.At("run"), "--resume", .. larger]);
        Assert.Contains("cannot be written", refused.AfterWords());
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.At("run/checkpoints"), "*.part"));
        Assert.NotEmpty(Directory.EnumerateDirectories(folder.At("run/checkpoints")));
        Assert.Equal(0, (await folder.Train("run", ["--resume", .. larger])).Code);
        folder.AssertSame("run", "whole");
    }

    [Fact]
    public async Task A_place_that_cannot_be_written_is_refused_in_one_line()
    {
        using var folder = new TrainingFolder();
        Assert.Contains("is a file", (await OctantCommand.Run("train", folder.Recipe, "--out", folder.At("text.txt"))).Failed());
        Assert.Contains("cannot be written", (await OctantCommand.Run("train", folder.Recipe, "--out", "/proc/octant")).Failed());
    }

    [Fact]
    public async Task A_polite_request_to_end_saves_as_Ctrl_C_does()
    {
        using var folder = new TrainingFolder();
        using var running = OctantCommand.Start("train", folder.Recipe, "--out", folder.At("run"), "--set", "training.steps=100000");
        await UntilStep(running);
        running.Signal("TERM");
        var result = await running.Result();
        Assert.Equal((130, ""), (result.Code, result.Errors));
        Assert.NotEmpty(Directory.EnumerateDirectories(folder.At("run/checkpoints")));
    }

    static readonly string[] Every1 = ["--set", "training.checkpoint_every=1"];

    static async Task UntilStep(OctantCommand running, string step = "step ")
    {
        while (await running.Output.ReadLineAsync(TestContext.Current.CancellationToken) is { } line && !line.StartsWith(step, StringComparison.Ordinal)) { }
    }
}
