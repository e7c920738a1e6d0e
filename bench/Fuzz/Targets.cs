using System.Text.Json.Nodes;
using Octant;
using Octant.Chat;
using Octant.Chat.Answers;
using Octant.Chat.Jinja;
using Octant.Configs;
using Octant.Constraints;
using Octant.Formats;
using Octant.Generation;
using Octant.Testing;
using Octant.Tokenizers;
using Octant.Tokenizers.RegularExpressions;
using Encoding = System.Text.Encoding;

namespace Fuzz;

/// <summary>One parser, and what it is given to begin with.</summary>
/// <param name="Name">as it is reported</param>
/// <param name="Seeds">sound inputs, of which the others are made</param>
/// <param name="Run">reads an input; may throw an <see cref="OctantException"/>, nothing else</param>
/// <param name="Base">bytes that it may allocate for nothing</param>
/// <param name="PerByte">and for each byte of input</param>
sealed record Target(string Name, IReadOnlyList<byte[]> Seeds, Action<byte[]> Run, long Base, long PerByte)
{
    const double MillisecondsPerByte = 0.01;

    /// <summary>Milliseconds that it may take for nothing: short programs may ask for all the work that programs are allowed.</summary>
    public double BaseMilliseconds { get; init; } = 250;

    public double MostAllocated(int length) => Base + (double)PerByte * length;

    public double MostMilliseconds(int length) => BaseMilliseconds + MillisecondsPerByte * length;

    /// <summary>Words that mean something to it, put in where chance would hardly find them.</summary>
    public IReadOnlyList<byte[]> Words { get; init; } = [];
}

/// <remarks>Bounds are those of an input's length: what a parser allocates for nothing is its base, and small.</remarks>
static class Targets
{
    static readonly string scratch = Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"octant-fuzz-{Environment.ProcessId}");
    static readonly TokenVocabulary vocabulary = new(Tokenizer.Open(Carried("tokenizer-bpe-llama3/tokenizer.json")));

    public static IReadOnlyList<Target> All { get; } =
    [
        new("safetensors", [Safetensors(), Safetensors(3)], data => Read(data, ".safetensors"), 256 << 10, 100),
        new("index", [Bytes("""{"metadata":{"total_size":8},"weight_map":{"a":"x.safetensors","b":"x.safetensors"}}""")], data => Read(data, ".index.json"), 512 << 10, 100),
        new("gguf", [Gguf(), .. Trimmed("gguf-llama/model.gguf"), .. Trimmed("gguf-tokenizer-t5/vocabulary.gguf")], ReadGguf, 2 << 20, 1000),
        new("pytorch", Files("torch-files", "*.pt", "*.bin", "*.pth"), data => Read(data, ".pt"), 1 << 20, 1000),
        new("numpy", Files("numpy-files", "*.npy", "*.npz"), data => Read(data, ".npy"), 512 << 10, 500),
        // It may ask for padding to the length of a long context.
        new("tokenizer.json", Tokenizers(), ReadTokenizer, 128 << 20, 10_000) { Words = Words("null true false -1 1e99 \"Regex\" \"String\" \"BPE\" \"Unigram\" \"WordPiece\" \"Sequence\" \"ByteLevel\" \"Metaspace\" (?=a) (a|aa)+$") },
        new("sentencepiece", [SentencePiece(1), SentencePiece(2), SentencePiece(3), SentencePiece(4), .. Trimmed("tokenizer-sentencepiece-suffix/tokenizer.model")], ReadSentencePiece, 4 << 20, 4000),
        new("llama2.c", [Llama2C(0, true), Llama2C(0, false), Llama2C(1, true), Llama2C(1, false)], data => Read(data, ".bin"), 256 << 10, 100),
        new("tiktoken", [Tiktoken()], ReadTiktoken, 8 << 20, 2000),
        new("tekken.json", [Tekken()], data => Use(Tokenizer.FromJson(System.Text.Encoding.UTF8.GetString(data))), 8 << 20, 4000) { Words = Words("null true -1 1e99 \"rank\" \"pattern\" \"special_tokens\" 300 (?=a)") },
        new(".tiktoken", [Tiktoken()], data => ReadFolder(data, "r50k_base.tiktoken"), 8 << 20, 2000),
        new("tokenizer.bin", [Llama2CTokens()], data => Use(Tokenizer.Open(Scratch(data, ".bin"))), 4 << 20, 2000),
        new("vocab.json", BytePairs(), data => ReadFolder(data, "vocab.json", "merges.txt", "tokenizer_config.json", "added_tokens.json", "special_tokens_map.json"), 4 << 20, 10_000)
        {
            Words = Words("\"GPT2Tokenizer\" \"RobertaTokenizerFast\" \"CLIPTokenizer\" \"Qwen2Tokenizer\" \"tokenizer_class\": \"add_prefix_space\":true \"content\":\"<s>\" null -1 5000000 \n%%\n #version"),
        },
        new("vocab.txt", WordLists(), data => ReadFolder(data, "vocab.txt", "tokenizer_config.json", "special_tokens_map.json"), 4 << 20, 4000)
        {
            Words = Words("[CLS] [SEP] [UNK] ## \"BertTokenizer\" \"ElectraTokenizerFast\" \"do_lower_case\":false \"strip_accents\":[1] \"cls_token\":\"a\" null -1 \n%%\n"),
        },
        new("jinja", Jinja(), ReadJinja, 64 << 20, 100_000) { BaseMilliseconds = 1000, Words = Words("{% for x in range(99999999) %} {% endfor %} {{ 'a' * 999999999 }} {% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }} | namespace( .append( [::-1] {%- -%} {# #}") },
        new("json-schema", Schemas(), ReadSchema, 512 << 20, 500_000) { BaseMilliseconds = 1000, Words = Words("\"$ref\":\"#\" \"pattern\":\"(a{0,99}){0,99}\" \"maxItems\":9999 \"maxLength\":99999 \"minLength\":300 \"uniqueItems\":true \"oneOf\":[{\"required\":[\"a\"]},{}] \"unevaluatedProperties\":false \"multipleOf\":0.0001 \"anyOf\":[{},{}] \"not\":{} \"enum\":[1,2] \"minimum\":1e300 true false null") },
        new("regex", Regexes(), ReadRegex, 512 << 20, 500_000) { BaseMilliseconds = 1000, Words = Words(@"(?: (?= (?! ) {0,99} {9,} \p{L} \w \b [^ ] | * + ? (?i) .* (a|b|ab)* \u{10FFFF} $ ^") },
        new("gbnf", Grammars(), ReadGrammar, 128 << 20, 500_000) { BaseMilliseconds = 1000, Words = Words("root ::= | * + ? {0,99} {99} [^ ] \"a\" root . \\u0041 # ( )") },
        new("tool-calls", Answers(), ReadAnswer, 16 << 20, 100_000) { BaseMilliseconds = 1000, Words = Words("<tool_call> </tool_call> [TOOL_CALLS] <think> </think> {\"name\": \"arguments\": <|python_tag|> ``` [[[[ {{{{ \\u12 f(x= <function= <parameter=") },
        new("config.json", Configs(), ReadConfig, 1 << 20, 2000) { Words = Words("null -1 0 1e99 99999999999 \"a\" [] {} true \"rope_scaling\":{\"type\":\"yarn\"}") },
    ];

    static string Carried(string path) => Path.Combine(Repository.Root, "tests/Goldens/carried", path);

    static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    static IReadOnlyList<byte[]> Words(string text) => [.. text.Split(' ').Select(Bytes)];

    static IReadOnlyList<byte[]> Files(string folder, params string[] patterns) =>
        [.. patterns.SelectMany(pattern => Directory.EnumerateFiles(Carried(folder), pattern)).Select(File.ReadAllBytes).Where(bytes => bytes.Length < 20_000)];

    /// <summary>A large file is a slow seed: its beginning, where all lengths stand, is the part that matters.</summary>
    static IEnumerable<byte[]> Trimmed(string path) => [File.ReadAllBytes(Carried(path))];

    static byte[] Safetensors(int tensors = 1)
    {
        var header = string.Join(',', Enumerable.Range(0, tensors).Select(i => $"\"t{i}\":{{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[{16 * i},{16 * i + 16}]}}"));
        var json = Bytes($"{{{header}}}".PadRight(64));
        return [.. BitConverter.GetBytes((long)json.Length), .. json, .. new byte[16 * tensors]];
    }

    static byte[] Gguf()
    {
        var path = scratch + ".seed";
        var tokens = new[] { "<unk>", "<s>", "</s>", "▁a", "b", "▁", "a", "ab" };
        GgufWriter.Write(path, new GgufKeys().Add("general.architecture", "llama").Add("llama.block_count", 1u).Add("llama.context_length", 8u)
                .Add("llama.embedding_length", 4u).Add("llama.feed_forward_length", 4u).Add("llama.attention.head_count", 2u)
                .Add("tokenizer.ggml.model", "llama").Add("tokenizer.ggml.tokens", tokens).Add("tokenizer.ggml.scores", new float[8])
                .Add("tokenizer.ggml.token_type", [2, 3, 3, 1, 1, 1, 1, 1]).Add("tokenizer.chat_template", "{{ messages[0]['content'] }}"),
            [TensorSource.Floats("token_embd.weight", new float[32], 8, 4)]);
        var bytes = File.ReadAllBytes(path);
        File.Delete(path);
        return bytes;
    }

    static IReadOnlyList<byte[]> Tokenizers() =>
    [
        Bytes("""{"version":"1.0","added_tokens":[{"id":3,"content":"<x>","special":true}],"normalizer":{"type":"Sequence","normalizers":[{"type":"NFKC"},{"type":"Replace","pattern":{"Regex":"a+"},"content":"b"}]},"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":true,"use_regex":true},"post_processor":{"type":"ByteLevel","trim_offsets":true},"decoder":{"type":"ByteLevel"},"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"],"byte_fallback":false}}"""),
        Bytes("""{"added_tokens":[],"normalizer":{"type":"BertNormalizer","lowercase":true},"pre_tokenizer":{"type":"BertPreTokenizer"},"post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"[C]","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],"special_tokens":{"[C]":{"id":"[C]","ids":[0],"tokens":["[C]"]}}},"decoder":{"type":"WordPiece","prefix":"##"},"model":{"type":"WordPiece","unk_token":"[U]","vocab":{"[C]":0,"[U]":1,"he":2,"##llo":3},"max_input_chars_per_word":9}}"""),
        Bytes("""{"normalizer":{"type":"Precompiled","precompiled_charsmap":"BAAAAAAAAAA="},"pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"},"decoder":{"type":"Metaspace","replacement":"▁"},"model":{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0],["▁h",-1.5],["ello",-2],["l",-3]],"byte_fallback":true},"truncation":{"max_length":4,"stride":1,"strategy":"LongestFirst","direction":"Right"},"padding":{"strategy":{"Fixed":6},"direction":"Left","pad_id":0,"pad_type_id":0,"pad_token":"<unk>"}}"""),
        Bytes("""{"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"\\p{N}{1,3}|[^\\s]+|\\s+(?!\\S)"},"behavior":"Isolated","invert":false},{"type":"Digits","individual_digits":true}]},"decoder":{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"a"},"content":"b"},{"type":"Strip","content":" ","start":1,"stop":0},{"type":"Fuse"}]},"model":{"type":"WordLevel","unk_token":"a","vocab":{"a":0,"b":1}}}"""),
    ];

    static byte[] SentencePiece(int kind)
    {
        static byte[] Field(int number, params byte[] body) => [(byte)(number << 3 | 2), (byte)body.Length, .. body];
        static byte[] Piece(string text, float score, int type) => Field(1, [.. Field(1, Bytes(text)), 0x15, .. BitConverter.GetBytes(score), 0x18, (byte)type]);
        return [.. Piece("<unk>", 0, 2), .. Piece("<s>", 0, 3), .. Piece("▁a", -1, 1), .. Piece("b", -2, 1), .. Piece("ab", -2, 1), .. Piece("xy", 0, 4),
            .. Piece("<0x41>", 0, 6), .. Piece("a", -3, 1), .. Field(2, [0x18, (byte)kind, 0x98, 0x02, 1])];
    }

    static byte[] Tekken() => Bytes($$"""
        {"config":{"pattern":"\\p{L}+|\\s+|.","default_vocab_size":263,"default_num_special_tokens":5,"version":"v11"},"special_tokens":[{"rank":1,"token_str":"<s>"},{"rank":0,"token_str":"<unk>"}],
         "vocab":[{{string.Join(',', Enumerable.Range(0, 256).Select(i => Convert.ToBase64String([(byte)i])).Concat(["YWI=", "YWJj"]).Select((token, rank) => $$"""{"rank":{{rank}},"token_bytes":"{{token}}"}"""))}}]}
        """);

    static byte[] Tiktoken() => Bytes(string.Join('\n', Enumerable.Range(0, 256).Select(i => $"{Convert.ToBase64String([(byte)i])} {i}")) + "\nYWI= 256\nYWJj 257\n");

    /// <summary>A checkpoint of llama2.c of a version and of 8 numbers' width, whose head is the embedding or a matrix of its own.</summary>
    static byte[] Llama2C(int version, bool tied)
    {
        const int Vocabulary = 6, Width = 8, Inner = 12, Layers = 2, Heads = 4, Shared = 2, Context = 5;
        int[] sizes = [Width, Inner, Layers, Heads, Shared, version == 0 && !tied ? -Vocabulary : Vocabulary, Context];
        byte[] header = [.. sizes.SelectMany(BitConverter.GetBytes)];
        if (version == 1) header = [.. "24ka"u8, 1, 0, 0, 0, .. header, tied ? (byte)1 : (byte)0, .. new byte[256 - 37]];
        var numbers = Vocabulary * Width * (tied ? 1 : 2) + Layers * (2 * Width + 3 * Width * Width + 3 * Width * Inner) + Width
            + (version == 0 ? Context * (Width / Heads / 2) * 2 : 0);
        return [.. header, .. new byte[4 * numbers]];
    }

    static byte[] Llama2CTokens() => [.. BitConverter.GetBytes(7), .. ((string[])["<unk>", "\n<s>\n", "\n</s>\n", " ", "a", "b", " a", "<0x0A>"]).Index().SelectMany(token =>
        (byte[])[.. BitConverter.GetBytes(-(float)token.Index), .. BitConverter.GetBytes(token.Item.Length), .. Bytes(token.Item)])];

    /// <summary>Folders are their files one after the other.</summary>
    const string NextFile = "\n%%\n";

    static byte[] Folder(params string[] files) => Bytes(string.Join(NextFile, files));

    static IReadOnlyList<byte[]> BytePairs() =>
    [
        Folder("""{"a":0,"b":1,"ab":2,"Ġ":3,"Ġab":4,"l":5,"o":6,"<|endoftext|>":7}""", "#version: 0.2\na b\nĠ ab\n", """{"tokenizer_class":"GPT2Tokenizer","add_prefix_space":true,"bos_token":"<|endoftext|>"}"""),
        Folder("""{"a":0,"b":1,"ab":2,"<s>":3,"</s>":4,"<mask>":5}""", "a b", """{"tokenizer_class":"RobertaTokenizer","added_tokens_decoder":{"5":{"content":"<mask>","lstrip":true,"special":true}}}""", """{"<x>":6}""", """{"mask_token":{"content":"<mask>"}}"""),
        Folder("""{"a</w>":0,"b":1,"b</w>":2,"a":3,"ab</w>":4,"<|startoftext|>":5,"<|endoftext|>":6}""", "a b</w>", """{"tokenizer_class":"CLIPTokenizer"}"""),
        Folder("""{"a":0,"b":1,"ab":2}""", "a b", """{"tokenizer_class":"Qwen2Tokenizer","added_tokens_decoder":{"3":{"content":"<|im_end|>","special":true}}}"""),
    ];

    static IReadOnlyList<byte[]> WordLists() =>
    [
        Folder("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhel\n##lo\nwor\n##ld\n,", """{"tokenizer_class":"BertTokenizer","do_lower_case":true,"strip_accents":null}""", """{"cls_token":"[CLS]"}"""),
        Folder("[UNK]\r\n[CLS]\r\n[SEP]\r\na\r\n##b", """{"tokenizer_class":"DistilBertTokenizerFast","tokenize_chinese_chars":false}"""),
        Folder("[CLS]\n[SEP]\n[UNK]"),
    ];

    static IReadOnlyList<byte[]> Jinja() =>
    [
        Bytes("{% for m in messages %}{{ '<|' + m['role'] + '|>' + m.content | trim }}{% endfor %}{% if add_generation_prompt %}x{% endif %}"),
        Bytes("{%- set ns = namespace(a=0) -%}{% macro f(x, y=2) %}{{ x ~ y }}{% endmacro %}{{ f(1) }}{% for i in range(3) if i > 1 %}{{ loop.index }}{% else %}no{% endfor %}{{ [1,2,3][::-1] | tojson }}"),
        Bytes("{{ messages | map(attribute='role') | join(',') | upper }}{{ raise_exception('no') if messages | length > 9 else 'ok' }}{{ {'a': 1}.items() | list }}{{ 'abc'[1:] | replace('b', 'c') }}{{ 7 // 2 ** 3 % 4 }}"),
        File.ReadAllBytes(Directory.EnumerateFiles(Carried("chat-templates"), "*.jinja").OrderBy(path => new FileInfo(path).Length).First()),
    ];

    static IReadOnlyList<byte[]> Schemas() => [.. File.ReadLines(Carried("constraints-json-schema/cases.jsonl")).Select(line => Bytes(JsonNode.Parse(line)!["schema"]!.ToJsonString()))];

    static IReadOnlyList<byte[]> Regexes() => [.. File.ReadLines(Carried("constraints-regex/cases.jsonl")).Select(line => Bytes((string)JsonNode.Parse(line)!["pattern"]!))];

    static IReadOnlyList<byte[]> Grammars() => [.. File.ReadLines(Carried("constraints-grammar/cases.jsonl")).Select(line => Bytes((string)JsonNode.Parse(line)!["gbnf"]!))];

    static IReadOnlyList<byte[]> Answers() => [.. ((string[])
    [
        "<think>\nwell</think>Hello <tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1, \"b\": [2.5, null]}}\n</tool_call>",
        "[TOOL_CALLS] [{\"name\": \"add\", \"arguments\": {\"a\": 1}}, {\"name\": \"add\", \"arguments\": {}}]", "[add(a=1, b='x'), add(a=[1, {\"k\": True}])]",
        "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>commentary to=functions.add <|constrain|>json<|message|>{\"a\": 1}<|call|>",
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>add\n```json\n{\"a\": 1}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
        "```tool_code\nprint(add(a=1))\n```", "<|python_tag|>add.call(a=1); {\"name\": \"add\", \"parameters\": {\"a\": \"1\"}}",
        "<tool_call>\n<function=add>\n<parameter=a>\n1\n</parameter>\n</function>\n</tool_call>", "{\"name\": 'add', \"arguments\": {a: 1,}}",
    ]).Select(Bytes)];

    static IReadOnlyList<byte[]> Configs() => [.. ((string[])["gpt2", "llama", "mistral", "qwen2", "qwen3"]).Select(name => File.ReadAllBytes(Carried($"{name}/config.json"))),
        File.ReadAllBytes(Carried("gguf-llama/generation_config.json"))];

    static string Scratch(byte[] data, string ending)
    {
        var path = scratch + ending;
        File.WriteAllBytes(path, data);
        return path;
    }

    static void Read(byte[] data, string ending)
    {
        using var file = TensorFiles.Open(Scratch(data, ending));
        foreach (var tensor in file.Tensors.Values)
            if (tensor.Count <= 4096 && tensor.Type.IsFloating()) tensor.ToFloats();
    }

    static void ReadGguf(byte[] data)
    {
        using var file = new GgufFile(Scratch(data, ".gguf"));
        foreach (var entry in file.Metadata.Entries)
            if (entry.Type == GgufType.Text) file.Metadata.Text(entry.Key);
        foreach (var tensor in file.Tensors.Values)
            if (tensor.Count <= 4096) tensor.ToFloats();
        Try(() => LlamaConfig.Read(LlamaConfig.FromGguf(file)));
        var vocabulary = GgufVocabulary.Read(file);
        Use(Tokenizer.FromGguf(vocabulary));
        GgufTokenizerJson.Of(vocabulary);
    }

    static void ReadTokenizer(byte[] data) => Use(Tokenizer.FromJson(Encoding.UTF8.GetString(data)));

    static void ReadSentencePiece(byte[] data) => Use(Tokenizer.FromSentencePiece(data));

    static void ReadTiktoken(byte[] data) => Use(Tokenizer.FromTiktoken(data, @"\p{L}+| ?[^\s]+|\s+", new Dictionary<string, int> { ["<x>"] = 300 }));

    static void ReadFolder(byte[] data, params string[] names)
    {
        Directory.CreateDirectory(scratch);
        var rest = data.AsSpan();
        foreach (var name in names)
        {
            var end = name == names[^1] ? -1 : rest.IndexOf(Bytes(NextFile));
            var path = Path.Combine(scratch, name);
            if (rest.IsEmpty) File.Delete(path);
            else File.WriteAllBytes(path, end < 0 ? rest : rest[..end]);
            rest = end < 0 ? [] : rest[(end + NextFile.Length)..];
        }
        Use(Tokenizer.Open(names.Length == 1 ? Path.Combine(scratch, names[0]) : scratch));
    }

    static void Use(Tokenizer tokenizer)
    {
        var encoding = tokenizer.Encode("Hello <x> wörld  123 \n日本 aab xy", "b a");
        tokenizer.Decode([.. encoding.Ids]);
        var stream = tokenizer.OpenDecodeStream();
        foreach (var id in encoding.Ids) stream.Step(id);
        stream.Flush();
        tokenizer.EncodeIds("aaaa<x>");
    }

    static readonly Dictionary<string, JsonNode?> variables = new()
    {
        ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Hello" }, new JsonObject { ["role"] = "assistant", ["content"] = " Hi " }),
        ["add_generation_prompt"] = true,
        ["bos_token"] = "<s>",
    };

    static void ReadJinja(byte[] data) => JinjaTemplate.Parse(Encoding.UTF8.GetString(data)).Render(variables);

    static void ReadSchema(byte[] data) => Use(Constraint.FromJsonSchema(Encoding.UTF8.GetString(data)));

    static void ReadRegex(byte[] data)
    {
        var pattern = Encoding.UTF8.GetString(data);
        Try(() => Use(Constraint.FromRegex(pattern)));
        var dialects = Enum.GetValues<RegexDialect>();
        var expression = new CodePointRegex(pattern, dialects[data.Length % dialects.Length]);
        var count = 0;
        for (var match = expression.Matches("Hello, wörld 123 aaaaaaaaaaaaaaaaaaaab"); match.MoveNext();) count++;
    }

    static void ReadGrammar(byte[] data) => Use(Constraint.FromGbnf(Encoding.UTF8.GetString(data)));

    static void Use(Constraint constraint)
    {
        constraint.Accepts("{\"a\": [1, 2.5, \"x\"]}");
        var state = constraint.Open(vocabulary);
        var left = Math.Min(state.TokensToEnd + 3, 40);
        for (var i = 0; i < 4 && !state.IsOver && left > 0; i++)
        {
            _ = state.AllowedTokens;
            if (state.Take(i * 7, left--) is null) break;
        }
    }

    static readonly AnswerFormat[] formats = [.. Directory.EnumerateFiles(Carried("chat-templates"), "*.jinja").Select(path => AnswerFormat.Of(new ChatTemplate(File.ReadAllText(path)))),
        .. ((string[])["<|channel|>", "<｜tool▁call▁begin｜>", "[TOOL_CALLS]", "<tool_call>", "<|python_tag|>", "func_name1(params", "tool_code", "<|tool_call|>"]).Select(word => AnswerFormat.Of(new ChatTemplate($"{{% if tools %}}{word}{{% endif %}}")))];

    static readonly JsonArray tools = [JsonNode.Parse("""{"type":"function","function":{"name":"add","parameters":{"type":"object","properties":{"a":{"type":"number"},"b":{"type":"array"}}}}}""")];

    static void ReadAnswer(byte[] data)
    {
        var text = Encoding.UTF8.GetString(data);
        foreach (var format in formats)
        {
            var reader = format.Open((JsonArray)tools.DeepClone(), "<think>\n");
            for (var at = 0; at < text.Length; at += 5) reader.Push(text[at..Math.Min(text.Length, at + 5)]);
            reader.Finish();
        }
    }

    static void ReadConfig(byte[] data)
    {
        File.WriteAllBytes(scratch + ".json", data);
        var json = JsonFiles.ReadObject(scratch + ".json")!;
        Try(() => Gpt2Config.Read((JsonObject)json.DeepClone()));
        Try(() => LlamaConfig.Read((JsonObject)json.DeepClone()));
        Try(() => MistralConfig.Read((JsonObject)json.DeepClone()));
        Try(() => Qwen2Config.Read((JsonObject)json.DeepClone()));
        Try(() => Qwen3Config.Read((JsonObject)json.DeepClone()));
        Try(() => GenerationOptions.Read((JsonObject)json.DeepClone()));
    }

    static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (OctantException)
        {
            // What a user is told.
        }
    }
}
