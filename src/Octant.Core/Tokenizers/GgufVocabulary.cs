using Octant.Formats;

namespace Octant.Tokenizers;

/// <summary>What a GGUF file says of its tokenizer, key by key (tokenizer.ggml.*); null for what it does not say.</summary>
public sealed record GgufVocabulary
{
    /// <summary>
    /// tokenizer.ggml.model: gpt2 (BPE, of bytes but for some names of <see cref="Pre"/>), gemma4 (BPE of characters with visible spaces), whitespace
    /// (BPE of the characters of words), llama (SentencePiece BPE), bert (WordPiece) or t5 (SentencePiece Unigram).
    /// </summary>
    public required string Model { get; init; }

    /// <summary>tokenizer.ggml.pre: how text is cut into words, by a name that llama.cpp gave.</summary>
    public string? Pre { get; init; }

    /// <summary>tokenizer.ggml.tokens: the tokens in order of their ids.</summary>
    public required IReadOnlyList<string> Tokens { get; init; }

    /// <summary>tokenizer.ggml.scores: for llama, the higher the sooner merged; for t5, logarithms of probabilities.</summary>
    public IReadOnlyList<float>? Scores { get; init; }

    /// <summary>tokenizer.ggml.token_type: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte.</summary>
    public IReadOnlyList<int>? TokenTypes { get; init; }

    /// <summary>tokenizer.ggml.merges: for gpt2, gemma4 and whitespace, pairs of tokens with a space between.</summary>
    public IReadOnlyList<string>? Merges { get; init; }

    /// <summary>tokenizer.ggml.bos_token_id.</summary>
    public int? BosId { get; init; }

    /// <summary>tokenizer.ggml.eos_token_id.</summary>
    public int? EosId { get; init; }

    /// <summary>tokenizer.ggml.unknown_token_id.</summary>
    public int? UnkId { get; init; }

    /// <summary>tokenizer.ggml.padding_token_id.</summary>
    public int? PadId { get; init; }

    /// <summary>tokenizer.ggml.eot_token_id.</summary>
    public int? EotId { get; init; }

    /// <summary>tokenizer.ggml.eom_token_id: the end of a message that asks for an answer of a tool.</summary>
    public int? EomId { get; init; }

    /// <summary>
    /// octant.end_token_ids, which only files have that Octant wrote: all tokens that end generation, where the other keys and the names of tokens
    /// would say more or less than these.
    /// </summary>
    public IReadOnlyList<int>? EndIds { get; init; }

    /// <summary>tokenizer.ggml.cls_token_id: what begins bert's texts where no bos is named.</summary>
    public int? ClsId { get; init; }

    /// <summary>tokenizer.ggml.seperator_token_id (so spelt): what ends bert's texts.</summary>
    public int? SepId { get; init; }

    /// <summary>tokenizer.ggml.add_bos_token.</summary>
    public bool? AddBos { get; init; }

    /// <summary>tokenizer.ggml.add_eos_token.</summary>
    public bool? AddEos { get; init; }

    /// <summary>tokenizer.ggml.add_sep_token.</summary>
    public bool? AddSep { get; init; }

    /// <summary>tokenizer.ggml.add_space_prefix.</summary>
    public bool? AddSpacePrefix { get; init; }

    /// <summary>
    /// tokenizer.ggml.remove_extra_whitespaces. llama.cpp reads it for t5 alone, and so do we: a llama vocabulary keeps all spaces.
    /// </summary>
    public bool? RemoveExtraWhitespaces { get; init; }

    /// <summary>tokenizer.ggml.normalizer.lowercase: whether capitals become small letters; for bert (where they do unless this says otherwise) and whitespace.</summary>
    public bool? Lowercases { get; init; }

    /// <summary>tokenizer.ggml.normalizer.strip_accents: whether accents go; for bert, where they go with the capitals unless this says otherwise.</summary>
    public bool? StripsAccents { get; init; }

    /// <summary>tokenizer.ggml.precompiled_charsmap: SentencePiece's map of characters, for t5.</summary>
    public IReadOnlyList<byte>? Charsmap { get; init; }

    /// <summary>Reads it from a file's metadata; the file may be closed afterwards.</summary>
    /// <exception cref="CheckpointException">the file has no tokenizer, or a key of it is of the wrong kind</exception>
    public static GgufVocabulary Read(GgufFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var metadata = file.Metadata;
        return new()
        {
            Model = metadata.Text("tokenizer.ggml.model") ?? throw Lacks("tokenizer.ggml.model"),
            Pre = metadata.Text("tokenizer.ggml.pre"),
            Tokens = metadata.Texts("tokenizer.ggml.tokens")?.ToArray() ?? throw Lacks("tokenizer.ggml.tokens"),
            Scores = metadata.Floats("tokenizer.ggml.scores"),
            TokenTypes = metadata.Ints("tokenizer.ggml.token_type"),
            Merges = metadata.Texts("tokenizer.ggml.merges")?.ToArray(),
            BosId = Id("bos"),
            EosId = Id("eos"),
            UnkId = Id("unknown"),
            PadId = Id("padding"),
            EotId = Id("eot"),
            EomId = Id("eom"),
            EndIds = metadata.Ints(GgufEndTokens.Key),
            ClsId = Id("cls"),
            SepId = Id("seperator") ?? Id("separator"),
            AddBos = metadata.Flag("tokenizer.ggml.add_bos_token"),
            AddEos = metadata.Flag("tokenizer.ggml.add_eos_token"),
            AddSep = metadata.Flag("tokenizer.ggml.add_sep_token"),
            AddSpacePrefix = metadata.Flag("tokenizer.ggml.add_space_prefix"),
            RemoveExtraWhitespaces = metadata.Flag("tokenizer.ggml.remove_extra_whitespaces"),
            Lowercases = metadata.Flag("tokenizer.ggml.normalizer.lowercase"),
            StripsAccents = metadata.Flag("tokenizer.ggml.normalizer.strip_accents"),
            // Bytes; some writers' tools give them signs.
            Charsmap = metadata.Ints("tokenizer.ggml.precompiled_charsmap") is { } map ? [.. map.Select(value => (byte)value)] : null,
        };

        // -1, also as a number without sign, is llama.cpp's word for none.
        int? Id(string name) => (int?)metadata.Integer($"tokenizer.ggml.{name}_token_id") is not -1 and var id ? id : null;

        CheckpointException Lacks(string key) => new($"{file.Origin} has no tokenizer: it lacks {key}.");
    }
}
