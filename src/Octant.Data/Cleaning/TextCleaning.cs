using System.Text;
using System.Text.Json;
using Octant.Data.Reading;
using Octant.Tokenizers.Normalizers;

namespace Octant.Data.Cleaning;

/// <summary>What is done to a text before it is learnt from; nothing unless asked for.</summary>
/// <param name="Nfc">composes characters: Unicode's normal form C</param>
/// <param name="LineFeeds">line ends of other systems become line feeds</param>
/// <param name="NoControlCharacters">leaves out control characters but tabs and line ends, and byte order marks</param>
/// <param name="MinimumLength">leaves out documents of fewer characters (UTF-16), after all else</param>
public sealed record TextCleaning(bool Nfc = false, bool LineFeeds = false, bool NoControlCharacters = false, int MinimumLength = 0)
{
    static readonly Normalizer nfc = Normalizer.Parse(JsonDocument.Parse("""{"type":"NFC"}""").RootElement);

    /// <summary>The clean text.</summary>
    public string Clean(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (LineFeeds && text.Contains('\r', StringComparison.Ordinal))
            text = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        if (NoControlCharacters) text = WithoutControlCharacters(text);
        return Nfc ? nfc.Normalize(text) : text;
    }

    /// <summary>Cleans documents as they are read, and leaves out those that are too short.</summary>
    /// <param name="documents">read one by one</param>
    /// <param name="report">where it is counted</param>
    public IEnumerable<Document> Apply(IEnumerable<Document> documents, CleaningReport? report = null)
    {
        ArgumentNullException.ThrowIfNull(documents);
        report ??= new CleaningReport();
        foreach (var document in documents)
        {
            report.Read++;
            var text = Clean(document.Text);
            if (!text.Equals(document.Text, StringComparison.Ordinal)) report.Changed++;
            report.CharactersRemoved += document.Text.Length - text.Length;
            if (text.Length < MinimumLength) report.TooShort++;
            else yield return document with { Text = text };
        }
    }

    static string WithoutControlCharacters(string text)
    {
        var first = 0;
        while (first < text.Length && !IsUnwanted(text[first])) first++;
        if (first == text.Length) return text;
        var kept = new StringBuilder(text, 0, first, text.Length);
        foreach (var c in text.AsSpan(first))
            if (!IsUnwanted(c)) kept.Append(c);
        return kept.ToString();
    }

    static bool IsUnwanted(char c) => char.IsControl(c) && c is not ('\t' or '\n' or '\r') || c == '\uFEFF';
}
