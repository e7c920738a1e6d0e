using System.Text.Json;
using Octant.Formats;
using Octant.Tokenizers.Decoders;
using Octant.Tokenizers.Models;
using Octant.Tokenizers.Normalizers;
using Octant.Tokenizers.PostProcessors;
using Octant.Tokenizers.PreTokenizers;

namespace Octant.Tokenizers;

/// <summary>Reads tokenizer.json and the files beside it, or whatever else holds a tokenizer.</summary>
static class TokenizerFiles
{
    public static Tokenizer Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return Directory.Exists(path) ? OpenFolder(path)
                : File.Exists(path) ? OpenFile(path)
                : throw new TokenizerException($"There is no tokenizer at {path}.");
        }
        catch (CheckpointException fault)
        {
            // A file of the tokenizer's that cannot be read, or is damaged.
            throw new TokenizerException(fault.Message, fault);
        }
    }

    static Tokenizer OpenFolder(string path)
    {
        var file = Path.Combine(path, "tokenizer.json");
        return File.Exists(file) ? Read(file, SpecialTokenNames.Read(path)) : TokenizerFolder.Open(path);
    }

    /// <summary>Opens a file by what it begins with.</summary>
    static Tokenizer OpenFile(string path)
    {
        ReadOnlySpan<byte> start = SmallFiles.ReadStart(path, 256);
        if (start.IsEmpty) throw Empty(path);
        if (start.StartsWith("GGUF"u8)) return OpenGguf(path);
        if (Tiktoken.Is(start)) return Told(path, bytes => Tiktoken.Read(path, bytes).Build());
        if (path.EndsWith(".bin", StringComparison.OrdinalIgnoreCase)) return Told(path, bytes => Llama2CTokenizer.Read(bytes));
        // JSON begins with a brace, a SentencePiece model with its first piece's tag.
        return start[0] == 0x0a && !start.TrimStart(" \t\r\n"u8).StartsWith("{"u8)
            ? Told(path, bytes => Tokenizer.FromSentencePiece(bytes))
            : Read(path, SpecialTokenNames.None);
    }

    static Tokenizer OpenGguf(string path)
    {
        using var file = new GgufFile(path);
        return GgufTokenizer.Build(GgufVocabulary.Read(file));
    }

    /// <summary>What is wrong with a file's bytes is told with its path.</summary>
    public static T Told<T>(string path, Func<byte[], T> build)
    {
        var bytes = Bytes(path);
        try
        {
            return build(bytes);
        }
        catch (TokenizerException fault)
        {
            throw new TokenizerException($"{path}: {fault.Message}", fault);
        }
    }

    static byte[] Bytes(string path) => SmallFiles.ReadBytes(path, SmallFiles.LargestTokenizer) is { Length: > 0 } bytes ? bytes : throw Empty(path);

    static TokenizerException Empty(string path) => new($"{path} is empty. Fetch it again.");

    public static Tokenizer FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return FromJson(json, "tokenizer.json", SpecialTokenNames.None);
    }

    public static Tokenizer FromJson(string json, string path, SpecialTokenNames names) => Json(() => JsonDocument.Parse(json), path, root => Of(root, names));

    static Tokenizer Read(string file, SpecialTokenNames names) => Json(file, root => Of(root, names));

    static Tokenizer Of(JsonPart root, SpecialTokenNames names) => Tekken.Is(root) ? Tekken.Read(root).Build() : new Tokenizer(Parts(root, names));

    /// <summary>What a JSON file says.</summary>
    /// <exception cref="TokenizerException">it is empty, or no JSON</exception>
    public static T Json<T>(string file, Func<JsonPart, T> read) => Json(() =>
    {
        var bytes = Bytes(file);
        return JsonDocument.Parse(bytes.AsMemory(bytes.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0));
    }, file, read);

    static T Json<T>(Func<JsonDocument> parse, string path, Func<JsonPart, T> read)
    {
        JsonDocument document;
        try
        {
            document = parse();
        }
        catch (JsonException error)
        {
            throw new TokenizerException($"{path} is not valid JSON: {error.Message}", error);
        }
        using (document) return read(new JsonPart(document.RootElement, path));
    }

    static TokenizerParts Parts(JsonPart root, SpecialTokenNames names)
    {
        var normalizer = root.Find("normalizer") is { } normalizing ? Normalizer.Read(normalizing) : null;
        var preTokenizer = root.Find("pre_tokenizer") is { } splitting ? PreTokenizer.Read(splitting) : null;
        // Bytes that are written as characters only for the model to look them up are left as bytes.
        var plain = BpeReader.CanReadBytes(root["model"]) ? preTokenizer?.WithoutByteCharacters() : null;
        var model = TokenModel.Read(root["model"], readsBytes: plain is not null);
        var added = new AddedTokens(Added(root, model.Vocabulary), normalizer);
        return new TokenizerParts(model, added, normalizer, plain ?? preTokenizer,
            root.Find("post_processor") is { } processing ? PostProcessor.Read(processing) : null,
            root.Find("decoder") is { } decoding ? Decoder.Read(decoding) : null,
            root.Find("truncation") is { } truncation ? Truncation.Read(truncation) : null,
            root.Find("padding") is { } padding ? Padding.Read(padding) : null,
            names.Ids(token => IdOf(token, added, model.Vocabulary)));
    }

    static IEnumerable<AddedToken> Added(JsonPart root, Vocabulary vocabulary)
    {
        if (root.Find("added_tokens") is not { } tokens) return [];
        return tokens.Items().Select(AddedToken.Read).Select(token =>
            // The vocabulary's word counts, as in the reference.
            vocabulary.IdOf(token.Content) is >= 0 and var id ? token with { Id = id }
            : token.Id <= Vocabulary.MaximumId ? token
                : throw tokens.Wrong($"gives \"{token.Content}\" the id {token.Id}, above {Vocabulary.MaximumId}"));
    }

    static int? IdOf(string token, AddedTokens added, Vocabulary vocabulary) =>
        added.IdOf(token) ?? (vocabulary.IdOf(token) is >= 0 and var id ? id : null);
}
