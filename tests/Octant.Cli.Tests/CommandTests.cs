using System.Text.Json;
using System.Text.Json.Nodes;
using Octant.Testing;

namespace Octant.Cli.Tests;

/// <summary>What each command prints.</summary>
public sealed class CommandTests(SharedModel shared) : IClassFixture<SharedModel>
{
    readonly string model = shared.Folder;

    [Fact]
    public async Task Chat_with_a_message_prints_only_the_answer()
    {
        var answer = (await OctantCommand.Run("chat", "--model", model, "--message", "hello", "--max-tokens", "12", "--dtype", "float32")).Succeeded();
        using var chat = OctantChat.Open(model, new("float32"));
        Assert.Equal((await Microsoft.Extensions.AI.ChatClientExtensions.GetResponseAsync(chat, "hello", new() { MaxOutputTokens = 12 })).Text + "\n", answer);
    }

    [Fact]
    public async Task Chat_answers_line_by_line_and_remembers()
    {
        string[] options = ["chat", "-m", model, "-n", "6", "--dtype", "float32"];
        var talk = (await OctantCommand.RunOn("first\n\nsecond\n", options)).Succeeded().Split('\n');
        Assert.Equal([6, 6, 0], talk.Select(line => line.Length));
        var second = (await OctantCommand.RunOn("second\n", options)).Succeeded().Split('\n')[0];
        Assert.NotEqual(second, talk[1]);                   // the first turn is part of what the model is told
        var cleared = (await OctantCommand.RunOn("first\n/clear\nsecond", options)).Succeeded().Split('\n');
        Assert.Equal(second, cleared[1]);
    }

    [Fact]
    public async Task Chat_obeys_its_commands()
    {
        using var files = new TinyModel();
        var talk = files.PathOf("talk.json");
        string[] options = ["chat", "--model", model, "--max-tokens", "4", "--dtype", "float32"];
        var first = await OctantCommand.RunOn(
            $"/help\n/system be brief\n/set temperature 0.5\n/set seed 3\n/set stop END\n/set\nhello\n/save {talk}\n/exit\nnever\n", options);
        var lines = first.Succeeded().Split('\n');
        Assert.Contains(lines, line => line.StartsWith("/save FILE", StringComparison.Ordinal));
        Assert.Contains($"{"temperature",-22} 0.5", lines);
        Assert.Contains($"{"stop",-22} END", lines);
        var saved = JsonDocument.Parse(File.ReadAllText(talk)).RootElement.EnumerateArray().Select(message => message.GetProperty("role").GetString()!);
        Assert.Equal(["system", "user", "assistant"], saved);

        // What was saved goes on as if it had never been interrupted.
        var whole = await OctantCommand.RunOn("/system be brief\nhello\nagain\n", options);
        var half = await OctantCommand.RunOn($"/system be brief\nhello\n/save {talk}\n", options);
        var rest = await OctantCommand.RunOn($"/load {talk}\nagain\n", options);
        Assert.Equal(0, rest.Code);
        Assert.Contains("2 messages", rest.Errors);
        Assert.Equal(whole.Succeeded(), half.Succeeded() + rest.Output);
    }

    [Fact]
    public async Task Chat_goes_on_after_a_mistake_and_says_in_the_end_that_there_was_one()
    {
        var talk = await OctantCommand.RunOn("/nonsense\n/set temperature hot\n/load /no/such/file\nhello\n", "chat", "-m", model, "-n", "5", "--dtype", "float32");
        Assert.Equal((1, 6), (talk.Code, talk.Output.Length));
        Assert.Equal(3, talk.Errors.Trim().Split('\n').Length);
    }

    [Fact]
    public async Task Chat_says_when_the_oldest_turns_no_longer_fit()
    {
        using var small = new TinyModel(context: 120);
        var talk = await OctantCommand.RunOn("question one\nquestion two\nquestion three\n", "chat", "-m", small.Folder, "-n", "10", "--system", "stay");
        Assert.Equal(0, talk.Code);
        Assert.Contains("no longer sees the first 2 messages", talk.Errors);
        Assert.Equal(3, talk.Output.TrimEnd('\n').Split('\n').Length);
    }

    [Fact]
    public async Task Chat_says_when_the_context_ends_an_answer_and_takes_back_a_message_that_does_not_fit()
    {
        using var small = new TinyModel(context: 120);
        string[] options = ["chat", "-m", small.Folder, "--dtype", "float32"];
        var whole = await OctantCommand.RunOn("hello\n", options);
        Assert.Equal((0, "(the context is full: the answer ends here)\n"), (whole.Code, whole.Errors));
        var mixed = await OctantCommand.RunOn($"{new string('x', 200)}\nhello\n", options);
        Assert.Equal((1, whole.Output), (mixed.Code, mixed.Output));
        Assert.Contains("holds 120", mixed.Errors);
    }

    [Fact]
    public async Task Chat_remembers_a_question_that_the_model_left_without_an_answer()
    {
        using var files = new TinyModel();
        string[] options = ["chat", "-m", files.Folder, "-n", "1", "--dtype", "float32"];
        var first = (await OctantCommand.RunOn("hello\n", options)).Succeeded()[0];
        files.Change("generation_config.json", json => json["eos_token_id"] = (int)first);
        var talk = files.PathOf("talk.json");
        Assert.Equal("\n", (await OctantCommand.RunOn($"hello\n/save {talk}\n", options)).Succeeded());
        Assert.Equal(["user", "assistant"], JsonDocument.Parse(File.ReadAllText(talk)).RootElement.EnumerateArray()
            .Select(message => message.GetProperty("role").GetString()!));
    }

    [Fact]
    public async Task A_GGUF_file_by_another_name_and_a_file_of_weights_can_be_named()
    {
        var weights = Path.Combine(model, "model.safetensors");
        var expected = (await OctantCommand.Run("generate", "-m", model, "-p", "x", "-n", "5")).Succeeded();
        Assert.Equal(expected, (await OctantCommand.Run("generate", "-m", weights, "-p", "x", "-n", "5")).Succeeded());
        using var files = new TinyModel();
        File.WriteAllBytes(files.PathOf("sha256-abc"), [.. "GGUF"u8, 3, 0, 0, 0]);
        var error = (await OctantCommand.Run("generate", "-m", files.PathOf("sha256-abc"), "-p", "x")).Failed();
        Assert.DoesNotContain("is no model", error);
        Assert.Contains("sha256-abc", error);
    }

    [Fact]
    public async Task Generate_prints_the_continuation()
    {
        string[] options = ["generate", "--model", model, "--max-tokens", "8", "--dtype", "float32"];
        var text = (await OctantCommand.Run([.. options, "--prompt", "Once upon"])).Succeeded();
        Assert.Equal(9, text.Length);
        Assert.Equal(text, (await OctantCommand.RunOn("Once upon", options)).Succeeded());
        Assert.Equal(text[..3] + "\n", (await OctantCommand.Run([.. options, "--prompt", "Once upon", "--stop", text[3..6], "--stop", "never"])).Succeeded());
    }

    [Fact]
    public async Task Generate_as_JSON_has_text_ids_of_prompt_and_text_and_the_reason_of_its_end()
    {
        string[] options = ["generate", "-m", model, "--json", "--dtype", "float32", "-p", "<|im_start|>hé", "-n", "6"];
        var json = JsonDocument.Parse((await OctantCommand.Run(options)).Succeeded()).RootElement;
        Assert.Equal(["text", "prompt_ids", "ids", "finish_reason"], json.EnumerateObject().Select(member => member.Name));
        Assert.Equal([257, 'h', 0xC3, 0xA9], Ids(json, "prompt_ids"));
        var ids = Ids(json, "ids");
        Assert.Equal(new string([.. ids.Select(id => (char)id)]), json.GetProperty("text").GetString());
        Assert.Equal((6, "length"), (ids.Length, json.GetProperty("finish_reason").GetString()));

        using var ending = new TinyModel(generation: new() { ["eos_token_id"] = ids[2] });
        options[2] = ending.Folder;
        var ended = JsonDocument.Parse((await OctantCommand.Run(options)).Succeeded()).RootElement;
        Assert.Equal(ids[..(Array.IndexOf(ids, ids[2]) + 1)], Ids(ended, "ids"));           // the end token included
        Assert.Equal("stop", ended.GetProperty("finish_reason").GetString());
        Assert.Equal(Array.IndexOf(ids, ids[2]), ended.GetProperty("text").GetString()!.Length);
    }

    [Fact]
    public async Task Generate_draws_the_same_with_the_same_seed_and_has_every_sampler()
    {
        string[] options = ["generate", "-m", model, "-p", "x", "-n", "20", "-t", "1.5", "--seed"];
        Assert.Equal((await OctantCommand.Run([.. options, "1"])).Succeeded(), (await OctantCommand.Run([.. options, "1"])).Succeeded());
        Assert.NotEqual((await OctantCommand.Run([.. options, "1"])).Succeeded(), (await OctantCommand.Run([.. options, "2"])).Succeeded());
        Assert.NotEmpty((await OctantCommand.Run([.. options, "1", "--top-k", "9", "--top-p", "0.9", "--min-p", "0.01", "--typical-p", "0.9", "--epsilon-cutoff",
            "0.001", "--eta-cutoff", "0.001", "--repetition-penalty", "1.1", "--no-repeat-ngram-size", "3", "--frequency-penalty", "0.1", "--presence-penalty",
            "0.1", "--threads", "1", "--context", "100"])).Succeeded());
    }

    [Fact]
    public async Task Tokenize_prints_ids_and_turns_them_back()
    {
        Assert.Equal("104 195 169 258\n", (await OctantCommand.Run("tokenize", "--model", model, "--text", "hé<|im_end|>")).Succeeded());
        Assert.Equal("104 105 10\n", (await OctantCommand.RunOn("hi\n", "tokenize", "-m", model)).Succeeded());
        Assert.Equal("hé<|im_end|>\n", (await OctantCommand.Run("tokenize", "-m", model, "--decode", "104, 195 169,258")).Succeeded());
        Assert.Equal("""{"ids":[104,195,169],"text":"hé"}""" + "\n",
            (await OctantCommand.Run("tokenize", "-m", model, "--decode", "104 195 169", "--json")).Succeeded());
        var json = JsonDocument.Parse((await OctantCommand.Run("tokenize", "-m", model, "--text", "hé", "--json")).Succeeded()).RootElement;
        Assert.Equal(["104", "195", "169"], json.GetProperty("ids").EnumerateArray().Select(id => id.GetRawText()));
        Assert.Equal(["h", "Ã", "©"], json.GetProperty("tokens").EnumerateArray().Select(token => token.GetString()!));
        Assert.Equal(["[0,1]", "[1,2]", "[1,2]"], json.GetProperty("offsets").EnumerateArray().Select(offset => offset.GetRawText()));
    }

    [Fact]
    public async Task Tokenize_counts_what_the_file_pads_and_cuts_and_shows_the_text()
    {
        using var files = new TinyModel();
        files.Change("tokenizer.json", json => json["padding"] = new JsonObject { ["strategy"] = new JsonObject { ["Fixed"] = 16 }, ["pad_id"] = 256 });
        var padded = await OctantCommand.Run("tokenize", "-m", files.Folder, "--text", "hi");
        Assert.Equal(new(0, "104 105\n", "(the tokenizer's file pads this with 14 more tokens, which are not shown)\n"), padded);

        files.Change("tokenizer.json", json => json["truncation"] = JsonNode.Parse("""{"max_length":3,"stride":0,"strategy":"LongestFirst"}"""));
        var cut = await OctantCommand.Run("tokenize", "-m", files.Folder, "--text", "hello");
        Assert.Equal("104 101 108\n", cut.Output);
        Assert.Contains("leaves 2 tokens out, and pads it with 13", cut.Errors);
        Assert.Equal("""{"ids":[104,101,108],"tokens":["h","e","l"],"offsets":[[0,1],[1,2],[2,3]],"padding":13,"truncated":2}""" + "\n",
            (await OctantCommand.Run("tokenize", "-m", files.Folder, "--text", "hello", "--json")).Succeeded());
    }

    [Fact]
    public async Task Tokenize_needs_no_weights()
    {
        using var files = new TinyModel();
        File.Delete(files.PathOf("model.safetensors"));
        Assert.Equal("104 105\n", (await OctantCommand.Run("tokenize", "-m", files.Folder, "--text", "hi")).Succeeded());
        Assert.Equal("104 105\n", (await OctantCommand.Run("tokenize", "-m", files.PathOf("tokenizer.json"), "--text", "hi")).Succeeded());
    }

    [Fact]
    public async Task Eval_perplexity_gives_its_four_numbers_as_text_and_as_json()
    {
        using var files = new TinyModel();
        var text = files.PathOf("text.txt");
        File.WriteAllText(text, "to be or not to be");
        var json = JsonDocument.Parse((await OctantCommand.Run("eval", "perplexity", "-m", model, "--text", text, "--window", "8", "--stride", "4", "--json")).Succeeded()).RootElement;
        Assert.Equal(17, json.GetProperty("tokens").GetInt32());
        var nats = Math.Log(json.GetProperty("perplexity").GetDouble()) * 17;
        Assert.Equal(nats / Math.Log(2) / 17, json.GetProperty("bits_per_byte").GetDouble(), 1e-6);      // each token is a byte
        Assert.Equal(Math.Exp(nats / 6), json.GetProperty("word_perplexity").GetDouble(), nats);
        Assert.Contains("tokens           17", (await OctantCommand.Run("eval", "perplexity", "-m", model, "--text", text, "--window", "8")).Succeeded());

        Assert.Contains("stride", (await OctantCommand.Run("eval", "perplexity", "-m", model, "--text", text, "--window", "8", "--stride", "9")).Failed());
        File.WriteAllBytes(text, [0x61, 0xff, 0x62]);
        Assert.Contains("byte 1", (await OctantCommand.Run("eval", "perplexity", "-m", model, "--text", text)).Failed());
        Assert.Contains("nowhere", (await OctantCommand.Run("eval", "perplexity", "-m", model, "--text", files.PathOf("nowhere"))).Failed());
    }

    [Fact]
    public async Task Tokenizer_train_writes_a_tokenizer_that_tokenize_reads()
    {
        using var files = new TinyModel();
        var (text, made) = (files.PathOf("text.txt"), files.PathOf("made"));
        File.WriteAllText(text, string.Concat(Enumerable.Repeat("to be or not to be, that is the question. ", 20)));
        Assert.Contains("270 tokens", (await OctantCommand.Run("tokenizer", "train", "--text", text, "--vocab-size", "270", "--out", made)).Succeeded());
        var ids = (await OctantCommand.Run("tokenize", "-m", made, "--text", "to be")).Succeeded().Trim();
        Assert.Equal("to be\n", (await OctantCommand.Run("tokenize", "-m", made, "--decode", ids)).Succeeded());
        Assert.True(ids.Split(' ').Length < 5);

        Assert.Contains("--out", (await OctantCommand.Run("tokenizer", "train", "--text", text, "--vocab-size", "270", "--out", made)).Failed());
        Assert.Contains("257", (await OctantCommand.Run("tokenizer", "train", "--text", text, "--vocab-size", "4", "--out", files.PathOf("other"))).Failed());
        Assert.Contains("nowhere", (await OctantCommand.Run("tokenizer", "train", "--text", files.PathOf("nowhere"), "--vocab-size", "270", "--out", files.PathOf("other"))).Failed());
    }

    [Theory]
    [InlineData("unigram", "to be")]
    [InlineData("wordpiece", "[CLS] to be [SEP]")]
    public async Task Tokenizer_train_knows_the_other_kinds(string kind, string decoded)
    {
        using var files = new TinyModel();
        var (text, made) = (files.PathOf("text.txt"), files.PathOf(kind));
        File.WriteAllText(text, string.Concat(Enumerable.Repeat("to be or not to be, that is the question. ", 20)));
        (await OctantCommand.Run("tokenizer", "train", "--text", text, "--vocab-size", "60", "--kind", kind, "--out", made)).Succeeded();
        var ids = (await OctantCommand.Run("tokenize", "-m", made, "--text", "to be")).Succeeded().Trim();
        Assert.Equal($"{decoded}\n", (await OctantCommand.Run("tokenize", "-m", made, "--decode", ids)).Succeeded());
    }

    [Fact]
    public async Task Models_lists_every_architecture()
    {
        var json = JsonDocument.Parse((await OctantCommand.Run("models", "--json")).Succeeded()).RootElement;
        Assert.Equal(0, json.GetProperty("cached").GetArrayLength());
        var types = json.GetProperty("architectures").EnumerateArray().Select(one => one.GetProperty("model_type").GetString()!).ToArray();
        Assert.Superset(new HashSet<string> { "gpt2", "llama", "mistral", "qwen2", "qwen3" }, types.ToHashSet());
        var table = (await OctantCommand.Run("models")).Succeeded();
        Assert.All(types, type => Assert.Contains(type, table));
    }

    [Theory]
    [InlineData("chat"), InlineData("generate"), InlineData("tokenize"), InlineData("pull"), InlineData("models")]
    public async Task Help_teaches_by_examples(string command) =>
        Assert.Contains($"Examples:\n  octant {command}", (await OctantCommand.Run(command, "--help")).Succeeded());

    [Fact]
    public async Task Help_of_the_whole_lists_the_commands()
    {
        var help = (await OctantCommand.Run("--help")).Succeeded();
        Assert.Equal(help, (await OctantCommand.Run()).Succeeded());
        Assert.All(["chat", "generate", "tokenize", "pull", "models"], command => Assert.Contains(command, help));
        Assert.StartsWith("0.", (await OctantCommand.Run("--version")).Succeeded());
    }

    static int[] Ids(JsonElement json, string name) => [.. json.GetProperty(name).EnumerateArray().Select(id => id.GetInt32())];
}
