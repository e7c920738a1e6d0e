using System.Text.Json.Nodes;
using Octant.Formats;
using Octant.Models.Conversion;
using Octant.Models.Nn;
using Octant.Testing;
using static TorchSharp.torch;

namespace Octant.Models.Tests;

/// <summary>Models that go to GGUF and back are the same models.</summary>
public sealed class ConversionTests : IDisposable
{
    readonly string work = Directory.CreateTempSubdirectory("octant-convert-").FullName;

    public void Dispose() => Directory.Delete(work, recursive: true);

    public static TheoryData<string, string> Configurations => new()
    {
        { "gpt2", "{}" },
        { "llama", """{"attention_bias": true, "head_dim": 8}""" },
        { "llama", """{"tie_word_embeddings": true, "rope_scaling": {"rope_type": "linear", "factor": 2.0}}""" },
        { "llama", """{"max_position_embeddings": 131072, "rope_parameters": {"rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}}""" },
        { "llama", """{"rope_parameters": {"rope_type": "yarn", "rope_theta": 10000.0, "factor": 4.0, "original_max_position_embeddings": 16}}""" },
        { "mistral", """{"sliding_window": null}""" },
        { "qwen2", "{}" },
        { "qwen3", """{"head_dim": 16}""" },
    };

    [Theory, MemberData(nameof(Configurations))]
    public void A_model_that_went_to_GGUF_and_back_computes_the_same(string modelType, string changes)
    {
        var (folder, expected) = Fresh(modelType, changes);
        var (gguf, back) = (Path.Combine(work, "model.gguf"), Path.Combine(work, "back"));
        ModelConverter.Convert(folder, gguf);
        ModelConverter.Convert(gguf, back);
        Assert.Equal(expected, Logits(gguf));
        Assert.Equal(expected, Logits(back));
        var again = Path.Combine(work, "again.gguf");
        ModelConverter.Convert(back, again);
        Assert.Equal(File.ReadAllBytes(gguf), File.ReadAllBytes(again));
        using var first = TensorFiles.Open(folder);
        using var last = TensorFiles.Open(back);
        foreach (var tensor in last.Tensors.Values)
            Assert.Equal(first.Tensors[tensor.Name].ToFloats(), tensor.ToFloats());
    }

    [Theory]
    [InlineData("org/small-one", "small-one")]
    [InlineData("small-one", "small-one")]
    [InlineData("/home/me/models/small-one", "fresh")]
    [InlineData("", "fresh")]
    public void A_model_has_the_name_that_its_configuration_gives_it_else_its_folder_s(string given, string expected)
    {
        var (folder, _) = Fresh("llama", $$"""{"_name_or_path": "{{given}}"}""");
        var (gguf, back) = (Path.Combine(work, "named.gguf"), Path.Combine(work, "back"));
        ModelConverter.Convert(folder + Path.DirectorySeparatorChar, gguf);
        using var file = new GgufFile(gguf);
        Assert.Equal(expected, file.Metadata.Text("general.name"));
        ModelConverter.Convert(gguf, back);
        Assert.Equal(expected, (string?)JsonFiles.ReadObject(Path.Combine(back, "config.json"))!["_name_or_path"]);
    }

    [Theory]
    [InlineData(ElementType.Q8_0, 0.06)]
    [InlineData(ElementType.Q4_0, 0.4)]
    [InlineData(ElementType.BF16, 0.06)]
    public void Matrices_are_quantised_and_vectors_are_not(ElementType type, double allowed)
    {
        var (folder, expected) = Fresh("qwen3", """{"head_dim": 16}""");
        var gguf = Path.Combine(work, "small.gguf");
        var converted = ModelConverter.Convert(folder, gguf, type);
        Assert.Equal([ElementType.F32, type], converted.Types.Keys.Order());
        using var file = TensorFiles.Open(gguf);
        Assert.All(file.Tensors.Values, tensor => Assert.Equal(tensor.Shape.Count == 1 ? ElementType.F32 : type, tensor.Type));
        var worst = expected.Zip(Logits(gguf), (a, b) => Math.Abs(a - b)).Max() / expected.Max(Math.Abs);
        Assert.InRange(worst, 1e-6, allowed);
    }

    [Fact]
    public void Rows_that_are_no_whole_blocks_get_a_type_that_fits()
    {
        var (folder, _) = Fresh("qwen3", """{"head_dim": 16}""");
        foreach (var (type, instead) in (ReadOnlySpan<(ElementType, ElementType)>)[(ElementType.Q2_K, ElementType.Q4_0), (ElementType.Q3_K, ElementType.Q4_0), (ElementType.TQ2_0, ElementType.Q4_0),
            (ElementType.Q4_K, ElementType.Q5_0), (ElementType.Q5_K, ElementType.Q5_1)])
            Assert.Contains(instead, ModelConverter.Convert(folder, Path.Combine(work, $"{type}.gguf"), type).Types.Keys);
        Assert.Equal([ElementType.F32, ElementType.Q5_0, ElementType.Q8_0], ModelConverter.Convert(folder, Path.Combine(work, "k.gguf"), ElementType.Q4_K).Types.Keys.Order());
    }

    [Theory]
    [InlineData("mistral", """{"sliding_window": 5}""", "sliding window")]
    [InlineData("qwen2", """{"use_sliding_window": true, "sliding_window": 4, "max_window_layers": 1}""", "sliding window")]
    [InlineData("gpt2", """{"scale_attn_by_inverse_layer_idx": true}""", "scaled in another way")]
    [InlineData("gpt2", """{"activation_function": "relu"}""", "activation_function is relu")]
    [InlineData("llama", """{"hidden_act": "gelu"}""", "hidden_act is gelu")]
    [InlineData("llama", """{"rope_scaling": {"rope_type": "dynamic", "factor": 2.0}}""", "Dynamic")]
    public void What_GGUF_cannot_say_is_refused_by_name_and_nothing_is_left(string modelType, string changes, string message)
    {
        var (folder, _) = Fresh(modelType, changes);
        Assert.Contains(message, Assert.Throws<CheckpointException>(() => ModelConverter.Convert(folder, Path.Combine(work, "no.gguf"))).Message);
        Assert.Empty(Directory.EnumerateFiles(work));
    }

    [Fact]
    public void A_folder_that_is_copied_keeps_every_byte_of_the_files_beside_its_weights()
    {
        var (folder, expected) = Fresh("llama", "{}");
        byte[] binary = [0x0A, 0xFF, 0xFE, 0x00, 0x80, 0x0D];
        string[] names = ["tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "cl100k_base.tiktoken", "vocab.txt", "additional_chat_templates/tools.jinja"];
        Directory.CreateDirectory(Path.Combine(folder, "additional_chat_templates"));
        foreach (var name in names) File.WriteAllBytes(Path.Combine(folder, name), binary);
        File.WriteAllText(Path.Combine(folder, "notes.txt"), "mine");
        var copy = Path.Combine(work, "copy");
        ModelConverter.Convert(folder, copy);
        foreach (var name in names) Assert.Equal(binary, File.ReadAllBytes(Path.Combine(copy, name)));
        Assert.False(File.Exists(Path.Combine(copy, "notes.txt")));
        Assert.Equal(expected, Logits(copy));
    }

    [Fact]
    public void What_is_interrupted_leaves_nothing()
    {
        var (folder, _) = Fresh("llama", "{}");
        using var source = new CancellationTokenSource();
        var gguf = Path.Combine(work, "never.gguf");
        Assert.Throws<OperationCanceledException>(() => ModelConverter.Convert(folder, gguf, new MatrixType(), new Canceller(source), source.Token));
        Assert.Empty(Directory.EnumerateFiles(work));
    }

    sealed class Canceller(CancellationTokenSource source) : IProgress<ConversionProgress>
    {
        public void Report(ConversionProgress value) => source.Cancel();
    }

    [Fact]
    public void A_folder_that_was_made_for_what_then_failed_is_gone()
    {
        var (folder, _) = Fresh("llama", "{}");
        var output = Path.Combine(work, "output");
        using var source = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => ModelConverter.Convert(folder, output, new MatrixType(), new Canceller(source), source.Token));
        Assert.False(Directory.Exists(output));
        Directory.CreateDirectory(Path.Combine(folder, "additional_chat_templates"));
        File.WriteAllText(Path.Combine(folder, "additional_chat_templates", "tools.jinja"), "x");
        using var deeper = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => ModelConverter.Convert(folder, Path.Combine(output, "a", "b"), new MatrixType(), new Canceller(deeper), deeper.Token));
        Assert.False(Directory.Exists(output));
        Directory.CreateDirectory(output);
        using var again = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => ModelConverter.Convert(folder, output, new MatrixType(), new Canceller(again), again.Token));
        Assert.Empty(Directory.EnumerateFileSystemEntries(output));
    }

    /// <summary>What lies beside the weights fails before they are there, not behind them.</summary>
    [Fact]
    public void A_folder_whose_small_files_cannot_be_copied_gets_no_weights()
    {
        var (folder, _) = Fresh("llama", "{}");
        var output = Path.Combine(work, "output");
        Directory.CreateDirectory(Path.Combine(output, $"vocab.txt.{Environment.ProcessId}.part"));
        File.WriteAllText(Path.Combine(folder, "vocab.txt"), "a");
        Assert.Contains("vocab.txt", Assert.Throws<CheckpointException>(() => ModelConverter.Convert(folder, output)).Message);
        Assert.Empty(Directory.EnumerateFiles(output));
    }

    /// <summary>llama.cpp's quantizer leaves these as they are: routers and the like are small, and all hangs on them.</summary>
    [Fact]
    public void What_llama_cpp_never_quantises_stays_as_it_is()
    {
        string[] kept = ["blk.0.ffn_gate_inp.weight", "blk.0.attn_q_norm.weight", "blk.0.ssm_conv1d.weight", "blk.0.ssm_a", "token_types.weight", "blk.0.shortconv.conv.weight",
            "per_layer_model_proj.weight", "blk.0.laurel_l.weight", "blk.0.attn_rel_b.weight", "position_embd.weight", "blk.0.row.weight", "blk.0.indexer.k_proj.weight",
            "v.patch_embd.weight", "v.position_embd.weight", "v.sam.neck.0.weight", "a.rvq.codebook.weight", "blk.0.ssm_conv1d_q.weight"];
        string[] quantised = ["token_embd.weight", "blk.0.attn_q.weight", "blk.0.ffn_down_exps.weight"];
        var (path, small) = (Path.Combine(work, "all.gguf"), Path.Combine(work, "small.gguf"));
        GgufWriter.Write(path, new GgufKeys().Add("general.architecture", "any"), [
            .. kept.Concat(quantised).Select(name => TensorSource.Floats(name, new float[4 * 256], name.Contains("row") ? 1 : 4, name.Contains("row") ? 1024 : 256)),
            new TensorSource("output_norm.weight", ElementType.F16, [256], stream => stream.Write(new byte[512])),
            new TensorSource("blk.0.table.weight", ElementType.I32, [4, 256], stream => stream.Write(new byte[4096]))]);
        ModelConverter.Convert(path, small, ElementType.Q8_0);
        using var file = new GgufFile(small);
        Assert.All(kept, name => Assert.Equal(ElementType.F32, file.Tensors[name].Type));
        Assert.All(quantised, name => Assert.Equal(ElementType.Q8_0, file.Tensors[name].Type));
        Assert.Equal(ElementType.F16, file.Tensors["output_norm.weight"].Type);
        Assert.Equal(ElementType.I32, file.Tensors["blk.0.table.weight"].Type);
    }

    /// <summary>Several mixtures have most of their matrices in one type: which it was is not told by them.</summary>
    [Fact]
    public void A_file_that_is_copied_keeps_what_it_says_of_its_types()
    {
        var (path, same, other) = (Path.Combine(work, "a.gguf"), Path.Combine(work, "same.gguf"), Path.Combine(work, "other.gguf"));
        GgufWriter.Write(path, new GgufKeys().Add("general.file_type", 14u), [TensorSource.Floats("blk.0.attn_q.weight", new float[512], 2, 256)]);
        ModelConverter.Convert(path, same);
        Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(same));
        ModelConverter.Convert(path, other, ElementType.Q8_0);
        using var file = new GgufFile(other);
        Assert.Equal(7, file.Metadata.Integer("general.file_type"));
    }

    [Theory]
    [InlineData("F32,F16")]
    [InlineData("+1")]
    [InlineData("1")]
    [InlineData(" F16")]
    [InlineData("")]
    public void A_type_is_one_name(string type) => Assert.Contains("There is no number type", Assert.Throws<CheckpointException>(() => MatrixType.Parse(type)).Message);

    [Fact]
    public void Types_that_are_only_read_are_refused()
    {
        var (folder, _) = Fresh("llama", "{}");
        foreach (var name in (string[])["no.safetensors", "no.txt", "no.JSON"])
            Assert.Contains("name of a file", Assert.Throws<CheckpointException>(() => ModelConverter.Convert(folder, Path.Combine(work, name))).Message);
        Assert.Contains("IQ2_XS can be read, but not written", Assert.Throws<CheckpointException>(() => ModelConverter.Convert(folder, Path.Combine(work, "no.gguf"), ElementType.IQ2_XS)).Message);
        Assert.Contains("not Q8_0", Assert.Throws<CheckpointException>(() => ModelConverter.Convert(folder, Path.Combine(work, "folder"), ElementType.Q8_0)).Message);
    }

    (string Folder, float[] Logits) Fresh(string modelType, string changes)
    {
        using var bytes = new TinyModel();
        var folder = Path.Combine(work, "fresh");
        Directory.CreateDirectory(folder);
        foreach (var name in (string[])["tokenizer.json", "tokenizer_config.json", "generation_config.json"]) File.Copy(bytes.PathOf(name), Path.Combine(folder, name));
        var config = modelType == "gpt2"
            ? new JsonObject { ["n_embd"] = 64, ["n_layer"] = 2, ["n_head"] = 4, ["n_positions"] = 64 }
            : new JsonObject
            {
                ["hidden_size"] = 64,
                ["intermediate_size"] = 96,
                ["num_hidden_layers"] = 2,
                ["num_attention_heads"] = 4,
                ["num_key_value_heads"] = 2,
                ["max_position_embeddings"] = 64,
            };
        (config["model_type"], config["vocab_size"], config["initializer_range"]) = (modelType, TinyModel.Vocabulary, 0.3);
        foreach (var (key, value) in JsonNode.Parse(changes)!.AsObject()) config[key] = value?.DeepClone();
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
        using var checkpoint = Checkpoint.Fresh(3);
        Architectures.Decoder(checkpoint, config);
        SafetensorsWriter.WriteFolder(folder, checkpoint.Parameters.Select(pair => TensorWriter.Source(pair.Key, pair.Value)));
        return (folder, Logits(folder));
    }

    static float[] Logits(string path)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var checkpoint = Checkpoint.Open(path, float32);
        var model = Architectures.Decoder(checkpoint);
        var ids = tensor(new long[] { 72, 101, 108, 108, 111, 44, 256, 33 }).unsqueeze(0);
        return model.Logits(model.Hidden(ids, new Pass())).data<float>().ToArray();
    }
}
