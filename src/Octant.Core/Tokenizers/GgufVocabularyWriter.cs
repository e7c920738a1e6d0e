using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Octant.Formats;
using Octant.Tokenizers.Models;
using Octant.Tokenizers.SentencePiece;

namespace Octant.Tokenizers;

/// <summary>
/// A folder's tokenizer as a GGUF file's keys. How text is cut has names there, not expressions: one without a name is refused, for every other
/// reader of the file would cut otherwise.
/// </summary>
public static class GgufVocabularyWriter
{
    const int Normal = 1, Unknown = 2, Control = 3, UserDefined = 4, Unused = 5, Byte = 6;

    /// <summary>Adds the keys tokenizer.ggml.*.</summary>
    /// <param name="keys">to which</param>
    /// <param name="folder">with tokenizer.json and the files beside it, or with those of before</param>
    /// <param name="size">how many tokens the model has: what lacks a token becomes an unused one</param>
    /// <returns>the folder's tokenizer</returns>
    /// <exception cref="TokenizerException">there is none, or GGUF cannot say it: says what of it</exception>
    public static Tokenizer AddTo(GgufKeys keys, string folder, int size)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var tokenizer = Tokenizer.Open(folder);
        var path = Path.Combine(folder, "tokenizer.json");
        var json = JsonFiles.ReadObject(path) ?? TokenizerFolder.JsonOf(folder);
        var pieces = json is null ? TokenizerFolder.LlamaPieces(folder) ?? throw Unsaid("the class of its SentencePiece model") : null;
        var model = json is null ? [] : json["model"] as JsonObject ?? throw new TokenizerException($"{path} lacks its model.");
        if (Type(model) is { } kind and not "BPE") throw Unsaid($"the model {kind}");
        var tokens = new (string Text, int Type)[Math.Max(size, tokenizer.VocabularySize)];
        for (var id = 0; id < tokens.Length; id++)
            tokens[id] = tokenizer.TokenOf(id) is not { } token ? ($"[PAD{id}]", Unused) : (token, tokenizer.IsSpecial(id) ? Control : Normal);
        var normalizers = Parts(json?["normalizer"], "normalizers");
        foreach (var added in tokenizer.Added)
        {
            CheckFlags(added, tokenizer, isNormalized: normalizers.Length > 0 || pieces is not null);
            if (!added.Special) tokens[added.Id].Type = UserDefined;
        }
        if (pieces is not null) AddPieces(keys, pieces, tokens);
        else if (Type(json!["decoder"]) == "ByteLevel") AddByteLevel(keys, json, model, tokens, normalizers);
        else AddSentencePiece(keys, json, model, tokenizer, tokens, normalizers);
        keys.Add("tokenizer.ggml.token_type", [.. tokens.Select(token => token.Type)]);
        AddSpecial(keys, tokenizer);
        return tokenizer;
    }

    /// <summary>llama.cpp finds added tokens wherever they stand, and takes no spaces with them.</summary>
    static void CheckFlags(AddedToken token, Tokenizer tokenizer, bool isNormalized)
    {
        if (token.SingleWord) throw Unsaid($"the flag single_word of {token.Content}");
        if (token.TakesLeft) throw Unsaid($"the flag lstrip of {token.Content}");
        if (token.TakesRight) throw Unsaid($"the flag rstrip of {token.Content}");
        // Of ASCII that stays as it is nothing else becomes that token.
        if (token.Normalized && isNormalized && (!Ascii.IsValid(token.Content) || tokenizer.Normalize(token.Content) != token.Content))
            throw Unsaid($"the flag normalized of {token.Content}, which its normalizer changes, or makes of other text");
    }

    static void AddByteLevel(GgufKeys keys, JsonObject json, JsonObject model, (string Text, int Type)[] tokens, JsonNode[] normalizers)
    {
        foreach (var normalizer in normalizers)
            if (Type(normalizer) != "NFC") throw Unsaid($"the normalizer {Type(normalizer)}");
        keys.Add("tokenizer.ggml.model", "gpt2");
        var way = new GgufPreTokenizer([.. Patterns(json["pre_tokenizer"])], Flag(model, "ignore_merges"), Composes: normalizers.Length > 0);
        keys.Add("tokenizer.ggml.pre", GgufPreTokenizers.NameOf(way)
            ?? (MergesMakeAll(json) ? GgufPreTokenizers.NameOf(way with { IgnoresMerges = !way.IgnoresMerges }) : null)
            ?? throw Unsaid("the way in which its pre_tokenizer cuts text"));
        CheckAffixes(model);
        keys.Add("tokenizer.ggml.tokens", [.. tokens.Select(token => token.Text)]);
        keys.Add("tokenizer.ggml.merges", [.. Merges(model).Select(merge => $"{merge.Left} {merge.Right}")]);
    }

    /// <summary>A normalizer, and the like, as the parts of which it is made; none for null.</summary>
    static JsonNode[] Parts(JsonNode? part, string list) => part is null ? []
        : Type(part) == "Sequence" ? [.. (part[list] as JsonArray ?? []).SelectMany(inner => Parts(inner, list))] : [part];

    /// <summary>Whether merges make every token out of its own bytes: then nothing hangs on whether whole words are looked up before.</summary>
    static bool MergesMakeAll(JsonObject json)
    {
        using var document = JsonDocument.Parse(json["model"]!.ToJsonString());
        if (TokenModel.Read(new JsonPart(document.RootElement, "model"), readsBytes: false) is not Bpe bpe) return false;
        var (tokens, added) = (new List<WordToken>(), (json["added_tokens"] as JsonArray ?? []).Select(token => token?["content"].Text()).ToHashSet());
        foreach (var (token, id) in bpe.Vocabulary.Entries)
        {
            if (added.Contains(token)) continue;
            tokens.Clear();
            bpe.EncodeDropping(token, tokens, rate: 0, Random.Shared);
            if (tokens is not [var whole] || whole.Id != id) return false;
        }
        return true;
    }

    static void CheckAffixes(JsonObject model)
    {
        foreach (var key in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
            if (model[key].Text() is { Length: > 0 } text) throw Unsaid($"its {key} \"{text}\"");
    }

    /// <summary>The expressions by which a byte-level pre-tokenizer cuts, one after the other.</summary>
    static IEnumerable<string> Patterns(JsonNode? part)
    {
        foreach (var cut in Parts(part, "pretokenizers"))
            switch (Type(cut))
            {
                // Where an expression matches everything, as all that have a name do, leaving out what it does not match is the same.
                case "Split" when (Text(cut, "behavior"), Flag(cut, "invert")) is ("Isolated", false) or ("Removed", true) && Text(cut["pattern"], "Regex") is { } regex:
                    yield return regex.Replace("\r", @"\r", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
                    break;
                case "Digits" when Flag(cut, "individual_digits"):
                    yield return @"\p{N}";
                    break;
                case "ByteLevel" when !Flag(cut, "add_prefix_space"):
                    if (cut["use_regex"].Flag() ?? true) yield return WordPatterns.Gpt2;
                    break;
                case var other:
                    throw Unsaid($"the pre_tokenizer {other ?? "none"} with its settings");
            }
    }

    static void AddSentencePiece(GgufKeys keys, JsonObject json, JsonObject model, Tokenizer tokenizer, (string Text, int Type)[] tokens, JsonNode[] normalizers)
    {
        if (!Flag(model, "byte_fallback")) throw Unsaid("a byte-pair encoding of characters without byte_fallback");
        if (Flag(model, "ignore_merges")) throw Unsaid("ignore_merges where tokens have scores");
        CheckAffixes(model);
        var prepends = Prepends(normalizers);
        foreach (var cut in Parts(json["pre_tokenizer"], "pretokenizers"))
            // Gemma cuts at spaces, of which the normalizer has left none.
            if (Type(cut) != "Split" || Text(cut["pattern"], "String") != " ") throw Unsaid($"the pre_tokenizer {Type(cut)}");
        string[] decoders = [.. Parts(json["decoder"], "decoders").Select(part => Type(part)!)];
        if (!decoders.AsSpan().SequenceEqual(prepends ? ["Replace", "ByteFallback", "Fuse", "Strip"] : ["Replace", "ByteFallback", "Fuse"]))
            throw Unsaid($"the decoder {string.Join(", ", decoders)} {(prepends ? "with" : "without")} a space before texts");
        // In a GGUF file the token for the unknown is found in texts, too: only where it is here can it be called that.
        var unknown = tokenizer.Added.FirstOrDefault(token => token.Content == Text(model, "unk_token"))?.Content;
        for (var id = 0; id < tokens.Length; id++)
            if (tokens[id].Text == unknown) tokens[id].Type = Unknown;
            else if (tokens[id] is { Text: ['<', '0', 'x', _, _, '>'], Type: Normal }) tokens[id].Type = Byte;
        keys.Add("tokenizer.ggml.model", "llama");
        keys.Add("tokenizer.ggml.pre", "default");
        keys.Add("tokenizer.ggml.tokens", [.. tokens.Select(token => token.Text)]);
        keys.Add("tokenizer.ggml.scores", Scores(model, tokens));
        keys.Add("tokenizer.ggml.add_space_prefix", prepends);
    }

    /// <summary>A SentencePiece model, whose scores and types GGUF files have as they are; how it changes texts they have not.</summary>
    static void AddPieces(GgufKeys keys, SentencePieceModel model, (string Text, int Type)[] tokens)
    {
        if (model.Type != ModelType.Bpe) throw Unsaid($"a SentencePiece model of the kind {model.Type}");
        if (!model.ByteFallback) throw Unsaid("a SentencePiece model without byte_fallback");
        if (model.TreatWhitespaceAsSuffix) throw Unsaid("spaces behind words");
        var spaces = model.Normalizer;
        if (spaces.Charsmap.Length > 0) throw Unsaid("the characters that a SentencePiece model changes");
        if (spaces.RemoveExtraWhitespaces || !spaces.EscapeWhitespaces) throw Unsaid("what a SentencePiece model does with spaces");
        if (spaces.AddDummyPrefix && spaces.PrefixesFirstOnly) throw Unsaid("\"legacy\": false, with which a space is put before a text, and not before what follows a special token");
        if (spaces.AddDummyPrefix && model.Pieces.Find(piece => piece.Type == PieceType.UserDefined) is { Text: { } symbol }) throw Unsaid($"a space before the symbol {symbol}");
        var scores = new float[tokens.Length];
        foreach (var (id, piece) in model.Pieces.Index())
        {
            scores[id] = piece.Score;
            if (tokens[id].Type != UserDefined) tokens[id].Type = (int)piece.Type;
        }
        keys.Add("tokenizer.ggml.model", "llama");
        keys.Add("tokenizer.ggml.pre", "default");
        keys.Add("tokenizer.ggml.tokens", [.. tokens.Select(token => token.Text)]);
        keys.Add("tokenizer.ggml.scores", scores);
        keys.Add("tokenizer.ggml.add_space_prefix", spaces.AddDummyPrefix);
    }

    /// <summary>Whether texts begin with a space of their own; that spaces become visible is all that may happen to them besides.</summary>
    static bool Prepends(JsonNode[] normalizers)
    {
        var prepends = normalizers is [var first, ..] && Type(first) == "Prepend" && Text(first, "prepend") == "▁";
        JsonNode[] rest = prepends ? normalizers[1..] : normalizers;
        var odd = rest.FirstOrDefault(normalizer => Type(normalizer) != "Replace" || Text(normalizer, "content") != "▁" || Text(normalizer["pattern"], "String") != " ");
        return odd is null && rest.Length > 0 ? prepends : throw Unsaid($"the normalizer {Type(odd) ?? "none"} with its settings");
    }

    /// <summary>Merges become scores of what they make: the sooner, the higher. Merges that go one way here and another there have none.</summary>
    static float[] Scores(JsonObject model, (string Text, int Type)[] tokens)
    {
        var (first, last) = (new Dictionary<string, int>(StringComparer.Ordinal), new Dictionary<string, int>(StringComparer.Ordinal));
        var pairs = new HashSet<(string, string)>();
        foreach (var (rank, (left, right)) in Merges(model).Index())
        {
            first.TryAdd(left + right, rank);
            last[left + right] = rank;
            pairs.Add((left, right));
        }
        var known = tokens.Where(token => token.Type is Normal).Select(token => token.Text).ToHashSet(StringComparer.Ordinal);
        foreach (var token in known)
            foreach (var cut in ScoredMerges.CutsOf(token))
                if (known.Contains(cut.Before) && known.Contains(cut.Behind) && !pairs.Contains(cut))
                    throw Unsaid($"a token that only some merges make ({token} could be made of {cut.Before} and {cut.Behind}, too)");
        var order = first.OrderBy(pair => pair.Value).Select(pair => pair.Key).ToArray();
        for (var i = 1; i < order.Length; i++)
            if (last[order[i - 1]] > first[order[i]]) throw Unsaid($"merges that are no scores of tokens (those of {Shown(order[i - 1])} and of {Shown(order[i])} lie across each other)");
        var places = order.Index().ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
        return [.. tokens.Select(token => token.Type != Normal ? 0f : places.TryGetValue(token.Text, out var place) ? -place : -order.Length - 1f)];
    }

    static string Shown(string token) => JsonValue.Create(token.Length > 20 ? $"{token[..20]}..." : token).ToJsonString();

    static IEnumerable<(string Left, string Right)> Merges(JsonObject model)
    {
        foreach (var merge in model["merges"] as JsonArray ?? [])
            yield return merge is JsonArray { Count: 2 } pair ? ((string)pair[0]!, (string)pair[1]!)
                : merge is JsonValue text && BpeReader.Pair(text.GetValue<string>()) is var (left, right) ? (left, right)
                : throw new TokenizerException("A merge of the tokenizer's is no pair of tokens.");
    }

    static void AddSpecial(GgufKeys keys, Tokenizer tokenizer)
    {
        var (before, after) = tokenizer.Frame ?? throw Unsaid("what its post_processor does");
        // A folder need not name the token that it puts in front of texts, or behind them.
        var special = tokenizer.SpecialTokens with { Bos = tokenizer.SpecialTokens.Bos ?? First(before), Eos = tokenizer.SpecialTokens.Eos ?? First(after) };
        foreach (var id in before.Except([special.Bos ?? -1]).Concat(after.Except([special.Eos ?? -1]))) throw Unsaid($"the token {tokenizer.TokenOf(id)} around every text");
        if (before.Length > 1 || after.Length > 1) throw Unsaid("several tokens in front of every text, or behind it");
        foreach (var (name, id) in (ReadOnlySpan<(string, int?)>)[
            ("bos", special.Bos), ("eos", special.Eos), ("unknown", special.Unk), ("padding", special.Pad)])
            if (id is { } known) keys.Add($"tokenizer.ggml.{name}_token_id", (uint)known);
        keys.Add("tokenizer.ggml.add_bos_token", before.Length > 0);
        keys.Add("tokenizer.ggml.add_eos_token", after.Length > 0);

        static int? First(int[] ids) => ids.Length > 0 ? ids[0] : null;
    }

    static string? Type(JsonNode? part) => Text(part, "type");

    static string? Text(JsonNode? part, string key) => (part as JsonObject)?[key].Text();

    static bool Flag(JsonNode? part, string key) => (part as JsonObject)?[key].Flag() == true;

    static TokenizerException Unsaid(string what) => new($"The tokenizer cannot be written: GGUF files have no word for {what}.");
}
