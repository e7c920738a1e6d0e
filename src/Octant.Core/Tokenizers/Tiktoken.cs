using System.Buffers.Text;
using System.Globalization;
using Octant.Tokenizers.Models;

namespace Octant.Tokenizers;

/// <summary>
/// Reads tiktoken's files of ranks: a line is a token's bytes in base64, a space and its rank, which is its id. Of neighbours
/// those merge first whose bytes together have the lowest rank. How text is cut, and the special tokens, are not in the file.
/// </summary>
static class Tiktoken
{
    /// <summary>Letters of a token in base64; real ones have some hundred.</summary>
    const int LongestToken = 1024;

    // OpenAI's own spellings, with possessive repetition.
    const string R50k = @"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s";
    const string Cl100k = @"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|"
        + @"\s++$|\s*[\r\n]|\s+(?!\S)|\s";

    /// <summary>What a file of this name and number of ranks is used with, by OpenAI's own table and the models' own programs.</summary>
    static (string Pattern, Dictionary<string, int> Special)? Known(string name, int count) => (name, count) switch
    {
        ("r50k_base" or "gpt2" or "p50k_base", _) => (R50k, new() { ["<|endoftext|>"] = 50256 }),
        ("p50k_edit", _) => (R50k, new()
        {
            ["<|endoftext|>"] = 50256,
            ["<|fim_prefix|>"] = 50281,
            ["<|fim_middle|>"] = 50282,
            ["<|fim_suffix|>"] = 50283,
        }),
        ("cl100k_base", _) => (Cl100k, new()
        {
            ["<|endoftext|>"] = 100257,
            ["<|fim_prefix|>"] = 100258,
            ["<|fim_middle|>"] = 100259,
            ["<|fim_suffix|>"] = 100260,
            ["<|endofprompt|>"] = 100276,
        }),
        ("o200k_base", _) => (WordPatterns.Gpt4o, new() { ["<|endoftext|>"] = 199999, ["<|endofprompt|>"] = 200018 }),
        ("qwen", 151643) => (WordPatterns.Qwen2, new() { ["<|endoftext|>"] = 151643, ["<|im_start|>"] = 151644, ["<|im_end|>"] = 151645 }),
        ("tokenizer", 128000) => (WordPatterns.Llama3, Llama3Special()),
        _ => null,
    };

    static Dictionary<string, int> Llama3Special()
    {
        string[] first = ["<|begin_of_text|>", "<|end_of_text|>", "<|reserved_special_token_0|>", "<|reserved_special_token_1|>",
            "<|finetune_right_pad_id|>", "<|reserved_special_token_2|>", "<|start_header_id|>", "<|end_header_id|>", "<|eom_id|>",
            "<|eot_id|>", "<|python_tag|>"];
        return first.Concat(Enumerable.Range(3, 256 - first.Length).Select(i => $"<|reserved_special_token_{i}|>"))
            .Select((token, i) => KeyValuePair.Create(token, 128000 + i)).ToDictionary();
    }

    /// <summary>Whether a file begins as one of these does.</summary>
    public static bool Is(ReadOnlySpan<byte> start)
    {
        if (start.IndexOf((byte)'\n') is >= 0 and var end) start = start[..end];
        var space = start.IndexOf((byte)' ');
        if (space <= 0 || !Base64.IsValid(start[..space])) return false;
        var rank = start[(space + 1)..].TrimEnd((byte)'\r');
        return Utf8Parser.TryParse(rank, out int _, out var taken) && taken == rank.Length;
    }

    /// <summary>Reads a file whose name, or length, tells the rest.</summary>
    /// <exception cref="TokenizerException">it is damaged, or its name tells nothing</exception>
    public static RankedVocabulary Read(string path, ReadOnlySpan<byte> file)
    {
        var ranks = Ranks(file);
        var (pattern, special) = Known(Path.GetFileNameWithoutExtension(path), ranks.Count) ?? throw new TokenizerException(
            $"It holds {ranks.Count} ranks, but not how text is cut into words: name it cl100k_base.tiktoken, o200k_base.tiktoken or the like " +
            "if it is that, or open it with Tokenizer.FromTiktoken and its pattern.");
        return Of(ranks, pattern, special);
    }

    /// <summary>Reads a file that is used with a pattern and special tokens.</summary>
    /// <exception cref="TokenizerException">it is damaged</exception>
    public static RankedVocabulary Read(ReadOnlySpan<byte> file, string pattern, IReadOnlyDictionary<string, int> special) => Of(Ranks(file), pattern, special);

    static RankedVocabulary Of(List<(string Token, int Id)> ranks, string pattern, IReadOnlyDictionary<string, int> special)
    {
        var end = special.TryGetValue("<|endoftext|>", out var eos) || special.TryGetValue("<|end_of_text|>", out eos) ? eos : (int?)null;
        var begin = special.TryGetValue("<|begin_of_text|>", out var bos) ? bos : (int?)null;
        return new(ranks, pattern, special, new SpecialTokens(begin, end));
    }

    /// <summary>Tokens in GPT-2's alphabet, with their ranks.</summary>
    static List<(string Token, int Id)> Ranks(ReadOnlySpan<byte> file)
    {
        var ranks = new List<(string, int)>();
        var number = 0;
        foreach (var range in file.Split((byte)'\n'))
        {
            number++;
            var line = file[range].TrimEnd((byte)'\r');
            if (line.IsEmpty) continue;
            var space = line.IndexOf((byte)' ');
            if (space <= 0 || !int.TryParse(line[(space + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var rank) || rank > Vocabulary.MaximumId)
                throw Bad("is not a token in base64, a space and its rank");
            ranks.Add((Token(line[..space]) ?? throw Bad("has a token that is no base64"), rank));
        }
        if (ranks.Count == 0) throw new TokenizerException("It is no file of ranks: it is empty.");
        return ranks;

        TokenizerException Bad(string what) => new($"It is no sound file of ranks: line {number} {what}.");
    }

    /// <summary>A token in base64 in GPT-2's alphabet; null for what is none.</summary>
    public static string? Token(ReadOnlySpan<byte> base64)
    {
        if (base64.Length > LongestToken) return null;
        Span<byte> bytes = stackalloc byte[LongestToken];
        if (Base64.DecodeFromUtf8(base64, bytes, out _, out var length) != System.Buffers.OperationStatus.Done || length == 0) return null;
        Span<char> letters = stackalloc char[length];
        for (var i = 0; i < length; i++) letters[i] = ByteAlphabet.CharacterOf(bytes[i]);
        return new string(letters);
    }
}
