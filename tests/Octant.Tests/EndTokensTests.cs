using System.Text.Json;
using System.Text.Json.Nodes;
using Octant.Formats;
using Octant.Models.Conversion;
using Octant.Testing;

namespace Octant.Tests;

/// <summary>The tokens with which generation ends are the same in a folder, in the GGUF file of it, and in the folder of that.</summary>
public sealed class EndTokensTests : IDisposable
{
    readonly TinyModel files = new();
    readonly string work = Directory.CreateTempSubdirectory("octant-ends-").FullName;

    public void Dispose()
    {
        files.Dispose();
        Directory.Delete(work, recursive: true);
    }

    const string Llama = "<|end_of_text|> <|eom_id|> <|eot_id|>", ChatMl = "<|endoftext|> <|im_start|> <|im_end|>", Plain = "<a> <b> <c>";

    /// <summary>Tokens 256, 257 and 258; the keys eot and eom stand where there is another end.</summary>
    [Theory]
    [InlineData(ChatMl, 258, "[256, 258]", 258, 256, null)]
    [InlineData(ChatMl, 258, "258", 258, null, null)]
    [InlineData(ChatMl, 256, "[258, 256]", 256, 258, null)]
    [InlineData(Llama, 256, "256", 256, null, null)]
    [InlineData(Llama, 258, "[256, 258]", 258, 256, null)]
    [InlineData(Llama, 258, "[256, 257, 258]", 258, 256, 257)]
    [InlineData(Llama, 257, "[256, 258, 257]", 257, 256, 258)]
    [InlineData("<|endoftext|> <|assistant|> <|end|>", 256, "[256, 257, 258]", 256, 258, 257)]
    [InlineData("<|return|> <|call|> <|end|>", 256, "[256, 257]", 256, 257, null)]
    [InlineData(Plain, 258, "[258, 65]", 258, 65, null)]
    [InlineData(Plain, 258, "[65, 66]", 65, 66, null)]
    [InlineData(Plain, 258, "[258, 99999, -1]", 258, null, null)]
    [InlineData(Plain, 258, null, 258, null, null)]
    public void Ends_are_the_same_there_and_back(string tokens, int called, string? ends, int eos, int? eot, int? eom)
    {
        Name(tokens, called, ends);
        var (gguf, back) = Convert();
        using (var file = new GgufFile(gguf))
            Assert.Equal([eos, eot, eom], new[] { "eos", "eot", "eom" }.Select(name => (int?)file.Metadata.Integer($"tokenizer.ggml.{name}_token_id")));
        int[] expected = [.. EndsOf(files.Folder).Where(id => id is >= 0 and < TinyModel.Vocabulary)];
        Assert.Equal(expected, EndsOf(gguf));
        Assert.Equal(expected, EndsOf(back));
    }

    [Fact]
    public void Ends_that_only_config_json_names_count()
    {
        Name(Plain, 258, null);
        files.Change("config.json", json => json["eos_token_id"] = new JsonArray(256, 258));
        var (gguf, back) = Convert();
        Assert.All([files.Folder, gguf, back], path => Assert.Equal([256, 258], EndsOf(path)));
    }

    /// <summary>As llama.cpp's converter writes them: the eos alone.</summary>
    [Fact]
    public void A_file_that_says_less_ends_with_the_names_of_its_tokens_and_so_does_its_folder()
    {
        Name(Llama, 258, "[256, 257, 258]");
        var (gguf, back, less) = (PathOf("a.gguf"), PathOf("back"), PathOf("less.gguf"));
        ModelConverter.Convert(files.Folder, gguf);
        using (var file = new GgufFile(gguf))
            GgufWriter.Write(less, new GgufKeys().AddAll(file.Metadata, key => !key.EndsWith("eot_token_id") && !key.EndsWith("eom_token_id")),
                [.. file.Tensors.Values.Select(tensor => TensorSource.Floats(tensor.Name, tensor.ToFloats(), [.. tensor.Shape]))]);
        ModelConverter.Convert(less, back);
        Assert.All([less, back], path => Assert.Equal([256, 257, 258], EndsOf(path)));
    }

    /// <summary>More ends than GGUF has keys for, and an eos that templates write though nothing ends with it.</summary>
    [Theory]
    [InlineData("[65, 256, 257, 258]", "")]
    [InlineData("[256]", "{{ eos_token }}")]
    public void Ends_that_the_keys_of_GGUF_cannot_say_have_one_of_their_own(string ends, string template)
    {
        Name(Llama, 258, ends);
        files.Change("tokenizer_config.json", json => json["chat_template"] = template);
        var (gguf, back) = Convert();
        Assert.All([files.Folder, gguf, back], path => Assert.Equal(JsonSerializer.Deserialize<int[]>(ends), EndsOf(path)));
        using var file = new GgufFile(gguf);
        Assert.Equal(258, file.Metadata.Integer("tokenizer.ggml.eos_token_id"));
    }

    /// <summary>Gives the special tokens their names, says which is called eos_token, and with which generation ends.</summary>
    void Name(string tokens, int called, string? ends)
    {
        var names = tokens.Split(' ');
        files.Change("tokenizer.json", json =>
        {
            foreach (var token in json["added_tokens"]!.AsArray()) token!["content"] = names[(int)token["id"]! - 256];
        });
        files.Change("tokenizer_config.json", json => (json["bos_token"], json["eos_token"]) = (names[0], names[called - 256]));
        files.Write("generation_config.json", ends is null ? [] : new() { ["eos_token_id"] = JsonNode.Parse(ends) });
    }

    (string Gguf, string Back) Convert()
    {
        var (gguf, back) = (PathOf("a.gguf"), PathOf("back"));
        ModelConverter.Convert(files.Folder, gguf);
        ModelConverter.Convert(gguf, back);
        return (gguf, back);
    }

    string PathOf(string name) => Path.Combine(work, name);

    static IEnumerable<int> EndsOf(string path)
    {
        using var language = LanguageModel.Open(path, new("float32"));
        return language.Defaults.EndIds!.Order();
    }
}
