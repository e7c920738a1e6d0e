using System.Text.Json;
using System.Text.Json.Nodes;
using Octant.Tokenizers.PreTokenizers;
using Octant.Tokenizers.Training;

namespace Goldens.Kinds;

/// <summary>Trainers of tokenizers: one a line, with the vocabulary and the merges that it learns from the same text.</summary>
static class TokenizerTraining
{
    public static void Verify(Golden golden, Differences differences)
    {
        var texts = Lines(File.ReadAllText(golden.PathOf("corpus.txt"))).ToList();
        if (golden.Has("unigram.json"))
        {
            VerifySentencePiece(golden, texts, differences);
            VerifyUnigram(golden, texts, differences);
            return;
        }
        foreach (var (at, line) in golden.JsonLines("expected.jsonl").Index())
        {
            var preTokenizer = PreTokenizer.Parse(JsonSerializer.SerializeToElement(line["pre_tokenizer"]));
            var options = line["options"]!.AsObject();
            differences.Variant = $"line {at + 1}, {line["model"]}";
            var words = WordCounter.Count(texts, preTokenizer);
            var learnt = Train((string)line["model"]!, options, words);
            differences.Compare("vocab", learnt.Tokens, Strings(line["vocab"]));
            if (line["merges"] is not JsonArray merges) continue;
            differences.Compare("merges", [.. learnt.Merges.Select(pair => $"{pair.Left} {pair.Right}")],
                [.. merges.Select(pair => string.Join(' ', Strings(pair)))]);
            if (IsByteLevel(options)) VerifyByteLevel(texts, preTokenizer, options, learnt, differences);
        }
    }

    static void VerifySentencePiece(Golden golden, List<string> texts, Differences differences)
    {
        foreach (var line in golden.JsonLines("sentencepiece.jsonl"))
        {
            var options = line["options"]!;
            differences.Variant = (string)options["model_type"]!;
            var learnt = new SentencePieceTrainer(new(Enum.Parse<SentencePieceModelType>(differences.Variant, ignoreCase: true), (int)options["vocab_size"]!,
                (double?)options["character_coverage"] ?? 0.9995, (bool?)options["byte_fallback"] ?? false, (int?)options["max_sentencepiece_length"] ?? 16,
                (double?)options["shrinking_factor"] ?? 0.75, (int?)options["seed_sentencepiece_size"] ?? 1_000_000, (int?)options["num_sub_iterations"] ?? 2))
                .Train(texts.Select(text => text.TrimEnd('\n')));
            var pieces = line["pieces"]!.AsArray();
            // Printed with four places; pieces whose scores agree to the last bits of 32 may stand the other way round.
            var expected = pieces.ToDictionary(piece => (string)piece![0]!, piece => (double)piece![1]!);
            differences.Compare("pieces", [.. learnt.Select(piece => piece.Piece).Order(StringComparer.Ordinal)], [.. expected.Keys.Order(StringComparer.Ordinal)]);
            differences.Compare("scores beyond 0.0001", learnt.Count(piece => Math.Abs(piece.Score - expected.GetValueOrDefault(piece.Piece)) > 1e-4), 0);
            differences.Compare("places with other scores", learnt.Zip(pieces).Count(pair => Math.Abs(pair.First.Score - (double)pair.Second![1]!) > 1e-4), 0);
        }
    }

    /// <summary>The pieces as a set: the reference's order of characters without a score changes from run to run.</summary>
    static void VerifyUnigram(Golden golden, List<string> texts, Differences differences)
    {
        var expected = golden.Json("unigram.json");
        var options = expected["options"]!;
        differences.Variant = "Hugging Face's";
        var words = WordCounter.Count(texts, PreTokenizer.Parse(JsonSerializer.SerializeToElement(expected["pre_tokenizer"])));
        var learnt = new UnigramTrainer(new((int)options["vocab_size"]!, Strings(options["special_tokens"] ?? new JsonArray("<unk>")), "<unk>",
            string.Concat(Strings(options["initial_alphabet"])), (int?)options["max_piece_length"] ?? 16, (double?)options["shrinking_factor"] ?? 0.75,
            (int?)options["seed_size"] ?? 1_000_000, (int?)options["n_sub_iterations"] ?? 2)).Train(words);
        differences.Compare("pieces", [.. learnt.Select(piece => piece.Piece).Order(StringComparer.Ordinal)], [.. Strings(expected["pieces"]).Order(StringComparer.Ordinal)]);
    }

    static BpeVocabulary Train(string model, JsonObject options, IReadOnlyDictionary<string, long> words)
    {
        var (size, special) = ((int)options["vocab_size"]!, Strings(options["special_tokens"]));
        var minimum = (long?)options["min_frequency"] ?? 0;
        if (model == "WordLevel") return new BpeVocabulary(WordLevelTrainer.Train(words, size, minimum, special), []);
        return new BpeTrainer(new BpeTrainerOptions(size, minimum, special, string.Concat(Strings(options["initial_alphabet"])),
            (int?)options["limit_alphabet"], (int?)options["max_token_length"],
            // WordPiece's trainer is this one with another default.
            (string?)options["continuing_subword_prefix"] ?? (model == "WordPiece" ? "##" : ""),
            (string?)options["end_of_word_suffix"] ?? "")).Train(words);
    }

    static bool IsByteLevel(JsonObject options) => Strings(options["initial_alphabet"]).Length == 256;

    /// <summary>The trainer that knows its pre-tokenizer by name learns the same from whole texts.</summary>
    static void VerifyByteLevel(List<string> texts, PreTokenizer preTokenizer, JsonObject options, BpeVocabulary expected,
        Differences differences)
    {
        var splitting = preTokenizer.Split("1234").Count == 1 ? WordSplitting.Gpt2 : WordSplitting.Llama3;
        var trained = new ByteLevelBpeTrainer(new ByteLevelBpeOptions((int)options["vocab_size"]!,
            (long?)options["min_frequency"] ?? 0, Strings(options["special_tokens"]), splitting,
            MaximumTokenLength: (int?)options["max_token_length"])).Train(texts);
        differences.Compare("tokenizer.json's tokens",
            [.. Enumerable.Range(0, trained.Tokenizer.VocabularySize).Select(id => trained.Tokenizer.TokenOf(id)!)], expected.Tokens);
        var text = string.Concat(texts);
        differences.Compare("decoded", trained.Tokenizer.Decode(trained.Tokenizer.EncodeIds(text), skipSpecialTokens: false), text);
    }

    static IEnumerable<string> Lines(string text)
    {
        for (var start = 0; start < text.Length;)
        {
            var end = text.IndexOf('\n', start) is >= 0 and var found ? found + 1 : text.Length;
            yield return text[start..end];
            start = end;
        }
    }

    static string[] Strings(JsonNode? node) => node is null ? [] : [.. node.AsArray().Select(item => (string)item!)];
}
