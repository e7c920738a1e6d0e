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

    [Fact]
    public void Faults_are_named()
    {
        Refuses(vocabulary with { Model = "rwkv" }, "\"rwkv\"");
        Refuses(vocabulary with { Scores = null }, "scores is missing");
        Refuses(vocabulary with { Scores = [1] }, "1 entries");
        Refuses(vocabulary with { TokenTypes = [1] }, "token_type");
        Refuses(vocabulary with { BosId = 9999 }, "bos_token_id");
        Refuses(vocabulary with { EosId = -3 }, "eos_token_id");
        Refuses(vocabulary with { Tokens = [] }, "empty");
        Refuses(vocabulary with { Tokens = [.. vocabulary.Tokens.SkipLast(1), "h"] }, "there already");
        Refuses(vocabulary with { Model = "gpt2", Pre = "gpt-2" }, "merges is missing");
        Refuses(vocabulary with { Model = "gpt2", Pre = "wonder", Merges = [] }, "\"wonder\"");
        Refuses(vocabulary with { Model = "gpt2", Pre = "gpt-2", Merges = ["h x"] }, "\"x\"");
        Refuses(vocabulary with { Model = "gpt2", Pre = "gpt-2", Merges = ["hx"] }, "merges[0]");

        static void Refuses(GgufVocabulary vocabulary, string what) =>
            Assert.Contains(what, Assert.Throws<TokenizerException>(() => Tokenizer.FromGguf(vocabulary)).Message,
                StringComparison.Ordinal);
    }
}
