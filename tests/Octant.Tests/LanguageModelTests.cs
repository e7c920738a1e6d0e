using System.Text.Json.Nodes;
using Octant.Formats;
using Octant.Generation;
using Octant.Hub;
using Octant.Testing;

namespace Octant.Tests;

/// <summary>A model with all that belongs to it: tokens and scores.</summary>
public sealed class LanguageModelTests
{
    static readonly JsonArray Hello = [new JsonObject { ["role"] = "user", ["content"] = "hello" }];

    [Fact]
    public void There_is_one_beginning_of_text_where_template_and_tokenizer_would_both_add_it()
    {
        using var model = new OpenModel(new(template: "{{ bos_token }}{{ messages[0].content }}", addsBos: true));
        Assert.Equal([TinyModel.EndOfText, .. "hello"u8.ToArray().Select(b => (int)b)], model.Language.Encode(Hello));
    }

    [Fact]
    public void There_is_one_beginning_of_text_where_prompt_and_tokenizer_would_both_add_it()
    {
        using var model = new OpenModel(new(addsBos: true));
        Assert.Equal([TinyModel.EndOfText, 'h'], model.Language.Encode("h"));
        Assert.Equal([TinyModel.EndOfText, 'h'], model.Language.Encode("<|endoftext|>h"));
        Assert.Equal([TinyModel.EndOfText], model.Language.Encode(""));
    }

    [Fact]
    public void What_a_prompt_says_twice_stays_where_the_tokenizer_adds_nothing()
    {
        using var model = new OpenModel();
        Assert.Equal([TinyModel.EndOfText, TinyModel.EndOfText, 'h'], model.Language.Encode("<|endoftext|><|endoftext|>h"));
    }

    [Fact]
    public void Every_id_that_generation_config_names_as_an_end_stops()
    {
        using var greedy = new OpenModel();
        var ids = greedy.Language.Generate("hello", new() { MaxTokens = 8 }).Select(update => update.Token.Id).ToArray();
        foreach (var end in ids.Distinct())
        {
            using var model = new OpenModel(new(generation: new() { ["eos_token_id"] = new JsonArray(TinyModel.End, end, TinyModel.EndOfText) }));
            var updates = model.Language.Generate("hello", new() { MaxTokens = 8 }).ToArray();
            Assert.Equal(ids[..(Array.IndexOf(ids, end) + 1)], updates.Select(update => update.Token.Id));
            Assert.Equal(FinishReason.Stop, updates[^1].Finish);
        }
    }

    [Fact]
    public void Defaults_come_from_generation_config()
    {
        using var model = new OpenModel(new(generation: new()
        {
            ["do_sample"] = true,
            ["temperature"] = 0.5,
            ["top_k"] = 7,
            ["max_new_tokens"] = 3,
            ["repetition_penalty"] = 1.25,
            ["eos_token_id"] = 5,
        }));
        Assert.Equal((0.5, 7, 3, 1.25), (model.Language.Defaults.Temperature, model.Language.Defaults.TopK, model.Language.Defaults.MaxTokens, model.Language.Defaults.RepetitionPenalty));
        Assert.Equal([5], model.Language.Defaults.EndIds!);
        Assert.Equal(3, model.Language.Generate("hello").Count());
        Assert.Equal(4, model.Language.Generate("hello", new() { MaxTokens = 4 }).Count());
    }

    [Fact]
    public void Without_generation_config_the_end_is_the_tokenizer_s()
    {
        using var files = new TinyModel();
        File.Delete(files.PathOf("generation_config.json"));
        using var language = LanguageModel.Open(files.Folder);
        Assert.Equal([TinyModel.End], language.Defaults.EndIds!);
    }

    [Fact]
    public void A_special_token_that_is_named_as_a_stop_string_stops()
    {
        // The likeliest first token becomes a special one, which no text shows.
        using var greedy = new OpenModel();
        var first = greedy.Language.Generate("hello", new() { MaxTokens = 1 }).Single().Token.Id;
        using var files = new TinyModel();
        files.Change("tokenizer.json", json => json["added_tokens"]!.AsArray().Add(new JsonObject
        {
            ["id"] = first,
            ["content"] = $"{(char)first}",
            ["single_word"] = false,
            ["lstrip"] = false,
            ["rstrip"] = false,
            ["normalized"] = false,
            ["special"] = true,
        }));
        using var language = LanguageModel.Open(files.Folder, new("float32"));
        var update = language.Generate("hello", new() { StopStrings = [$"{(char)first}"] }).Single();
        Assert.Equal(("", FinishReason.Stop), (update.Text, update.Finish!.Value));
    }

    [Fact]
    public void A_prompt_longer_than_the_context_and_one_without_tokens_are_errors()
    {
        using var model = new OpenModel(new(context: 20));
        Assert.Contains("holds 20", Assert.Throws<OctantException>(() => model.Language.Generate(new string('x', 21)).Count()).Message);
        Assert.Contains("empty", Assert.Throws<OctantException>(() => model.Language.Generate("").Count()).Message);
        Assert.Single(model.Language.Generate(new string('x', 20)));                    // full, yet one token follows
    }

    [Fact]
    public void A_context_below_the_model_s_holds_less_and_one_above_it_is_an_error()
    {
        using var files = new TinyModel(context: 64);
        using (var narrow = LanguageModel.Open(files.Folder, new("float32", Context: 16)))
        {
            Assert.Equal(16, narrow.Model.Shape.Context);
            Assert.Equal(12, narrow.Generate("hello").Count());
            Assert.Throws<OctantException>(() => narrow.Generate(new string('x', 17)).Count());
        }
        Assert.Contains("between 1 and 64", Assert.Throws<OctantException>(() => LanguageModel.Open(files.Folder, new(Context: 65))).Message);
        Assert.Throws<OctantException>(() => LanguageModel.Open(files.Folder, new(Context: 0)));
        Assert.Throws<OctantException>(() => LanguageModel.Open(files.Folder, new(Threads: 0)));
        Assert.Contains("bfloat16", Assert.Throws<OctantException>(() => LanguageModel.Open(files.Folder, new("int3"))).Message);
    }

    [Fact]
    public void An_id_outside_the_vocabulary_is_an_error_and_the_sequence_stays_as_it_was()
    {
        using var model = new OpenModel();
        using var sequence = model.Language.Model.Open();
        var logits = new float[TinyModel.Vocabulary];
        model.Language.Model.Step([new(sequence, new[] { 1, 2 })], logits);
        Assert.Contains("259", Assert.Throws<OctantException>(() => model.Language.Model.Step([new(sequence, new[] { 3, 259 })], logits)).Message);
        Assert.Throws<OctantException>(() => model.Language.Model.Step([new(sequence, new[] { -1 })], logits));
        Assert.Equal(2, sequence.Length);
        // To the tokenizer it is nothing: other models have scores for more ids than it has tokens.
        Assert.Equal("", model.Language.Tokenizer.Decode([259]));
    }

    [Fact]
    public void A_sequence_is_in_a_batch_once()
    {
        using var model = new OpenModel();
        using var sequence = model.Language.Model.Open();
        var logits = new float[2 * TinyModel.Vocabulary];
        Assert.Contains("twice", Assert.Throws<ArgumentException>(() =>
            model.Language.Model.Step([new(sequence, new[] { 1 }), new(sequence, new[] { 2 })], logits)).Message);
        Assert.Equal(0, sequence.Length);
    }

    [Fact]
    public void What_was_disposed_of_says_so()
    {
        using var files = new TinyModel();
        var logits = new float[TinyModel.Vocabulary];
        var language = LanguageModel.Open(files.Folder, new("float32"));
        var closed = language.Model.Open();
        closed.Dispose();
        Assert.Throws<ObjectDisposedException>(() => language.Model.Step([new(closed, new[] { 1 })], logits));
        var open = language.Model.Open();
        language.Dispose();
        Assert.Throws<ObjectDisposedException>(() => language.Generate("x").First());
        Assert.Throws<ObjectDisposedException>(() => language.Model.Step([new(open, new[] { 1 })], logits));
        open.Dispose();
    }

    [Fact]
    public void A_byte_order_mark_is_no_damage()
    {
        using var files = new TinyModel();
        foreach (var file in (string[])["config.json", "generation_config.json", "tokenizer_config.json", "tokenizer.json"])
            File.WriteAllBytes(files.PathOf(file), [0xEF, 0xBB, 0xBF, .. File.ReadAllBytes(files.PathOf(file))]);
        using var language = LanguageModel.Open(files.Folder, new("float32"));
        Assert.NotNull(language.Template);
        Assert.NotNull(language.Tokenizer.SpecialTokens.Eos);
    }

    [Fact]
    public void A_fork_copies_the_beginning_alone()
    {
        using var model = new OpenModel();
        var (one, two) = (new float[TinyModel.Vocabulary], new float[TinyModel.Vocabulary]);
        using var sequence = model.Language.Model.Open();
        model.Language.Model.Step([new(sequence, new[] { 1, 2, 3, 4 })], one);
        using var fork = sequence.Fork(2);
        Assert.Equal((2, 4), (fork.Length, sequence.Length));
        model.Language.Model.Step([new(fork, new[] { 3, 4 })], two);
        Assert.All(one.Zip(two), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
        Assert.Throws<ArgumentOutOfRangeException>(() => sequence.Fork(5));
    }

    [Fact]
    public void An_unknown_architecture_is_named_and_those_known_are_listed()
    {
        using var files = new TinyModel();
        files.Change("config.json", json => json["model_type"] = "oracle");
        // Said first, whatever else is wrong.
        File.WriteAllText(files.PathOf("tokenizer.json"), "{}");
        var error = Assert.Throws<CheckpointException>(() => LanguageModel.Open(files.Folder));
        Assert.Contains("oracle", error.Message);
        Assert.Contains("llama", error.Message);
        Assert.Contains("qwen3", error.Message);
    }

    [Fact]
    public void What_is_wrong_with_the_weights_is_listed_by_name()
    {
        using var files = new TinyModel();
        files.Change("config.json", json =>
        {
            json["num_hidden_layers"] = 3;
            json["intermediate_size"] = 47;
        });
        var error = Assert.Throws<CheckpointException>(() => LanguageModel.Open(files.Folder));
        Assert.Contains("model.layers.2.self_attn.q_proj.weight: missing", error.Message);
        Assert.Contains("model.layers.0.mlp.up_proj.weight: [48, 32] found, [47, 32] expected", error.Message);
    }

    [Fact]
    public void A_missing_folder_says_what_can_be_named() =>
        Assert.Contains(".gguf", Assert.Throws<HubException>(() => LanguageModel.Open("/no/such/model")).Message);

    [Theory]
    [InlineData("config.json")]
    [InlineData("generation_config.json")]
    [InlineData("tokenizer_config.json")]
    [InlineData("tokenizer.json")]
    public void A_damaged_file_is_named(string file)
    {
        using var files = new TinyModel();
        foreach (var text in (string[])["", "{", "[]", "{\"a\": "])
        {
            File.WriteAllText(files.PathOf(file), text);
            Assert.Contains(file, Assert.ThrowsAny<OctantException>(() => LanguageModel.Open(files.Folder)).Message);
        }
    }

    [Theory]
    [InlineData("eos_token_id", "\"end\"")]
    [InlineData("eos_token_id", "[null]")]
    [InlineData("eos_token_id", "{}")]
    [InlineData("temperature", "\"hot\"")]
    [InlineData("top_k", "1e40")]
    [InlineData("max_new_tokens", "2.5")]
    [InlineData("do_sample", "\"yes\"")]
    [InlineData("stop_strings", "[1]")]
    public void A_value_of_the_wrong_kind_in_generation_config_is_an_error(string key, string value)
    {
        using var files = new TinyModel(generation: new() { ["do_sample"] = true });
        files.Change("generation_config.json", json => json[key] = JsonNode.Parse(value));
        Assert.Contains("generation_config.json", Assert.ThrowsAny<OctantException>(() => LanguageModel.Open(files.Folder)).Message);
    }
}
