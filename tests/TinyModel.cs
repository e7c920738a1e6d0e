using System.Text.Json.Nodes;
using Octant.Formats;
using Octant.Models;
using static TorchSharp.torch;

namespace Octant.Testing;

/// <summary>
/// A complete model in a folder of a test's own, gone with it: a Llama of random weights that writes printable ASCII, a tokenizer
/// of single bytes, a ChatML template.
/// </summary>
sealed class TinyModel : IDisposable
{
    public const int EndOfText = 256, Start = 257, End = 258, Vocabulary = 259;

    public const string ChatMl =
        "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}{% endfor %}" +
        "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

    static readonly string[] Special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];

    /// <param name="template">null for a model that holds no conversation</param>
    /// <param name="context">in tokens; nearly every character is one</param>
    /// <param name="addsBos">whether the tokenizer begins every text with &lt;|endoftext|&gt;</param>
    /// <param name="generation">generation_config.json; by default it names two ends and is greedy</param>
    public TinyModel(string? template = ChatMl, int context = 512, bool addsBos = false, JsonObject? generation = null)
    {
        var config = Config(context);
        Write("config.json", config);
        Write("tokenizer.json", TokenizerJson(addsBos));
        Write("tokenizer_config.json", new()
        {
            ["bos_token"] = Special[0],
            ["eos_token"] = Special[2],
            ["chat_template"] = template,
        });
        Write("generation_config.json", generation ?? new() { ["eos_token_id"] = new JsonArray(EndOfText, End) });
        WriteWeights(config);
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("octant-test-").FullName;

    public string PathOf(string file) => Path.Combine(Folder, file);

    /// <summary>Writes a file of the folder, or over one.</summary>
    public void Write(string file, JsonObject json) => File.WriteAllText(PathOf(file), json.ToJsonString());

    /// <summary>Changes a file of the folder.</summary>
    public void Change(string file, Action<JsonObject> change)
    {
        var json = JsonNode.Parse(File.ReadAllText(PathOf(file)))!.AsObject();
        change(json);
        Write(file, json);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    static JsonObject Config(int context) => new()
    {
        ["model_type"] = "llama",
        ["vocab_size"] = Vocabulary,
        ["hidden_size"] = 32,
        ["intermediate_size"] = 48,
        ["num_hidden_layers"] = 2,
        ["num_attention_heads"] = 4,
        ["num_key_value_heads"] = 2,
        ["max_position_embeddings"] = context,
        ["initializer_range"] = 0.5,
    };

    void WriteWeights(JsonObject config)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var checkpoint = Checkpoint.Fresh(seed: 7);
        Architectures.Decoder(checkpoint, config);
        // What is no printable ASCII keeps a score of zero, below the best of a hundred random ones.
        checkpoint.Parameters["lm_head.weight"][..32].zero_();
        checkpoint.Parameters["lm_head.weight"][127..Vocabulary].zero_();
        SafetensorsWriter.WriteFolder(Folder, checkpoint.Parameters.Select(parameter =>
            TensorSource.Floats(parameter.Key, parameter.Value.data<float>().ToArray(), parameter.Value.shape)));
    }

    static JsonObject TokenizerJson(bool addsBos)
    {
        var vocabulary = new JsonObject();
        for (var id = 0; id < 256; id++) vocabulary[$"{Letter((byte)id)}"] = id;
        return new()
        {
            ["version"] = "1.0",
            ["added_tokens"] = new JsonArray([.. Special.Select((token, i) => new JsonObject
            {
                ["id"] = 256 + i, ["content"] = token, ["single_word"] = false, ["lstrip"] = false, ["rstrip"] = false,
                ["normalized"] = false, ["special"] = true,
            })]),
            ["normalizer"] = null,
            ["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = true },
            ["post_processor"] = !addsBos ? null : new JsonObject
            {
                ["type"] = "TemplateProcessing",
                ["single"] = new JsonArray(
                    new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = Special[0], ["type_id"] = 0 } },
                    new JsonObject { ["Sequence"] = new JsonObject { ["id"] = "A", ["type_id"] = 0 } }),
                ["pair"] = new JsonArray(
                    new JsonObject { ["Sequence"] = new JsonObject { ["id"] = "A", ["type_id"] = 0 } },
                    new JsonObject { ["Sequence"] = new JsonObject { ["id"] = "B", ["type_id"] = 1 } }),
                ["special_tokens"] = new JsonObject
                {
                    [Special[0]] = new JsonObject { ["id"] = Special[0], ["ids"] = new JsonArray(EndOfText), ["tokens"] = new JsonArray(Special[0]) },
                },
            },
            ["decoder"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = true },
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = new JsonArray() },
        };
    }

    /// <summary>The character that stands for a byte in byte-level BPE: itself where it prints, else the next free one from U+0100.</summary>
    static char Letter(byte value)
    {
        var shifted = 0;
        for (var i = 0; i < value; i++)
            if (!Prints(i)) shifted++;
        return Prints(value) ? (char)value : (char)(256 + shifted);
    }

    static bool Prints(int value) => value is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE and <= 0xFF;
}
