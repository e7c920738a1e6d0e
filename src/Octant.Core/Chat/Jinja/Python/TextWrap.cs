using System.Text;

namespace Octant.Chat.Jinja.Python;

/// <summary>Python's textwrap.wrap with its white space kept: lines broken at spaces, after hyphens inside words, and around long dashes.</summary>
static class TextWrap
{
    public static List<string> Wrap(string text, int width, bool breakLongWords, bool breakOnHyphens, Budget budget)
    {
        if (width <= 0) throw PythonError.Value($"invalid width {width} (must be > 0)");
        budget.Allocate(text.Length * 2L);
        var chunks = new Stack<string>(Chunks(text, breakOnHyphens).Reverse());
        var lines = new List<string>();
        while (chunks.Count > 0)
        {
            if (lines.Count > 0 && IsBlank(chunks.Peek())) chunks.Pop();
            if (Line(chunks, width, breakLongWords, breakOnHyphens, budget) is { Count: > 0 } line)
                lines.Add(string.Concat(line));
        }
        return lines;
    }

    static List<string> Line(Stack<string> chunks, int width, bool breakLongWords, bool breakOnHyphens, Budget budget)
    {
        var line = new List<string>();
        var length = 0;
        for (; chunks.Count > 0 && length + PythonText.Length(chunks.Peek()) <= width; line.Add(chunks.Pop()))
            length += PythonText.Length(chunks.Peek());
        if (chunks.Count > 0 && PythonText.Length(chunks.Peek()) > width)
        {
            var chunk = chunks.Pop();
            budget.Allocate(chunk.Length);
            if (breakLongWords)
            {
                var end = PythonText.Offset(chunk, width - length);
                if (breakOnHyphens && end > 0 && chunk.LastIndexOf('-', end - 1) is > 0 and var hyphen
                    && chunk.AsSpan(0, hyphen).ContainsAnyExcept('-'))
                    end = hyphen + 1;
                line.Add(chunk[..end]);
                chunks.Push(chunk[end..]);
            }
            else if (line.Count == 0) line.Add(chunk);
            else chunks.Push(chunk);
        }
        if (line.Count > 0 && IsBlank(line[^1])) line.RemoveAt(line.Count - 1);
        return line;
    }

    static bool IsBlank(string chunk) => PythonText.Trim(chunk).Length == 0;

    static IEnumerable<string> Chunks(string text, bool hyphens)
    {
        for (var at = 0; at < text.Length;)
        {
            var end = IsSpace(text[at]) ? Run(text, at, IsSpace)
                : hyphens && Dash(text, at) is > 0 and var dash ? dash : Word(text, at, hyphens);
            yield return text[at..end];
            at = end;
        }
    }

    /// <summary>A word, up to white space, the end, a hyphen between letters, or a long dash.</summary>
    static int Word(string text, int at, bool hyphens)
    {
        for (var end = at + 1; ; end++)
        {
            if (end == text.Length || IsSpace(text[end])) return end;
            if (!hyphens) continue;
            if (text[end - 1] == '-' && end - 1 > at && BreaksAfter(text, end - 1)) return end;
            if (text[end] == '-' && Dash(text, end) > 0) return end;
        }
    }

    /// <summary>A hyphen after two letters (or a letter, a hyphen and a character) and before two letters (of which the second may follow a hyphen).</summary>
    static bool BreaksAfter(string text, int hyphen)
    {
        var before = (Letter(text, hyphen - 1) && Letter(text, hyphen - 2))
            || (IsWordOrMark(At(text, hyphen - 1)) && At(text, hyphen - 2) == '-' && Letter(text, hyphen - 3));
        var after = Letter(text, hyphen + 1)
            && (Letter(text, hyphen + 2) || (At(text, hyphen + 2) == '-' && Letter(text, hyphen + 3)));
        return before && after;
    }

    /// <summary>The end of two or more hyphens that stand between words, or 0.</summary>
    static int Dash(string text, int at)
    {
        if (text[at] != '-' || at == 0 || !IsWordOrMark(text[at - 1])) return 0;
        var end = Run(text, at, c => c == '-');
        return end - at >= 2 && end < text.Length && IsWord(text[end]) ? end : 0;
    }

    static int Run(string text, int at, Func<char, bool> belongs)
    {
        while (at < text.Length && belongs(text[at])) at++;
        return at;
    }

    static char At(string text, int index) => index >= 0 && index < text.Length ? text[index] : '\0';

    static bool Letter(string text, int index) => At(text, index) is var c && IsWord(c) && c != '_' && !char.IsDigit(c);

    static bool IsWordOrMark(char c) => IsWord(c) || "!\"'&.,?".Contains(c);

    static bool IsWord(char c) => char.IsSurrogate(c) || PythonText.IsWord(new Rune(c));

    static bool IsSpace(char c) => c is ' ' or '\t' or '\n' or '\u000B' or '\f' or '\r';
}
