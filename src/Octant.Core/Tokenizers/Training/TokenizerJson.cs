using System.Text.Encodings.Web;
using System.Text.Json;

namespace Octant.Tokenizers.Training;

/// <summary>Writes a byte-pair encoding as Hugging Face's tokenizer.json.</summary>
static class TokenizerJson
{
    public const string ByteLevelDecoder = """{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}""";

    static readonly JsonWriterOptions options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Indented = true,
        NewLine = "\n",
    };

    /// <param name="Tokens">in order of their ids</param>
    /// <param name="Merges">in order of their ranks</param>
    /// <param name="Special">those of the tokens that are found in texts as a whole</param>
    /// <param name="PreTokenizer">as JSON</param>
    /// <param name="Decoder">as JSON</param>
    /// <param name="Unknown">the token for other symbols</param>
    public sealed record Layout(IReadOnlyList<string> Tokens, IReadOnlyList<(string Left, string Right)> Merges,
        IReadOnlyList<string> Special, string PreTokenizer, string Decoder, string? Unknown = null);

    public static TrainedTokenizer Write(Layout layout)
    {
        var text = Text(json =>
        {
            json.WriteStartObject();
            json.WriteString("version", "1.0");
            json.WriteNull("truncation");
            json.WriteNull("padding");
            WriteAdded(json, layout);
            json.WriteNull("normalizer");
            WriteRaw(json, "pre_tokenizer", layout.PreTokenizer);
            json.WriteNull("post_processor");
            WriteRaw(json, "decoder", layout.Decoder);
            WriteModel(json, layout);
            json.WriteEndObject();
        });
        return new TrainedTokenizer(Tokenizer.FromJson(text), text);
    }

    public static string Text(Action<Utf8JsonWriter> write)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text, options)) write(json);
        return System.Text.Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length);
    }

    static void WriteAdded(Utf8JsonWriter json, Layout layout)
    {
        json.WriteStartArray("added_tokens");
        var special = layout.Special.ToHashSet(StringComparer.Ordinal);
        foreach (var (id, token) in layout.Tokens.Index().Where(entry => special.Contains(entry.Item)))
        {
            json.WriteStartObject();
            json.WriteNumber("id", id);
            json.WriteString("content", token);
            json.WriteBoolean("single_word", false);
            json.WriteBoolean("lstrip", false);
            json.WriteBoolean("rstrip", false);
            json.WriteBoolean("normalized", false);
            json.WriteBoolean("special", true);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    static void WriteModel(Utf8JsonWriter json, Layout layout)
    {
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        json.WriteNull("dropout");
        if (layout.Unknown is { } unknown) json.WriteString("unk_token", unknown);
        else json.WriteNull("unk_token");
        json.WriteNull("continuing_subword_prefix");
        json.WriteNull("end_of_word_suffix");
        json.WriteBoolean("fuse_unk", false);
        json.WriteBoolean("byte_fallback", false);
        json.WriteBoolean("ignore_merges", false);
        json.WriteStartObject("vocab");
        foreach (var (id, token) in layout.Tokens.Index()) json.WriteNumber(token, id);
        json.WriteEndObject();
        json.WriteStartArray("merges");
        foreach (var (left, right) in layout.Merges)
        {
            json.WriteStartArray();
            json.WriteStringValue(left);
            json.WriteStringValue(right);
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void WriteRaw(Utf8JsonWriter json, string key, string value)
    {
        json.WritePropertyName(key);
        using var part = JsonDocument.Parse(value);
        part.RootElement.WriteTo(json);
    }
}
