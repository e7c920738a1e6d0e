using Octant.Tokenizers.Decoders;
using Octant.Tokenizers.Models;
using Octant.Tokenizers.Normalizers;
using Octant.Tokenizers.PostProcessors;
using Octant.Tokenizers.PreTokenizers;

namespace Octant.Tokenizers;

/// <summary>
/// Text to tokens and back, exactly as Hugging Face's tokenizers does it. Immutable; safe to use from many threads at once.
/// </summary>
public sealed class Tokenizer
{
    readonly TokenizerParts parts;
    readonly (int[] Before, int[] After)? frame;

    internal Tokenizer(TokenizerParts parts)
    {
        this.parts = parts;
        VocabularySize = Math.Max(parts.Model.Vocabulary.Size,
            parts.Added.All.Select(token => token.Id + 1).DefaultIfEmpty(0).Max());
        frame = parts.PostProcessor is null ? ([], []) : parts.PostProcessor.Frame;
    }

    /// <summary>
    /// Opens a tokenizer: a tokenizer.json, a SentencePiece .model, a .tiktoken file of a known name, or a folder with one of these, or
    /// with vocab.json and merges.txt, or vocab.txt.
    /// </summary>
    /// <param name="path">
    /// the file or the folder; from a folder, tokenizer_config.json and special_tokens_map.json say which tokens are special to
    /// the model
    /// </param>
    /// <exception cref="TokenizerException">There is none, or it is damaged or asks for what is not supported.</exception>
    public static Tokenizer Open(string path) => TokenizerFiles.Open(path);

    /// <summary>Whether a file's name is one that tokenizers alone have: *.json but an index, *.model, *.tiktoken, tok*.bin.</summary>
    public static bool IsFileName(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Path.GetExtension(path) is ".model" or ".tiktoken" || path.EndsWith(".json", StringComparison.Ordinal) && !path.EndsWith(".index.json", StringComparison.Ordinal)
            || path.EndsWith(".bin", StringComparison.Ordinal) && Path.GetFileName(path).StartsWith("tok", StringComparison.Ordinal);
    }

    /// <summary>Reads the content of a tokenizer.json.</summary>
    /// <exception cref="TokenizerException">It is damaged or asks for what is not supported.</exception>
    public static Tokenizer FromJson(string json) => TokenizerFiles.FromJson(json);

    /// <summary>Reads the content of a SentencePiece .model file; its ids and texts are SentencePiece's own.</summary>
    /// <exception cref="TokenizerException">It is damaged or asks for what is not supported.</exception>
    public static Tokenizer FromSentencePiece(ReadOnlySpan<byte> model) => SentencePiece.SentencePieceTokenizer.Build(model);

    /// <summary>Reads the content of a .tiktoken file, which holds tokens and their ranks, but neither pattern nor special tokens.</summary>
    /// <param name="ranks">a line a token: its bytes in base64, a space, its rank</param>
    /// <param name="pattern">the expression whose matches are the words of a text</param>
    /// <param name="specialTokens">with their ids</param>
    /// <exception cref="TokenizerException">A line is wrong, or the pattern is not supported.</exception>
    public static Tokenizer FromTiktoken(ReadOnlySpan<byte> ranks, string pattern, IReadOnlyDictionary<string, int> specialTokens)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        ArgumentNullException.ThrowIfNull(specialTokens);
        return Tiktoken.Read(ranks, pattern, specialTokens).Build();
    }

    /// <summary>Builds the tokenizer that a GGUF file describes.</summary>
    /// <exception cref="TokenizerException">Its values do not fit together, or its kind is not supported.</exception>
    public static Tokenizer FromGguf(GgufVocabulary vocabulary) => GgufTokenizer.Build(vocabulary);

    /// <summary>One more than the largest id.</summary>
    public int VocabularySize { get; }

    /// <summary>The tokens that every model names, as far as the files do.</summary>
    public SpecialTokens SpecialTokens => parts.SpecialTokens;

    /// <summary>
    /// The chance by which its file wants merges left out while a model learns (BPE-dropout); null for none. Encoding leaves none out unless
    /// <see cref="WithDropout"/> asks for it.
    /// </summary>
    public double? Dropout => parts.Model.Dropout;

    /// <summary>
    /// The same tokenizer with merges left out by chance, so that a text is cut in another way each time it is encoded: for texts that a model
    /// learns from, which then knows words by their parts (Provilkov et al. 2020, https://arxiv.org/abs/1910.13267).
    /// </summary>
    /// <param name="rate">the chance, usually 0.1; 0 leaves nothing out, 1 all merges</param>
    /// <param name="seed">on one thread the same seed gives the same tokens</param>
    /// <exception cref="TokenizerException">the tokenizer merges nothing, or the rate is no chance</exception>
    public Tokenizer WithDropout(double rate, int seed = 0) => rate is >= 0 and <= 1 ? new(parts with { Model = parts.Model.WithDropout(rate, seed) })
        : throw new TokenizerException($"A dropout of {rate} was asked for: it must be between 0 and 1.");

    /// <summary>The tokens that are found in texts as a whole.</summary>
    internal IEnumerable<AddedToken> Added => parts.Added.All;

    /// <summary>What stands around every text; null where that depends on it.</summary>
    internal (int[] Before, int[] After)? Frame => frame;

    /// <summary>A text as the model's part of the tokenizer sees it.</summary>
    internal string Normalize(string text) => parts.Normalizer?.Normalize(text) ?? text;

    /// <summary>The id of a token; null where there is no such token.</summary>
    public int? IdOf(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return parts.Added.IdOf(token) ?? (parts.Model.Vocabulary.IdOf(token) is >= 0 and var id ? id : null);
    }

    /// <summary>The token of an id; null where there is no such id.</summary>
    public string? TokenOf(int id) => parts.Added.Find(id)?.Content ?? parts.Model.Vocabulary.TokenOf(id);

    /// <summary>Whether an id is that of a special token, which decoding leaves out on request.</summary>
    public bool IsSpecial(int id) => TokenOf(id) is { } token && parts.Added.IsSpecial(token);

    /// <summary>
    /// The bytes that a token adds to a text that has begun; null for special tokens and ids without a token. Joined, they are the text in
    /// UTF-8, which single tokens need not be.
    /// </summary>
    /// <exception cref="TokenizerException">What a token adds depends on its neighbours.</exception>
    public byte[]? BytesOf(int id) =>
        TokenOf(id) is not { } token || IsSpecial(id) ? null : TokenBytes.Of(parts, token, isAdded: parts.Added.Find(id) is not null);

    /// <summary>The bytes for which a token stands in a vocabulary of bytes, and any others for a token that is text.</summary>
    internal byte[] RawBytesOf(int id) => TokenOf(id) is not { } token ? []
        : ByteFallbackDecoder.ByteOf(token) is { } value ? [value] : ByteAlphabet.BytesOrText(token);

    /// <summary>Encodes a text, or a pair of texts.</summary>
    /// <param name="text">the text; half surrogate pairs become U+FFFD</param>
    /// <param name="pair">a second text</param>
    /// <param name="addSpecialTokens">puts the special tokens around it that the model expects</param>
    /// <param name="parseSpecial">
    /// finds special tokens within the text; off where the text comes from somebody who must not command the model
    /// </param>
    /// <exception cref="TokenizerException">The text cannot be encoded, or not be truncated as the file wants it.</exception>
    public Encoding Encode(string text, string? pair = null, bool addSpecialTokens = true, bool parseSpecial = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        var encoded = Process(text, pair, addSpecialTokens, parseSpecial);
        return (parts.Padding is { } padding ? padding.Apply([encoded])[0] : encoded).ToEncoding();
    }

    /// <summary>Encodes texts, or pairs of texts, that are padded together where the file says so.</summary>
    /// <param name="batch">each a text and perhaps a second</param>
    /// <param name="addSpecialTokens">puts the special tokens around them that the model expects</param>
    /// <param name="parseSpecial">finds special tokens within the texts</param>
    public IReadOnlyList<Encoding> EncodeBatch(IReadOnlyList<(string Text, string? Pair)> batch, bool addSpecialTokens = true,
        bool parseSpecial = true)
    {
        ArgumentNullException.ThrowIfNull(batch);
        IReadOnlyList<EncodingPart> encoded =
            [.. batch.Select(item => Process(item.Text, item.Pair, addSpecialTokens, parseSpecial))];
        if (parts.Padding is { } padding) encoded = padding.Apply(encoded);
        return [.. encoded.Select(part => part.ToEncoding())];
    }

    /// <summary>
    /// The ids of a text as a model reads it: those of <see cref="Encode"/>, faster, and all of them. What the file says of truncation and
    /// padding is how a batch was once made; a prompt that was cut or padded by it would be another prompt.
    /// </summary>
    public int[] EncodeIds(ReadOnlySpan<char> text, bool addSpecialTokens = true, bool parseSpecial = true)
    {
        var ids = new List<int>(text.Length / 4 + 8);
        EncodeIds(text, ids, addSpecialTokens, parseSpecial);
        return [.. ids];
    }

    /// <summary>Appends the ids of a text to a list.</summary>
    public void EncodeIds(ReadOnlySpan<char> text, List<int> ids, bool addSpecialTokens = true, bool parseSpecial = true)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (frame is not var (before, after))
        {
            ids.AddRange(Framed(Tokens(text.ToString(), sequence: 0, parseSpecial), null, addSpecialTokens).ToEncoding().Ids);
            return;
        }
        if (addSpecialTokens) ids.AddRange(before.AsSpan());
        TextEncoder.Encode(parts, text, parseSpecial, new IdCollector(parts.Model, ids));
        if (addSpecialTokens) ids.AddRange(after.AsSpan());
    }

    /// <summary>Writes the ids of a text into memory of the caller.</summary>
    /// <returns>false, with nothing written, where they do not fit; <paramref name="count"/> says how many there are</returns>
    public bool TryEncodeIds(ReadOnlySpan<char> text, Span<int> destination, out int count, bool addSpecialTokens = true,
        bool parseSpecial = true)
    {
        var ids = new List<int>(destination.Length);
        EncodeIds(text, ids, addSpecialTokens, parseSpecial);
        count = ids.Count;
        if (count > destination.Length) return false;
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(ids).CopyTo(destination);
        return true;
    }

    /// <summary>The text of ids. What is not valid UTF-8 becomes U+FFFD.</summary>
    /// <param name="ids">the ids; those that name no token are passed over: many models score more ids than there are tokens</param>
    /// <param name="skipSpecialTokens">leaves special tokens out</param>
    /// <exception cref="TokenizerException">An id is below zero.</exception>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = true)
    {
        var tokens = new List<string>(ids.Length);
        foreach (var id in ids)
            if (Decoded(id, skipSpecialTokens) is { } token) tokens.Add(token);
        return parts.Decoder is { } decoder ? string.Concat(decoder.Apply(tokens)) : string.Join(' ', tokens);
    }

    /// <summary>The token of an id as decoders get it; null for what is left out.</summary>
    /// <exception cref="TokenizerException">The id is below zero.</exception>
    internal string? Decoded(int id, bool skipSpecialTokens)
    {
        if (id < 0) throw new TokenizerException($"The id {id} is below zero: no token has such an id.");
        return (parts.Added.Decoded(id) ?? parts.Model.Vocabulary.TokenOf(id)) is { } token && !(skipSpecialTokens && parts.Added.IsSpecial(token)) ? token : null;
    }

    /// <summary>Begins to decode ids that come one by one.</summary>
    public DecodeStream OpenDecodeStream(bool skipSpecialTokens = true) => new(this, skipSpecialTokens);

    EncodingPart Process(string text, string? pair, bool addSpecialTokens, bool parseSpecial)
    {
        var first = Tokens(text, sequence: 0, parseSpecial);
        var second = pair is null ? null : Tokens(pair, sequence: 1, parseSpecial);
        if (parts.Truncation is { } truncation)
        {
            var special = addSpecialTokens ? parts.PostProcessor?.Added(second is not null) ?? 0 : 0;
            (first, second) = truncation.Apply(first, second, special);
        }
        return Framed(first, second, addSpecialTokens);
    }

    EncodingPart Framed(EncodingPart first, EncodingPart? second, bool addSpecialTokens)
    {
        IReadOnlyList<EncodingPart> all = second is null ? [first] : [first, second];
        return EncodingPart.Join(parts.PostProcessor?.Apply(all, addSpecialTokens) ?? all);
    }

    EncodingPart Tokens(string text, int sequence, bool parseSpecial)
    {
        var collector = new TokenCollector(parts.Model, sequence);
        TextEncoder.Encode(parts, text, parseSpecial, collector);
        return new EncodingPart(collector.Tokens);
    }
}

/// <summary>What a tokenizer is put together from; what is null does nothing.</summary>
sealed record TokenizerParts(TokenModel Model, AddedTokens Added, Normalizer? Normalizer, PreTokenizer? PreTokenizer,
    PostProcessor? PostProcessor,
    Decoder? Decoder, Truncation? Truncation, Padding? Padding, SpecialTokens SpecialTokens);
