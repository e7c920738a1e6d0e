using System.Text.Json.Nodes;
using Octant.Formats;
using Octant.Tokenizers.SentencePiece;

namespace Octant.Tokenizers;

/// <summary>
/// Folders of before tokenizer.json: vocab.json with merges.txt, vocab.txt, a SentencePiece model, a file of ranks. The class that
/// tokenizer_config.json names says what is made of them, as transformers' convert_slow_tokenizer does.
/// </summary>
static class TokenizerFolder
{
    static readonly string[] models = ["tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "spm.model"];

    public static Tokenizer Open(string folder)
    {
        var config = JsonFiles.ReadObject(Path.Combine(folder, "tokenizer_config.json")) ?? [];
        if (Existing(folder, "vocab.json") is { } vocabulary && Existing(folder, "merges.txt") is { } merges)
            return Of(folder, config, BytePairs(folder, config, vocabulary, SmallFiles.ReadLines(merges)));
        if (Existing(folder, "vocab.txt") is { } words) return Of(folder, config, WordPieces(folder, config, SmallFiles.ReadLines(words)));
        if (models.Select(name => Existing(folder, name)).FirstOrDefault(path => path is not null) is { } model)
            // Llama 3's tokenizer.model is a file of ranks.
            return TokenizerFiles.Told(model, bytes => Tiktoken.Is(bytes) ? Tiktoken.Open(model, bytes) : SentencePiece(bytes, folder, config));
        if (SmallFiles.In(folder, "*.tiktoken").FirstOrDefault() is { } ranks)
            return TokenizerFiles.Open(ranks);
        throw new TokenizerException(
            $"{folder} holds no tokenizer: neither tokenizer.json nor vocab.json with merges.txt, vocab.txt, tokenizer.model or a .tiktoken file.");
    }

    static Tokenizer SentencePiece(byte[] model, string folder, JsonObject config) => ClassOf(config) switch
    {
        null or "Llama" or "CodeLlama" or "Gemma" => SentencePieceTokenizer.Build(model, SpecialTokenNames.Read(folder)),
        var kind => SentencePieceClasses.Build(kind, model, config) ?? throw Unknown(folder, kind),
    };

    static TokenizerException Unknown(string folder, string kind) =>
        new($"{folder} is used through {kind}Tokenizer, which is not supported without a tokenizer.json: save one beside it.");

    static string? Existing(string folder, string name) => Path.Combine(folder, name) is var path && File.Exists(path) ? path : null;

    /// <summary>"GPT2" of GPT2Tokenizer and of GPT2TokenizerFast.</summary>
    static string? ClassOf(JsonObject config) => Text(config["tokenizer_class"])?.Replace("Fast", "", StringComparison.Ordinal)
        .Replace("Tokenizer", "", StringComparison.Ordinal);

    static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    static Tokenizer Of(string folder, JsonObject config, JsonObject json)
    {
        json["added_tokens"] = AddedTokens(folder, config, (JsonObject)json["model"]!["vocab"]!);
        return TokenizerFiles.FromJson(json.ToJsonString(), folder, SpecialTokenNames.Read(folder));
    }

    static JsonObject BytePairs(string folder, JsonObject config, string vocabulary, IEnumerable<string> merges)
    {
        var kind = ClassOf(config) ?? "GPT2";
        var prefix = Flag(config, "add_prefix_space", false);
        var words = JsonFiles.ReadObject(vocabulary)!;
        var byteLevel = Node($$"""{"type":"ByteLevel","add_prefix_space":{{Json(prefix)}},"trim_offsets":true,"use_regex":true}""");
        var model = new JsonObject
        {
            ["type"] = "BPE",
            ["vocab"] = words,
            ["merges"] = new JsonArray([.. merges.Where(line => line.Length > 0 && !line.StartsWith("#version", StringComparison.Ordinal))
                .Select(line => (JsonNode)line)]),
        };
        var json = new JsonObject { ["pre_tokenizer"] = byteLevel, ["decoder"] = byteLevel.DeepClone(), ["model"] = model };
        var names = SpecialTokenNames.Read(folder);
        switch (kind)
        {
            case "GPT2" or "CodeGen" or "GPTNeoX" or "Whisper":
                json["post_processor"] = Node($$"""{"type":"ByteLevel","add_prefix_space":{{Json(prefix)}},"trim_offsets":false}""");
                break;
            case "Roberta" or "Bart" or "Longformer" or "LED":
                json["post_processor"] = Framed("RobertaProcessing", config, words, names.Bos ?? "<s>", names.Eos ?? "</s>",
                    $"\"trim_offsets\":true,\"add_prefix_space\":{Json(prefix)}");
                break;
            case "Qwen2":
                json["normalizer"] = Node("""{"type":"NFC"}""");
                json["pre_tokenizer"] = Split(WordPatterns.Qwen2, prefix);
                break;
            case "CLIP":
                json["normalizer"] = Node("""
                    {"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Replace","pattern":{"Regex":"\\s+"},"content":" "},{"type":"Lowercase"}]}
                    """);
                json["pre_tokenizer"] = Split(WordPatterns.Clip, prefix, """, "invert":true""", "Removed");
                json["post_processor"] = Framed("RobertaProcessing", config, words, names.Bos ?? "<|startoftext|>", names.Eos ?? "<|endoftext|>",
                    "\"trim_offsets\":false,\"add_prefix_space\":false");
                model["end_of_word_suffix"] = "</w>";
                model["unk_token"] = names.Unk ?? "<|endoftext|>";
                break;
            default:
                throw Unknown(folder, kind);
        }
        return json;
    }

    static JsonObject WordPieces(string folder, JsonObject config, IEnumerable<string> lines)
    {
        var kind = ClassOf(config) ?? "Bert";
        if (kind is not ("Bert" or "DistilBert" or "Electra" or "MobileBert" or "LayoutLM" or "DPRContextEncoder" or "DPRQuestionEncoder"))
            throw Unknown(folder, kind);
        var names = SpecialTokenNames.Read(folder);
        var words = new JsonObject();
        foreach (var (id, line) in lines.Index()) words[line] = id;     // of equal lines the last counts
        var lowercase = Json(Flag(config, "do_lower_case", true));
        return new()
        {
            ["normalizer"] = Node($$"""
                {"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":{{Json(Flag(config, "tokenize_chinese_chars", true))}},
                 "strip_accents":{{config["strip_accents"]?.ToJsonString() ?? "null"}},"lowercase":{{lowercase}}}
                """),
            ["pre_tokenizer"] = Node("""{"type":"BertPreTokenizer"}"""),
            ["post_processor"] = Framed("BertProcessing", config, words, Text(config["cls_token"]) ?? "[CLS]", Text(config["sep_token"]) ?? "[SEP]", ""),
            ["decoder"] = Node("""{"type":"WordPiece","prefix":"##","cleanup":true}"""),
            ["model"] = new JsonObject
            {
                ["type"] = "WordPiece",
                ["unk_token"] = names.Unk ?? "[UNK]",
                ["continuing_subword_prefix"] = "##",
                ["max_input_chars_per_word"] = 100,
                ["vocab"] = words,
            },
        };
    }

    static JsonObject Split(string pattern, bool prefix, string options = "", string behavior = "Isolated") => Node($$"""
        {"type":"Sequence","pretokenizers":[
          {"type":"Split","pattern":{"Regex":{{JsonValue.Create(pattern).ToJsonString()}}},"behavior":"{{behavior}}"{{(options.Length > 0 ? options : ", \"invert\":false")}}},
          {"type":"ByteLevel","add_prefix_space":{{Json(prefix)}},"trim_offsets":true,"use_regex":false}]}
        """);

    static JsonObject Framed(string type, JsonObject config, JsonObject words, string start, string end, string options)
    {
        var frame = Node($"{{\"type\":\"{type}\"{(options.Length > 0 ? "," : "")}{options}}}");
        frame["cls"] = new JsonArray(start, Id(start));
        frame["sep"] = new JsonArray(end, Id(end));
        return frame;

        int Id(string token) => Number(words[token]) ?? AddedId(config, token)
            ?? throw new TokenizerException($"The vocabulary lacks {token}, which goes around each text.");
    }

    /// <summary>The special tokens by name, then those of added_tokens.json and of added_tokens_decoder.</summary>
    static JsonArray AddedTokens(string folder, JsonObject config, JsonObject words)
    {
        var added = new SortedDictionary<int, JsonObject>();
        foreach (var source in (JsonObject?[])[config, JsonFiles.ReadObject(Path.Combine(folder, "special_tokens_map.json"))])
            foreach (var (key, value) in source ?? [])
                if (key.EndsWith("_token", StringComparison.Ordinal) && (Text(value) ?? Text((value as JsonObject)?["content"])) is { } token
                    && Number(words[token]) is { } id) added[id] = Token(id, token, true);
        foreach (var token in (string[])["[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]", "<|endoftext|>"])
            if (Number(words[token]) is { } id) added[id] = Token(id, token, true);
        foreach (var (token, value) in JsonFiles.ReadObject(Path.Combine(folder, "added_tokens.json")) ?? [])
            if (Number(value) is { } id && !added.ContainsKey(id)) added[id] = Token(id, token, false);
        foreach (var (key, value) in config["added_tokens_decoder"] as JsonObject ?? [])
            if (int.TryParse(key, out var id) && value is JsonObject given)
            {
                added[id] = (JsonObject)given.DeepClone();
                added[id]["id"] = id;
            }
        return new([.. added.Values]);
    }

    static int? AddedId(JsonObject config, string token)
    {
        foreach (var (key, value) in config["added_tokens_decoder"] as JsonObject ?? [])
            if (Text((value as JsonObject)?["content"]) == token && int.TryParse(key, out var id)) return id;
        return null;
    }

    static JsonObject Token(int id, string content, bool special) =>
        new() { ["id"] = id, ["content"] = content, ["special"] = special, ["normalized"] = !special };

    static int? Number(JsonNode? node) => node is JsonValue value && value.TryGetValue<int>(out var number) ? number : null;

    static bool Flag(JsonObject config, string key, bool otherwise) =>
        config[key] is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag : otherwise;

    static string Json(bool flag) => flag ? "true" : "false";

    static JsonObject Node(string json) => JsonNode.Parse(json)!.AsObject();
}
