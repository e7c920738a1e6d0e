using System.Text.Json;
using System.Text.Json.Nodes;
using Octant.Core.Tests.Formats;
using Octant.Formats;
using Octant.Tokenizers;
using Octant.Tokenizers.PreTokenizers;

namespace Octant.Core.Tests.Tokenizers;

/// <summary>The names of tokenizer.ggml.pre: what each does that its neighbours do not.</summary>
public sealed class GgufPreTokenizerTests
{
    /// <summary>The pieces are those of Hugging Face's tokenizers 0.22.2 for llama.cpp's expressions.</summary>
    [Theory]
    [InlineData("deepseek-llm", "Ü¦n¦ï¦ x¦中文¦2024¦ა¦(¦b¦\n¦  ")]
    [InlineData("superbpe", "by the way, ¦1¦234¦567¦ of ¦12")]
    [InlineData("chameleon", "a¦<¦sentinel¦:¦1¦2¦>¦IMGIMGABZ¦ b¦  ¦c¦\t¦1¦2¦!¦?")]
    [InlineData("kimi-k2", "Hello¦WORLDs¦世界¦x¦ ¦世¦'S¦ I'M¦ ¦123¦4¦/\n¦/")]
    [InlineData("afmoe", "1¦234¦567¦ ¦ไ¦ทย¦中¦a¦(x¦ ¦12¦\n")]
    [InlineData("youtu", "한글¦。¦中文¦ It's¦ a¦B'S¦ ¦1¦2¦/\n¦ab¦…")]
    [InlineData("exaone-moe", "one two¦ ¦ three¦ ¦1¦2¦!?\n¦\n¦x")]
    [InlineData("minicpm5", "It¦'s¦ a¦  ¦123¦4¦\n")]
    [InlineData("jais-2", "a¦    ¦  ¦ b¦  ¦ ")]
    [InlineData("tiny_aya", "1¦234¦567¦ x¦12¦a¦ ¦12¦_¦ a¦B'S")]
    [InlineData("laguna", "a¦ ¦\n¦ b¦!?¦\n\n¦c¦'S")]
    [InlineData("granite-embed-multi-97m", "a¦B'S¦ e\u0301x¦ ¦123¦4¦!/\n")]
    [InlineData("spark2_5", "1¦2¦3¦4¦中¦ a¦(x¦!¦\n¦\n¦ b")]
    [InlineData("k2-horizon", "क्\u200dष¦ e\u0301x¦ ¦123¦4¦!\n")]
    public void Text_is_cut_as_the_name_says(string pre, string pieces)
    {
        var expected = pieces.Split('¦');
        Assert.Equal(expected, Cut(pre, string.Concat(expected)));
    }

    /// <summary>Digits are counted off from their end, spaces by powers of two: where each begins anew, half a megabyte would take hours.</summary>
    [Theory]
    [InlineData("superbpe", "1")]
    [InlineData("tiny_aya", "1")]
    [InlineData("afmoe", "1")]
    [InlineData("jais-2", " ")]
    [InlineData("jais-2", "\n")]
    [InlineData("exaone-moe", "a ")]
    [InlineData("deepseek-llm", " ")]
    [InlineData("chameleon", "<sentinel:")]
    [InlineData("bailingmoe", " ")]
    public void Half_a_megabyte_of_the_same_is_cut_in_linear_time(string pre, string part)
    {
        var text = string.Concat(Enumerable.Repeat(part, 500_000 / part.Length));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.Equal(text.Length, Cut(pre, text).Sum(piece => piece.Length));
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 10);
    }

    [Theory]
    [InlineData("glm5", "glm4")]
    [InlineData("cohere2moe", "tiny_aya")]
    [InlineData("granite-embed-multi-97m", "gpt-4o")]
    public void Names_of_one_way_cut_alike(string pre, string other) => Assert.Equal(PatternsOf(other).ToJsonString(), PatternsOf(pre).ToJsonString());

    [Theory]
    [InlineData("minicpm5", true)]
    [InlineData("youtu", true)]
    [InlineData("granite-embed-multi-97m", true)]
    [InlineData("gpt-4o", false)]
    [InlineData("jais-2", false)]
    public void A_word_that_is_a_token_is_taken_whole_where_the_name_says_so(string pre, bool whole)
    {
        var gguf = SmallTokenizers.Gguf(pre);
        gguf = gguf with { Tokens = [.. gguf.Tokens, "xyz"] };
        Both(gguf, tokenizer => Assert.Equal(whole ? ["xyz"] : ["x", "y", "z"], tokenizer.Encode("xyz").Tokens));
    }

    [Theory]
    [InlineData("chameleon", null, true)]
    [InlineData("chameleon", false, false)]
    [InlineData("superbpe", null, false)]
    [InlineData("gemma4", false, true)]
    [InlineData("granite-embed-multi-311m", false, true)]
    [InlineData("sarvam-moe", null, false)]
    public void A_text_begins_with_its_token_where_the_name_says_so(string pre, bool? said, bool begins) =>
        Both(Characters(pre) with { AddBos = said }, tokenizer => Assert.Equal(begins ? [1, 259] : [259], tokenizer.EncodeIds("a")));

    /// <summary>Merges reach over words; capitals of the text, and what is no token, become bytes.</summary>
    [Theory]
    [InlineData("gpt2", "sarvam-moe", "ab  ab\n\né", "ab|▁▁|ab|\n\n|<0xC3>|<0xA9>")]
    [InlineData("gemma4", "default", " ab a", "<s>|▁ab|▁a")]
    [InlineData("gpt2", "mmbert", "ab  ab\n\na", "▁ab|▁|▁ab|\n\n|▁a")]
    [InlineData("gpt2", "mmbert", "<x>ab", "<x>|▁ab")]
    [InlineData("whitespace", "whitespace", " Ab\tab  a?", "<0x41>|b|ab|a|<0x3F>")]
    [InlineData("gpt2", "whitespace", "ab ab", "ab|ab")]
    public void Characters_are_merged_where_the_name_or_the_kind_says_so(string model, string pre, string text, string tokens) =>
        Both(Characters(pre) with { Model = model }, tokenizer => Assert.Equal(tokens.Split('|'), tokenizer.Encode(text).Tokens));

    /// <summary>The space before a text goes; those before its other lines are now of the text.</summary>
    [Theory]
    [InlineData("gemma4", "ab  ab\néa")]
    [InlineData("sarvam-moe", "ab  ab\néa")]
    [InlineData("mmbert", "ab  ab\n éa")]
    public void Visible_spaces_are_spaces_again(string pre, string decoded) =>
        Both(Characters(pre), tokenizer => Assert.Equal(decoded, tokenizer.Decode(tokenizer.EncodeIds("ab  ab\néa", addSpecialTokens: false))));

    [Fact]
    public void Capitals_become_small_letters_where_the_file_says_so() =>
        Both(Characters("whitespace") with { Lowercases = true }, tokenizer => Assert.Equal(["ab", "<0xC3>", "<0xA9>"], tokenizer.Encode("AB É").Tokens));

    [Fact]
    public void What_is_neither_token_nor_bytes_goes_from_words()
    {
        var gguf = Characters("whitespace") with { Tokens = ["<unk>", "a", "b", "ab"], TokenTypes = null, Merges = ["a b"], UnkId = 0, BosId = null, EosId = null };
        Both(gguf, tokenizer => Assert.Equal(["ab"], tokenizer.Encode("?ab").Tokens));
    }

    /// <summary>All of llama_vocab::impl::load, in its order (November 2026).</summary>
    [Fact]
    public void Every_name_of_llama_cpp_is_known()
    {
        const string names = """
            default minicpm5 llama3 llama-v3 llama-bpe falcon3 falcon-h1 pixtral midm-2.0 lfm2 jina-v5-nano deepseek-llm deepseek-coder deepseek-v3 spark2_5 youtu
            falcon mpt starcoder gpt-2 phi-2 jina-es jina-de gigachat jina-v2-es jina-v2-de a.x-4.0 mellum modern-bert jais-2 gemma4 granite-embed-multi-311m mmbert
            sarvam-moe jina-v1-en jina-v2-code roberta-bpe whitespace refact command-r qwen2 deepseek-r1-qwen kormo f2llmv2 qwen35 stablelm2 olmo dbrx smaug-bpe
            poro-chat glm4 glm5 chatglm-bpe viking jais tekken smollm codeshell bloom gpt3-finnish exaone exaone4 exaone-moe chameleon minerva-7b megrez gpt-4o
            llama4 kanana2 talkie granite-embed-multi-97m tiny_aya cohere2moe superbpe trillion granite-docling bailingmoe bailingmoe2 llada-moe seed-coder hunyuan
            hunyuan-dense hy_v4 joyai-llm kimi-k2 ufakzeka grok-2 afmoe laguna minimax-m2 solar-open mellum2 k2-horizon
            """;
        foreach (var name in names.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            Assert.Equal([260], Tokenizer.FromGguf(Characters(name)).EncodeIds("b", addSpecialTokens: false).TakeLast(1));
    }

    /// <summary>Whose ways of cutting bytes no other name has.</summary>
    [Theory]
    [InlineData("deepseek-llm")]
    [InlineData("superbpe")]
    [InlineData("chameleon")]
    [InlineData("kimi-k2")]
    [InlineData("afmoe")]
    [InlineData("youtu")]
    [InlineData("exaone-moe")]
    [InlineData("minicpm5")]
    [InlineData("jais-2")]
    [InlineData("tiny_aya")]
    [InlineData("laguna")]
    [InlineData("ufakzeka")]
    [InlineData("spark2_5")]
    [InlineData("k2-horizon")]
    public void A_tokenizer_json_that_cuts_so_gets_the_name_again(string pre)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "tokenizer.json"), GgufTokenizerJson.Of(SmallTokenizers.Gguf(pre)).ToJsonString());
        var (path, keys) = (Path.Combine(folder.Path, "a.gguf"), new GgufKeys());
        GgufVocabularyWriter.AddTo(keys, folder.Path, 0);
        GgufWriter.Write(path, keys, [TensorSource.Floats("x", new float[1], 1)]);
        using var file = new GgufFile(path);
        Assert.Equal(pre, file.Metadata.Text("tokenizer.ggml.pre"));
    }

    [Theory]
    [InlineData("sophia")]
    [InlineData("gpt2")]
    public void Other_names_are_refused(string pre) =>
        Assert.Contains($"\"{pre}\", which is not known", Assert.Throws<TokenizerException>(() => Tokenizer.FromGguf(SmallTokenizers.Gguf(pre))).Message);

    /// <summary>A few characters, what merges make of them, and all bytes.</summary>
    static GgufVocabulary Characters(string pre)
    {
        string[] tokens = ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>"), "a", "b", "▁", "\n", "ab", "▁▁", "▁ab", "▁a", "\n\n", "<x>"];
        return new()
        {
            Model = "gpt2",
            Pre = pre,
            Tokens = tokens,
            TokenTypes = [2, 3, 3, .. Enumerable.Repeat(6, 256), .. Enumerable.Repeat(1, tokens.Length - 260), 4],
            Merges = ["a b", "▁ ▁", "▁ ab", "▁ a", "\n \n"],
            UnkId = 0,
            BosId = 1,
            EosId = 2,
        };
    }

    /// <summary>The file's tokenizer, and that of the tokenizer.json which it becomes.</summary>
    static void Both(GgufVocabulary gguf, Action<Tokenizer> holds)
    {
        holds(Tokenizer.FromGguf(gguf));
        holds(Tokenizer.FromJson(GgufTokenizerJson.Of(gguf).ToJsonString()));
    }

    static string[] Cut(string pre, string text)
    {
        using var json = JsonDocument.Parse(new JsonObject { ["type"] = "Sequence", ["pretokenizers"] = PatternsOf(pre) }.ToJsonString());
        return [.. PreTokenizer.Parse(json.RootElement).Split(text).Select(piece => piece.Word)];
    }

    /// <summary>The cuts without what writes bytes as characters.</summary>
    static JsonArray PatternsOf(string pre) =>
        new([.. GgufTokenizerJson.Of(SmallTokenizers.Gguf(pre))["pre_tokenizer"]!["pretokenizers"]!.AsArray().SkipLast(1).Select(part => part!.DeepClone())]);
}
