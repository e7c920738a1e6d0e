using System.Text.Json.Nodes;
using Octant.Formats;
using Octant.Tokenizers;

namespace Octant.Chat;

/// <summary>Where models keep their chat templates and special tokens.</summary>
static class ChatTemplateFiles
{
    public static ChatTemplate? Find(string folder)
    {
        var config = FolderFiles.TokenizerConfig(folder);
        var sources = FromTextFiles(folder) ?? FromJson(folder, "chat_template.json") ?? FromEntry(config, Path.Combine(folder, "tokenizer_config.json"));
        return sources is null ? null : new ChatTemplate(sources, SpecialTokens(FolderFiles.SpecialTokensMap(folder), config));
    }

    /// <summary>chat_template.jinja, and named ones in additional_chat_templates/.</summary>
    static Dictionary<string, string>? FromTextFiles(string folder)
    {
        var main = Path.Combine(folder, "chat_template.jinja");
        var others = Path.Combine(folder, FolderFiles.MoreTemplates);
        var sources = new Dictionary<string, string>();
        if (File.Exists(main)) sources["default"] = SmallFiles.ReadText(main);
        if (Directory.Exists(others))
            foreach (var file in SmallFiles.In(others, "*.jinja"))
                sources[Path.GetFileNameWithoutExtension(file)] = SmallFiles.ReadText(file);
        return sources.Count > 0 ? sources : null;
    }

    static Dictionary<string, string>? FromJson(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        return JsonFiles.ReadObject(path) is { } json ? FromEntry(json, path) : null;
    }

    /// <summary>The entry chat_template: a text, or a list of objects with name and template.</summary>
    static Dictionary<string, string>? FromEntry(JsonObject config, string path)
    {
        switch (config["chat_template"])
        {
            case null: return null;
            case JsonValue entry when entry.Text() is { } template: return new() { ["default"] = template };
            case JsonArray { Count: > 0 } list:
                var sources = new Dictionary<string, string>();
                foreach (var item in list)
                    sources[(item as JsonObject)?["name"].Text() ?? throw Odd()] = ((JsonObject)item!)["template"].Text() ?? throw Odd();
                return sources;
            default: throw Odd();
        }
        CheckpointException Odd() =>
            new($"{path}: $.chat_template is neither a text nor a list of objects with name and template; mend or remove it.");
    }

    /// <summary>The tokens that the configuration names, else special_tokens_map.json; a token is a text, or an object with its content.</summary>
    static Dictionary<string, JsonNode?> SpecialTokens(params ReadOnlySpan<JsonObject> files)
    {
        var tokens = new Dictionary<string, JsonNode?>();
        foreach (var file in files)
        {
            foreach (var name in SpecialTokenNames.Keys)
                if (SpecialTokenNames.TextOf(file[name]) is { } token) tokens[name] = token;
            if (file["additional_special_tokens"] is JsonArray more)
                tokens["additional_special_tokens"] = new JsonArray([.. more.Select(SpecialTokenNames.TextOf).Where(token => token is not null).Select(token => (JsonNode?)token)]);
        }
        return tokens;
    }
}
