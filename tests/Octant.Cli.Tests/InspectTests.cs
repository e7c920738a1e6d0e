using System.Text.Json.Nodes;
using Octant.Testing;

namespace Octant.Cli.Tests;

/// <summary>octant inspect: what is in a file, without its numbers.</summary>
public sealed class InspectTests(SharedModel shared) : IClassFixture<SharedModel>
{
    [Fact]
    public async Task A_folder_is_shown_with_its_tensors_configuration_tokenizer_and_template()
    {
        var shown = JsonNode.Parse((await OctantCommand.Run("inspect", shared.Folder, "--json")).Succeeded())!;
        Assert.Equal("safetensors", (string)shown["format"]!);
        Assert.Equal(TinyModel.Vocabulary, (int)shown["tokenizer"]!["size"]!);
        Assert.Equal(TinyModel.ChatMl, (string)shown["chat_template"]!["default"]!);
        Assert.Equal(32, (int)shown["metadata"]!["hidden_size"]!);
        var head = shown["tensors"]!.AsArray().Single(tensor => (string)tensor!["name"]! == "lm_head.weight")!;
        Assert.Equal("[259,32]", head["shape"]!.ToJsonString());
        Assert.Equal(shown["tensors"]!.AsArray().Sum(tensor => (long)tensor!["bytes"]!), (long)shown["bytes"]!);
    }

    [Fact]
    public async Task Piped_tables_have_one_line_a_tensor()
    {
        var lines = (await OctantCommand.Run("inspect", shared.Folder)).Succeeded().Split('\n');
        Assert.Contains(lines, line => line.Contains("model.layers.1.post_attention_layernorm.weight") && line.Contains("[32]"));
    }

    [Theory]
    [InlineData("legacy.pt", "PyTorch", "nested.list.1")]
    [InlineData("zip.pt", "PyTorch", "nested.list.1")]
    public async Task Files_of_PyTorch_are_shown(string file, string format, string tensor)
    {
        var shown = JsonNode.Parse((await OctantCommand.Run("inspect", Path.Combine(Repository.Root, "tests/Goldens/carried/torch-files", file), "--json")).Succeeded())!;
        Assert.Equal(format, (string)shown["format"]!);
        Assert.Contains(shown["tensors"]!.AsArray(), entry => (string)entry!["name"]! == tensor);
    }

    [Theory]
    [InlineData("torch-files/malicious.pt", "system")]
    [InlineData("numpy-files/object.npy", "objects")]
    [InlineData("torch-files/golden.json", "no checkpoint")]
    [InlineData("absent", "absent")]
    public async Task What_cannot_be_shown_is_one_line_that_says_why(string file, string word)
    {
        var result = await OctantCommand.Run("inspect", Path.Combine(Repository.Root, "tests/Goldens/carried", file));
        Assert.Equal((1, ""), (result.Code, result.Output));
        Assert.Contains(word, Assert.Single(result.Errors.TrimEnd('\n').Split('\n')));
    }
}
