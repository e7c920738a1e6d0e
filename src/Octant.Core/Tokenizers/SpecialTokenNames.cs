using System.Text.Json;
using Octant.Formats;

namespace Octant.Tokenizers;

/// <summary>Which tokens a folder's tokenizer_config.json and special_tokens_map.json name.</summary>
sealed record SpecialTokenNames(string? Bos, string? Eos, string? Pad, string? Unk, bool? AddBos, bool? AddEos)
{
    public static SpecialTokenNames None { get; } = new(null, null, null, null, null, null);

    public static SpecialTokenNames Read(string folder)
    {
        var (config, map) = (Path.Combine(folder, "tokenizer_config.json"), Path.Combine(folder, "special_tokens_map.json"));
        // Since a configuration lists its added tokens, it says all; before, the map counted before it (transformers, from_pretrained).
        var isNew = JsonFiles.ReadObject(config)?["added_tokens_decoder"] is not null;
        var (first, second) = (ReadFile(isNew ? config : map), ReadFile(isNew ? map : config));
        return new SpecialTokenNames(first.Bos ?? second.Bos, first.Eos ?? second.Eos, first.Pad ?? second.Pad, first.Unk ?? second.Unk,
            first.AddBos ?? second.AddBos, first.AddEos ?? second.AddEos);
    }

    public SpecialTokens Ids(Func<string, int?> idOf)
    {
        return new SpecialTokens(Id(Bos), Id(Eos), Id(Pad), Id(Unk), AddBos: AddBos, AddEos: AddEos);

        int? Id(string? token) => token is null ? null : idOf(token);
    }

    static SpecialTokenNames ReadFile(string path)
    {
        if (!File.Exists(path)) return None;
        // As text: it may begin with a byte-order mark.
        using var document = TokenizerFiles.Json(() => JsonDocument.Parse(SmallFiles.ReadText(path)), path);
        var root = new JsonPart(document.RootElement, path);
        return new SpecialTokenNames(Name(root, "bos_token"), Name(root, "eos_token"), Name(root, "pad_token"),
            Name(root, "unk_token"),
            root.Find("add_bos_token")?.Flag(), root.Find("add_eos_token")?.Flag());
    }

    /// <summary>A token as a string, or as an object with its content.</summary>
    static string? Name(JsonPart root, string key) =>
        root.Find(key) is not { } token ? null : token.Element.ValueKind == JsonValueKind.Object ? token["content"].Text()
            : token.Text();
}
