using System.Text.Json;
using Octant.Formats;

namespace Octant.Tokenizers;

/// <summary>Which tokens a folder's tokenizer_config.json and special_tokens_map.json name.</summary>
sealed record SpecialTokenNames(string? Bos, string? Eos, string? Pad, string? Unk, bool? AddBos, bool? AddEos)
{
    public static SpecialTokenNames None { get; } = new(null, null, null, null, null, null);

    public static SpecialTokenNames Read(string folder)
    {
        var config = ReadFile(Path.Combine(folder, "tokenizer_config.json"));
        var map = ReadFile(Path.Combine(folder, "special_tokens_map.json"));
        return new SpecialTokenNames(
            config.Bos ?? map.Bos, config.Eos ?? map.Eos, config.Pad ?? map.Pad, config.Unk ?? map.Unk, config.AddBos,
                config.AddEos);
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
