namespace Octant.Data.Dialogues;

/// <summary>Parts of long speeches that begin and end where sentences do, or else lines, or else words.</summary>
static class Excerpts
{
    /// <summary>The beginning, of so many characters at most.</summary>
    public static string Beginning(string text, int most)
    {
        if (text.Length <= most) return text;
        // A sentence is worth half of the text; who speaks in longer ones is cut at a line.
        int[] ends = [LastEnd(text, most, IsSentenceEnd), LastEnd(text, most, IsLineEnd), LastEnd(text, most, IsWordEnd)];
        var end = ends.FirstOrDefault(end => end > most / 2, most);
        return text[..Whole(text, end)].TrimEnd();
    }

    /// <summary>The end, of so many characters at most.</summary>
    public static string End(string text, int most)
    {
        if (text.Length <= most) return text;
        int[] begins = [FirstEnd(text, most, IsSentenceEnd), FirstEnd(text, most, IsLineEnd), FirstEnd(text, most, IsWordEnd)];
        var begin = begins.FirstOrDefault(begin => text.Length - begin > most / 2, text.Length - most);
        return text[Whole(text, begin)..].TrimStart();
    }

    static int LastEnd(string text, int most, Func<string, int, bool> ends)
    {
        var at = most;
        while (at > 0 && !ends(text, at)) at--;
        return at;
    }

    static int FirstEnd(string text, int most, Func<string, int, bool> ends)
    {
        var at = text.Length - most;
        while (at < text.Length && !ends(text, at)) at++;
        return at;
    }

    static bool IsSentenceEnd(string text, int at) => IsWordEnd(text, at) && at > 0 && text[at - 1] is '.' or '!' or '?';

    static bool IsLineEnd(string text, int at) => text[at] == '\n';

    static bool IsWordEnd(string text, int at) => char.IsWhiteSpace(text[at]);

    /// <summary>A place that parts no character in two.</summary>
    static int Whole(string text, int at) => at > 0 && at < text.Length && char.IsLowSurrogate(text[at]) ? at - 1 : at;
}
