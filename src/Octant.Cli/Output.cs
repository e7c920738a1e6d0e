using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Octant.Cli;

/// <summary>How results are printed for programs.</summary>
static class Output
{
    /// <summary>Letters as they are: the terminal and every parser read UTF-8.</summary>
    public static JsonSerializerOptions Json { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static JsonArray Array(IEnumerable<int> ids) => [.. ids.Select(id => (JsonNode)id)];

    /// <summary>A message on one line, without what a terminal would obey.</summary>
    public static string Line(string message) =>
        Clean(string.Join("; ", message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)));

    /// <summary>The same of several lines.</summary>
    public static string Text(string text) => string.Join('\n', text.Split('\n').Select(Clean));

    /// <summary>Words of strangers: a terminal obeys control characters (ESC), and text that runs backwards misleads its reader.</summary>
    public static string Clean(string text) => string.Concat(text.Select(c =>
        c == '\t' ? ' ' : char.IsControl(c) || c is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') ? '\ufffd' : c));

    /// <summary>Bytes as people read them.</summary>
    public static string Size(long bytes) => bytes switch
    {
        >= 1_000_000_000 => $"{bytes / 1e9:F1} GB",
        >= 1_000_000 => $"{bytes / 1e6:F1} MB",
        >= 1_000 => $"{bytes / 1e3:F1} kB",
        _ => $"{bytes} B",
    };
}
