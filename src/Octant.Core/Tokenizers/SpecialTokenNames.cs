using System.Text.Json.Nodes;
using Octant.Formats;

namespace Octant.Tokenizers;

/// <summary>Which tokens a folder's tokenizer_config.json and special_tokens_map.json name.</summary>
sealed record SpecialTokenNames(string? Bos, string? Eos, string? Pad, string? Unk, bool? AddBos, bool? AddEos)
{
    /// <summary>The keys of all tokens that such files name, in the order in which transformers gives them ids (SPECIAL_TOKENS_ATTRIBUTES).</summary>
    public static IReadOnlyList<string> Keys { get; } = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    public static SpecialTokenNames None { get; } = new(null, null, null, null, null, null);

    public static SpecialTokenNames Read(string folder) => Of(FolderFiles.TokenizerConfig(folder), FolderFiles.SpecialTokensMap(folder));

    /// <summary>Since a configuration lists its added tokens, it says all; before, the map counted before it (transformers, from_pretrained).</summary>
    public static SpecialTokenNames Of(JsonObject config, JsonObject map)
    {
        var (first, second) = config["added_tokens_decoder"] is null ? (map, config) : (config, map);
        return new(Name("bos_token"), Name("eos_token"), Name("pad_token"), Name("unk_token"), Flag("add_bos_token"), Flag("add_eos_token"));

        string? Name(string key) => TextOf(first[key]) ?? TextOf(second[key]);

        bool? Flag(string key) => first[key].Flag() ?? second[key].Flag();
    }

    /// <summary>A token as a text, or as an object with its content.</summary>
    public static string? TextOf(JsonNode? token) => token is JsonObject given ? given["content"].Text() : token.Text();

    public SpecialTokens Ids(Func<string, int?> idOf)
    {
        return new SpecialTokens(Id(Bos), Id(Eos), Id(Pad), Id(Unk), AddBos: AddBos, AddEos: AddEos);

        int? Id(string? token) => token is null ? null : idOf(token);
    }
}
