using Octant.Tokenizers.Decoders;
using Octant.Tokenizers.Models;
using Octant.Tokenizers.Normalizers;
using Octant.Tokenizers.PostProcessors;
using Octant.Tokenizers.PreTokenizers;
using Octant.Tokenizers.RegularExpressions;
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
            "gpt2" => ByteLevel(gguf),
            "llama" => SentencePiece(gguf),
            _ => throw new TokenizerException($"tokenizer.ggml.model is \"{gguf.Model}\", which is not supported: gpt2 and llama are."),
        };
    }

    /// <summary>A vocabulary whose parts fit together and whose tokens all have a name: llama.cpp's for those without.</summary>
    public static GgufVocabulary Checked(GgufVocabulary gguf)
    {
        ArgumentNullException.ThrowIfNull(gguf);
        Check(gguf);
        return !gguf.Tokens.Contains("") ? gguf
            : gguf with { Tokens = [.. gguf.Tokens.Select((token, id) => token.Length == 0 ? $"[EMPTY_{id}]" : token)] };
    }

    static void Check(GgufVocabulary gguf)
    {
        var count = gguf.Tokens.Count;
        if (count == 0) throw new TokenizerException("tokenizer.ggml.tokens is empty.");
        if (gguf.Scores is { } scores && scores.Count < count)
            throw new TokenizerException($"tokenizer.ggml.scores has {scores.Count} entries for {count} tokens.");
        if (gguf.TokenTypes is { } types && types.Count < count)
            throw new TokenizerException($"tokenizer.ggml.token_type has {types.Count} entries for {count} tokens.");
        foreach (var (name, id) in new[] { ("bos", gguf.BosId), ("eos", gguf.EosId), ("unknown", gguf.UnkId),
            ("padding", gguf.PadId), ("eot", gguf.EotId) })
            if (id is { } value && (uint)value >= (uint)count)
                throw new TokenizerException($"tokenizer.ggml.{name}_token_id is {value}, outside the {count} tokens.");
    }

    static Tokenizer ByteLevel(GgufVocabulary gguf)
    {
        var pre = GgufPreTokenizers.Find(gguf.Pre);
        var vocabulary = VocabularyOf(gguf);
        var merges = MergesOf(gguf, vocabulary);
        Normalizer? normalizer = pre.Composes ? new UnicodeNormalizer(NormalForm.C) : null;
        var model = new Bpe(vocabulary, merges, new BpeOptions(ReadsBytes: true, IgnoresMerges: pre.IgnoresMerges));
        var preTokenizer = new SequencePreTokenizer([.. pre.Patterns.Select(pattern =>
            new SplitPreTokenizer(new TextPattern.Expression(new CodePointRegex(pattern)), SplitBehavior.Isolated))]);
        var special = SpecialOf(gguf);
        return new Tokenizer(new TokenizerParts(
            model, Added(gguf, special), normalizer, preTokenizer, TemplatePostProcessor.Around(special, id => gguf.Tokens[id]), new ByteLevelDecoder(), null, null,
            special));
    }

    static MergeTable MergesOf(GgufVocabulary gguf, Vocabulary vocabulary)
    {
        if (gguf.Merges is null)
            throw new TokenizerException("tokenizer.ggml.merges is missing, which tokenizer.ggml.model gpt2 needs.");
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

    static Tokenizer SentencePiece(GgufVocabulary gguf)
    {
        if (gguf.Scores is null)
            throw new TokenizerException("tokenizer.ggml.scores is missing, which tokenizer.ggml.model llama needs.");
        var vocabulary = VocabularyOf(gguf);
        var addsPrefix = gguf.AddSpacePrefix ?? true;
        var special = SpecialOf(gguf);
        var scored = ScoredMerges.From(vocabulary, gguf.Scores);
        var options = new BpeOptions(
            ByteFallback: true, FusesUnknown: true, Unknown: special.Unk is { } id ? gguf.Tokens[id] : null);
        var spaces = new ReplaceNormalizer(new TextPattern.Literal(" "), "▁");
        Decoder[] decoders =
            [new ReplaceDecoder(new TextPattern.Literal("▁"), " "), new ByteFallbackDecoder(), new FuseDecoder()];
        return new Tokenizer(new TokenizerParts(
            new Bpe(vocabulary, scored.Table, options, scored.Symbols), Added(gguf, special),
            addsPrefix ? new SequenceNormalizer([new PrependNormalizer("▁"), spaces]) : spaces, null, TemplatePostProcessor.Around(special, id => gguf.Tokens[id]),
            new SequenceDecoder(addsPrefix ? [.. decoders, new StripDecoder(" ", 1, 0)] : decoders), null, null, special));
    }

    /// <summary>The special tokens, with llama.cpp's defaults for what is not said.</summary>
    public static SpecialTokens SpecialOf(GgufVocabulary gguf)
    {
        return gguf.Model == "gpt2"
            ? new(gguf.BosId, gguf.EosId, gguf.PadId, gguf.UnkId, gguf.EotId, gguf.AddBos ?? GgufPreTokenizers.Find(gguf.Pre).AddsBos, gguf.AddEos ?? false)
            : new(Default(gguf.BosId, 1), Default(gguf.EosId, 2), gguf.PadId, Default(gguf.UnkId, 0), gguf.EotId, gguf.AddBos ?? true, gguf.AddEos ?? false);

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
