using System.Text.Json.Nodes;
using CsCheck;
using Octant.Tokenizers;

namespace Octant.Core.Tests.Tokenizers;

public sealed class TokenizerTests
{
    readonly Tokenizer tokenizer = SmallTokenizers.Open();

    [Fact]
    public void Merges_in_order_of_rank_and_says_where_tokens_stand()
    {
        var encoding = tokenizer.Encode("hello worldé");
        Assert.Equal(["hello", "Ġwor", "ld", "Ã©"], encoding.Tokens);
        Assert.Equal([(0, 5), (5, 9), (9, 11), (11, 12)], encoding.Offsets);
        Assert.Equal([0, 1, 1, 1], encoding.WordIds);
    }

    [Fact]
    public void Offsets_count_code_points()
    {
        var encoding = tokenizer.Encode("😀h");
        Assert.Equal([(0, 1), (0, 1), (0, 1), (0, 1), (1, 2)], encoding.Offsets);
    }

    [Fact]
    public void Any_text_survives() => Gen.String.Select(text => text + "é😀")
        .Sample(text => tokenizer.Decode(tokenizer.EncodeIds(text), skipSpecialTokens: false) == Mended(text));

    [Fact]
    public void Ids_alone_equal_the_full_encodings() =>
        Gen.String.Sample(text => tokenizer.EncodeIds(text).SequenceEqual(tokenizer.Encode(text).Ids));

    [Fact]
    public void Long_words_merge_as_short_ones_do()
    {
        // Words of more than 40 symbols go through a heap, others through a scan.
        var pieces = Gen.Int[0, 6].Select(i => new[] { "he", "l", "ll", "o", "w", "or", "ld" }[i]);
        pieces.Array[0, 60].Select(string.Concat).Sample(text =>
        {
            var whole = tokenizer.Encode(text).Tokens;
            return whole.SequenceEqual(Naive(text));
        });
    }

    [Fact]
    public void A_megabyte_of_one_letter_is_encoded() =>
        Assert.Equal(500_000, tokenizer.EncodeIds(new string('l', 1_000_000)).Length);

    [Fact]
    public void Half_surrogate_pairs_become_replacement_characters() =>
        Assert.Equal("a\uFFFDb\uFFFD", tokenizer.Decode(tokenizer.EncodeIds("a\ud83db\ude00")));

    [Fact]
    public void Special_tokens_in_the_text_are_found_only_on_request()
    {
        var eot = tokenizer.IdOf(SmallTokenizers.Eot)!.Value;
        Assert.True(tokenizer.IsSpecial(eot));
        Assert.Equal([eot], tokenizer.EncodeIds(SmallTokenizers.Eot));
        Assert.DoesNotContain(eot, tokenizer.EncodeIds(SmallTokenizers.Eot, parseSpecial: false));
        Assert.Contains(tokenizer.IdOf("<tool>")!.Value, tokenizer.EncodeIds("x<tool>", parseSpecial: false));
        Assert.Equal("", tokenizer.Decode([eot]));
        Assert.Equal(SmallTokenizers.Eot, tokenizer.Decode([eot], skipSpecialTokens: false));
    }

    [Fact]
    public void Ids_go_into_the_callers_memory_where_they_fit()
    {
        Span<int> room = stackalloc int[2];
        Assert.True(tokenizer.TryEncodeIds("hello", room, out var count));
        Assert.Equal((1, tokenizer.IdOf("hello")), (count, room[0]));
        Assert.False(tokenizer.TryEncodeIds("xyz", room, out count));
        Assert.Equal(3, count);
    }

    [Fact]
    public void An_id_beyond_the_vocabulary_is_passed_over_and_one_below_zero_an_error()
    {
        var hello = tokenizer.IdOf("hello")!.Value;
        Assert.Equal("hellohello", tokenizer.Decode([hello, tokenizer.VocabularySize, hello, 1_000_000]));
        Assert.Contains("-1 is below zero", Assert.Throws<TokenizerException>(() => tokenizer.Decode([-1])).Message);
    }

    [Fact]
    public void Many_threads_agree()
    {
        var texts = Enumerable.Range(0, 500).Select(i => $"hello world {i} {i * 7919}").ToArray();
        var expected = texts.Select(text => SmallTokenizers.Open().EncodeIds(text)).ToArray();
        Parallel.For(0, 5000, i => Assert.Equal(expected[i % 500], tokenizer.EncodeIds(texts[i % 500])));
    }

    [Fact]
    public void Truncation_and_padding_are_those_of_the_file()
    {
        var json = SmallTokenizers.ByteLevel();
        json["truncation"] = JsonNode.Parse("""{"max_length": 2, "stride": 1, "strategy": "LongestFirst"}""");
        json["padding"] = JsonNode.Parse("""{"strategy": {"Fixed": 3}, "pad_id": 5, "pad_token": "P"}""");
        var encoding = Tokenizer.FromJson(json.ToJsonString()).Encode("wxyz");
        Assert.Equal(["w", "x", "P"], encoding.Tokens);
        Assert.Equal([1, 1, 0], encoding.AttentionMask);
        Assert.Equal([["x", "y", "P"], ["y", "z", "P"]], encoding.Overflowing.Select(window => window.Tokens));
    }

    /// <summary>The reference errs as soon as a character has no token of its own, unless a better way past it is known by then.</summary>
    [Theory]
    [InlineData("false")]
    [InlineData("true")]
    public void A_unigram_without_an_unknown_token_refuses_what_it_lacks(string byteFallback)
    {
        var tokenizer = Tokenizer.FromJson($$$"""{"model":{"type":"Unigram","unk_id":null,"vocab":[["a",-1],["ab",-1.5],["zz",-2],["<0x7A>",-1]],"byte_fallback":{{{byteFallback}}}}}""");
        Assert.Equal([1, 0, 1], tokenizer.EncodeIds("abaab"));
        foreach (var text in (string[])["z", "az", "zz", "zzz"])
            Assert.Contains("lacks the character \"z\"", Assert.Throws<TokenizerException>(() => tokenizer.EncodeIds(text)).Message);
    }

    /// <summary>What the reference makes of "a b c" and "d e": a room of less than nothing is no limit, and one of nothing leaves the special tokens.</summary>
    [Theory]
    [InlineData(null, 0, "7 1 2 3 8 |")]
    [InlineData(null, 1, "7 1 2 3 8 |")]
    [InlineData(null, 2, "7 8 |7 1 2 3 8")]
    [InlineData(null, 3, "7 1 8 |7 2 8|7 3 8")]
    [InlineData("d e", 2, "7 1 2 3 8 4 5 8 |")]
    [InlineData("d e", 3, "7 8 8 |7 1 2 3 8 8|7 1 2 3 8 4 5 8|7 8 4 5 8")]
    [InlineData("d e", 4, "7 1 8 8 |7 2 8 8|7 2 8 4 5 8|7 3 8 8|7 3 8 4 5 8|7 1 8 4 5 8")]
    public void Truncation_to_less_than_the_special_tokens_cuts_nothing(string? pair, int length, string expected)
    {
        var tokenizer = Tokenizer.FromJson($$$"""
            {"truncation":{"max_length":{{{length}}},"stride":0,"strategy":"LongestFirst"},"pre_tokenizer":{"type":"WhitespaceSplit"},
            "post_processor":{"type":"BertProcessing","cls":["[CLS]",7],"sep":["[SEP]",8]},
            "model":{"type":"WordLevel","vocab":{"[UNK]":0,"a":1,"b":2,"c":3,"d":4,"e":5,"[CLS]":7,"[SEP]":8},"unk_token":"[UNK]"}}
            """);
        var encoding = tokenizer.Encode("a b c", pair);
        Assert.Equal(expected, $"{string.Join(' ', encoding.Ids)} |{string.Join('|', encoding.Overflowing.Select(window => string.Join(' ', window.Ids)))}");
    }

    [Fact]
    public void Of_an_added_token_whose_spaces_another_has_taken_nothing_is_left()
    {
        var json = SmallTokenizers.ByteLevel();
        (json["added_tokens"]![0]!["content"], json["added_tokens"]![0]!["rstrip"]) = ("hello", true);
        (json["added_tokens"]![1]!["content"], json["added_tokens"]![1]!["lstrip"], json["added_tokens"]![1]!["rstrip"]) = ("  ", true, true);
        var encoding = Tokenizer.FromJson(json.ToJsonString()).Encode("hello  w");
        Assert.Equal(["hello  ", "w"], encoding.Tokens);
        Assert.Equal([(0, 7), (7, 8)], encoding.Offsets);
    }

    [Fact]
    public void Of_several_post_processors_only_the_last_marks_what_it_puts_around()
    {
        var json = SmallTokenizers.ByteLevel();
        const string bert = """{"type": "BertProcessing", "cls": ["w", 5], "sep": ["x", 6]}""";
        json["post_processor"] = JsonNode.Parse($$"""{"type": "Sequence", "processors": [{{bert}}, {{bert}}]}""");
        var encoding = Tokenizer.FromJson(json.ToJsonString()).Encode("yz");
        Assert.Equal(["w", "w", "y", "z", "x", "x"], encoding.Tokens);
        Assert.Equal([1, 0, 0, 0, 0, 1], encoding.SpecialTokensMask);
    }

    [Fact]
    public void A_model_reads_all_of_a_text_whatever_its_file_says_of_batches()
    {
        var json = SmallTokenizers.ByteLevel();
        json["truncation"] = JsonNode.Parse("""{"max_length": 2, "stride": 1, "strategy": "LongestFirst"}""");
        json["padding"] = JsonNode.Parse("""{"strategy": {"Fixed": 30}, "pad_id": 5, "pad_token": "P"}""");
        Assert.Equal(SmallTokenizers.Open().EncodeIds("wxyz"), Tokenizer.FromJson(json.ToJsonString()).EncodeIds("wxyz"));
    }

    /// <summary>Room in the trie was once looked for from its beginning at each letter: minutes for what a stranger's file may hold.</summary>
    [Fact]
    public void A_token_of_many_letters_costs_no_more_than_its_length()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var tokenizer = Tokenizer.FromJson("{\"model\":{\"type\":\"Unigram\",\"unk_id\":0,\"vocab\":[[\"<unk>\",0],[\"x" + new string('a', 200_000) + "\",-2],[\"a\",-3]]}}");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 20);
        Assert.Equal([2, 2], tokenizer.EncodeIds("aa"));
    }

    [Fact]
    public void Windows_of_a_text_are_not_padded_beyond_all_measure()
    {
        var json = SmallTokenizers.ByteLevel();
        json["truncation"] = JsonNode.Parse("""{"max_length": 2, "stride": 1, "strategy": "LongestFirst"}""");
        json["padding"] = JsonNode.Parse("""{"strategy": {"Fixed": 60000}, "pad_id": 5, "pad_token": "P"}""");
        var tokenizer = Tokenizer.FromJson(json.ToJsonString());
        Assert.Equal(60_000, tokenizer.Encode("wxy").Ids.Length);
        Assert.Contains("60000 tokens is refused", Assert.Throws<TokenizerException>(() => tokenizer.Encode("wxyz")).Message);
    }

    public static TheoryData<string, string, string> Faults => new()
    {
        { "model.dropout", "1.1", "dropout" },
        { "model.type", "\"Riddle\"", "\"Riddle\"" },
        { "model.vocab", "{\"a\": -1}", "vocab.a" },
        { "model.vocab", "{\"a\": 2000000000}", "2000000000" },
        { "model.vocab", "{\"a\": 0, \"b\": 100000}", "up to the id 100000, but has 2 tokens" },
        { "model.vocab", "[]", "not an object" },
        { "model.merges", "[\"h zz\"]", "\"zz\"" },
        { "model.merges", "[\"he\"]", "two tokens" },
        { "model.merges", "[[\"h\"]]", "merges[0]" },
        { "model.merges", "7", "not an array" },
        { "decoder", "{\"type\": \"Enigma\"}", "\"Enigma\"" },
        { "pre_tokenizer", "{\"type\": \"Split\", \"pattern\": {\"Regex\": \"(\"}}", "pre_tokenizer.pattern" },
        { "pre_tokenizer", "{\"type\": \"Split\", \"pattern\": {\"String\": \"a\"}, \"behavior\": \"Eaten\"}", "\"Eaten\"" },
        { "post_processor", "{\"type\": \"TemplateProcessing\", \"single\": [{\"SpecialToken\": {\"id\": \"x\"}}]}",
            "special_tokens" },
        { "normalizer", "{\"type\": 3}", "normalizer.type" },
        { "added_tokens", "[{\"id\": 1999999999, \"content\": \"q~q\"}]", "1999999999" },
        { "truncation", "{\"max_length\": \"long\"}", "max_length" },
    };

    [Theory]
    [InlineData("padding", """{"strategy": {"Fixed": 99999999}, "pad_id": 0, "pad_token": "P"}""", "99999999")]
    [InlineData("normalizer", """{"type":"Sequence","normalizers":[{"type":"Replace","pattern":{"String":"w"},"content":"LONG"},{"type":"Replace","pattern":{"String":"w"},"content":"LONG"}]}""", "grows beyond")]
    public void What_would_fill_the_memory_is_refused_when_a_text_comes(string part, string json, string message)
    {
        var tokenizer = SmallTokenizers.ByteLevel();
        tokenizer[part] = JsonNode.Parse(json.Replace("LONG", new string('w', 1000), StringComparison.Ordinal));
        Assert.Contains(message, Assert.Throws<TokenizerException>(() => Tokenizer.FromJson(tokenizer.ToJsonString()).Encode("wx")).Message);
    }

    /// <summary>Whether nested or not: each step of its own would be small.</summary>
    [Theory]
    [InlineData("R,R,R,R,R,R,R,R,R,R")]
    [InlineData("S,S,S,S,S,S,S,S,S,S")]
    public void Decoders_that_would_fill_the_memory_are_refused(string kinds)
    {
        const string replace = """{"type":"Replace","pattern":{"String":"w"},"content":"wwwwwwwwww"}""";
        var decoders = kinds.Replace("S", "{\"type\":\"Sequence\",\"decoders\":[R]}").Replace("R", replace);
        var tokenizer = SmallTokenizers.ByteLevel();
        tokenizer["decoder"] = JsonNode.Parse("{\"type\":\"Sequence\",\"decoders\":[" + decoders + "]}");
        Assert.Contains("a text grows beyond 65536 characters", Assert.Throws<TokenizerException>(() => { var open = Tokenizer.FromJson(tokenizer.ToJsonString()); open.Decode([open.IdOf("w")!.Value]); }).Message);
    }

    [Fact]
    public void Windows_that_hardly_move_are_refused()
    {
        var json = SmallTokenizers.ByteLevel();
        json["truncation"] = JsonNode.Parse("""{"max_length": 1000, "stride": 999, "strategy": "LongestFirst"}""");
        var tokenizer = Tokenizer.FromJson(json.ToJsonString());
        Assert.Equal(50, tokenizer.Encode(new string('w', 1050)).Overflowing.Count);
        Assert.Contains("choose a smaller one", Assert.Throws<TokenizerException>(() => tokenizer.Encode(new string('w', 20_000))).Message);
    }

    [Theory]
    [InlineData("normalizer", """{"type":"Replace","pattern":{"String":""},"content":"-"}""", "-a-b-", "ab")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"String":""},"behavior":"Isolated","invert":false}""", "a b", "ab")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"String":""},"behavior":"MergedWithNext","invert":false}""", "a b", "ab")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"String":""},"behavior":"Removed","invert":true}""", "", "ab")]
    [InlineData("decoder", """{"type":"Replace","pattern":{"String":""},"content":"-"}""", "ab", "-a-b-")]
    public void An_empty_text_is_found_between_all_characters(string part, string json, string tokens, string decoded)
    {
        var file = JsonNode.Parse("""{"model":{"type":"WordLevel","vocab":{"[UNK]":0,"ab":1,"a":2,"b":3,"-a-b-":4},"unk_token":"[UNK]"}}""")!;
        file[part] = JsonNode.Parse(json);
        var tokenizer = Tokenizer.FromJson(file.ToJsonString());
        Assert.Equal(tokens, string.Join(' ', tokenizer.Encode("ab").Tokens));
        Assert.Equal(decoded, tokenizer.Decode([1]));
    }

    /// <summary>One token of a thousand letters must not be looked for at each place, in each length.</summary>
    [Fact]
    public void A_long_word_of_pieces_takes_linear_time_where_no_piece_is_long()
    {
        var letters = string.Concat(Enumerable.Range(0, 20_000).Select(i => (char)('a' + i % 26)));
        var json = new JsonObject
        {
            ["model"] = new JsonObject
            {
                ["type"] = "WordPiece",
                ["unk_token"] = "[UNK]",
                ["max_input_chars_per_word"] = 1_000_000,
                ["vocab"] = new JsonObject(((string[])["[UNK]", letters, .. Enumerable.Range(0, 26).SelectMany(i => (string[])[$"{(char)('a' + i)}", $"##{(char)('a' + i)}", $"##{(char)('a' + i)}é"])])
                    .Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))),
            },
        };
        var tokenizer = Tokenizer.FromJson(json.ToJsonString());
        Assert.Equal([1], tokenizer.EncodeIds(letters));
        Assert.Equal(["b", "##cé", "##d", "##e"], tokenizer.Encode("bcéde").Tokens);
        Assert.Equal(20_000, tokenizer.EncodeIds("z" + letters[..^1]).Length);
        Assert.Equal([0], tokenizer.EncodeIds("bß"));
    }

    /// <summary>The second takes what the first made for several texts, and puts its own around each.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    public void Two_processors_give_the_same_ids_either_way(string text)
    {
        var json = SmallTokenizers.ByteLevel();
        json["post_processor"] = JsonNode.Parse("""
            {"type":"Sequence","processors":[
              {"type":"TemplateProcessing","single":[{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"w","type_id":0}},{"SpecialToken":{"id":"x","type_id":0}}],"pair":[],
               "special_tokens":{"w":{"id":"w","ids":[3],"tokens":["w"]},"x":{"id":"x","ids":[4],"tokens":["x"]}}},
              {"type":"BertProcessing","cls":["a",1],"sep":["b",2]}]}
            """);
        var tokenizer = Tokenizer.FromJson(json.ToJsonString());
        Assert.Equal(tokenizer.Encode(text).Ids, tokenizer.EncodeIds(text));
    }

    [Theory, MemberData(nameof(Faults))]
    public void A_faulty_file_says_what_is_wrong_and_where(string place, string value, string what)
    {
        var json = SmallTokenizers.ByteLevel();
        var keys = place.Split('.');
        (keys.Length == 1 ? json : json[keys[0]]!)[keys[^1]] = JsonNode.Parse(value);
        Assert.Contains(what, Assert.Throws<TokenizerException>(() => Tokenizer.FromJson(json.ToJsonString())).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"model\": null}")]
    [InlineData("{\"model\": {\"type\": \"BPE\", \"vocab\": {\"\\ud800\": 1}, \"merges\": []}}")]
    public void What_is_no_tokenizer_is_refused(string json) =>
        Assert.Throws<TokenizerException>(() => Tokenizer.FromJson(json));

    [Fact]
    public void Deep_nesting_is_refused()
    {
        var json = string.Concat(Enumerable.Repeat("{\"normalizer\":", 100_000));
        Assert.Throws<TokenizerException>(() => Tokenizer.FromJson(json));
    }

    [Fact]
    public void A_folder_says_which_tokens_are_special_to_the_model()
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "tokenizer.json"), SmallTokenizers.ByteLevel().ToJsonString());
            File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"),
                """{"bos_token": {"content": "<|endoftext|>"}, "add_bos_token": true, "pad_token": null, "unk_token": "never seen"}""");
            File.WriteAllText(Path.Combine(folder, "special_tokens_map.json"), """{"eos_token": "<tool>"}""");
            var opened = Tokenizer.Open(folder);
            Assert.Equal(new SpecialTokens(Bos: opened.IdOf(SmallTokenizers.Eot), Eos: opened.IdOf("<tool>"), AddBos: true),
                opened.SpecialTokens);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_folder_without_a_tokenizer_is_named()
    {
        var error = Assert.Throws<TokenizerException>(() => Tokenizer.Open(AppContext.BaseDirectory));
        Assert.Contains("tokenizer.json", error.Message, StringComparison.Ordinal);
        Assert.Throws<TokenizerException>(() => Tokenizer.Open(Path.Combine(AppContext.BaseDirectory, "nowhere")));
    }

    static string Mended(string text) => System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>The plainest way to merge: again and again the first of the pairs of lowest rank.</summary>
    static List<string> Naive(string text)
    {
        string[] ranks = ["h e", "l l", "he ll", "hell o", "Ġ w", "o r", "Ġw or", "l d"];
        var symbols = text.Select(c => c.ToString()).ToList();
        while (true)
        {
            var best = Enumerable.Range(0, Math.Max(0, symbols.Count - 1))
                .Select(i => (Rank: Array.IndexOf(ranks, $"{symbols[i]} {symbols[i + 1]}"), At: i))
                .Where(pair => pair.Rank >= 0).DefaultIfEmpty((Rank: -1, At: -1)).Min();
            if (best.At < 0) return symbols;
            symbols[best.At] += symbols[best.At + 1];
            symbols.RemoveAt(best.At + 1);
        }
    }
}
