using Octant.Tokenizers;

namespace Octant.Core.Tests.Tokenizers;

public sealed class GgufTokenizerTests
{
    readonly GgufVocabulary vocabulary = SmallTokenizers.SentencePiece();

    [Fact]
    public void Llama_merges_by_score_and_falls_back_to_bytes()
    {
        var tokenizer = Tokenizer.FromGguf(vocabulary);
        Assert.Equal(["<s>", "▁hello", "<0xC3>", "<0xA9>"], tokenizer.Encode("helloé").Tokens);
        Assert.Equal("helloé", tokenizer.Decode(tokenizer.EncodeIds("helloé")));
        Assert.Equal(["<s>", "▁", "▁", "<call>", "▁", "o"], tokenizer.Encode(" <call>o").Tokens);
    }

    [Fact]
    public void A_higher_score_wins()
    {
        Assert.Equal(["▁", "el", "o"], Tokenizer.FromGguf(vocabulary with { AddBos = false }).Encode("elo").Tokens);
        var scores = vocabulary.Scores!.ToArray();
        scores[vocabulary.Tokens.ToList().IndexOf("lo")] = 0;
        Assert.Equal(["▁", "e", "lo"],
            Tokenizer.FromGguf(vocabulary with { Scores = scores, AddBos = false }).Encode("elo").Tokens);
    }

    [Fact]
    public void Characters_that_are_no_tokens_still_merge_to_such()
    {
        string[] tokens = [.. vocabulary.Tokens, "éo"];
        var tokenizer = Tokenizer.FromGguf(vocabulary with
        {
            Tokens = tokens,
            TokenTypes = [.. vocabulary.TokenTypes!, 1],
            Scores = [.. vocabulary.Scores!, -1],
            AddBos = false,
            AddSpacePrefix = false,
        });
        Assert.Equal(["éo", "<0xC3>", "<0xA9>"], tokenizer.Encode("éoé").Tokens);
    }

    [Fact]
    public void Control_tokens_are_parsed_only_on_request()
    {
        var tokenizer = Tokenizer.FromGguf(vocabulary with { AddBos = false });
        Assert.Equal([2], tokenizer.EncodeIds("</s>"));
        Assert.DoesNotContain(2, tokenizer.EncodeIds("</s>", parseSpecial: false));
        Assert.Contains(tokenizer.IdOf("<call>")!.Value, tokenizer.EncodeIds("<call>", parseSpecial: false));
    }

    [Fact]
    public void The_end_is_added_where_the_file_says_so() =>
        Assert.Equal(["<s>", "▁h", "</s>"], Tokenizer.FromGguf(vocabulary with { AddEos = true }).Encode("h").Tokens);

    [Fact]
    public void Spaces_are_kept_as_llama_cpp_keeps_them()
    {
        var tokenizer = Tokenizer.FromGguf(vocabulary with { RemoveExtraWhitespaces = true, AddBos = false });
        Assert.Equal(["▁", "▁", "▁h"], tokenizer.Encode("  h").Tokens);
    }

    [Fact]
    public void Tokens_without_a_name_get_llama_cpps()
    {
        string[] tokens = [.. vocabulary.Tokens.SkipLast(2), "", ""];
        Assert.Equal("[EMPTY_269]", Tokenizer.FromGguf(vocabulary with { Tokens = tokens, TokenTypes = null }).TokenOf(269));
        // Several of them are several tokens also in a tokenizer.json, whose vocabulary names none twice.
        tokens = [.. tokens, ""];
        var json = GgufTokenizerJson.Of(vocabulary with { Tokens = tokens, TokenTypes = null, Scores = [.. vocabulary.Scores!, 0, 0] });
        Assert.Equal(270, (int)json["model"]!["vocab"]!["[EMPTY_270]"]!);
    }

    static readonly GgufVocabulary bert = new()
    {
        Model = "bert",
        Tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "▁the", "▁un", "aff", "able", "▁cafe", "▁,"],
        TokenTypes = [3, 3, 3, 3, 1, 1, 1, 1, 1, 1],
        ClsId = 2,
        SepId = 3,
        UnkId = 1,
    };

    [Fact]
    public void Bert_says_words_with_pieces_that_begin_and_continue_them()
    {
        var tokenizer = Tokenizer.FromGguf(bert);
        Assert.Equal(["[CLS]", "the", "un", "##aff", "##able", "cafe", ",", "[UNK]", "[SEP]"], tokenizer.Encode("The unaffable Café, x").Tokens);
        Assert.Equal("the unaffable cafe,", tokenizer.Decode(tokenizer.EncodeIds("The unaffable Café,")));
        Assert.Equal([2, 4, 3, 8, 3], tokenizer.Encode("the", "café").Ids);
        Assert.Equal([4], Tokenizer.FromGguf(bert with { AddBos = false, AddSep = false }).EncodeIds("the"));
        // The id that llama.cpp takes where nothing is said is beyond so small a vocabulary.
        Assert.Equal([4, 3], Tokenizer.FromGguf(bert with { ClsId = null }).EncodeIds("the"));
    }

    [Theory]
    [InlineData(null, null, "cafe")]
    [InlineData(false, null, "Café")]
    [InlineData(false, true, "Cafe")]
    [InlineData(true, false, "café")]
    public void Bert_keeps_capitals_and_accents_where_the_file_says_so(bool? lowercases, bool? strips, string expected)
    {
        var words = bert with { Tokens = [.. bert.Tokens.SkipLast(4), "▁cafe", "▁Café", "▁Cafe", "▁café"] };
        Assert.Equal(expected, Tokenizer.FromGguf(words with { Lowercases = lowercases, StripsAccents = strips }).Encode("Café").Tokens[1]);
    }

    static readonly GgufVocabulary t5 = new()
    {
        Model = "t5",
        Tokens = ["<pad>", "</s>", "<unk>", "▁", "a", "b", "▁ab", "<sym>"],
        TokenTypes = [3, 3, 2, 1, 1, 1, 1, 4],
        Scores = [0, 0, 0, -2, -3, -3, -1, 0],
        AddSpacePrefix = true,
        RemoveExtraWhitespaces = true,
    };

    [Fact]
    public void T5_takes_the_likeliest_pieces_and_ends_a_text()
    {
        var tokenizer = Tokenizer.FromGguf(t5);
        Assert.Equal(["▁ab", "▁", "b", "</s>"], tokenizer.Encode("  ab   b ").Tokens);
        Assert.Equal("ab b", tokenizer.Decode(tokenizer.EncodeIds("ab b")));
        Assert.Equal([6, 7, 6, 1], tokenizer.EncodeIds("ab <sym> ab"));
        Assert.Equal([3, 2, 1], tokenizer.EncodeIds("xyz"));
        Assert.Equal([4, 5], Tokenizer.FromGguf(t5 with { AddSpacePrefix = null, AddEos = false }).EncodeIds("ab"));
    }

    /// <summary>Names count for control tokens, unless the file says that it has named all.</summary>
    [Fact]
    public void Generation_ends_with_the_keys_and_with_the_names_of_tokens()
    {
        string[] tokens = ["a", "<|end_of_text|>", "<|eom_id|>", "<|eot_id|>", "<|im_end|>"];
        var gguf = new GgufVocabulary { Model = "gpt2", Tokens = tokens, TokenTypes = [1, 3, 3, 3, 4], EosId = 3 };
        Assert.Equal([3, 2, 1], GgufEndTokens.Of(gguf));
        Assert.Equal([3, 0, 2, 1], GgufEndTokens.Of(gguf with { EotId = 0 }));
        Assert.Equal([3, 1, 2], GgufEndTokens.Of(gguf with { EotId = 1, EomId = 3 }));
        Assert.Equal([3, 2, 1], GgufEndTokens.Of(gguf with { EotId = 5, EomId = -7, PadId = 99 }));
        Assert.Equal([0, 3], GgufEndTokens.Of(gguf with { EndIds = [0, 3] }));
        Assert.Equal([3], GgufEndTokens.Of(gguf with { TokenTypes = null }));
        // llama.cpp's default of the kind.
        Assert.Equal([2], GgufEndTokens.Of(vocabulary with { EosId = null }));
    }

    [Theory]
    [InlineData("<|return|> <|call|> <|end|>", "<|return|> <|call|>")]
    [InlineData("<|flush|> <|calls|> <|end|>", "<|flush|> <|calls|>")]
    [InlineData("<|call|> <|end|>", "<|call|> <|end|>")]
    [InlineData("<turn|> <|tool_response> </s>", "<turn|> <|tool_response>")]
    [InlineData("<turn|> </s>", "<turn|> </s>")]
    public void Tokens_that_end_but_a_part_of_an_answer_do_not_count(string tokens, string ends)
    {
        var gguf = new GgufVocabulary { Model = "gpt2", Tokens = tokens.Split(' '), TokenTypes = [.. tokens.Split(' ').Select(_ => 3)] };
        Assert.Equal(ends.Split(' ').Order(), GgufEndTokens.Of(gguf).Select(id => gguf.Tokens[id]).Order());
    }

    [Fact]
    public void Kinds_that_are_only_read_say_so() =>
        Assert.Contains("not written", Assert.Throws<TokenizerException>(() => GgufTokenizerJson.Of(bert)).Message, StringComparison.Ordinal);

    [Fact]
    public void Faults_are_named()
    {
        Refuses(vocabulary with { Model = "rwkv" }, "\"rwkv\"");
        Refuses(vocabulary with { Scores = null }, "scores is missing");
        Refuses(vocabulary with { Scores = [1] }, "1 entries");
        Refuses(vocabulary with { TokenTypes = [1] }, "token_type");
        Refuses(vocabulary with { BosId = 9999 }, "bos_token_id");
        Refuses(vocabulary with { EosId = -3 }, "eos_token_id");
        Refuses(vocabulary with { EndIds = [1, 9999] }, "end_token_ids names 9999");
        Refuses(vocabulary with { Tokens = [] }, "empty");
        Refuses(vocabulary with { Tokens = [.. vocabulary.Tokens.SkipLast(1), "h"] }, "there already");
        Refuses(bert with { UnkId = null }, "unknown_token_id");
        Refuses(bert with { SepId = 77 }, "seperator_token_id");
        Refuses(t5 with { Scores = null }, "scores is missing");
        Refuses(t5 with { Scores = [.. t5.Scores!.SkipLast(1), float.NaN] }, "scores[7]");
        Refuses(t5 with { TokenTypes = [.. t5.TokenTypes!.SkipLast(1), 9] }, "token_type[7]");
        Refuses(t5 with { Charsmap = [1, 2, 3] }, "charsmap");
        Refuses(vocabulary with { Model = "gpt2", Pre = "gpt-2" }, "merges is missing");
        Refuses(vocabulary with { Model = "gpt2", Pre = "wonder", Merges = [] }, "\"wonder\"");
        Refuses(vocabulary with { Model = "gpt2", Pre = "gpt-2", Merges = ["h x"] }, "\"x\"");
        Refuses(vocabulary with { Model = "gpt2", Pre = "gpt-2", Merges = ["hx"] }, "merges[0]");

        static void Refuses(GgufVocabulary vocabulary, string what) =>
            Assert.Contains(what, Assert.Throws<TokenizerException>(() => Tokenizer.FromGguf(vocabulary)).Message,
                StringComparison.Ordinal);
    }
}
