using System.Text.Encodings.Web;
using System.Text.Json;

namespace Octant.Tokenizers.Training;

/// <summary>Writes a tokenizer as Hugging Face's tokenizer.json.</summary>
static class TokenizerJson
{
    public const string ByteLevelDecoder = """{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}""";

    static readonly JsonWriterOptions options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Indented = true,
        NewLine = "\n",
    };

    /// <param name="Model">what learns and says words</param>
    /// <param name="Special">those of its tokens that are found in texts as a whole</param>
    /// <param name="PreTokenizer">as JSON</param>
    /// <param name="Decoder">as JSON</param>
    /// <param name="Normalizer">as JSON</param>
    /// <param name="PostProcessor">as JSON</param>
    public sealed record Layout(TokenizerJsonModel Model, IReadOnlyList<string> Special, string PreTokenizer, string Decoder,
        string Normalizer = "null", string PostProcessor = "null");

    public static TrainedTokenizer Write(Layout layout)
    {
        var text = Text(json =>
        {
            json.WriteStartObject();
            json.WriteString("version", "1.0");
            json.WriteNull("truncation");
            json.WriteNull("padding");
            WriteAdded(json, layout);
            WriteRaw(json, "normalizer", layout.Normalizer);
            WriteRaw(json, "pre_tokenizer", layout.PreTokenizer);
            WriteRaw(json, "post_processor", layout.PostProcessor);
            WriteRaw(json, "decoder", layout.Decoder);
            json.WriteStartObject("model");
            layout.Model.Write(json);
            json.WriteEndObject();
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
        foreach (var (id, token) in layout.Model.Tokens.Index().Where(entry => special.Contains(entry.Item)))
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

    static void WriteRaw(Utf8JsonWriter json, string key, string value)
    {
        json.WritePropertyName(key);
        using var part = JsonDocument.Parse(value);
        part.RootElement.WriteTo(json);
    }
}
