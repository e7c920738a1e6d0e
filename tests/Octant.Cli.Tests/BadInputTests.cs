using System.Text;
using System.Text.Json;
using Octant.Testing;

namespace Octant.Cli.Tests;

/// <summary>Whatever is wrong: one line says so, exit code 1, no stack trace.</summary>
public sealed class BadInputTests(SharedModel shared) : IClassFixture<SharedModel>
{
    readonly string model = shared.Folder;

    [Theory]
    [InlineData("chat"), InlineData("generate"), InlineData("tokenize")]
    public async Task Without_a_model_it_says_how_to_get_one(string command)
    {
        var error = (await OctantCommand.Run(command)).Failed();
        Assert.Contains("--model", error);
        Assert.Contains("octant pull", error);
    }

    [Theory]
    [InlineData("chat"), InlineData("generate"), InlineData("tokenize")]
    public async Task A_missing_folder_is_named(string command) =>
        Assert.Contains("/no/such/model", (await OctantCommand.Run(command, "--model", "/no/such/model")).Failed());

    [Fact]
    public async Task An_empty_folder_says_what_it_lacks()
    {
        var empty = Directory.CreateTempSubdirectory("octant-test-").FullName;
        Assert.Contains(empty, (await OctantCommand.Run("generate", "-m", empty, "-p", "x")).Failed());
        Directory.Delete(empty);
    }

    [Theory]
    [InlineData("truncated"), InlineData("header"), InlineData("offsets"), InlineData("empty"), InlineData("garbage")]
    public async Task Damaged_safetensors_are_an_error(string damage)
    {
        using var files = new TinyModel();
        var path = files.PathOf("model.safetensors");
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, damage switch
        {
            "truncated" => bytes[..^1000],
            "header" => [.. BitConverter.GetBytes(long.MaxValue), .. bytes.AsSpan(8)],
            "offsets" => Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(bytes).Replace("\"data_offsets\":[0,", "\"data_offsets\":[9,")),
            "empty" => [],
            _ => [.. Enumerable.Range(0, 500).Select(i => (byte)(i * 77))],
        });
        Assert.Contains("model.safetensors", (await OctantCommand.Run("generate", "-m", files.Folder, "-p", "x")).Failed());
    }

    [Fact]
    public async Task A_truncated_GGUF_file_is_an_error()
    {
        using var files = new TinyModel();
        var path = files.PathOf("model.gguf");
        foreach (var bytes in (byte[][])[[], [.. "GGUF"u8], [.. "GGUF"u8, 3, 0, 0, 0], [.. "GGUF"u8, 3, 0, 0, 0, .. new byte[8], 9, 0, 0, 0, 0, 0, 0, 0, 1]])
        {
            File.WriteAllBytes(path, bytes);
            Assert.Contains("model.gguf", (await OctantCommand.Run("generate", "-m", path, "-p", "x")).Failed());
        }
    }

    [Fact]
    public async Task An_unknown_architecture_is_named_and_those_known_are_listed()
    {
        using var files = new TinyModel();
        files.Change("config.json", json => json["model_type"] = "oracle");
        var error = (await OctantCommand.Run("generate", "-m", files.Folder, "-p", "x")).Failed();
        Assert.Contains("oracle", error);
        Assert.Contains("gpt2, llama, mistral, qwen2, qwen3", error);
    }

    [Fact]
    public async Task A_missing_tensor_and_an_unknown_key_are_named()
    {
        using var files = new TinyModel();
        files.Change("config.json", json => json["num_hidden_layers"] = 3);
        Assert.Contains("model.layers.2.self_attn.q_proj.weight: missing", (await OctantCommand.Run("generate", "-m", files.Folder, "-p", "x")).Failed());
        files.Change("config.json", json => json["magic"] = true);
        Assert.Contains("magic", (await OctantCommand.Run("generate", "-m", files.Folder, "-p", "x")).Failed());
    }

    [Theory]
    [InlineData("--bogus", "1", "--bogus")]
    [InlineData("--max-tokens", "many", "many")]
    [InlineData("--temperature", "hot", "hot")]
    [InlineData("--seed", "1.5", "1.5")]
    [InlineData("--temperature", "-1", "temperature")]
    [InlineData("--max-tokens", "0", "max_tokens")]
    [InlineData("--max-tokens", "99999999999", "99999999999")]
    [InlineData("--top-p", "2", "top_p")]
    [InlineData("--dtype", "int3", "int3")]
    [InlineData("--threads", "0", "threads")]
    [InlineData("--context", "0", "context")]
    [InlineData("--context", "513", "512")]
    public async Task A_bad_option_or_number_is_named(string option, string value, string expected) =>
        Assert.Contains(expected, (await OctantCommand.Run("generate", "--model", model, "--prompt", "x", option, value)).Failed());

    [Fact]
    public async Task A_bad_command_is_named()
    {
        Assert.Contains("sing", (await OctantCommand.Run("sing")).Failed());
        Assert.Contains("--model", (await OctantCommand.Run("generate", "--model")).Failed());
    }

    [Fact]
    public async Task An_id_outside_the_vocabulary_or_none_is_an_error()
    {
        Assert.Contains("259", (await OctantCommand.Run("tokenize", "-m", model, "--decode", "1 259")).Failed());
        Assert.Contains("-1", (await OctantCommand.Run("tokenize", "-m", model, "--decode", "-1")).Failed());
        Assert.Contains("one", (await OctantCommand.Run("tokenize", "-m", model, "--decode", "one")).Failed());
    }

    [Fact]
    public async Task A_token_that_the_model_has_no_score_for_is_an_error()
    {
        using var files = new TinyModel();
        files.Change("tokenizer.json", json => json["added_tokens"]!.AsArray().Add(new System.Text.Json.Nodes.JsonObject
        {
            ["id"] = 259,
            ["content"] = "<|more|>",
            ["single_word"] = false,
            ["lstrip"] = false,
            ["rstrip"] = false,
            ["normalized"] = false,
            ["special"] = true,
        }));
        Assert.Contains("259", (await OctantCommand.Run("generate", "-m", files.Folder, "-p", "<|more|>")).Failed());
    }

    [Fact]
    public async Task Invalid_UTF_8_is_read_as_replacement_characters()
    {
        byte[] bytes = [(byte)'a', 0xFF, 0xED, 0xA0, 0x80, (byte)'b'];
        var ids = (await OctantCommand.RunOn(bytes, "tokenize", "-m", model)).Succeeded().Trim().Split(' ');
        Assert.Equal(("97", "98"), (ids[0], ids[^1]));
        Assert.Equal(["239", "191", "189"], ids[1..4]);
        Assert.Equal(6, (await OctantCommand.RunOn([.. bytes, (byte)'\n'], "chat", "-m", model, "-n", "5")).Succeeded().Length);
        Assert.Equal(6, (await OctantCommand.RunOn(bytes, "generate", "-m", model, "-n", "5")).Succeeded().Length);
    }

    [Fact]
    public async Task A_conversation_file_with_half_a_surrogate_pair_is_an_error_and_nothing_is_lost()
    {
        using var files = new TinyModel();
        File.WriteAllText(files.PathOf("talk.json"), """[{"role": "user", "contents": [{"$type": "text", "text": "\ud800"}]}]""");
        var talk = await OctantCommand.RunOn($"/load {files.PathOf("talk.json")}\nhello\n", "chat", "-m", model, "-n", "5");
        Assert.Equal((1, 6), (talk.Code, talk.Output.Length));
        Assert.Contains("talk.json", Assert.Single(talk.Errors.Trim().Split('\n')));
    }

    [Fact]
    public async Task Bytes_that_are_no_characters_come_out_as_replacement_characters()
    {
        var json = (await OctantCommand.Run("tokenize", "-m", model, "--decode", "97 195 40")).Succeeded();
        Assert.Equal("a\ufffd(\n", json);
        using var files = new TinyModel(generation: new() { ["eos_token_id"] = 0 });
        Assert.NotEmpty(JsonDocument.Parse((await OctantCommand.Run(
            "generate", "-m", files.Folder, "-p", "x", "-n", "40", "-t", "100", "--seed", "1", "--json")).Succeeded()).RootElement.GetProperty("text").GetString()!);
    }

    [Fact]
    public async Task A_prompt_longer_than_the_context_or_empty_is_an_error()
    {
        Assert.Contains("holds 512", (await OctantCommand.Run("generate", "-m", model, "-p", new string('x', 513))).Failed());
        Assert.Contains("holds 512", (await OctantCommand.Run("chat", "-m", model, "--message", new string('x', 513))).Failed());
        Assert.Contains("holds 100", (await OctantCommand.Run("chat", "-m", model, "--context", "100", "--message", new string('x', 100))).Failed());
        Assert.Contains("empty", (await OctantCommand.Run("generate", "-m", model, "-p", "")).Failed());
    }

    [Theory]
    [InlineData("{{ raise_exception('Talk to me properly.') }}", "octant: Talk to me properly.\n")]
    [InlineData("{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}", "TemplateLimits")]
    [InlineData("{% set ns = namespace(s='x') %}{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}", "TemplateLimits")]
    [InlineData("{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}", "line 1")]
    [InlineData("{{ messages[0].content", "line 1")]
    [InlineData("{{ 1 / 0 }}", "line 1")]
    public async Task A_template_that_refuses_or_never_ends_or_is_none_is_an_error(string template, string expected)
    {
        using var files = new TinyModel(template);
        Assert.Contains(expected, (await OctantCommand.Run("chat", "-m", files.Folder, "--message", "hello")).Failed());
    }

    [Fact]
    public async Task What_a_template_says_commands_no_terminal()
    {
        using var files = new TinyModel("{{ raise_exception('\u001b[2Jgone\u202e\u009b') }}");
        var once = (await OctantCommand.Run("chat", "-m", files.Folder, "--message", "x")).Failed();
        Assert.Equal("octant: \ufffd[2Jgone\ufffd\ufffd\n", once);
        var talk = await OctantCommand.RunOn("x\n", "chat", "-m", files.Folder);
        Assert.Equal("(\ufffd[2Jgone\ufffd\ufffd)\n", talk.Errors);
    }

    [Fact]
    public async Task A_model_without_a_template_continues_texts_but_holds_no_conversation()
    {
        using var files = new TinyModel(template: null);
        Assert.Contains("octant generate", (await OctantCommand.RunOn("one\ntwo\n", "chat", "-m", files.Folder)).Failed());
        Assert.Equal(4, (await OctantCommand.Run("generate", "-m", files.Folder, "-p", "x", "-n", "3")).Succeeded().Length);
    }

    [Fact]
    public async Task Weights_that_are_no_numbers_are_an_error()
    {
        using var files = new TinyModel();
        var bytes = File.ReadAllBytes(files.PathOf("model.safetensors"));
        bytes.AsSpan(^100..).Fill(0xFF);
        File.WriteAllBytes(files.PathOf("model.safetensors"), bytes);
        foreach (var temperature in (string[])["0", "1"])
            Assert.Contains("not numbers", (await OctantCommand.Run("chat", "-m", files.Folder, "--message", "x", "-t", temperature)).Errors);
    }
}
