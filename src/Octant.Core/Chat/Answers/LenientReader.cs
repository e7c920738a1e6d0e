using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Octant.Chat.Answers;

/// <summary>A value that was read; a record, since null is a value too.</summary>
readonly record struct LenientValue(JsonNode? Node);

/// <summary>
/// Reads JSON as models write it: with Python's words and quotes, commas too many, names without quotes, line breaks within strings, and
/// without the brackets that should have come last. Never throws; a value that it cannot make out is none.
/// </summary>
ref struct LenientReader(ReadOnlySpan<char> text)
{
    /// <summary>Nobody's arguments are as deep; without a bound, a text of brackets would overflow the stack.</summary>
    const int DeepestValue = 64;

    /// <summary>What strings stand between, the longest first: Gemma has tokens of its own for quotes.</summary>
    static readonly string[] Quotes = ["<escape>", "<|\"|>", "\"", "'"];

    readonly ReadOnlySpan<char> text = text;
    int at;
    int depth;

    /// <summary>The text ended within a string.</summary>
    public bool EndedInString { get; private set; }

    /// <summary>What has not been read.</summary>
    public readonly ReadOnlySpan<char> Rest => text[at..];

    /// <summary>Reads a text that is one value and nothing else.</summary>
    public static LenientValue? Read(ReadOnlySpan<char> text)
    {
        var reader = new LenientReader(text);
        return reader.TryRead(out var node) && reader.Rest.Trim().IsEmpty ? new(node) : null;
    }

    /// <summary>Passes over white space, then over a word, if it is there.</summary>
    public bool Skip(scoped ReadOnlySpan<char> word)
    {
        SkipSpaces();
        if (!text[at..].StartsWith(word)) return false;
        at += word.Length;
        return true;
    }

    /// <summary>Reads letters, digits, and what names are joined with; empty where there are none.</summary>
    public ReadOnlySpan<char> ReadName()
    {
        SkipSpaces();
        var from = at;
        while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] is '_' or '-' or '.')) at++;
        return text[from..at];
    }

    /// <summary>Reads a value.</summary>
    /// <param name="node">the value; null is one</param>
    /// <returns>false where no value can be made out</returns>
    public bool TryRead(out JsonNode? node)
    {
        node = null;
        if (depth >= DeepestValue) return false;
        SkipSpaces();
        if (at >= text.Length) return false;
        depth++;
        var read = text[at] switch
        {
            '{' => ReadObject(out node),
            '[' => ReadList("]", out node),
            '(' => ReadList(")", out node),
            _ => Quote() is { } quote ? ReadString(quote, out node) : ReadWord(out node),
        };
        depth--;
        return read;
    }

    bool ReadObject(out JsonNode? node)
    {
        var read = new JsonObject();
        node = read;
        at++;
        while (!Skip("}"))
        {
            if (at >= text.Length) return true;             // cut off: what is there counts
            if (Skip(",")) continue;
            string key;
            if (Quote() is { } quote)
            {
                if (!ReadString(quote, out var name)) return false;
                key = name!.GetValue<string>();
            }
            else
            {
                key = ReadName().ToString();
                if (key.Length == 0) return false;
            }
            if (!Skip(":") && !Skip("=")) return at >= text.Length;
            if (!TryRead(out var value)) return at >= text.Length;
            read[key] = value;                              // of two with one name the last counts, as in Python
        }
        return true;
    }

    bool ReadList(string end, out JsonNode? node)
    {
        var read = new JsonArray();
        node = read;
        at++;
        while (!Skip(end))
        {
            if (at >= text.Length) return true;
            if (Skip(",")) continue;
            if (!TryRead(out var value)) return at >= text.Length;
            read.Add(value);
        }
        return true;
    }

    readonly string? Quote()
    {
        foreach (var quote in Quotes)
            if (text[at..].StartsWith(quote)) return quote;
        return null;
    }

    bool ReadString(string quote, out JsonNode? node)
    {
        var read = new StringBuilder();
        at += quote.Length;
        EndedInString = true;
        while (at < text.Length)
        {
            if (text[at..].StartsWith(quote))
            {
                at += quote.Length;
                EndedInString = false;
                break;
            }
            if (text[at] == '\\' && quote.Length == 1 && at + 1 < text.Length) ReadEscape(read);
            else read.Append(text[at++]);
        }
        node = read.ToString();
        return true;
    }

    void ReadEscape(StringBuilder read)
    {
        var letter = text[at + 1];
        var digits = letter switch { 'u' => 4, 'x' => 2, 'U' => 8, _ => 0 };
        at += 2;
        if (digits > 0 && at + digits <= text.Length
            && uint.TryParse(text.Slice(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) && code <= 0x10FFFF)
        {
            at += digits;
            if (code <= char.MaxValue) read.Append((char)code);
            else read.Append(new Rune(code).ToString());
            return;
        }
        // What is no escape stands for itself: paths and regular expressions are often written so.
        read.Append(letter switch { 'n' => "\n", 't' => "\t", 'r' => "\r", 'b' => "\b", 'f' => "\f", '"' => "\"", '\'' => "'", '\\' => "\\", '/' => "/", _ => $"\\{letter}" });
    }

    /// <summary>A number, or one of the words of JSON and Python.</summary>
    bool ReadWord(out JsonNode? node)
    {
        var from = at;
        while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] is '_' or '-' or '.' or '+')) at++;
        var word = text[from..at];
        node = null;
        switch (word)
        {
            case "true" or "True": node = true; return true;
            case "false" or "False": node = false; return true;
            case "null" or "None" or "NaN" or "nan": return true;
        }
        return ReadNumber(word, out node);
    }

    static bool ReadNumber(ReadOnlySpan<char> word, out JsonNode? node)
    {
        node = null;
        const NumberStyles styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (word.IsEmpty || !double.TryParse(word, styles, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number)) return false;
        try
        {
            // Its own digits, where they are JSON: an id may have more of them than a double.
            node = JsonNode.Parse(word.ToString());
        }
        catch (JsonException)
        {
            node = number;
        }
        return true;
    }

    void SkipSpaces()
    {
        while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
    }
}
