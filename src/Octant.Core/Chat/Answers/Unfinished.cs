namespace Octant.Chat.Answers;

/// <summary>Whether the text of a call, without an end marker, breaks off: where a model was stopped, or forgot what it had begun.</summary>
static class Unfinished
{
    /// <summary>Tags around values that are written as they are: such a value has no end without its closing tag.</summary>
    static readonly (string Begin, string End)[] tags = [("<parameter=", "</parameter>"), ("<arg_value>", "</arg_value>"), ("<arg_key>", "</arg_key>"), ("<escape>", "<escape>"), ("<|\"|>", "<|\"|>")];

    /// <summary>What of a text is still open at its end.</summary>
    /// <returns>whether a text between double quotation marks, and whether anything: a text, a bracket, a tag</returns>
    public static (bool InText, bool IsOpen) At(ReadOnlySpan<char> text)
    {
        var (depth, quote) = (0, '\0');
        for (var i = 0; i < text.Length; i++)
            switch (text[i])
            {
                case '\\' when quote != '\0': i++; break;
                case '"' or '\'' when quote == '\0': quote = text[i]; break;
                case '"' or '\'' when quote == text[i]: quote = '\0'; break;
                case '{' or '[' or '(' when quote == '\0': depth++; break;
                case '}' or ']' or ')' when quote == '\0': depth--; break;
            }
        return (quote == '"', quote != '\0' || depth > 0 || HasOpenTag(text));
    }

    static bool HasOpenTag(ReadOnlySpan<char> text)
    {
        foreach (var (begin, end) in tags)
        {
            var last = text.LastIndexOf(begin);
            if (last < 0) continue;
            // Where both are one, every second closes.
            if (begin == end ? text.Count(begin) % 2 != 0 : !text[last..].Contains(end, StringComparison.Ordinal)) return true;
        }
        return false;
    }
}
