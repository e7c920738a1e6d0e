using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Octant.Chat.Jinja.Python;

/// <summary>Python's str: how values are written, and text as a sequence of code points (.NET's strings are UTF-16).</summary>
static class PythonText
{
    static readonly string[] AsciiCharacters = [.. Enumerable.Range(0, 128).Select(code => ((char)code).ToString())];

    static readonly SearchValues<char> LineEnds = SearchValues.Create("\n\r\u000B\u000C\u001C\u001D\u001E\u0085\u2028\u2029");

    public static string TypeName(object? value) => value switch
    {
        null => "NoneType",
        string => "str",
        bool => "bool",
        long or BigInteger => "int",
        double => "float",
        ListValue => "list",
        TupleValue => "tuple",
        DictValue => "dict",
        RangeValue => "range",
        Generator => "generator",
        DictView view => $"dict_{view.Kind}",
        Function => "function",
        _ => value.GetType().Name,
    };

    /// <summary>A value as it is printed: str(value).</summary>
    public static string Str(object? value, Budget budget)
    {
        switch (value)
        {
            case string text: return text;
            case Markup markup: return markup.Text;
            case Undefined: return "";
            case long whole: return whole.ToString(CultureInfo.InvariantCulture);
        }
        var result = new StringBuilder();
        AppendRepr(result, value, budget);
        return result.ToString();
    }

    /// <summary>A value as Python's source would write it: repr(value).</summary>
    public static string Repr(object? value, Budget budget)
    {
        var result = new StringBuilder();
        AppendRepr(result, value, budget);
        return result.ToString();
    }

    static void AppendRepr(StringBuilder result, object? value, Budget budget)
    {
        Budget.CheckStack();
        var before = result.Length;
        switch (value)
        {
            case null: result.Append("None"); break;
            case string text: AppendQuoted(result, text); break;
            case bool yes: result.Append(yes ? "True" : "False"); break;
            case long whole: result.Append(whole); break;
            case BigInteger whole: result.Append(whole.ToString(CultureInfo.InvariantCulture)); break;
            case double real: result.Append(Number.Repr(real)); break;
            case Markup markup: result.Append("Markup("); AppendQuoted(result, markup.Text); result.Append(')'); break;
            case ListValue list: AppendItems(result, "[", list.Items, "]", budget); break;
            case TupleValue tuple: AppendItems(result, "(", tuple.Items, tuple.Items.Length == 1 ? ",)" : ")", budget); break;
            case DictValue dict: AppendDict(result, dict, budget); break;
            case DictView view: AppendItems(result, $"dict_{view.Kind}([", view.Items(), "])", budget); break;
            case RangeValue range:
                var step = range.Step == 1 ? "" : $", {range.Step}";
                result.Append(CultureInfo.InvariantCulture, $"range({range.Start}, {range.Stop}{step})");
                break;
            case Namespace space:
                result.Append("<Namespace ");
                AppendDict(result, space.Attributes, budget);
                result.Append('>');
                break;
            case Macro macro: result.Append(macro.Name.Length > 0 ? $"<Macro '{macro.Name}'>" : "<Macro anonymous>"); break;
            case Loop loop:
                result.Append(CultureInfo.InvariantCulture, $"<LoopContext {loop.Index0 + 1}/{loop.Length(budget)}>");
                break;
            case Callable callable: result.Append($"<function {callable.Name}>"); break;
            case Undefined: result.Append("Undefined"); break;
            default: result.Append($"<{TypeName(value)}>"); break;
        }
        if (value is not (SequenceValue or DictValue or DictView)) budget.Allocate(result.Length - before);
    }

    static void AppendItems(StringBuilder result, string open, IEnumerable<object?> items, string close, Budget budget)
    {
        result.Append(open);
        var first = true;
        foreach (var item in items)
        {
            if (!first) result.Append(", ");
            first = false;
            AppendRepr(result, item, budget);
        }
        result.Append(close);
        budget.Step();
    }

    static void AppendDict(StringBuilder result, DictValue dict, Budget budget)
    {
        result.Append('{');
        var first = true;
        foreach (var (key, item) in dict)
        {
            if (!first) result.Append(", ");
            first = false;
            AppendRepr(result, key, budget);
            result.Append(": ");
            AppendRepr(result, item, budget);
        }
        result.Append('}');
        budget.Step();
    }

    static void AppendQuoted(StringBuilder result, string text)
    {
        var quote = text.Contains('\'') && !text.Contains('"') ? '"' : '\'';
        result.Append(quote);
        foreach (var rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '\n': result.Append("\\n"); break;
                case '\r': result.Append("\\r"); break;
                case '\t': result.Append("\\t"); break;
                case '\\': result.Append("\\\\"); break;
                case var code when code == quote: result.Append('\\').Append(quote); break;
                case var code when IsPrintable(rune): result.Append(rune); break;
                case <= 0xFF: result.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"); break;
                case <= 0xFFFF: result.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"); break;
                default: result.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}"); break;
            }
        }
        result.Append(quote);
    }

    public static bool IsPrintable(Rune rune) =>
        rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control
        or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);

    /// <summary>Python counts the four separators of ASCII as white space, .NET does not.</summary>
    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\u001C' and <= '\u001F';

    /// <summary>A letter, a digit, or the underscore: what \w matches.</summary>
    public static bool IsWord(Rune rune) => rune.Value == '_' || Rune.IsLetter(rune) || IsNumeric(rune);

    public static bool IsNumeric(Rune rune) => Rune.IsNumber(rune);

    public static string Trim(string text) => TrimEnd(TrimStart(text));

    public static string TrimStart(string text)
    {
        var start = 0;
        while (start < text.Length && IsSpace(text[start])) start++;
        return text[start..];
    }

    public static string TrimEnd(string text)
    {
        var end = text.Length;
        while (end > 0 && IsSpace(text[end - 1])) end--;
        return text[..end];
    }

    public static string Repeat(string text, int times) => text.Length == 1 ? new string(text[0], times)
        : new StringBuilder(text.Length * times).Insert(0, text, times).ToString();

    /// <summary>The words between white space; once <paramref name="most"/> are split off, the rest stays whole.</summary>
    public static List<string> SplitWhitespace(string text, long most)
    {
        var words = new List<string>();
        for (var at = 0; ;)
        {
            while (at < text.Length && IsSpace(text[at])) at++;
            if (at == text.Length) return words;
            var start = at;
            if (most >= 0 && words.Count == most)
            {
                words.Add(TrimEnd(text[start..]));
                return words;
            }
            while (at < text.Length && !IsSpace(text[at])) at++;
            words.Add(text[start..at]);
        }
    }

    /// <summary>The lines as Python's splitlines: more characters end a line than \n.</summary>
    public static List<string> SplitLines(string text, bool keepEnds = false)
    {
        var lines = new List<string>();
        for (var start = 0; start < text.Length;)
        {
            var end = text.AsSpan(start).IndexOfAny(LineEnds);
            if (end < 0)
            {
                lines.Add(text[start..]);
                break;
            }
            end += start;
            var next = text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n' ? end + 2 : end + 1;
            lines.Add(text[start..(keepEnds ? next : end)]);
            start = next;
        }
        return lines;
    }

    // Code points ----------------------------------------------------------------------------------------------------------------

    static bool IsSimple(string text) => !text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF');

    public static int Length(string text)
    {
        if (IsSimple(text)) return text.Length;
        var pairs = 0;
        for (var i = 1; i < text.Length; i++)
            if (char.IsSurrogatePair(text[i - 1], text[i])) pairs++;
        return text.Length - pairs;
    }

    public static IEnumerable<string> Characters(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var size = at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? 2 : 1;
            yield return size == 1 && text[at] < 128 ? AsciiCharacters[text[at]] : text.Substring(at, size);
            at += size;
        }
    }

    /// <summary>The offset in UTF-16 of a code point, at most the length.</summary>
    public static int Offset(string text, int codePoint)
    {
        if (IsSimple(text)) return Math.Min(codePoint, text.Length);
        var at = 0;
        for (; codePoint > 0 && at < text.Length; codePoint--)
            at += at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? 2 : 1;
        return at;
    }

    /// <summary>The code points before an offset in UTF-16.</summary>
    public static int CodePoint(string text, int offset) => IsSimple(text) ? offset : Length(text[..offset]);

    /// <summary>One character, or null beyond the ends.</summary>
    public static string? At(string text, int index)
    {
        var count = Length(text);
        if (index < 0) index += count;
        if (index < 0 || index >= count) return null;
        var at = Offset(text, index);
        return at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? text.Substring(at, 2)
            : text[at].ToString();
    }

    /// <summary>Compares by code points, which UTF-16 does not above U+FFFF.</summary>
    public static int Compare(string a, string b)
    {
        var at = a.AsSpan().CommonPrefixLength(b);
        if (at == a.Length || at == b.Length) return a.Length.CompareTo(b.Length);
        var (x, y) = (a[at], b[at]);
        if (char.IsSurrogate(x) != char.IsSurrogate(y)) return char.IsSurrogate(x) ? 1 : -1;
        return x.CompareTo(y);
    }

    /// <summary>
    /// Where a text begins in another, from an offset on; -1 if nowhere. A search for a long text in one that nearly holds it would take
    /// the product of their lengths, so that takes Knuth, Morris and Pratt's way.
    /// </summary>
    public static int IndexOf(string text, string sought, int from = 0)
    {
        if (sought.Length <= 32) return text.IndexOf(sought, from, StringComparison.Ordinal);
        var borders = Borders(sought);
        for (var (at, matched) = (from, 0); at < text.Length; at++)
        {
            while (matched > 0 && text[at] != sought[matched]) matched = borders[matched - 1];
            if (text[at] == sought[matched]) matched++;
            if (matched == sought.Length) return at + 1 - matched;
        }
        return -1;
    }

    /// <summary>As <see cref="IndexOf"/>, the last place that ends before an offset.</summary>
    public static int LastIndexOf(string text, string sought, int before)
    {
        if (sought.Length <= 32) return text.AsSpan(0, before).LastIndexOf(sought, StringComparison.Ordinal);
        var found = IndexOf(Reverse(text[..before]), Reverse(sought));
        return found < 0 ? -1 : before - found - sought.Length;
    }

    static string Reverse(string text) => string.Create(text.Length, text, static (reversed, source) =>
    {
        source.CopyTo(reversed);
        reversed.Reverse();
    });

    static int[] Borders(string text)
    {
        var borders = new int[text.Length];
        for (var (at, matched) = (1, 0); at < text.Length; at++)
        {
            while (matched > 0 && text[at] != text[matched]) matched = borders[matched - 1];
            if (text[at] == text[matched]) matched++;
            borders[at] = matched;
        }
        return borders;
    }
}
