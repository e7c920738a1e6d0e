using System.Text.Json.Nodes;
using Octant.Testing;
using Octant.Tokenizers;

namespace Octant.Core.Tests.Tokenizers;

/// <summary>Tokenizers as they lie on disks: what opens them, and what is said of those that cannot be opened.</summary>
public sealed class TokenizerFileTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("octant-tokenizer-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("tokenizer-bpe-gpt2", """{"tokenizer_class":"GPT2Tokenizer"}""")]
    [InlineData("tokenizer-bpe-roberta", """{"tokenizer_class":"RobertaTokenizerFast","bos_token":"<s>","eos_token":"</s>","mask_token":"<mask>","add_prefix_space":true}""")]
    [InlineData("tokenizer-bpe-qwen2", """{"tokenizer_class":"Qwen2Tokenizer"}""")]
    public void A_vocabulary_and_merges_without_tokenizer_json_give_the_same_ids(string golden, string config)
    {
        var path = Path.Combine(Carried(golden), "tokenizer.json");
        var json = JsonNode.Parse(File.ReadAllText(path))!;
        Write("vocab.json", json["model"]!["vocab"]!.ToJsonString());
        Write("merges.txt", "#version: 0.2\n" + string.Join('\n', json["model"]!["merges"]!.AsArray().Select(merge =>
            merge is JsonArray pair ? $"{pair[0]} {pair[1]}" : (string)merge!)));
        var settings = JsonNode.Parse(config)!.AsObject();
        settings["added_tokens_decoder"] = new JsonObject(json["added_tokens"]!.AsArray()
            .Select(token => KeyValuePair.Create(token!["id"]!.ToString(), (JsonNode?)token.DeepClone())));
        Write("tokenizer_config.json", settings.ToJsonString());
        Same(Tokenizer.Open(path), Tokenizer.Open(folder));
    }

    [Theory]
    [InlineData("x.model")]
    [InlineData("x.tiktoken")]
    [InlineData("x.bin")]
    [InlineData("x.json")]
    public void An_empty_file_is_said_to_be_empty(string name)
    {
        Write(name, "");
        Assert.Contains($"{name} is empty", Assert.Throws<TokenizerException>(() => Tokenizer.Open(Path.Combine(folder, name))).Message);
    }

    [Theory]
    [InlineData("tokenizer.json")]
    [InlineData("tokenizer.model")]
    [InlineData("cl100k_base.tiktoken")]
    public void An_empty_file_of_a_folder_is_said_to_be_empty(string name)
    {
        Write(name, "");
        Assert.Contains($"{name} is empty", Assert.Throws<TokenizerException>(() => Tokenizer.Open(folder)).Message);
    }

    /// <summary>Links to nothing are there, but cannot be read.</summary>
    [Theory]
    [InlineData("tokenizer.json")]
    [InlineData("tokenizer.json tokenizer_config.json")]
    [InlineData("tokenizer.json special_tokens_map.json")]
    [InlineData("vocab.json merges.txt")]
    [InlineData("merges.txt vocab.json")]
    [InlineData("vocab.txt")]
    [InlineData("vocab.txt tokenizer_config.json")]
    [InlineData("vocab.txt added_tokens.json")]
    [InlineData("tokenizer.model")]
    [InlineData("cl100k_base.tiktoken")]
    public void A_file_that_cannot_be_read_is_named(string names)
    {
        foreach (var name in names.Split(' ')) Write(name, name.EndsWith(".json", StringComparison.Ordinal) ? """{"model":{"type":"WordLevel","vocab":{"a":0},"unk_token":"a"}}""" : "[CLS]\n[SEP]\n");
        var broken = Path.Combine(folder, names.Split(' ')[^1]);
        File.Delete(broken);
        File.CreateSymbolicLink(broken, Path.Combine(folder, "nowhere"));
        Assert.Contains($"{broken} cannot be read", Assert.Throws<TokenizerException>(() => Tokenizer.Open(folder)).Message);
        Assert.Contains(broken, Assert.Throws<TokenizerException>(() => Tokenizer.Open(broken)).Message);
    }

    [Fact]
    public void A_list_of_words_alone_is_a_BERT()
    {
        Write("vocab.txt", string.Join('\n', (string[])["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "hel", "##lo", "wor", "##ld", ","]));
        var tokenizer = Tokenizer.Open(folder);
        Assert.Equal(["[CLS]", "hel", "##lo", ",", "[MASK]", "wor", "##ld", "[UNK]", "[SEP]"], tokenizer.Encode("HELlo, [MASK] wörld x").Tokens);
        Write("tokenizer_config.json", """{"tokenizer_class":"BertTokenizer","do_lower_case":false}""");
        Assert.Equal(["[CLS]", "[UNK]", "[SEP]"], Tokenizer.Open(folder).Encode("HELlo").Tokens);
        Write("tokenizer_config.json", """{"tokenizer_class":"BertTokenizer","do_basic_tokenize":false}""");
        Assert.Equal(["[CLS]", "[UNK]", ",", "hel", "##lo", "[UNK]", "[SEP]"], Tokenizer.Open(folder).Encode("Hello,hello wörld").Tokens);
    }

    [Fact]
    public void A_SentencePiece_model_in_a_folder_begins_texts_as_Llama_does()
    {
        var file = Path.Combine(Carried("tokenizer-sentencepiece-bpe"), "tokenizer.model");
        File.Copy(file, Path.Combine(folder, "tokenizer.model"));
        Write("tokenizer_config.json", """{"tokenizer_class":"LlamaTokenizer","bos_token":"<s>","eos_token":"</s>"}""");
        var (alone, inFolder) = (Tokenizer.Open(file), Tokenizer.Open(folder));
        Assert.Equal([inFolder.SpecialTokens.Bos!.Value, .. alone.EncodeIds("Hello there")], inFolder.EncodeIds("Hello there"));
        Assert.Equal(2, inFolder.EncodeIds("</s>", addSpecialTokens: false).Count(id => id == inFolder.SpecialTokens.Eos)
            + inFolder.EncodeIds("a</s>").Count(id => id == inFolder.SpecialTokens.Eos));
    }

    [Fact]
    public void Tokens_around_texts_are_those_of_the_class()
    {
        Write("vocab.json", """{"a":0,"b":1,"</s>":2,"<|startoftranscript|>":3,"<|notimestamps|>":4,"<|endoftext|>":5}""");
        Write("merges.txt", "");
        // OPT's way.
        Assert.Equal([[0], [0, 1]], Encoded("""{"tokenizer_class":"GPT2Tokenizer","bos_token":"</s>"}"""));
        Assert.Equal([[2, 0], [2, 0, 1]], Encoded("""{"tokenizer_class":"GPT2Tokenizer","bos_token":"</s>","add_bos_token":true}"""));
        Assert.Equal([[3, 4, 0, 5], [3, 4, 0, 1, 5]], Encoded("""{"tokenizer_class":"WhisperTokenizer"}"""));

        int[][] Encoded(string config)
        {
            Write("tokenizer_config.json", config);
            var tokenizer = Tokenizer.Open(folder);
            return [[.. tokenizer.Encode("a").Ids], [.. tokenizer.Encode("a", "b").Ids]];
        }
    }

    [Fact]
    public void Tokens_that_an_old_folder_names_are_found_with_their_flags_and_those_without_an_id_come_last()
    {
        Write("vocab.json", """{"a":0,"b":1,"<s>":2,"</s>":3,"<mask>":4,"Ġ":5}""");
        Write("merges.txt", "");
        Write("tokenizer_config.json", """{"tokenizer_class":"RobertaTokenizer","pad_token":"[PAD]"}""");
        Write("special_tokens_map.json", """
            {"bos_token":"<s>","eos_token":{"content":"</s>","lstrip":false,"rstrip":true,"normalized":false,"single_word":false},"additional_special_tokens":["<one>",{"content":"<two>"}]}
            """);
        Write("added_tokens.json", """{"<two>":7,"plain":8}""");
        var tokenizer = Tokenizer.Open(folder);
        Assert.Equal([2, 0, 3, 0, 4, 3], tokenizer.EncodeIds("a</s> a <mask>"));
        Assert.Equal((7, 8, 9, 10), (tokenizer.IdOf("<two>"), tokenizer.IdOf("plain"), tokenizer.IdOf("[PAD]"), tokenizer.IdOf("<one>")));
        Assert.Equal(9, tokenizer.SpecialTokens.Pad);
        Assert.Equal([true, false, true, true], new[] { 7, 8, 9, 10 }.Select(tokenizer.IsSpecial));
        Assert.Equal([0, 10, 1, 7], tokenizer.EncodeIds("a<one>b<two>", addSpecialTokens: false));
    }

    [Fact]
    public void Tokens_that_a_fine_tuned_Llama_adds_to_its_pieces_are_found()
    {
        var file = Path.Combine(Carried("tokenizer-sentencepiece-bpe"), "tokenizer.model");
        File.Copy(file, Path.Combine(folder, "tokenizer.model"));
        var pieces = Tokenizer.Open(file).VocabularySize;
        Write("tokenizer_config.json", """{"tokenizer_class":"LlamaTokenizer","bos_token":"<s>","eos_token":"<|im_end|>"}""");
        Write("special_tokens_map.json", """{"additional_special_tokens":["<|im_start|>"]}""");
        Write("added_tokens.json", $$"""{"<|im_end|>":{{pieces}},"<|im_start|>":{{pieces + 1}},"<tool>":{{pieces + 2}}}""");
        var tokenizer = Tokenizer.Open(folder);
        Assert.Equal(pieces, tokenizer.SpecialTokens.Eos);
        Assert.Equal([pieces + 1, .. Tokenizer.Open(file).EncodeIds("Hello"), pieces], tokenizer.EncodeIds("<|im_start|>Hello<|im_end|>", addSpecialTokens: false));
        Assert.Equal([true, true, false], new[] { 0, 1, 2 }.Select(id => tokenizer.IsSpecial(pieces + id)));
        // Not special, and so found in the normalised text, where a space of its own stands before it.
        Assert.Equal([.. Tokenizer.Open(file).EncodeIds("Hello"), pieces + 2], tokenizer.EncodeIds("Hello <tool>", addSpecialTokens: false));
        Assert.Equal("Hello <tool>", tokenizer.Decode(tokenizer.EncodeIds("Hello <tool>")));
        Write("added_tokens.json", """{"<|im_end|>":2000000000}""");
        Refuses("2000000000", folder);
    }

    [Fact]
    public void Spaces_before_texts_are_put_where_the_class_of_Llama_puts_them()
    {
        var file = Path.Combine(Carried("tokenizer-sentencepiece-bpe"), "tokenizer.model");
        File.Copy(file, Path.Combine(folder, "tokenizer.model"));
        var alone = Tokenizer.Open(file);
        var (hello, bare) = (alone.EncodeIds("Hello"), Encoded("""{"add_prefix_space":false}""", "Hello"));
        Assert.NotEqual(hello, bare);
        Assert.Equal([.. hello, 2, .. hello], Encoded("{}", "Hello</s>Hello"));
        Assert.Equal([.. hello, 2, .. bare], Encoded("""{"legacy":false}""", "Hello</s>Hello"));
        Assert.Equal([2, .. bare], Encoded("""{"legacy":false}""", "</s>Hello"));
        Assert.Equal([.. bare, 2, .. bare], Encoded("""{"add_prefix_space":false,"legacy":false}""", "Hello</s>Hello"));

        int[] Encoded(string config, string text)
        {
            Write("tokenizer_config.json", config);
            var tokenizer = Tokenizer.Open(folder);
            Assert.Equal(tokenizer.Encode(text, addSpecialTokens: false).Ids, tokenizer.EncodeIds(text, addSpecialTokens: false));
            return tokenizer.EncodeIds(text, addSpecialTokens: false);
        }
    }

    /// <summary>A SentencePiece model as it is, and as a class of transformers uses it.</summary>
    (Tokenizer Alone, Tokenizer Through) AloneAndThrough(string kind, string name)
    {
        var file = Path.Combine(Carried("tokenizer-sentencepiece-bpe"), "tokenizer.model");
        File.Copy(file, Path.Combine(folder, name));
        Write("tokenizer_config.json", $$"""{"tokenizer_class":"{{kind}}"}""");
        return (Tokenizer.Open(file), Tokenizer.Open(folder));
    }

    [Fact]
    public void T5_s_model_ends_texts_and_names_what_was_left_out_behind_its_pieces()
    {
        var (alone, tokenizer) = AloneAndThrough("T5Tokenizer", "spiece.model");
        var (pieces, end) = (alone.VocabularySize, alone.IdOf("</s>")!.Value);
        Assert.Equal([.. alone.EncodeIds("Hello there"), end], tokenizer.EncodeIds("Hello there"));
        Assert.Equal([.. alone.EncodeIds("Hello"), end, .. alone.EncodeIds("there"), end], tokenizer.Encode("Hello", "there").Ids);
        Assert.Equal((pieces + 99, pieces), (tokenizer.IdOf("<extra_id_0>"), tokenizer.IdOf("<extra_id_99>")));
        Assert.Equal([.. alone.EncodeIds("Hello"), pieces + 98, .. alone.EncodeIds("there"), end], tokenizer.EncodeIds("Hello <extra_id_1> there"));
        Assert.Equal("Hello there", tokenizer.Decode(tokenizer.EncodeIds("Hello there")));
        Write("tokenizer_config.json", """{"tokenizer_class":"MT5Tokenizer","extra_ids":0}""");
        Assert.Equal(pieces, Tokenizer.Open(folder).VocabularySize);
        Write("tokenizer_config.json", """{"tokenizer_class":"T5Tokenizer","extra_ids":-1}""");
        Refuses("extra_ids is -1", folder);
    }

    [Fact]
    public void XLM_R_s_pieces_are_one_further_than_in_its_model()
    {
        var (alone, tokenizer) = AloneAndThrough("XLMRobertaTokenizer", "sentencepiece.bpe.model");
        Assert.Equal(["<s>", "<pad>", "</s>", "<unk>"], Enumerable.Range(0, 4).Select(id => tokenizer.TokenOf(id)!));
        Assert.Equal([0, .. alone.EncodeIds("Hello").Select(id => id + 1), 2, 2, .. alone.EncodeIds("there").Select(id => id + 1), 2], tokenizer.Encode("Hello", "there").Ids);
        Assert.Equal([0, .. alone.EncodeIds("Hello").Select(id => id + 1), alone.VocabularySize + 1, 2], tokenizer.EncodeIds("Hello <mask>"));
        Write("tokenizer_config.json", """{"tokenizer_class":"CamembertTokenizer"}""");
        Refuses("CamembertTokenizer", folder);
    }

    [Fact]
    public void A_file_of_ranks_is_known_by_its_name()
    {
        var ranks = File.ReadAllText(Path.Combine(Carried("tokenizer-tiktoken"), "tokenizer.tiktoken"));
        Write("gpt2.tiktoken", ranks);
        Write("mine.tiktoken", ranks);
        Assert.Equal(50256, Tokenizer.Open(Path.Combine(folder, "gpt2.tiktoken")).EncodeIds("a<|endoftext|>")[^1]);
        Assert.Equal(50256, Tokenizer.Open(Path.Combine(folder, "gpt2.tiktoken")).SpecialTokens.Eos);
        Refuses("mine.tiktoken: It holds 900 ranks, but not how text is cut", Path.Combine(folder, "mine.tiktoken"));
    }

    [Theory]
    [InlineData("aGk= 0\nnonsense\n", "line 2 is not a token in base64")]
    [InlineData("aGk= 0\n!!!! 1\n", "line 2 has a token that is no base64")]
    [InlineData("aGk= 0\naGs= 0\n", "two tokens have the same")]
    [InlineData("aGk= 0\naGk= 1\n", "a token is there twice")]
    [InlineData("aGk= 0\n", "bytes that tokens are made of have none")]
    [InlineData("aGk= 99999999999\n", "line 1")]
    public void Ranks_that_are_damaged_are_refused_with_their_line(string ranks, string message)
    {
        var fault = Assert.Throws<TokenizerException>(() =>
            Tokenizer.FromTiktoken(System.Text.Encoding.UTF8.GetBytes(ranks), @"\w+", new Dictionary<string, int>()));
        Assert.Contains(message, fault.Message);
    }

    [Fact]
    public void Two_special_tokens_with_one_id_are_refused()
    {
        var ranks = System.Text.Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 256).Select(i => $"{Convert.ToBase64String([(byte)i])} {i}")));
        var fault = Assert.Throws<TokenizerException>(() => Tokenizer.FromTiktoken(ranks, @"\w+", new Dictionary<string, int> { ["<a>"] = 300, ["<b>"] = 300 }));
        Assert.Contains("\"<b>\" has the id 300, which is another token's", fault.Message);
    }

    /// <summary>Ids as mistral_common gives them: special tokens first, also those that have no name, then the bytes and what they become.</summary>
    [Theory]
    [InlineData("""[{"rank":0,"token_str":"<unk>"},{"rank":1,"token_str":"<s>"},{"rank":2,"token_str":"</s>"}]""", 5, "<SPECIAL_3>", 3)]
    [InlineData("null", 24, "[INST]", 3)]
    public void Mistrals_files_have_their_special_tokens_first(string special, int count, string token, int id)
    {
        Write("tekken.json", TekkenFile(count, special));
        var tokenizer = Tokenizer.Open(folder);
        Assert.Equal([1, id, count + 257, count + ' ', count + 257, count + 'd'], tokenizer.EncodeIds(token + "abc abcd"));
        Assert.Equal([1, count + 256], tokenizer.EncodeIds("ab"));
        Assert.Equal(count + 258, tokenizer.VocabularySize);
        Assert.Equal("abc é🙂", tokenizer.Decode(tokenizer.EncodeIds("abc é🙂"), skipSpecialTokens: true));
        Assert.Equal(new SpecialTokens(1, 2, count == 24 ? 11 : null, 0, AddBos: true, AddEos: false), tokenizer.SpecialTokens);
    }

    [Theory]
    [InlineData(5, """[{"rank":0,"token_str":"<s>"},{"rank":0,"token_str":"<s>"}]""", "gives \"<s>\" the id 0, but it is there twice")]
    [InlineData(5, """[{"rank":9,"token_str":"<s>"}]""", "not one of the first 5")]
    [InlineData(1, """[{"rank":0,"token_str":"<s>"},{"rank":1,"token_str":"</s>"}]""", "are 2 special tokens, of which there may be 1")]
    [InlineData(3, "null", "are 20 special tokens, of which there may be 3")]
    public void Mistrals_files_that_are_damaged_are_refused(int count, string special, string message)
    {
        Write("tekken.json", TekkenFile(count, special));
        Refuses(message, folder);
        Write("tekken.json", TekkenFile(24, "null").Replace("\"default_vocab_size\":282", "\"default_vocab_size\":999"));
        Refuses("has 259 of the 975 tokens that default_vocab_size demands", folder);
        Write("tekken.json", TekkenFile(24, "null").Replace("YWJj", "YW!j"));
        Refuses(".vocab[257] is no token in base64", folder);
    }

    [Fact]
    public void Millions_of_special_tokens_are_refused_before_they_are_made()
    {
        Write("tekken.json", TekkenFile(24, "null").Replace("\"default_vocab_size\":282", "\"default_vocab_size\":4900258").Replace("\"default_num_special_tokens\":24", "\"default_num_special_tokens\":4900000"));
        Refuses("has 4900000 special tokens for 258 others", folder);
    }

    /// <summary>All bytes, ab and abc; one token more than is in use.</summary>
    internal static string TekkenFile(int special, string tokens)
    {
        var vocabulary = Enumerable.Range(0, 256).Select(i => Convert.ToBase64String([(byte)i])).Concat(["YWI=", "YWJj", "enp6"]).Select((token, rank) => $$"""{"rank":{{rank}},"token_bytes":"{{token}}","token_str":null}""");
        return $$"""{"config":{"pattern":"\\p{L}+|\\s+|.","default_vocab_size":{{special + 258}},"default_num_special_tokens":{{special}},"version":"v3"},"vocab":[{{string.Join(',', vocabulary)}}],"special_tokens":{{tokens}}}""";
    }

    [Fact]
    public void What_is_no_tokenizer_is_refused_by_name()
    {
        Refuses("holds no tokenizer", folder);
        Refuses("There is no tokenizer at", Path.Combine(folder, "nothing"));
        Write("vocab.json", """{"a":0}""");
        Write("merges.txt", "");
        Write("tokenizer_config.json", """{"tokenizer_class":"FunnyTokenizer"}""");
        Refuses("FunnyTokenizer, which is not supported", folder);
    }

    static void Same(Tokenizer expected, Tokenizer actual)
    {
        foreach (var text in (string[])["Hello, world! It's 2024", "  spaces   and\n\nlines ", "naïve café 日本語 🙂", "<|endoftext|><mask> x", ""])
            Assert.Equal(expected.EncodeIds(text), actual.EncodeIds(text));
        var ids = expected.EncodeIds("Hello, world 日本");
        Assert.Equal(expected.Decode(ids), actual.Decode(ids));
    }

    static void Refuses(string message, string path) =>
        Assert.Contains(message, Assert.Throws<TokenizerException>(() => Tokenizer.Open(path)).Message);

    static string Carried(string golden) => Path.Combine(Repository.Root, "tests/Goldens/carried", golden);

    void Write(string name, string text) => File.WriteAllText(Path.Combine(folder, name), text);
}
