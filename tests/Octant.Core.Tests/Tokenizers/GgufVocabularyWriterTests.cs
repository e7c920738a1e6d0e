using System.Text.Json.Nodes;
using CsCheck;
using Octant.Core.Tests.Formats;
using Octant.Formats;
using Octant.Testing;
using Octant.Tokenizers;

namespace Octant.Core.Tests.Tokenizers;

/// <summary>A tokenizer.json in GGUF's words: the same ids, or a refusal that names what has no word.</summary>
public sealed class GgufVocabularyWriterTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("tokenizer-bpe-llama2")]
    [InlineData("tokenizer-bpe-gpt2")]
    public void A_carried_tokenizer_that_went_to_GGUF_gives_the_same_ids(string golden)
    {
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "tests/Goldens/carried", golden, "tokenizer.json")))!.AsObject();
        Same(Tokenizer.FromJson(json.ToJsonString()), Written(json));
    }

    /// <summary>Spaces are kept, and one is put before texts, or none.</summary>
    [Theory]
    [InlineData("{}", false)]
    [InlineData("""{"add_bos_token": true, "add_eos_token": true, "additional_special_tokens": ["[NEW]"]}""", true)]
    public void A_SentencePiece_model_that_went_to_GGUF_gives_the_same_ids(string config, bool prefix)
    {
        var model = File.ReadAllBytes(Path.Combine(Repository.Root, "tests/Goldens/carried/tokenizer-sentencepiece-keep-spaces/tokenizer.model"));
        if (prefix) model[model.AsSpan().LastIndexOf<byte>([0x18, 0, 0x20, 0]) + 1] = 1;
        File.WriteAllBytes(Path.Combine(folder.Path, "tokenizer.model"), model);
        Put("tokenizer_config.json", config);
        if (prefix)
        {
            // Symbols (type 4) have a space before them in SentencePiece alone; as normal pieces (type 1) they have one here, too.
            Assert.Contains("a space before the symbol <tool>", Assert.Throws<TokenizerException>(() => Written()).Message);
            model[model.AsSpan().IndexOf("<tool>"u8) + "<tool>".Length + 6] = model[model.AsSpan().IndexOf("<mask>"u8) + "<mask>".Length + 6] = 1;
            File.WriteAllBytes(Path.Combine(folder.Path, "tokenizer.model"), model);
        }
        Same(Tokenizer.Open(folder.Path), Written());
    }

    [Theory]
    [InlineData("bpe", "{}", "what a SentencePiece model does with spaces")]
    [InlineData("suffix", "{}", "a SentencePiece model of the kind Unigram")]
    [InlineData("bpe", """{"tokenizer_class": "XLMRobertaTokenizer"}""", "the class of its SentencePiece model")]
    public void SentencePiece_models_that_do_more_are_refused_by_name(string golden, string config, string message)
    {
        File.Copy(Path.Combine(Repository.Root, $"tests/Goldens/carried/tokenizer-sentencepiece-{golden}/tokenizer.model"), Path.Combine(folder.Path, "tokenizer.model"));
        Put("tokenizer_config.json", config);
        Assert.Contains(message, Assert.Throws<TokenizerException>(() => Written()).Message);
    }

    /// <summary>vocab.json with merges.txt; and ranks, whose pairs have to be found.</summary>
    [Fact]
    public void Folders_of_before_tokenizer_json_go_to_GGUF_as_well()
    {
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "tests/Goldens/carried/tokenizer-bpe-gpt2/tokenizer.json")))!;
        Put("vocab.json", json["model"]!["vocab"]!.ToJsonString());
        Put("merges.txt", string.Join('\n', json["model"]!["merges"]!.AsArray().Select(merge => merge is JsonArray pair ? $"{pair[0]} {pair[1]}" : (string)merge!)));
        Same(Tokenizer.Open(folder.Path), Written());
        File.Delete(Path.Combine(folder.Path, "merges.txt"));
        File.Copy(Path.Combine(Repository.Root, "tests/Goldens/carried/tokenizer-tiktoken/tokenizer.tiktoken"), Path.Combine(folder.Path, "qwen.tiktoken"));
        Assert.Contains("not how text is cut", Assert.Throws<TokenizerException>(() => Written()).Message);
        File.Delete(Path.Combine(folder.Path, "qwen.tiktoken"));
        Put("tekken.json", TokenizerFileTests.TekkenFile(24, "null").Replace("""\\p{L}+|\\s+|.""", JsonValue.Create(Tekken).ToJsonString()[1..^1]));
        Same(Tokenizer.Open(folder.Path), Written());
    }

    static void Same(Tokenizer expected, Tokenizer written)
    {
        foreach (var text in (string[])["Hello, world! It's 2024", "  spaces   and\n\nlines ", "naïve café 日本語 🙂", "aaaaaaa", "<tool> x</s>", "a [NEW] b[NEW]", "abc abcd", ""])
        {
            Assert.Equal(expected.EncodeIds(text), written.EncodeIds(text));
            Assert.Equal(expected.Decode(expected.EncodeIds(text)), written.Decode(written.EncodeIds(text)));
        }
    }

    [Theory]
    [InlineData("single_word")]
    [InlineData("lstrip")]
    [InlineData("rstrip")]
    public void Flags_of_added_tokens_are_refused_by_name(string flag)
    {
        var json = SmallTokenizers.ByteLevel();
        json["added_tokens"]![1]![flag] = true;
        Refuses(json, $"the flag {flag} of <tool>");
    }

    [Fact]
    public void That_a_token_is_normalised_matters_only_where_that_changes_it()
    {
        var json = SmallTokenizers.ByteLevel();
        json["added_tokens"]![1]!["normalized"] = true;
        json["normalizer"] = JsonNode.Parse("""{"type": "NFC"}""");
        json["pre_tokenizer"] = JsonNode.Parse($$"""
            {"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex": {{JsonValue.Create(Qwen2).ToJsonString()}} }, "behavior": "Isolated", "invert": false},
             {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": false}]}
            """);
        Assert.NotNull(Written(json));
        json["added_tokens"]![1]!["content"] = "e\u0301";
        Refuses(json, "the flag normalized of e\u0301");
        // Stays as it is, but e and its accent become it.
        json["added_tokens"]![1]!["content"] = "\u00e9";
        Refuses(json, "the flag normalized of \u00e9");
        json["normalizer"] = JsonNode.Parse("""{"type": "Sequence", "normalizers": []}""");
        json["pre_tokenizer"] = SmallTokenizers.ByteLevel()["pre_tokenizer"]!.DeepClone();
        Assert.NotNull(Written(json));
    }

    /// <summary>A file says whether the beginning and the end are put around texts, each once.</summary>
    [Theory]
    [InlineData("<|endoftext|> $A <|endoftext|>", null)]
    [InlineData("<|endoftext|> $A", null)]
    [InlineData("$A", null)]
    [InlineData("<|endoftext|> <|endoftext|> $A <|endoftext|>", "several tokens in front of every text")]
    [InlineData("<tool> $A", "the token <tool> around every text")]
    public void Other_tokens_around_texts_are_refused_by_name(string template, string? refused)
    {
        var json = SmallTokenizers.ByteLevel();
        var ids = json["added_tokens"]!.AsArray().ToDictionary(token => (string)token!["content"]!, token => (int)token!["id"]!);
        json["post_processor"] = new JsonObject
        {
            ["type"] = "TemplateProcessing",
            ["single"] = new JsonArray([.. template.Split(' ').Select(piece => (JsonNode)(piece == "$A"
                ? new JsonObject { ["Sequence"] = new JsonObject { ["id"] = "A", ["type_id"] = 0 } }
                : new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = piece, ["type_id"] = 0 } }))]),
            ["pair"] = JsonNode.Parse("""[{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}]"""),
            ["special_tokens"] = new JsonObject(ids.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)new JsonObject
            {
                ["id"] = pair.Key,
                ["ids"] = new JsonArray(pair.Value),
                ["tokens"] = new JsonArray(pair.Key),
            }))),
        };
        const string names = """{"bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>"}""";
        if (refused is not null) Refuses(json, refused, names);
        else Assert.Equal(Tokenizer.FromJson(json.ToJsonString()).EncodeIds("hello"), Written(json, names).EncodeIds("hello"));
    }

    const string Qwen2 = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>OpenAI's patterns are often written so that what they do not match goes; and whether words are looked up whole matters only where merges do not make them.</summary>
    [Fact]
    public void Ways_of_cutting_that_are_the_same_have_the_same_name()
    {
        var json = SmallTokenizers.ByteLevel();
        json["normalizer"] = JsonNode.Parse("""{"type": "Sequence", "normalizers": []}""");
        json["pre_tokenizer"] = JsonNode.Parse($$"""
            {"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex": {{JsonValue.Create(Llama3.Replace(@"\r", "\r").Replace(@"\n", "\n")).ToJsonString()}} }, "behavior": "Removed", "invert": true},
             {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": false}]}
            """);
        Assert.NotNull(Written(json));
        // A token that no merge makes.
        json["model"]!["vocab"]!["xyz"] = 9999;
        Assert.NotNull(Written(json));
        json["pre_tokenizer"]!["pretokenizers"]![0]!["pattern"]!["Regex"] = Tekken;
        Refuses(json, "the way in which its pre_tokenizer cuts text");
        json["model"]!["vocab"]!.AsObject().Remove("xyz");
        Assert.NotNull(Written(json));
    }

    const string Llama3 = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    const string Tekken = @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}"
        + @"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    [Fact]
    public void The_token_in_front_of_texts_need_not_be_named()
    {
        var json = SmallTokenizers.ByteLevel();
        var eot = (int)json["added_tokens"]![0]!["id"]!;
        json["post_processor"] = JsonNode.Parse($$"""
            {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "T", "type_id": 0} }, {"Sequence": {"id": "A", "type_id": 0} }], "pair": [],
             "special_tokens": {"T": {"id": "T", "ids": [{{eot}}], "tokens": ["{{SmallTokenizers.Eot}}"] } } }
            """);
        Assert.Equal([eot, .. Tokenizer.FromJson(json.ToJsonString()).EncodeIds("a", addSpecialTokens: false)], Written(json).EncodeIds("a"));
        json["post_processor"]!["single"]!.AsArray().Insert(0, json["post_processor"]!["single"]![0]!.DeepClone());
        Refuses(json, "several tokens in front of every text");
    }

    [Theory]
    [InlineData("ignore_merges", "true", "ignore_merges")]
    [InlineData("end_of_word_suffix", "\"</w>\"", "end_of_word_suffix")]
    [InlineData("merges", "[[\"a\", \"b\"], [\"ab\", \"c\"]]", "bc could be made of b and c, too")]
    [InlineData("normalizer", """{"type": "Replace", "pattern": {"String": "x"}, "content": "▁"}""", "the normalizer Replace with its settings")]
    [InlineData("normalizer", """{"type": "Sequence", "normalizers": [{"type": "Replace", "pattern": {"String": " "}, "content": "▁"}, {"type": "Prepend", "prepend": "▁"}]}""", "the normalizer Prepend with its settings")]
    [InlineData("normalizer", """{"type": "Prepend", "prepend": "▁"}""", "the normalizer none with its settings")]
    [InlineData("decoder", """{"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}]}""", "the decoder Replace, ByteFallback, Fuse with a space before texts")]
    public void What_scores_cannot_say_is_refused_by_name(string key, string value, string message)
    {
        var json = Pieces();
        (key is "normalizer" or "decoder" ? json : json["model"]!.AsObject())[key] = JsonNode.Parse(value);
        Refuses(json, message);
    }

    /// <summary>Scores say of all pairs that make a token that they merge; so does a tokenizer.json that lists them all.</summary>
    [Fact]
    public void Random_vocabularies_with_all_their_merges_give_the_same_ids_there_and_back() =>
        Gen.Select(Words("abc").Array[0, 12], Gen.Int).Sample((words, seed) =>
        {
            string[] tokens = ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>"), "▁", "a", "b", "c",
                .. words.Distinct()];
            var random = new Random(seed);
            var gguf = new GgufVocabulary
            {
                Model = "llama",
                Tokens = tokens,
                TokenTypes = [2, 3, 3, .. Enumerable.Repeat(6, 256), .. Enumerable.Repeat(1, tokens.Length - 259)],
                Scores = [.. tokens.Select((_, id) => -(float)id)],
                UnkId = 0,
            };
            var json = GgufTokenizerJson.Of(gguf);
            var (scored, there, back) = (Tokenizer.FromGguf(gguf), Tokenizer.FromJson(json.ToJsonString()), Written(json));
            foreach (var text in Enumerable.Range(0, 20).Select(_ => new string([.. Enumerable.Range(0, random.Next(9)).Select(_ => "abc "[random.Next(4)])])))
            {
                var expected = scored.EncodeIds(text, addSpecialTokens: false);
                Assert.Equal(expected, there.EncodeIds(text, addSpecialTokens: false));
                Assert.Equal(expected, back.EncodeIds(text, addSpecialTokens: false));
            }
        }, iter: 50, threads: 1);

    /// <summary>Of equal scores the first in the text is merged, of merges the first in the list: what could differ is refused.</summary>
    [Fact]
    public void Random_vocabularies_with_equal_scores_give_the_same_ids_or_are_refused()
    {
        var written = 0;
        Gen.Select(Words("ab").Array[2, 8], Gen.Int[0, 19].Array[12], Gen.Int).Sample((words, scores, seed) =>
        {
            string[] tokens = ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>"), "▁", "a", "b", .. words.Distinct()];
            var random = new Random(seed);
            var gguf = new GgufVocabulary
            {
                Model = "llama",
                Tokens = tokens,
                TokenTypes = [2, 3, 3, .. Enumerable.Repeat(6, 256), .. Enumerable.Range(0, tokens.Length - 259).Select(i => i > 3 && scores[^(i + 1)] == 0 ? 4 : 1)],
                Scores = [.. tokens.Select((_, id) => id < 262 ? 0f : -scores[id - 262])],
                UnkId = 0,
            };
            JsonObject json;
            try
            {
                json = GgufTokenizerJson.Of(gguf);
            }
            catch (TokenizerException fault)
            {
                Assert.Contains("the equal scores of", fault.Message);
                return;
            }
            written++;
            var (scored, there) = (Tokenizer.FromGguf(gguf), Tokenizer.FromJson(json.ToJsonString()));
            foreach (var text in Enumerable.Range(0, 20).Select(_ => new string([.. Enumerable.Range(0, random.Next(12)).Select(_ => "ab "[random.Next(3)])])))
                Assert.Equal(scored.EncodeIds(text, addSpecialTokens: false), there.EncodeIds(text, addSpecialTokens: false));
        }, iter: 150, threads: 1);
        Assert.InRange(written, 10, 140);
    }

    [Fact]
    public void Merges_of_characters_that_are_no_tokens_and_equal_scores_are_no_tokenizer_json()
    {
        var gguf = SmallTokenizers.SentencePiece();
        Assert.NotNull(GgufTokenizerJson.Of(gguf));
        Refuses(gguf with { Tokens = [.. gguf.Tokens, "éh"], TokenTypes = [.. gguf.TokenTypes!, 1], Scores = [.. gguf.Scores!, -500] }, "the token éh, which is merged from a character that is no token");
        Refuses(gguf with { Tokens = [.. gguf.Tokens, "he", "ho"], TokenTypes = [.. gguf.TokenTypes!, 1, 1], Scores = [.. gguf.Scores!, -500, -500] }, "the equal scores of he and ho");
        // Found in texts as a whole, they are never merged; but for visible spaces.
        Assert.NotNull(GgufTokenizerJson.Of(gguf with { Tokens = [.. gguf.Tokens, "he", "ho"], TokenTypes = [.. gguf.TokenTypes!, 4, 4], Scores = [.. gguf.Scores!, -500, -500] }));
        Refuses(gguf with { Tokens = [.. gguf.Tokens, "▁▁", "▁▁▁"], TokenTypes = [.. gguf.TokenTypes!, 4, 4], Scores = [.. gguf.Scores!, -500, -500] }, "the equal scores of ▁▁ and ▁▁▁");

        static void Refuses(GgufVocabulary gguf, string message) => Assert.Contains(message, Assert.Throws<TokenizerException>(() => GgufTokenizerJson.Of(gguf)).Message);
    }

    static Gen<string> Words(string letters) => Gen.Char[letters].Array[2, 4].Select(word => new string(word));

    /// <summary>Llama's way: a, b, c, and what is made of them.</summary>
    static JsonObject Pieces()
    {
        string[] tokens = ["<unk>", .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>"), "▁", "a", "b", "c", "ab", "bc", "abc"];
        return new()
        {
            ["normalizer"] = JsonNode.Parse("""{"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]}"""),
            ["decoder"] = JsonNode.Parse("""{"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}"""),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["unk_token"] = "<unk>",
                ["byte_fallback"] = true,
                ["fuse_unk"] = true,
                ["vocab"] = new JsonObject(tokens.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))),
                ["merges"] = JsonNode.Parse("""[["a", "b"], ["b", "c"], ["a", "bc"], ["ab", "c"]]"""),
            },
        };
    }

    Tokenizer Written(JsonObject json, string names = """{"bos_token": "<s>", "eos_token": "</s>"}""")
    {
        Put("tokenizer.json", json.ToJsonString());
        Put("tokenizer_config.json", names);
        return Written();
    }

    void Put(string name, string text) => File.WriteAllText(Path.Combine(folder.Path, name), text);

    /// <summary>What the folder has, there and back.</summary>
    Tokenizer Written()
    {
        var path = Path.Combine(folder.Path, "a.gguf");
        var keys = new GgufKeys();
        GgufVocabularyWriter.AddTo(keys, folder.Path, 0);
        GgufWriter.Write(path, keys, [TensorSource.Floats("x", new float[1], 1)]);
        using var file = new GgufFile(path);
        return Tokenizer.FromGguf(GgufVocabulary.Read(file));
    }

    void Refuses(JsonObject json, string message, string names = "{}") => Assert.Contains(message, Assert.Throws<TokenizerException>(() => Written(json, names)).Message);
}
