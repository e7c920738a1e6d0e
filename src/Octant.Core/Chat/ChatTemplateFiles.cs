using System.Text.Json;
using System.Text.Json.Nodes;
using Octant.Formats;

namespace Octant.Chat;

/// <summary>Where models keep their chat templates and special tokens.</summary>
static class ChatTemplateFiles
{
    static readonly string[] TokenNames =
        ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    public static ChatTemplate? Find(string folder)
    {
        using var config = ReadJson(Path.Combine(folder, "tokenizer_config.json"));
        var sources = FromTextFiles(folder) ?? FromChatTemplateJson(folder)
            ?? FromConfig(config, Path.Combine(folder, "tokenizer_config.json"));
        return sources is null ? null : new ChatTemplate(sources, SpecialTokens(folder, config));
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

    static Dictionary<string, string>? FromChatTemplateJson(string folder)
    {
        var path = Path.Combine(folder, "chat_template.json");
        using var json = ReadJson(path);
        return FromConfig(json, path);
    }

    /// <summary>The entry chat_template: a text, or a list of objects with name and template.</summary>
    static Dictionary<string, string>? FromConfig(JsonDocument? config, string path)
    {
        if (config is null || !config.RootElement.TryGetProperty("chat_template", out var entry)) return null;
        switch (entry.ValueKind)
        {
            case JsonValueKind.Null: return null;
            case JsonValueKind.String: return new() { ["default"] = entry.GetString()! };
            case JsonValueKind.Array when entry.GetArrayLength() > 0:
                var sources = new Dictionary<string, string>();
                foreach (var item in entry.EnumerateArray())
                {
                    if (Text(item, "name") is not { } name || Text(item, "template") is not { } template) throw Odd();
                    sources[name] = template;
                }
                return sources;
            default: throw Odd();
        }
        CheckpointException Odd() =>
            new($"{path}: $.chat_template is neither a text nor a list of objects with name and template; mend or remove it.");
    }

    static string? Text(JsonElement item, string name) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var value)
            && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>The tokens that the configuration names, else special_tokens_map.json; a token is a text, or an object with its content.</summary>
    static Dictionary<string, JsonNode?> SpecialTokens(string folder, JsonDocument? config)
    {
        using var map = ReadJson(Path.Combine(folder, "special_tokens_map.json"));
        var tokens = new Dictionary<string, JsonNode?>();
        foreach (var source in new[] { map, config })
        {
            if (source is null) continue;
            foreach (var name in TokenNames)
                if (source.RootElement.TryGetProperty(name, out var entry) && Token(entry) is { } token) tokens[name] = token;
            if (source.RootElement.TryGetProperty("additional_special_tokens", out var more)
                && more.ValueKind == JsonValueKind.Array)
                tokens["additional_special_tokens"] =
                    new JsonArray([.. more.EnumerateArray().Select(Token).Where(token => token is not null).Select(token =>
                    (JsonNode?)token)]);
        }
        return tokens;
    }

    static string? Token(JsonElement entry) =>
        entry.ValueKind == JsonValueKind.String ? entry.GetString() : Text(entry, "content");

    static JsonDocument? ReadJson(string path)
    {
        if (!File.Exists(path)) return null;
        JsonDocument? json = null;
        try
        {
            var text = SmallFiles.ReadText(path);
            if (JsonSurrogates.HasHalf(text)) throw new CheckpointException($"{path}: half of a surrogate pair. Get the file again.");
            json = JsonDocument.Parse(text);
            return json.RootElement.ValueKind == JsonValueKind.Object ? json
                : throw new CheckpointException($"{path}: not a JSON object. Get the file again.");
        }
        catch (JsonException fault)
        {
            throw new CheckpointException($"{path}: line {fault.LineNumber + 1}: not JSON. Get the file again.", fault);
        }
        catch (CheckpointException)
        {
            json?.Dispose();
            throw;
        }
    }
}
