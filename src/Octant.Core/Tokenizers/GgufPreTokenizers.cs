using static Octant.Tokenizers.WordPatterns;

namespace Octant.Tokenizers;

/// <summary>Of what the merges of a GGUF file make tokens.</summary>
enum GgufSymbols
{
    /// <summary>Bytes, named by GPT-2's alphabet.</summary>
    Bytes,

    /// <summary>Characters, a space among them as ▁; what is no token becomes its bytes, &lt;0x00&gt; to &lt;0xFF&gt;.</summary>
    Pieces,

    /// <summary>Characters of words; what lies between words goes, and so does what is neither a token nor has tokens of its bytes.</summary>
    Words,
}

/// <summary>How a family of models cuts text into words.</summary>
/// <param name="Patterns">expressions; each cuts the words that the one before left, and keeps its matches apart</param>
/// <param name="IgnoresMerges">a word that is a token is taken whole</param>
/// <param name="AddsBos">a text begins with the beginning-of-text token, unless the file says otherwise</param>
/// <param name="Composes">
/// text is brought to NFC first, as these models' tokenizer.json has it (llama.cpp leaves it out)
/// </param>
/// <param name="Symbols">what is merged</param>
/// <param name="ForcesBos">a text begins with the beginning-of-text token, whatever the file says</param>
/// <param name="PrependsSpaces">every line has a space before it</param>
sealed record GgufPreTokenizer(string[] Patterns, bool IgnoresMerges = false, bool AddsBos = false, bool Composes = false,
    GgufSymbols Symbols = GgufSymbols.Bytes, bool ForcesBos = false, bool PrependsSpaces = false);

/// <summary>
/// The names of tokenizer.ggml.pre (llama.cpp, src/llama-vocab.cpp) with the expressions of the models' own tokenizer.json,
/// where llama.cpp's engine had to rewrite them.
/// </summary>
static class GgufPreTokenizers
{
    const string Tekken =
        Lead + Upper + "*" + Lower + "+|" + Lead + Upper + "+" + Lower + @"*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|" + Spaces;
    const string Signs = @"| ?[^\s\p{L}\p{N}]+[\r\n]*|";
    const string Jais2 = Contractions + "|" + Lead + @"\p{L}+|\p{N}{1,3}" + Signs + @"\s*[\r\n]+|\s{512}(?!\S)|\s{256}(?!\S)|\s{128}(?!\S)"
        + @"|\s{64}(?!\S)|\s{32}(?!\S)|\s{16}(?!\S)|\s{8}(?!\S)|\s{4}(?!\S)|\s{1,2}(?!\S)|\s{1}";
    const string MiniCpm5 = Contractions + "|" + Lead + @"\p{L}+|\p{N}+" + Signs + Spaces;
    const string K2Horizon = Contractions + "|" + Lead + @"(?:\p{L}|\p{M}|\u200C|\u200D)+|\p{N}{1,3}" + Signs + Spaces;
    const string ExaoneMoe = Contractions + "|" + Lead
        + @"(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+";
    const string Bloom = @" ?[^(\s|[.,!?…。，、।۔،])]+";
    const string Ideographs = "[一-龥\u3040-\u309f\u30a0-\u30ff]+";
    const string DeepSeekWords = @"[!""#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+";
    const string DeepSeek3 = DeepSeekWords + @"[\r\n]*|" + Spaces;
    const string DeepSeekPunctuation = "\\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+";
    const string DeepSeekIdeographs = "[一-龥ࠀ-一가-퟿]+";

    /// <summary>
    /// The letters of scripts with capitals, as llama.cpp lists them for DeepSeek LLM; escaped where an editor that composes characters would change them.
    /// </summary>
    const string CasedLetters =
        "[A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝ\u1f5f-\u1f7dᾀ-ᾴᾶ-ᾼ\u1fbeῂ-ῄῆ-ῌ\u1fd0-\u1fd3\u1fd6-\u1fdbῠ-Ῥῲ-ῴῶ-ῼ"
        + "ℂℇℊ-ℓℕℙ-ℝℤ\u2126ℨ\u212a-\u212dℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎ\uab70-\uabbf\ufb00-\ufb06\ufb13-\ufb17Ａ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃]";

    /// <summary>Scripts without spaces between words, and Hangul, as llama.cpp lists them for Trinity.</summary>
    const string UnspacedScripts = "[\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\u3040-\u309f\u30a0-\u30ff\uff65-\uff9f\u2f00-\u2fdf\u0e40-\u0e7f\u0e80-\u0eff"
        + "\u1780-\u17ff\u1000-\u109f\uaa60-\uaa7f\ua9e0-\ua9ff\uac00-\ud7af\u1100-\u11ff]+";
    const string YoutuScripts = "[가-힣ㄱ-ㆎ]+|[！…“”‘’—：；，、-〿︰-﹏]+|[ㄅ-ㄯ]+|" + Ideographs;
    const string Youtu = Lead + Upper + "*" + Lower + "+" + Contractions + "?|"
        + Lead + Upper + "+" + Lower + "*" + Contractions + @"?|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|" + Spaces;

    /// <summary>Up to three digits, so that those after them make up threes: 1 234 567.</summary>
    const string Thousands = @"\p{N}{1,3}(?=(?:\p{N}{3})*(?!\p{N}))";
    const string NoHanUpper = @"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]";
    const string NoHanLower = @"[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]";

    /// <summary>Moonshot's tokenization_kimi.py.</summary>
    const string Kimi = @"[\p{Han}]+|" + Lead + NoHanUpper + "*" + NoHanLower + "+" + Contractions + "?|"
        + Lead + NoHanUpper + "+" + NoHanLower + "*" + Contractions + @"?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|" + Spaces;

    static readonly GgufPreTokenizer gpt2 = new([Gpt2]);
    static readonly GgufPreTokenizer llama3 = new([Llama3], IgnoresMerges: true, AddsBos: true);
    static readonly GgufPreTokenizer qwen2 = new([Qwen2], Composes: true);
    static readonly GgufPreTokenizer digits = new([@"\p{N}", Gpt2]);
    static readonly GgufPreTokenizer neoX = new([Gpt2], Composes: true);
    static readonly GgufPreTokenizer pieces = new([], Symbols: GgufSymbols.Pieces);

    /// <summary>
    /// A name for each way of cutting bytes, those that every version of llama.cpp in use knows first. The way of granite-embed-multi-97m is
    /// gpt-4o's where merges make all tokens.
    /// </summary>
    static readonly string[] common = ["gpt-2", "llama-bpe", "dbrx", "qwen2", "stablelm2", "smollm", "gpt-4o", "tekken", "deepseek-v3", "deepseek-coder",
        "bloom", "viking", "falcon", "default", "bailingmoe", "seed-coder", "qwen35", "olmo", "command-r", "deepseek-llm", "superbpe", "chameleon", "kimi-k2",
        "afmoe", "youtu", "exaone-moe", "minicpm5", "jais-2", "tiny_aya", "laguna", "ufakzeka", "spark2_5", "k2-horizon"];

    /// <summary>The name of a way; null where it has none. Whether texts begin with a token of their own has a key of its own.</summary>
    public static string? NameOf(GgufPreTokenizer way) => common.FirstOrDefault(name => Find(name) is var known
        && known.Patterns.AsSpan().SequenceEqual(way.Patterns) && known.IgnoresMerges == way.IgnoresMerges && known.Composes == way.Composes);

    /// <summary>The way of a vocabulary: where its kind has one of its own, no name is asked for.</summary>
    /// <exception cref="TokenizerException">The name is not known.</exception>
    public static GgufPreTokenizer Of(GgufVocabulary gguf) => Find(gguf.Model is "gemma4" or "whitespace" ? gguf.Model : gguf.Pre);

    /// <summary>The way of a name; llama.cpp's default for none.</summary>
    /// <exception cref="TokenizerException">The name is not known.</exception>
    static GgufPreTokenizer Find(string? name) => name switch
    {
        null or "" or "default" => new([@"[\p{P}\$\+<=>\^~\|]+", Gpt2, @"\p{N}+", "[0-9][0-9][0-9]"]),
        "gpt-2" or "phi-2" or "jina-es" or "jina-de" or "gigachat" or "jina-v2-es" or "jina-v2-de" or "a.x-4.0" or "mellum"
            or "jina-v1-en" or "jina-v2-code" or "roberta-bpe" or "jais" or "trillion"
            or "granite-docling" or "exaone4" => gpt2,
        "olmo" or "mpt" or "modern-bert" => neoX,
        "llama3" or "llama-v3" or "llama-bpe" or "falcon3" or "falcon-h1" or "pixtral" or "midm-2.0" or "lfm2"
            or "jina-v5-nano" => llama3,
        "dbrx" or "smaug-bpe" or "glm4" or "glm5" or "chatglm-bpe" => new([Llama3]),
        "jais-2" => new([Jais2]),
        "minicpm5" => new([@"\p{N}{1,3}", MiniCpm5], IgnoresMerges: true),
        "k2-horizon" => new([K2Horizon]),
        "qwen2" or "deepseek-r1-qwen" or "kormo" or "f2llmv2" or "megrez" => qwen2,
        "stablelm2" or "hunyuan" or "solar-open" or "grok-2" => new([Qwen2]),
        "laguna" => new([@"[^\n]+|[\n]+", Qwen2]),
        "qwen35" => new([Qwen35], Composes: true),
        "exaone-moe" => new([ExaoneMoe]),
        "command-r" => digits with { Composes = true },
        "starcoder" or "refact" or "smollm" or "codeshell" or "exaone" or "minerva-7b" or "mellum2" => digits,
        "chameleon" => new(["<sentinel:[0-9]+>", "(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z", @"([\t\n]|    |  )", @"\p{N}", @"[\p{P}!-/:-@\[-`{-~]", Gpt2], AddsBos: true),
        "gpt-4o" or "llama4" or "kanana2" or "talkie" or "minimax-m2" => new([Gpt4o]),
        "granite-embed-multi-97m" => new([Gpt4o], IgnoresMerges: true),
        "tiny_aya" or "cohere2moe" => new([@"\d{1,3}(?=(?:\d{3})*\b)", Gpt4o]),
        "kimi-k2" => new([Kimi]),
        "tekken" => new([Tekken], IgnoresMerges: true, AddsBos: true),
        "youtu" => new([YoutuScripts, Youtu], IgnoresMerges: true),
        "bloom" or "poro-chat" or "gpt3-finnish" => new([Bloom]),
        "viking" => new([Bloom, @"\p{N}"]),
        "falcon" => new([@"[\p{P}\$\+<=>\^~\|`]+", Gpt2, "[0-9][0-9][0-9]"]),
        "deepseek-v3" or "hunyuan-dense" or "joyai-llm" or "hy_v4" => new([@"\p{N}{1,3}", Ideographs, DeepSeek3]),
        "spark2_5" => new([@"\p{N}{1,3}", Ideographs, DeepSeekWords + @"|[\r\n]|\s+(?!\S)|\s+", @"\p{N}"]),
        "afmoe" => new([Thousands, UnspacedScripts, DeepSeek3]),
        "deepseek-coder" => new([@"[\r\n]", @"\s?\p{L}+", @"\s?\p{P}+", DeepSeekIdeographs, @"\p{N}"]),
        "deepseek-llm" => new([@"[\r\n]", @"\s?" + CasedLetters + "+", DeepSeekPunctuation, @"\s+$", DeepSeekIdeographs, @"\p{N}+"]),
        "superbpe" => new([@"\p{N}+", @"(?=(\d{3})+(?!\d))"]),
        "bailingmoe" or "bailingmoe2" or "llada-moe" =>
            new([@"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"]),
        "seed-coder" => new([Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|" + Spaces]),
        "ufakzeka" => new([@"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|" + Spaces]),
        // llama.cpp cuts these at line breaks, which its engine needs: the models' own merges go over whole texts.
        "gemma4" or "granite-embed-multi-311m" => pieces with { ForcesBos = true },
        "sarvam-moe" => pieces,
        "mmbert" => pieces with { Patterns = [@"\n+|▁[^\n▁]*"], PrependsSpaces = true },
        "whitespace" => new([], Symbols: GgufSymbols.Words),
        _ => throw new TokenizerException($"tokenizer.ggml.pre is \"{name}\", which is not known."),
    };
}
