using Octant.Formats;
using Octant.Generation;
using Octant.Models.Nn;
using Octant.Testing;
using static TorchSharp.torch;

namespace Octant.Models.Tests;

/// <summary>The only door to a model: what fits goes through whole, what does not is listed whole.</summary>
public sealed class CheckpointTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("octant-checkpoint-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Fresh_weights_depend_on_seed_and_name_alone()
    {
        using var one = Checkpoint.Fresh(7);
        using var other = Checkpoint.Fresh(7);
        var reversed = one.Build(w => (w.Linear("b", 3, 4, bias: false, Init.Normal(1)), w.Linear("a", 3, 4, bias: false, Init.Normal(1))));
        var forward = other.Build(w => (w.Linear("a", 3, 4, bias: false, Init.Normal(1)), w.Linear("b", 3, 4, bias: false, Init.Normal(1))));
        Assert.True(one.Parameters["a.weight"].equal(other.Parameters["a.weight"]).all().item<bool>());
        Assert.False(one.Parameters["a.weight"].equal(one.Parameters["b.weight"]).all().item<bool>());
    }

    [Fact]
    public void What_was_saved_opens_to_the_same_logits_in_one_file_and_in_shards()
    {
        using var scope = NewDisposeScope();
        var (fresh, model) = TinyModels.Build("llama");
        var ids = arange(12, int64).unsqueeze(0);
        var expected = model.Logits(model.Hidden(ids, new Pass()));
        foreach (var shardBytes in (long[])[1L << 30, 4_000])
        {
            var place = Path.Combine(folder, $"{shardBytes}");
            Save(fresh, place, "llama", shardBytes);
            using var checkpoint = Checkpoint.Open(place);
            var opened = Architectures.Decoder(checkpoint);
            Assert.True(opened.Logits(opened.Hidden(ids, new Pass())).equal(expected).all().item<bool>());
        }
        fresh.Dispose();
    }

    [Theory, InlineData("llama"), InlineData("mistral"), InlineData("qwen2"), InlineData("qwen3")]
    public void A_checkpoint_saved_without_its_tied_head_has_no_prefix_and_opens(string modelType)
    {
        using var scope = NewDisposeScope();
        var config = TinyModels.Config(modelType);
        config["tie_word_embeddings"] = true;
        using var fresh = Checkpoint.Fresh(1);
        var model = Architectures.Decoder(fresh, config);
        SafetensorsWriter.WriteFolder(folder, fresh.Parameters.Select(p => Source(p.Key["model.".Length..], p.Value)));
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
        using var checkpoint = Checkpoint.Open(folder);
        var opened = Architectures.Decoder(checkpoint);
        var ids = arange(12, int64).unsqueeze(0);
        Assert.True(opened.Logits(opened.Hidden(ids, new Pass())).equal(model.Logits(model.Hidden(ids, new Pass()))).all().item<bool>());
    }

    [Fact]
    public void Everything_that_does_not_fit_is_in_one_error()
    {
        using var fresh = TinyModels.Build("llama").Item1;
        var tensors = fresh.Parameters.Where(p => p.Key != "model.norm.weight").Select(p => p.Key == "lm_head.weight"
            ? TensorSource.Floats(p.Key, new float[30 * 24], [30, 24])
            : Source(p.Key, p.Value)).Append(TensorSource.Floats("model.extra.weight", new float[2], [2]));
        SafetensorsWriter.WriteFolder(folder, tensors);
        File.WriteAllText(Path.Combine(folder, "config.json"), TinyModels.Config("llama").ToJsonString());

        using var checkpoint = Checkpoint.Open(folder);
        var error = Assert.Throws<CheckpointException>(() => Architectures.Decoder(checkpoint)).Message;
        Assert.Contains("model.norm.weight: missing, [24] expected", error);
        Assert.Contains("lm_head.weight: [30, 24] found, [29, 24] expected", error);
        Assert.Contains("model.extra.weight: not used", error);
        Assert.Contains(folder, error);
    }

    [Fact]
    public void A_tied_head_that_is_stored_as_well_loads_and_an_untied_one_that_is_absent_says_which()
    {
        var config = TinyModels.Config("qwen2");
        using var fresh = TinyModels.Build("qwen2").Item1;
        var head = fresh.Parameters["model.embed_tokens.weight"];
        SafetensorsWriter.WriteFolder(folder, [.. fresh.Parameters.Select(p => Source(p.Key, p.Value)), Source("lm_head.weight", head)]);
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
        using (var checkpoint = Checkpoint.Open(folder)) Assert.NotNull(Architectures.Decoder(checkpoint));

        Save(fresh, folder, "qwen2", 1L << 30);
        config["tie_word_embeddings"] = false;
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
        using var untied = Checkpoint.Open(folder);
        var error = Assert.Throws<CheckpointException>(() => Architectures.Decoder(untied)).Message;
        Assert.Contains("lm_head.weight: missing", error);
        Assert.Contains("tie_word_embeddings", error);
    }

    [Fact]
    public void Buffers_that_old_files_hold_are_passed_over()
    {
        using var fresh = TinyModels.Build("gpt2").Item1;
        SafetensorsWriter.WriteFolder(folder, fresh.Parameters.Select(p => Source(p.Key, p.Value))
            .Append(TensorSource.Floats("h.0.attn.bias", new float[4], [1, 1, 2, 2])).Append(TensorSource.Floats("h.0.attn.masked_bias", new float[1], [])));
        File.WriteAllText(Path.Combine(folder, "config.json"), TinyModels.Config("gpt2").ToJsonString());
        using var checkpoint = Checkpoint.Open(folder);
        // Fresh weights stand under "transformer.", so these two do not belong to the tree; only a file without the prefix may have them.
        Assert.Contains("h.0.attn.bias: not used", Assert.Throws<CheckpointException>(() => Architectures.Decoder(checkpoint)).Message);

        var bare = Path.Combine(folder, "bare");
        SafetensorsWriter.WriteFolder(bare, fresh.Parameters.Select(p => Source(p.Key.Replace("transformer.", ""), p.Value))
            .Append(TensorSource.Floats("h.0.attn.bias", new float[4], [1, 1, 2, 2])));
        File.WriteAllText(Path.Combine(bare, "config.json"), TinyModels.Config("gpt2").ToJsonString());
        using var old = Checkpoint.Open(bare);
        Assert.NotNull(Architectures.Decoder(old));
    }

    [Fact]
    public void More_layers_than_there_are_tensors_are_refused_before_any_is_made()
    {
        using var fresh = TinyModels.Build("llama").Item1;
        Save(fresh, folder, "llama", 1L << 30);
        var config = TinyModels.Config("llama");
        config["num_hidden_layers"] = 60_000;
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
        using var checkpoint = Checkpoint.Open(folder);
        Assert.Contains("60000 layers", Assert.Throws<CheckpointException>(() => Architectures.Decoder(checkpoint)).Message);
    }

    [Theory, InlineData("""{"model_type": "llama", "model_type": "gpt2"}"""), InlineData("[]"), InlineData("{"), InlineData("")]
    public void A_config_json_that_is_none_is_an_error_in_words(string json)
    {
        using var fresh = TinyModels.Build("llama").Item1;
        Save(fresh, folder, "llama", 1L << 30);
        File.WriteAllText(Path.Combine(folder, "config.json"), json);
        Assert.Contains("config.json", Assert.Throws<CheckpointException>(() => Checkpoint.Open(folder)).Message);
    }

    [Fact]
    public void An_unknown_architecture_is_told_which_there_are()
    {
        using var fresh = TinyModels.Build("gpt2").Item1;
        Save(fresh, folder, "gpt2", 1L << 30);
        File.WriteAllText(Path.Combine(folder, "config.json"), """{"model_type": "rwkv9"}""");
        using var checkpoint = Checkpoint.Open(folder);
        var error = Assert.Throws<CheckpointException>(() => Architectures.Decoder(checkpoint)).Message;
        Assert.Contains("rwkv9", error);
        Assert.All(Architectures.All, architecture => Assert.Contains(architecture.ModelType, error));
    }

    [Fact]
    public void A_converted_checkpoint_is_rounded_once_and_a_mapped_one_is_not_written_to()
    {
        using var scope = NewDisposeScope();
        using var fresh = TinyModels.Build("llama").Item1;
        Save(fresh, folder, "llama", 1L << 30);
        var before = File.ReadAllBytes(Path.Combine(folder, "model.safetensors"));
        using (var rounded = Checkpoint.Open(folder, bfloat16))
        {
            _ = Architectures.Decoder(rounded);
            Assert.All(rounded.Parameters, p => Assert.True(p.Value.equal(fresh.Parameters[p.Key].to_type(bfloat16)).all().item<bool>()));
        }
        using (var mapped = Checkpoint.Open(folder))
        {
            _ = Architectures.Decoder(mapped);
            using var quiet = no_grad();
            foreach (var parameter in mapped.Parameters.Values) parameter.add_(1);
        }
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(folder, "model.safetensors")));
    }

    [Fact]
    public void A_step_that_is_refused_changes_no_sequence()
    {
        using var fresh = TinyModels.Build("llama").Item1;
        Save(fresh, folder, "llama", 1L << 30);
        using var model = TorchLanguageModel.Open(folder, float32);
        using var sequence = model.Open();
        var logits = new float[model.Shape.Vocabulary];
        model.Step([new(sequence, new[] { 1, 2, 3 })], logits);
        Assert.Contains("29", Assert.Throws<OctantException>(() => model.Step([new(sequence, new[] { 4, 29 })], logits)).Message);
        Assert.Contains("-1", Assert.Throws<OctantException>(() => model.Step([new(sequence, new[] { -1 })], logits)).Message);
        Assert.Contains("64", Assert.Throws<OctantException>(() => model.Step([new(sequence, new int[62])], logits)).Message);
        Assert.Equal(3, sequence.Length);
        model.Step([new(sequence, new[] { 4 })], logits);

        using var other = model.Open();
        var expected = new float[model.Shape.Vocabulary];
        model.Step([new(other, new[] { 1, 2, 3, 4 })], expected);
        Assert.All(logits.Zip(expected), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    [Theory, InlineData("gguf-llama"), InlineData("gguf-gpt2"), InlineData("gguf-qwen2")]
    public void A_GGUF_file_opens_in_bfloat16_too(string golden)
    {
        var path = Path.Combine(Repository.Root, "tests/Goldens/carried", golden, "model.gguf");
        if (!File.Exists(path)) path = Path.Combine(Repository.Root, "../shared/goldens", golden, "model.gguf");
        Assert.SkipUnless(File.Exists(path), $"../shared/goldens/{golden} is not there");
        using var exact = TorchLanguageModel.Open(path, float32);
        using var rounded = TorchLanguageModel.Open(path, bfloat16);
        float[] Score(ILanguageModel model)
        {
            using var sequence = model.Open();
            var logits = new float[model.Shape.Vocabulary];
            model.Step([new(sequence, new[] { 5, 6, 7, 8 })], logits);
            return logits;
        }
        var (a, b) = (Score(exact), Score(rounded));
        Assert.True(a.Zip(b, (x, y) => Math.Abs(x - y)).Max() < 0.05 * a.Max(Math.Abs));
    }

    static void Save(Checkpoint checkpoint, string folder, string modelType, long shardBytes)
    {
        foreach (var old in Directory.Exists(folder) ? Directory.GetFiles(folder) : []) File.Delete(old);
        SafetensorsWriter.WriteFolder(folder, checkpoint.Parameters.Select(p => Source(p.Key, p.Value)), shardBytes);
        File.WriteAllText(Path.Combine(folder, "config.json"), TinyModels.Config(modelType).ToJsonString());
    }

    static TensorSource Source(string name, Tensor tensor) =>
        TensorSource.Floats(name, tensor.detach().to_type(float32).contiguous().data<float>().ToArray(), tensor.shape);
}
