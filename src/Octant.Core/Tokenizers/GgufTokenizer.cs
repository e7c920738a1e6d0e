using Octant.Tokenizers.Decoders;
using Octant.Tokenizers.Models;
using Octant.Tokenizers.Normalizers;
using Octant.Tokenizers.PostProcessors;
using Octant.Tokenizers.PreTokenizers;
using Octant.Tokenizers.RegularExpressions;
using Octant.Tokenizers.SentencePiece;
using Octant.Tokenizers.Unicode;

namespace Octant.Tokenizers;

/// <summary>Builds tokenizers from GGUF's metadata, with llama.cpp's defaults for what it does not say.</summary>
static class GgufTokenizer
{
    const int Unknown = 2, Control = 3, UserDefined = 4;

    public static Tokenizer Build(GgufVocabulary gguf)
    {
        gguf = Checked(gguf);
        return gguf.Model switch
        {
            "gpt2" or "gemma4" or "whitespace" => Pairs(gguf),
            "llama" => ScoredPairs(gguf),
            "bert" => WordPieces(gguf),
            "t5" => Unigram(gguf),
            _ => throw new TokenizerException($"tokenizer.ggml.model is \"{gguf.Model}\", which is not supported: gpt2, gemma4, whitespace, llama, bert and t5 are."),
        };
    }

    /// <summary>A vocabulary whose parts fit together and whose tokens all have a name: llama.cpp's for those without.</summary>
    public static GgufVocabulary Checked(GgufVocabulary gguf)
    {
        ArgumentNullException.ThrowIfNull(gguf);
        Check(gguf);
        // llama.cpp passes over these as we do; what frames a text is another matter.
        gguf = gguf with { PadId = Within(gguf.PadId), EotId = Within(gguf.EotId), EomId = Within(gguf.EomId) };
        return !gguf.Tokens.Contains("") ? gguf
            : gguf with { Tokens = [.. gguf.Tokens.Select((token, id) => token.Length == 0 ? $"[EMPTY_{id}]" : token)] };

        int? Within(int? id) => (uint?)id < (uint)gguf.Tokens.Count ? id : null;
    }

    static void Check(GgufVocabulary gguf)
    {
        var count = gguf.Tokens.Count;
        if (count == 0) throw new TokenizerException("tokenizer.ggml.tokens is empty.");
        if (gguf.Scores is { } scores && scores.Count < count)
            throw new TokenizerException($"tokenizer.ggml.scores has {scores.Count} entries for {count} tokens.");
        if (gguf.TokenTypes is { } types && types.Count < count)
            throw new TokenizerException($"tokenizer.ggml.token_type has {types.Count} entries for {count} tokens.");
        foreach (var (name, id) in new[] { ("bos", gguf.BosId), ("eos", gguf.EosId), ("unknown", gguf.UnkId), ("cls", gguf.ClsId), ("seperator", gguf.SepId) })
            if (id is { } value && (uint)value >= (uint)count)
                throw new TokenizerException($"tokenizer.ggml.{name}_token_id is {value}, outside the {count} tokens.");
        foreach (var id in gguf.EndIds ?? [])
            if ((uint)id >= (uint)count) throw new TokenizerException($"{GgufEndTokens.Key} names {id}, outside the {count} tokens.");
    }

    static Tokenizer Pairs(GgufVocabulary gguf)
    {
        var pre = GgufPreTokenizers.Of(gguf);
        var vocabulary = VocabularyOf(gguf);
        var special = SpecialOf(gguf);
        var unknown = pre.Symbols == GgufSymbols.Pieces && special.Unk is { } id ? gguf.Tokens[id] : null;
        var options = pre.Symbols == GgufSymbols.Bytes ? new BpeOptions(ReadsBytes: true, IgnoresMerges: pre.IgnoresMerges)
            : new BpeOptions(ByteFallback: true, FusesUnknown: true, Unknown: unknown);
        SplitPreTokenizer[] cuts = [.. pre.Patterns.Select(pattern => new SplitPreTokenizer(new TextPattern.Expression(new CodePointRegex(pattern)), SplitBehavior.Isolated))];
        return new Tokenizer(new TokenizerParts(
            new Bpe(vocabulary, MergesOf(gguf, vocabulary), options), Added(gguf, special), NormalizerOf(gguf, pre),
            pre.Symbols == GgufSymbols.Words ? PreTokenizer.Spaces : new SequencePreTokenizer(cuts), TemplatePostProcessor.Around(special, id => gguf.Tokens[id]),
            pre.Symbols == GgufSymbols.Bytes ? new ByteLevelDecoder() : PiecesDecoder(pre.PrependsSpaces), null, null, special));
    }

    /// <summary>What stands before a line with a space before it that the text does not have.</summary>
    public const string LineStarts = @"(?<![^\n])(?=[^\n ▁])";

    static Normalizer? NormalizerOf(GgufVocabulary gguf, GgufPreTokenizer pre)
    {
        Normalizer[] parts = pre switch
        {
            { Composes: true } => [new UnicodeNormalizer(NormalForm.C)],
            { PrependsSpaces: true } => [new ReplaceNormalizer(new TextPattern.Expression(new CodePointRegex(LineStarts)), "▁"), visibleSpaces],
            { Symbols: GgufSymbols.Pieces } => [visibleSpaces],
            { Symbols: GgufSymbols.Words } when gguf.Lowercases == true => [new LowercaseNormalizer()],
            _ => [],
        };
        return parts switch { [] => null, [var only] => only, _ => new SequenceNormalizer(parts) };
    }

    static readonly ReplaceNormalizer visibleSpaces = new(new TextPattern.Literal(" "), "▁");

    static SequenceDecoder PiecesDecoder(bool drops)
    {
        Decoder[] decoders = [new ReplaceDecoder(new TextPattern.Literal("▁"), " "), new ByteFallbackDecoder(), new FuseDecoder()];
        return new(drops ? [.. decoders, new StripDecoder(" ", 1, 0)] : decoders);
    }

    static MergeTable MergesOf(GgufVocabulary gguf, Vocabulary vocabulary)
    {
        if (gguf.Merges is null)
            throw new TokenizerException($"tokenizer.ggml.merges is missing, which tokenizer.ggml.model {gguf.Model} needs.");
        var merges = new List<(int, int, int, int)>(gguf.Merges.Count);
        for (var i = 0; i < gguf.Merges.Count; i++)
        {
            var (left, right) = BpeReader.Pair(gguf.Merges[i])
                ?? throw new TokenizerException($"tokenizer.ggml.merges[{i}] is \"{gguf.Merges[i]}\", not two tokens with a space between.");
            merges.Add((Id(left, i), Id(right, i), i, Id(left + right, i)));
        }
        return new MergeTable(merges);

        int Id(string token, int i) => vocabulary.IdOf(token) is >= 0 and var id ? id
            : throw new TokenizerException($"tokenizer.ggml.merges[{i}] needs the token \"{token}\", which the vocabulary lacks.");
    }

    static Tokenizer ScoredPairs(GgufVocabulary gguf)
    {
        if (gguf.Scores is null)
            throw new TokenizerException("tokenizer.ggml.scores is missing, which tokenizer.ggml.model llama needs.");
        var vocabulary = VocabularyOf(gguf);
        var addsPrefix = gguf.AddSpacePrefix ?? true;
        var special = SpecialOf(gguf);
        var scored = ScoredMerges.From(vocabulary, gguf.Scores);
        var options = new BpeOptions(
            ByteFallback: true, FusesUnknown: true, Unknown: special.Unk is { } id ? gguf.Tokens[id] : null);
        return new Tokenizer(new TokenizerParts(
            new Bpe(vocabulary, scored.Table, options, scored.Symbols), Added(gguf, special),
            addsPrefix ? new SequenceNormalizer([new PrependNormalizer("▁"), visibleSpaces]) : visibleSpaces, null, TemplatePostProcessor.Around(special, id => gguf.Tokens[id]),
            PiecesDecoder(addsPrefix), null, null, special));
    }

    /// <summary>
    /// BERT's words: a token that begins one has ▁ before it here, one that continues a word has nothing, and tokens in brackets are for
    /// themselves. Accents and capitals go where the file does not say otherwise; where llama.cpp parts from BERT's own tokenizer (Hangul, vowel signs
    /// of Indic scripts, words above 100 characters), we keep to that: it is what the model was trained with.
    /// </summary>
    static Tokenizer WordPieces(GgufVocabulary gguf)
    {
        var special = SpecialOf(gguf);
        if (special.Unk is not { } unknown) throw new TokenizerException("tokenizer.ggml.unknown_token_id is missing, which tokenizer.ggml.model bert needs.");
        gguf = gguf with { Tokens = PiecesOf(gguf) };
        var lowercases = gguf.Lowercases ?? true;
        PostProcessor? frame = special is { AddBos: true, Bos: { } bos, AddEos: true, Eos: { } eos } ? new BertPostProcessor(Framing(bos), Framing(eos)) : null;
        return new Tokenizer(new TokenizerParts(
            new WordPiece(VocabularyOf(gguf), gguf.Tokens[unknown], "##", maximumCharacters: 100), Added(gguf, special),
            new BertNormalizer(cleanText: true, chineseApart: true, gguf.StripsAccents ?? lowercases, lowercases), PreTokenizer.Bert,
            frame ?? TemplatePostProcessor.Around(special, id => gguf.Tokens[id]), new WordPieceDecoder("##", cleansUp: true), null, null, special));

        EncodedToken Framing(int id) => EncodedToken.Framing(id, gguf.Tokens[id]);
    }

    /// <summary>bert's tokens as BERT's own vocabulary has them: ## before what continues a word.</summary>
    static IReadOnlyList<string> PiecesOf(GgufVocabulary gguf) => [.. gguf.Tokens.Select((token, id) =>
        gguf.TokenTypes?[id] is Unknown or Control or UserDefined || token is ['[', .., ']'] ? token : token is ['▁', _, ..] ? token[1..] : $"##{token}")];

    /// <summary>T5's and XLM-R's pieces, with SentencePiece's own rules for spaces.</summary>
    static Tokenizer Unigram(GgufVocabulary gguf)
    {
        if (gguf.Scores is null)
            throw new TokenizerException("tokenizer.ggml.scores is missing, which tokenizer.ggml.model t5 needs.");
        var special = SpecialOf(gguf);
        if (special.Unk is not { } unknown) throw new TokenizerException("tokenizer.ggml.unknown_token_id is missing, which tokenizer.ggml.model t5 needs.");
        var types = gguf.Tokens.Select((_, id) => id == unknown ? PieceType.Unknown : gguf.TokenTypes?[id] switch
        {
            null or 0 => PieceType.Normal,
            Unknown => PieceType.Unused,                    // there is one alone
            >= (int)PieceType.Normal and <= (int)PieceType.Byte and var type => (PieceType)type,
            var type => throw new TokenizerException($"tokenizer.ggml.token_type[{id}] is {type}, which is no type of a token."),
        }).ToArray();
        var model = new SentencePieceModel
        {
            Type = ModelType.Unigram,
            ByteFallback = types.Count(type => type == PieceType.Byte) == 256,
            UnkPiece = gguf.Tokens[unknown],
            Normalizer = new()
            {
                Charsmap = [.. gguf.Charsmap ?? []],
                AddDummyPrefix = gguf.AddSpacePrefix ?? false,
                RemoveExtraWhitespaces = gguf.RemoveExtraWhitespaces ?? false,
            },
        };
        for (var id = 0; id < types.Length; id++)
            model.Pieces.Add(float.IsNaN(gguf.Scores[id]) ? throw new TokenizerException($"tokenizer.ggml.scores[{id}] is no number.") : new(gguf.Tokens[id], gguf.Scores[id], types[id]));
        return SentencePieceTokenizer.Build(model, special, AddedOf(gguf, special));
    }

    /// <summary>The special tokens, with llama.cpp's defaults for what is not said.</summary>
    public static SpecialTokens SpecialOf(GgufVocabulary gguf)
    {
        return gguf.Model switch
        {
            "gpt2" or "gemma4" or "whitespace" => new(gguf.BosId, gguf.EosId, gguf.PadId, gguf.UnkId, gguf.EotId,
                GgufPreTokenizers.Of(gguf) is var pre && (pre.ForcesBos || (gguf.AddBos ?? pre.AddsBos)), gguf.AddEos ?? false),
            "bert" => new(gguf.BosId ?? Default(gguf.ClsId, 101), Default(gguf.SepId, 102), Default(gguf.PadId, 0), Default(gguf.UnkId, 100), gguf.EotId,
                gguf.AddBos ?? true, gguf.AddSep ?? true),
            "t5" => new(gguf.BosId, Default(gguf.EosId, 1), Default(gguf.PadId, 0), Default(gguf.UnkId, 2), gguf.EotId, gguf.AddBos ?? false, gguf.AddEos ?? true),
            _ => new(Default(gguf.BosId, 1), Default(gguf.EosId, 2), gguf.PadId, Default(gguf.UnkId, 0), gguf.EotId, gguf.AddBos ?? true, gguf.AddEos ?? false),
        };

        int? Default(int? given, int otherwise) => given ?? (otherwise < gguf.Tokens.Count ? otherwise : null);
    }

    static Vocabulary VocabularyOf(GgufVocabulary gguf)
    {
        var seen = new HashSet<string>(gguf.Tokens.Count, StringComparer.Ordinal);
        for (var i = 0; i < gguf.Tokens.Count; i++)
            if (!seen.Add(gguf.Tokens[i]))
                throw new TokenizerException($"tokenizer.ggml.tokens[{i}] is \"{gguf.Tokens[i]}\", which is there already.");
        return new Vocabulary(gguf.Tokens.Select((token, id) => (token, id)), "tokenizer.ggml.tokens");
    }

    static AddedTokens Added(GgufVocabulary gguf, SpecialTokens special) => new(AddedOf(gguf, special), null);

    /// <summary>The tokens that are found in texts as a whole.</summary>
    public static IEnumerable<AddedToken> AddedOf(GgufVocabulary gguf, SpecialTokens special)
    {
        for (var id = 0; id < gguf.Tokens.Count; id++)
        {
            var type = gguf.TokenTypes?[id]
                ?? (id == special.Bos || id == special.Eos || id == special.Eot || id == special.Pad ? Control : 1);
            if (type is Unknown or Control or UserDefined)
                yield return new AddedToken(id, gguf.Tokens[id], Special: type != UserDefined);
        }
    }
}
