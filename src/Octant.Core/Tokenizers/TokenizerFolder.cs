using System.Text.Json.Nodes;
using Octant.Formats;
using Octant.Tokenizers.SentencePiece;

namespace Octant.Tokenizers;

/// <summary>
/// Folders without tokenizer.json: vocab.json with merges.txt, vocab.txt, tekken.json, a SentencePiece model, a file of ranks. The class that
/// tokenizer_config.json names says what is made of them, as transformers' convert_slow_tokenizer does.
/// </summary>
static class TokenizerFolder
{
    public static Tokenizer Open(string folder)
    {
        var tokens = new FolderTokens(folder);
        if (Json(folder, tokens) is { } json) return TokenizerFiles.FromJson(json.ToJsonString(), folder, tokens.Names);
        if (Ranks(folder) is { } ranks) return ranks.Build();
        if (SentencePieceFile(folder) is { } model)
            return TokenizerFiles.Told(model, bytes => SentencePieceClasses.Build(bytes, tokens) ?? throw Unknown(folder, tokens.Class!));
        throw new TokenizerException(
            $"{folder} holds no tokenizer: neither tokenizer.json nor vocab.json with merges.txt, vocab.txt, tekken.json, tokenizer.model or a .tiktoken file.");
    }

    /// <summary>What the files mean as a tokenizer.json; null where there are none, or a SentencePiece model.</summary>
    /// <exception cref="TokenizerException">they are damaged, or of a class that is not known</exception>
    public static JsonObject? JsonOf(string folder) => Json(folder, new FolderTokens(folder)) ?? Ranks(folder)?.Json();

    /// <summary>A SentencePiece model that is used as Llama's class uses it; null where there is none.</summary>
    /// <exception cref="TokenizerException">it is damaged</exception>
    public static SentencePieceModel? LlamaPieces(string folder) => SentencePieceFile(folder) is { } file
        ? TokenizerFiles.Told(file, bytes => SentencePieceClasses.LlamaPieces(bytes, new FolderTokens(folder))) : null;

    static JsonObject? Json(string folder, FolderTokens tokens) =>
        Existing(folder, "vocab.json") is { } vocabulary && Existing(folder, "merges.txt") is { } merges ? BytePairs(folder, tokens, vocabulary, SmallFiles.ReadLines(merges))
        : Existing(folder, "vocab.txt") is { } words ? WordPieces(folder, tokens, SmallFiles.ReadLines(words))
        : null;

    static RankedVocabulary? Ranks(string folder)
    {
        if (Existing(folder, "tekken.json") is { } tekken) return TokenizerFiles.Json(tekken, Tekken.Read);
        // Llama 3's tokenizer.model is a file of ranks.
        var file = SentencePieceFile(folder) is { } model ? Tiktoken.Is(SmallFiles.ReadStart(model, 256)) ? model : null : SmallFiles.In(folder, "*.tiktoken").FirstOrDefault();
        return file is null ? null : TokenizerFiles.Told(file, bytes => Tiktoken.Read(file, bytes));
    }

    static string? SentencePieceFile(string folder) => FolderFiles.SentencePieceModels.Select(name => Existing(folder, name)).FirstOrDefault(path => path is not null);

    static TokenizerException Unknown(string folder, string kind) =>
        new($"{folder} is used through {kind}Tokenizer, which is not supported without a tokenizer.json: save one beside it.");

    static string? Existing(string folder, string name) => Path.Combine(folder, name) is var path && File.Exists(path) ? path : null;

    static JsonObject BytePairs(string folder, FolderTokens tokens, string vocabulary, IEnumerable<string> merges)
    {
        var kind = tokens.Class ?? "GPT2";
        var prefix = tokens.Config["add_prefix_space"].Flag() ?? false;
        var words = JsonFiles.ReadObject(vocabulary)!;
        var byteLevel = Node($$"""{"type":"ByteLevel","add_prefix_space":{{Json(prefix)}},"trim_offsets":true,"use_regex":true}""");
        var model = new JsonObject
        {
            ["type"] = "BPE",
            ["vocab"] = words,
            ["merges"] = new JsonArray([.. merges.Where(line => line.Length > 0 && !line.StartsWith("#version", StringComparison.Ordinal))
                .Select(line => (JsonNode)line)]),
        };
        var names = tokens.Names;
        var added = Added(tokens, words, kind);
        var json = new JsonObject { ["added_tokens"] = Json(added), ["pre_tokenizer"] = byteLevel, ["decoder"] = byteLevel.DeepClone(), ["model"] = model };
        switch (kind)
        {
            case "Whisper":
                json["post_processor"] = Between(["<|startoftranscript|>", "<|notimestamps|>"], [names.Eos ?? "<|endoftext|>"], added, words);
                break;
            case "GPT2" or "CodeGen" or "GPTNeoX" when names.AddBos == true:
                json["post_processor"] = Between([names.Bos ?? "<|endoftext|>"], kind == "GPTNeoX" && names.AddEos == true ? [names.Eos ?? "<|endoftext|>"] : [], added, words);
                break;
            case "GPT2" or "CodeGen" or "GPTNeoX":
                json["post_processor"] = Node($$"""{"type":"ByteLevel","add_prefix_space":{{Json(prefix)}},"trim_offsets":false}""");
                break;
            case "Roberta" or "Bart" or "Longformer" or "LED":
                json["post_processor"] = Framed("RobertaProcessing", added, words, names.Bos ?? "<s>", names.Eos ?? "</s>",
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
                json["post_processor"] = Framed("RobertaProcessing", added, words, names.Bos ?? "<|startoftext|>", names.Eos ?? "<|endoftext|>",
                    "\"trim_offsets\":false,\"add_prefix_space\":false");
                model["end_of_word_suffix"] = "</w>";
                model["unk_token"] = names.Unk ?? "<|endoftext|>";
                break;
            default:
                throw Unknown(folder, kind);
        }
        return json;
    }

    static JsonObject WordPieces(string folder, FolderTokens tokens, IEnumerable<string> lines)
    {
        var (kind, config) = (tokens.Class ?? "Bert", tokens.Config);
        if (kind is not ("Bert" or "DistilBert" or "Electra" or "MobileBert" or "LayoutLM" or "DPRContextEncoder" or "DPRQuestionEncoder"))
            throw Unknown(folder, kind);
        var words = new JsonObject();
        foreach (var (id, line) in lines.Index()) words[line] = id;     // of equal lines the last counts
        // What transformers calls the basic tokenizer is the normalizer here; without it words are only cut.
        var isBasic = config["do_basic_tokenize"].Flag() ?? true;
        var lowercase = Json(isBasic && (config["do_lower_case"].Flag() ?? true));
        var added = Added(tokens, words, "Bert");
        return new()
        {
            ["added_tokens"] = Json(added),
            ["normalizer"] = Node($$"""
                {"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":{{Json(isBasic && (config["tokenize_chinese_chars"].Flag() ?? true))}},
                 "strip_accents":{{(isBasic ? config["strip_accents"]?.ToJsonString() ?? "null" : "false")}},"lowercase":{{lowercase}}}
                """),
            ["pre_tokenizer"] = Node("""{"type":"BertPreTokenizer"}"""),
            ["post_processor"] = Framed("BertProcessing", added, words, config["cls_token"].Text() ?? "[CLS]", config["sep_token"].Text() ?? "[SEP]", ""),
            ["decoder"] = Node("""{"type":"WordPiece","prefix":"##","cleanup":true}"""),
            ["model"] = new JsonObject
            {
                ["type"] = "WordPiece",
                ["unk_token"] = tokens.Names.Unk ?? "[UNK]",
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

    /// <summary>Tokens in front of a text, or of a pair of texts, and behind it.</summary>
    static JsonObject Between(string[] before, string[] after, IReadOnlyCollection<AddedToken> added, JsonObject words)
    {
        return TemplateJson.Of(
            [.. Special(before, 0), TemplateJson.Text("A", 0), .. Special(after, 0)],
            [.. Special(before, 0), TemplateJson.Text("A", 0), TemplateJson.Text("B", 1), .. Special(after, 1)],
            before.Concat(after).Select(token => (token, IdOf(token, added, words))));

        static IEnumerable<JsonNode> Special(string[] tokens, int type) => tokens.Select(token => TemplateJson.Special(token, type));
    }

    static int IdOf(string token, IEnumerable<AddedToken> added, JsonObject words) => words[token].Number() ?? added.FirstOrDefault(known => known.Content == token)?.Id
        ?? throw new TokenizerException($"The vocabulary lacks {token}, which goes around each text.");

    static JsonObject Framed(string type, IEnumerable<AddedToken> added, JsonObject words, string start, string end, string options)
    {
        var frame = Node($"{{\"type\":\"{type}\"{(options.Length > 0 ? "," : "")}{options}}}");
        frame["cls"] = new JsonArray(start, IdOf(start, added, words));
        frame["sep"] = new JsonArray(end, IdOf(end, added, words));
        return frame;
    }

    /// <summary>Those of the folder, and those that its class has without being told, where the vocabulary has them.</summary>
    static IReadOnlyCollection<AddedToken> Added(FolderTokens tokens, JsonObject words, string kind)
    {
        string[] special = kind switch
        {
            "Bert" => ["[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]"],
            "Roberta" or "Bart" or "Longformer" or "LED" => ["<s>", "</s>", "<unk>", "<pad>", "<mask>"],
            "CLIP" => ["<|startoftext|>", "<|endoftext|>"],
            _ => ["<|endoftext|>"],
        };
        var known = from token in special
                    where words[token].Number() is >= 0
                    select new AddedToken((int)words[token]!, token, Special: true, TakesLeft: token == "<mask>");
        return tokens.All(known, token => words[token].Number(), words.Count);
    }

    static JsonArray Json(IEnumerable<AddedToken> tokens) => new([.. tokens.Select(token => new JsonObject
    {
        ["id"] = token.Id,
        ["content"] = token.Content,
        ["single_word"] = token.SingleWord,
        ["lstrip"] = token.TakesLeft,
        ["rstrip"] = token.TakesRight,
        ["normalized"] = token.Normalized,
        ["special"] = token.Special,
    })]);

    static string Json(bool flag) => flag ? "true" : "false";

    static JsonObject Node(string json) => JsonNode.Parse(json)!.AsObject();
}
