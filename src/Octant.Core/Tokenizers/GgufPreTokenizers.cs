using static Octant.Tokenizers.WordPatterns;

namespace Octant.Tokenizers;

/// <summary>How a family of models cuts text into words.</summary>
/// <param name="Patterns">expressions; each cuts the words that the one before left, and keeps its matches apart</param>
/// <param name="IgnoresMerges">a word that is a token is taken whole</param>
/// <param name="AddsBos">a text begins with the beginning-of-text token, unless the file says otherwise</param>
/// <param name="Composes">
/// text is brought to NFC first, as these models' tokenizer.json has it (llama.cpp leaves it out)
/// </param>
sealed record GgufPreTokenizer(string[] Patterns, bool IgnoresMerges = false, bool AddsBos = false, bool Composes = false);

/// <summary>
/// The names of tokenizer.ggml.pre (llama.cpp, src/llama-vocab.cpp) with the expressions of the models' own tokenizer.json,
/// where llama.cpp's engine had to rewrite them.
/// </summary>
static class GgufPreTokenizers
{
    const string Tekken =
        Lead + Upper + "*" + Lower + "+|" + Lead + Upper + "+" + Lower + @"*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|" + Spaces;
    const string Bloom = @" ?[^(\s|[.,!?…。，、।۔،])]+";
    const string Ideographs = "[一-龥\u3040-\u309f\u30a0-\u30ff]+";
    const string DeepSeek3 =
        @"[!""#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|" + Spaces;

    static readonly GgufPreTokenizer gpt2 = new([Gpt2]);
    static readonly GgufPreTokenizer llama3 = new([Llama3], IgnoresMerges: true, AddsBos: true);
    static readonly GgufPreTokenizer qwen2 = new([Qwen2], Composes: true);
    static readonly GgufPreTokenizer digits = new([@"\p{N}", Gpt2]);
    static readonly GgufPreTokenizer neoX = new([Gpt2], Composes: true);

    /// <summary>Names that every version of llama.cpp in use knows, one for each way.</summary>
    static readonly string[] common = ["gpt-2", "llama-bpe", "dbrx", "qwen2", "stablelm2", "smollm", "gpt-4o", "tekken", "deepseek-v3", "deepseek-coder",
        "bloom", "viking", "falcon", "default", "bailingmoe", "seed-coder", "qwen35", "olmo", "command-r"];

    /// <summary>The name of a way; null where it has none. Whether texts begin with a token of their own has a key of its own.</summary>
    public static string? NameOf(GgufPreTokenizer way) => common.FirstOrDefault(name => Find(name) is var known
        && known.Patterns.AsSpan().SequenceEqual(way.Patterns) && known.IgnoresMerges == way.IgnoresMerges && known.Composes == way.Composes);

    /// <summary>The way of a name; llama.cpp's default for none.</summary>
    /// <exception cref="TokenizerException">The name is not known.</exception>
    public static GgufPreTokenizer Find(string? name) => name switch
    {
        null or "" or "default" => new([@"[\p{P}\$\+<=>\^~\|]+", Gpt2, @"\p{N}+", "[0-9][0-9][0-9]"]),
        "gpt-2" or "phi-2" or "jina-es" or "jina-de" or "gigachat" or "jina-v2-es" or "jina-v2-de" or "a.x-4.0" or "mellum"
            or "jina-v1-en" or "jina-v2-code" or "roberta-bpe" or "jais" or "trillion"
            or "granite-docling" or "exaone4" => gpt2,
        "olmo" or "mpt" or "modern-bert" => neoX,
        "llama3" or "llama-v3" or "llama-bpe" or "falcon3" or "falcon-h1" or "pixtral" or "midm-2.0" or "lfm2"
            or "jina-v5-nano" => llama3,
        "dbrx" or "smaug-bpe" or "glm4" or "chatglm-bpe" => new([Llama3]),
        "qwen2" or "deepseek-r1-qwen" or "kormo" or "f2llmv2" or "megrez" => qwen2,
        "stablelm2" or "hunyuan" or "solar-open" or "grok-2" => new([Qwen2]),
        "qwen35" => new([Qwen35], Composes: true),
        "command-r" => digits with { Composes = true },
        "starcoder" or "refact" or "smollm" or "codeshell" or "exaone" or "minerva-7b" or "mellum2" => digits,
        "gpt-4o" or "llama4" or "kanana2" or "talkie" or "minimax-m2" => new([Gpt4o]),
        "tekken" => new([Tekken], IgnoresMerges: true, AddsBos: true),
        "bloom" or "poro-chat" or "gpt3-finnish" => new([Bloom]),
        "viking" => new([Bloom, @"\p{N}"]),
        "falcon" => new([@"[\p{P}\$\+<=>\^~\|`]+", Gpt2, "[0-9][0-9][0-9]"]),
        "deepseek-v3" or "hunyuan-dense" or "joyai-llm" or "hy_v4" => new([@"\p{N}{1,3}", Ideographs, DeepSeek3]),
        "deepseek-coder" => new([@"[\r\n]", @"\s?\p{L}+", @"\s?\p{P}+", "[一-龥ࠀ-一가-퟿]+", @"\p{N}"]),
        "bailingmoe" or "bailingmoe2" or "llada-moe" =>
            new([@"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"]),
        "seed-coder" => new([Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|" + Spaces]),
        "ufakzeka" => new([@"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|" + Spaces]),
        _ => throw new TokenizerException($"tokenizer.ggml.pre is \"{name}\", which is not known."),
    };
}
