using System.Text;

namespace Octant.Chat.Jinja.Python;

/// <summary>Escaping for HTML, as the filters escape, forceescape, urlencode and xmlattr do it.</summary>
static class Html
{
    /// <summary>Escapes text once: what is markup already stays.</summary>
    public static Markup Escape(object? value) => value switch
    {
        Markup markup => markup,
        string text => new Markup(Escape(text)),
        _ => throw PythonError.Type($"'{PythonText.TypeName(value)}' is no text"),
    };

    public static string Escape(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("'", "&#39;", StringComparison.Ordinal).Replace("\"", "&#34;", StringComparison.Ordinal);

    /// <summary>Percent-encodes for a path (a slash stays) or for a query (a space becomes a plus).</summary>
    public static string Quote(string text, bool forQuery)
    {
        var quoted = new StringBuilder();
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            if (char.IsAsciiLetterOrDigit((char)b) || "_.-~".Contains((char)b) || (b == '/' && !forQuery))
                quoted.Append((char)b);
            else if (b == ' ' && forQuery) quoted.Append('+');
            else quoted.Append('%').Append(b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }
        return quoted.ToString();
    }

    /// <summary>The text without comments and tags, its entities resolved, its white space single.</summary>
    public static string StripTags(string text)
    {
        text = Cut(Cut(text, "<!--", "-->"), "<", ">");
        return System.Net.WebUtility.HtmlDecode(string.Join(' ', PythonText.SplitWhitespace(text, -1)));
    }

    static string Cut(string text, string open, string close)
    {
        var kept = new StringBuilder();
        var at = 0;
        while (text.IndexOf(open, at, StringComparison.Ordinal) is >= 0 and var start
            && text.IndexOf(close, start + open.Length, StringComparison.Ordinal) is >= 0 and var end)
        {
            kept.Append(text, at, start - at);
            at = end + close.Length;
        }
        return kept.Append(text, at, text.Length - at).ToString();
    }
}
