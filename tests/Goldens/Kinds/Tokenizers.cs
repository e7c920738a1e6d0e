using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Octant.Formats;
using Octant.Tokenizers;
using Octant.Tokenizers.Decoders;
using Octant.Tokenizers.Normalizers;
using Octant.Tokenizers.PreTokenizers;

namespace Goldens.Kinds;

/// <summary>Tokenizers: whole ones, their parts, and decoding as a stream; golden.json's columns say which.</summary>
static class Tokenizers
{
    public static void Verify(Golden golden, Differences differences)
    {
        if (golden.Has("normalizers.json")) VerifyNormalizers(golden, differences);
        else if (golden.Has("pre_tokenizers.json")) VerifyPreTokenizers(golden, differences);
        else if (golden.Has("decoders.json")) VerifyDecoders(golden, differences);
        else if (golden.Has("post_processors.json")) VerifyPostProcessors(golden, differences);
        else if (!golden.Has("expected.jsonl")
            && !golden.Has("expected.jsonl.gz")) Assert.Skip("texts for other goldens, without expectations");
        else if (golden.Has("tokenizer.tiktoken")) VerifyTiktoken(golden, differences);
        else if (golden.Has("vocabulary.gguf")) VerifyGgufFile(golden, differences);
        else if (golden.Has("tokenizer.model")) VerifySentencePiece(golden, differences);
        else if (golden.JsonLines("expected.jsonl").First() is var line && line.ContainsKey("batch")) VerifyBatches(golden,
            differences);
        else if (line.ContainsKey("tokenizer")) VerifyStreams(golden, differences);
        else VerifyTokenizer(golden, differences);
    }

    static void VerifyTokenizer(Golden golden, Differences differences)
    {
        var tokenizer = Supported(() => Open(golden));
        var texts = Texts(golden);
        var whole = golden.Has("tokenizer.json") ? Unbatched(golden.Json("tokenizer.json")) : null;
        foreach (var expected in golden.JsonLines("expected.jsonl"))
        {
            differences.Variant = Id(expected);
            var encoding = tokenizer.Encode(texts[Id(expected)]);
            CompareEncoding(differences, encoding, expected);
            // What a model reads is neither cut nor padded.
            CompareAll(differences, "fast ids", tokenizer.EncodeIds(texts[Id(expected)]),
                whole is null ? Ints(expected["ids"]) : whole.Encode(texts[Id(expected)]).Ids);
            if (expected["plain"] is { } plain)
                CompareAll(differences, "plain", tokenizer.Encode(texts[Id(expected)], addSpecialTokens: false).Ids,
                    Ints(plain));
            if (expected["decoded"] is { } decoded)
                differences.Compare("decoded", tokenizer.Decode(Ints(expected["ids"])), (string)decoded!);
            if (expected["decoded_special"] is { } special)
                differences.Compare("decoded_special", tokenizer.Decode(Ints(expected["ids"]), skipSpecialTokens: false),
                    (string)special!);
        }
        if (golden.Has("tokenizer.json") && GgufVocabularies.From(golden.Json("tokenizer.json")) is { } vocabulary)
            VerifyGguf(golden, Tokenizer.FromGguf(vocabulary), texts, differences);
        if (!golden.Has("pairs.jsonl")) return;
        foreach (var expected in golden.JsonLines("pairs.jsonl"))
        {
            differences.Variant = $"{expected["a"]} + {expected["b"]}";
            CompareEncoding(differences, tokenizer.Encode((string)expected["a"]!, (string)expected["b"]!), expected);
        }
    }

    /// <summary>The same tokenizer without truncation and padding; null where the file has neither.</summary>
    static Tokenizer? Unbatched(JsonNode json)
    {
        var file = json.AsObject();
        return file.Remove("truncation", out var truncation) & file.Remove("padding", out var padding) && (truncation ?? padding) is null ? null
            : Tokenizer.FromJson(file.ToJsonString());
    }

    static void VerifyTiktoken(Golden golden, Differences differences)
    {
        var special = golden["special_tokens"]!.AsObject().ToDictionary(token => token.Key, token => (int)token.Value!);
        var tokenizer = Tokenizer.FromTiktoken(File.ReadAllBytes(golden.PathOf("tokenizer.tiktoken")), (string)golden["pattern"]!, special);
        var texts = Texts(golden);
        foreach (var expected in golden.JsonLines("expected.jsonl"))
        {
            differences.Variant = Id(expected);
            var ids = Ints(expected["ids"]);
            CompareAll(differences, "ids", tokenizer.Encode(texts[Id(expected)]).Ids, ids);
            CompareAll(differences, "fast ids", tokenizer.EncodeIds(texts[Id(expected)]), ids);
            CompareAll(differences, "ordinary", tokenizer.EncodeIds(texts[Id(expected)], parseSpecial: false), Ints(expected["ordinary"]));
            differences.Compare("decoded", tokenizer.Decode(ids, skipSpecialTokens: false), (string)expected["decoded"]!);
        }
    }

    static void VerifySentencePiece(Golden golden, Differences differences)
    {
        var tokenizer = Tokenizer.Open(golden.PathOf("tokenizer.model"));
        var texts = Texts(golden);
        foreach (var expected in golden.JsonLines("expected.jsonl"))
        {
            differences.Variant = Id(expected);
            var ids = Ints(expected["ids"]);
            var encoding = tokenizer.Encode(texts[Id(expected)]);
            CompareAll(differences, "ids", encoding.Ids, ids);
            CompareAll(differences, "pieces", encoding.Tokens, Strings(expected["pieces"]));
            CompareAll(differences, "fast ids", tokenizer.EncodeIds(texts[Id(expected)]), ids);
            differences.Compare("decoded", tokenizer.Decode(ids), (string)expected["decoded"]!);
            var stream = tokenizer.OpenDecodeStream();
            differences.Compare("streamed", string.Concat(ids.Select(stream.Step)) + stream.Flush(), (string)expected["decoded"]!);
        }
    }

    /// <summary>The same vocabulary, as GGUF has it, gives the same ids and the same text back.</summary>
    /// <summary>A vocabulary as a file, with the ids that llama.cpp gives.</summary>
    static void VerifyGgufFile(Golden golden, Differences differences)
    {
        using var file = new GgufFile(golden.PathOf("vocabulary.gguf"));
        VerifyGguf(golden, Tokenizer.FromGguf(GgufVocabulary.Read(file)), Texts(golden), differences);
    }

    static void VerifyGguf(Golden golden, Tokenizer tokenizer, Dictionary<string, string> texts, Differences differences)
    {
        foreach (var expected in golden.JsonLines("expected.jsonl"))
        {
            differences.Variant = $"{Id(expected)} from GGUF";
            CompareAll(differences, "ids", tokenizer.EncodeIds(texts[Id(expected)]), Ints(expected["ids"]));
            if (expected["plain"] is { } plain)
                CompareAll(differences, "plain", tokenizer.EncodeIds(texts[Id(expected)], addSpecialTokens: false), Ints(plain));
            if (expected["decoded"] is { } decoded)
                differences.Compare("decoded", tokenizer.Decode(Ints(expected["ids"])), (string)decoded!);
        }
    }

    static void VerifyNormalizers(Golden golden, Differences differences)
    {
        var expected = golden.JsonLines("expected.jsonl")
            .ToDictionary(line => ((string)line["normalizer"]!, Id(line)), line => (string)line["normalized"]!);
        foreach (var (name, json) in golden.Json("normalizers.json").AsObject())
        {
            var normalizer = Supported(() => Normalizer.Parse(Element(json!)));
            foreach (var (id, text) in Texts(golden))
                differences.Compare($"{name} of {id}", normalizer.Normalize(text),
                    expected.GetValueOrDefault((name, id), text));
        }
    }

    static void VerifyPreTokenizers(Golden golden, Differences differences)
    {
        var texts = Texts(golden);
        var all = golden.Json("pre_tokenizers.json").AsObject()
            .ToDictionary(entry => entry.Key, entry => Supported(() => PreTokenizer.Parse(Element(entry.Value!))));
        foreach (var expected in golden.JsonLines("expected.jsonl"))
        {
            var name = (string)expected["pre_tokenizer"]!;
            CompareAll(differences, $"{name} of {Id(expected)}", all[name].Split(texts[Id(expected)]),
                [.. expected["pieces"]!.AsArray().Select(Piece)]);
        }

        static (string, int, int) Piece(JsonNode? piece) => ((string)piece![0]!, (int)piece[1]!, (int)piece[2]!);
    }

    static void VerifyDecoders(Golden golden, Differences differences)
    {
        var all = golden.Json("decoders.json").AsObject()
            .ToDictionary(entry => entry.Key, entry => Supported(() => Decoder.Parse(Element(entry.Value!))));
        foreach (var expected in golden.JsonLines("expected.jsonl"))
            differences.Compare(expected.ToJsonString(), all[(string)expected["decoder"]!].Decode(Strings(expected["tokens"])),
                (string)expected["text"]!);
    }

    static void VerifyPostProcessors(Golden golden, Differences differences)
    {
        var all = golden.Json("post_processors.json").AsObject()
            .ToDictionary(entry => entry.Key, entry => Supported(() => WithParts(golden, ("post_processor", entry.Value))));
        foreach (var expected in golden.JsonLines("expected.jsonl"))
        {
            differences.Variant = $"{expected["post_processor"]}: {expected["a"]} + {expected["b"]}";
            CompareEncoding(differences,
                all[(string)expected["post_processor"]!].Encode((string)expected["a"]!, (string?)expected["b"]), expected);
        }
    }

    static void VerifyBatches(Golden golden, Differences differences)
    {
        foreach (var expected in golden.JsonLines("expected.jsonl"))
        {
            differences.Variant = $"{expected["truncation"]?.ToJsonString()} {expected["padding"]?.ToJsonString()}";
            var tokenizer = Supported(() =>
                WithParts(golden, ("truncation", expected["truncation"]), ("padding", expected["padding"])));
            var batch = expected["batch"]!.AsArray()
                .Select(item => ((string)item![0]!, item.AsArray().Count > 1 ? (string?)item[1] : null)).ToList();
            if (expected.ContainsKey("error"))
            {
                differences.Compare("refused", Refuses(() => tokenizer.EncodeBatch(batch)), true);
                continue;
            }
            var encodings = tokenizer.EncodeBatch(batch);
            foreach (var (encoding, line) in encodings.Zip(expected["encodings"]!.AsArray()))
            {
                CompareEncoding(differences, encoding, line!);
                var windows = line!["overflowing"]!.AsArray();
                differences.Compare("windows", encoding.Overflowing.Count, windows.Count);
                foreach (var (window, other) in encoding.Overflowing.Zip(windows)) CompareEncoding(differences, window, other!);
            }
        }
    }

    static void VerifyStreams(Golden golden, Differences differences)
    {
        var opened = new Dictionary<string, Tokenizer?>();
        foreach (var expected in golden.JsonLines("expected.jsonl"))
        {
            var name = (string)expected["tokenizer"]!;
            if (!opened.TryGetValue(name, out var tokenizer))
            {
                var path = golden.PathOf(Path.Combine("..", name, "tokenizer.json"));
                opened.Add(name, tokenizer = File.Exists(path) ? OrNull(() => Tokenizer.Open(path)) : null);
            }
            if (tokenizer is null) continue;
            differences.Variant = $"{name}, {Id(expected)}, {expected["skip_special_tokens"]}";
            var stream = tokenizer.OpenDecodeStream((bool)expected["skip_special_tokens"]!);
            CompareAll(differences, "pieces", [.. Ints(expected["ids"]).Select(stream.Step)],
                [.. expected["pieces"]!.AsArray().Select(piece => (string?)piece)]);
        }
        string[] absent = [.. opened.Where(pair => pair.Value is null).Select(pair => pair.Key)];
        differences.ThrowIfAny();
        if (absent.Length > 0) Assert.Skip($"not here yet: {string.Join(", ", absent)}; the streams of the others agree");
    }

    static void CompareEncoding(Differences differences, Encoding encoding, JsonNode expected)
    {
        CompareAll(differences, "ids", encoding.Ids, Ints(expected["ids"]));
        if (expected["tokens"] is { } tokens) CompareAll(differences, "tokens", encoding.Tokens, Strings(tokens));
        if (expected["offsets"] is { } offsets)
            CompareAll(differences, "offsets", encoding.Offsets,
                [.. offsets.AsArray().Select(pair => ((int)pair![0]!, (int)pair[1]!))]);
        if (expected["type_ids"] is { } types) CompareAll(differences, "type_ids", encoding.TypeIds, Ints(types));
        if (expected["attention_mask"] is { } mask)
            CompareAll(differences, "attention_mask", encoding.AttentionMask, Ints(mask));
        if (expected["special_tokens_mask"] is { } special)
            CompareAll(differences, "special_tokens_mask", encoding.SpecialTokensMask, Ints(special));
        if (expected["sequence_ids"] is { } sequences)
            CompareAll(differences, "sequence_ids", encoding.SequenceIds, IntsOrNull(sequences));
        if (expected["word_ids"] is { } words) CompareAll(differences, "word_ids", encoding.WordIds, IntsOrNull(words));
    }

    /// <summary>Element by element; an array by itself would be compared as an object.</summary>
    static void CompareAll<T>(Differences differences, string name, IReadOnlyList<T> actual, IReadOnlyList<T> expected) =>
        differences.Compare(name, actual, expected);

    /// <summary>The golden's own file, or that of an npm package, known by its sum.</summary>
    static Tokenizer Open(Golden golden)
    {
        if (golden["source"] is not { } source)
        {
            if (!golden.Has("tokenizer.json"))
                Assert.Skip($"a tokenizer of another format than tokenizer.json: {golden["call"]}");
            return Tokenizer.Open(golden.PathOf("tokenizer.json"));
        }
        var file = NpmPackages.Find((string)source["package"]!, (string)source["version"]!, (string)source["file"]!);
        if (file is null || Sum(file) != (string)source["sha256"]!)
            Assert.Skip($"not at hand: {source["package"]}@{source["version"]}, {source["file"]} (tests/verify fetches it where there is npm)");
        return Tokenizer.Open(file!);
    }

    static string Sum(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    static Tokenizer WithParts(Golden golden, params (string Name, JsonNode? Part)[] parts)
    {
        var json = golden.Json("tokenizer.json").AsObject();
        foreach (var (name, part) in parts) json[name] = part?.DeepClone();
        return Tokenizer.FromJson(json.ToJsonString());
    }

    /// <summary>Skips where a part is not supported.</summary>
    static T Supported<T>(Func<T> open)
    {
        try
        {
            return open();
        }
        catch (TokenizerException error) when (error.Message.Contains("not supported", StringComparison.Ordinal))
        {
            Assert.Skip(error.Message);
            throw;
        }
    }

    static T? OrNull<T>(Func<T> open) where T : class
    {
        try
        {
            return open();
        }
        catch (TokenizerException error) when (error.Message.Contains("not supported", StringComparison.Ordinal))
        {
            return null;
        }
    }

    static bool Refuses(Action action)
    {
        try
        {
            action();
            return false;
        }
        catch (TokenizerException)
        {
            return true;
        }
    }

    /// <summary>The texts of a golden's own file, or of one in a golden beside it.</summary>
    static Dictionary<string, string> Texts(Golden golden)
    {
        var place = ((string)golden["texts"]!).Split('/');
        var lines = place.Length == 1 ? golden.JsonLines(place[0]) : golden.Sibling(place[0]).JsonLines(place[1]);
        return lines.ToDictionary(Id, line => (string)line["text"]!);
    }

    static string Id(JsonObject line) => (string)line["id"]!;

    static JsonElement Element(JsonNode node) => JsonSerializer.SerializeToElement(node);

    static int[] Ints(JsonNode? node) => [.. node!.AsArray().Select(item => (int)item!)];

    static int?[] IntsOrNull(JsonNode? node) => [.. node!.AsArray().Select(item => (int?)item)];

    static string[] Strings(JsonNode? node) => [.. node!.AsArray().Select(item => (string)item!)];
}
