using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using static Octant.Chat.Jinja.Python.PythonError;

namespace Octant.Chat.Jinja.Python;

/// <summary>The methods of Python's str.</summary>
static class StringMethods
{
    delegate object? Method(string text, Arguments arguments, Budget budget);

    static readonly FrozenDictionary<string, Method> Methods = new Dictionary<string, Method>
    {
        ["upper"] = Plain(Casing.Upper),
        ["lower"] = Plain(Casing.Lower),
        ["casefold"] = Plain(text => Casing.Lower(text.Replace("ß", "ss", StringComparison.Ordinal)).Replace('ς', 'σ')),
        ["title"] = Plain(Casing.Title),
        ["capitalize"] = Plain(Casing.Capitalize),
        ["swapcase"] = Plain(Casing.Swap),
        ["strip"] = (text, arguments, budget) => Strip(text, arguments, budget, true, true),
        ["lstrip"] = (text, arguments, budget) => Strip(text, arguments, budget, true, false),
        ["rstrip"] = (text, arguments, budget) => Strip(text, arguments, budget, false, true),
        ["split"] = (text, arguments, budget) => Split(text, arguments, budget, fromEnd: false),
        ["rsplit"] = (text, arguments, budget) => Split(text, arguments, budget, fromEnd: true),
        ["splitlines"] = (text, arguments, budget) =>
            List(PythonText.SplitLines(text, arguments.Bind(0, "keepends").Whole(0, 0) != 0), text, budget),
        ["partition"] = (text, arguments, _) => Partition(text, arguments, fromEnd: false),
        ["rpartition"] = (text, arguments, _) => Partition(text, arguments, fromEnd: true),
        ["join"] = Join,
        ["replace"] = (text, arguments, budget) =>
        {
            arguments.Bind(2, "old", "new", "count");
            return Replace(text, arguments.Strict(0), arguments.Strict(1), arguments.Whole(2, -1), budget);
        },
        ["find"] = (text, arguments, _) => Find(text, arguments, fromEnd: false),
        ["rfind"] = (text, arguments, _) => Find(text, arguments, fromEnd: true),
        ["index"] = (text, arguments, _) =>
            Find(text, arguments, fromEnd: false) is >= 0 and var at ? at : throw Value("substring not found"),
        ["rindex"] = (text, arguments, _) =>
            Find(text, arguments, fromEnd: true) is >= 0 and var at ? at : throw Value("substring not found"),
        ["count"] = (text, arguments, _) => Count(text, arguments),
        ["startswith"] = (text, arguments, _) =>
            Ends(text, arguments, (part, end) => part.StartsWith(end, StringComparison.Ordinal)),
        ["endswith"] = (text, arguments, _) =>
            Ends(text, arguments, (part, end) => part.EndsWith(end, StringComparison.Ordinal)),
        ["removeprefix"] = (text, arguments, _) =>
            arguments.Bind(1, "prefix").Strict(0) is var prefix && text.StartsWith(prefix, StringComparison.Ordinal)
                ? text[prefix.Length..] : text,
        ["removesuffix"] = (text, arguments, _) =>
            arguments.Bind(1, "suffix").Strict(0) is var suffix && text.EndsWith(suffix, StringComparison.Ordinal)
                ? text[..^suffix.Length] : text,
        ["ljust"] = (text, arguments, budget) => Justify(text, arguments, '<', budget),
        ["rjust"] = (text, arguments, budget) => Justify(text, arguments, '>', budget),
        ["center"] = (text, arguments, budget) => Justify(text, arguments, '^', budget),
        ["zfill"] = (text, arguments, budget) => ZeroFill(text, arguments.Bind(1, "width").Whole(0, 0), budget),
        ["expandtabs"] = ExpandTabs,
        ["format"] = (text, arguments, budget) => BraceFormat.Apply(text, arguments, budget),
        ["format_map"] = (text, arguments, budget) => arguments.Bind(1, "map")[0] is DictValue map
            ? BraceFormat.ApplyMap(text, map, budget) : throw Type("format_map() argument must be a mapping"),
        ["isalpha"] = All(Rune.IsLetter),
        ["isdigit"] = All(rune => CharUnicodeInfo.GetDigitValue(rune.ToString(), 0) >= 0),
        ["isdecimal"] = All(rune => Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber),
        ["isnumeric"] = All(PythonText.IsNumeric),
        ["isalnum"] = All(rune => Rune.IsLetter(rune) || PythonText.IsNumeric(rune)),
        ["isspace"] = All(rune => rune.IsBmp && PythonText.IsSpace((char)rune.Value)),
        ["isprintable"] = Plain(text => text.EnumerateRunes().All(PythonText.IsPrintable)),
        ["isascii"] = Plain(text => Ascii.IsValid(text)),
        ["isidentifier"] = Plain(IsIdentifier),
        ["islower"] = Plain(text => IsLower(text)),
        ["isupper"] = Plain(text => IsUpper(text)),
        ["istitle"] = Plain(IsTitle),
    }.ToFrozenDictionary();

    public static Function? Bind(string text, string name) => !Methods.TryGetValue(name, out var method) ? null :
        new Function(name, (renderer, arguments) =>
        {
            renderer.Budget.Scan(text.Length);
            return method(text, arguments, renderer.Budget);
        });

    public static bool IsLower(string text) => IsCase(text, Casing.IsLower);

    public static bool IsUpper(string text) => IsCase(text, Casing.IsUpper);

    public static string Replace(string text, string old, string replacement, long most, Budget budget)
    {
        var result = new StringBuilder();
        var at = 0;
        for (var found = 0L; most < 0 || found < most; found++)
        {
            // An empty text stands before every character and at the end.
            var next = old.Length > 0 ? PythonText.IndexOf(text, old, at)
                : found == 0 ? 0 : at < text.Length ? at + PythonText.Offset(text[at..Math.Min(at + 2, text.Length)], 1) : -1;
            if (next < 0) break;
            budget.Allocate(next - at + (long)replacement.Length);
            result.Append(text, at, next - at).Append(replacement);
            at = next + old.Length;
        }
        budget.Allocate(text.Length - at);
        return result.Append(text, at, text.Length - at).ToString();
    }

    public static string Strip(string text, string? characters, bool start, bool end)
    {
        if (characters is null)
        {
            if (start) text = PythonText.TrimStart(text);
            return end ? PythonText.TrimEnd(text) : text;
        }
        var set = characters.EnumerateRunes().ToHashSet();
        var (from, to) = (0, text.Length);
        while (start && from < to && Rune.DecodeFromUtf16(text.AsSpan(from, to - from), out var rune, out var used) == 0
            && set.Contains(rune))
            from += used;
        while (end && from < to && Rune.DecodeLastFromUtf16(text.AsSpan(from, to - from), out var rune, out var used) == 0
            && set.Contains(rune))
            to -= used;
        return text[from..to];
    }

    static Method Plain(Func<string, object?> method) => (text, arguments, budget) =>
    {
        arguments.Bind(0);
        budget.Allocate(text.Length);
        return method(text);
    };

    static Method All(Func<Rune, bool> holds) => Plain(text => text.Length > 0 && text.EnumerateRunes().All(holds));

    static string Strip(string text, Arguments arguments, Budget budget, bool start, bool end)
    {
        arguments.Bind(0, "chars");
        budget.Allocate(text.Length);
        return Strip(text, arguments.Get(0) is null ? null : arguments.Strict(0), start, end);
    }

    static ListValue List(List<string> parts, string text, Budget budget)
    {
        budget.Allocate(text.Length + (long)parts.Count);
        return new ListValue([.. parts]);
    }

    static ListValue Split(string text, Arguments arguments, Budget budget, bool fromEnd)
    {
        arguments.Bind(0, "sep", "maxsplit");
        var most = arguments.Has(1) ? Number.ToLong(arguments[1]) : -1;
        if (arguments.Get(0) is null) return List(SplitWhitespace(text, most, fromEnd), text, budget);
        var separator = arguments.Strict(0);
        if (separator.Length == 0) throw Value("empty separator");
        var parts = new List<string>();
        if (!fromEnd)
        {
            var start = 0;
            for (; (most < 0 || parts.Count < most)
                && PythonText.IndexOf(text, separator, start) is >= 0 and var at; start = at + separator.Length)
                parts.Add(text[start..at]);
            parts.Add(text[start..]);
            return List(parts, text, budget);
        }
        var end = text.Length;
        for (; (most < 0 || parts.Count < most) && PythonText.LastIndexOf(text, separator, end) is >= 0 and var at; end = at)
        {
            if (separator.Length > 32) budget.Allocate(end);
            parts.Add(text[(at + separator.Length)..end]);
        }
        parts.Add(text[..end]);
        parts.Reverse();
        return List(parts, text, budget);
    }

    static List<string> SplitWhitespace(string text, long most, bool fromEnd)
    {
        if (!fromEnd || most < 0) return PythonText.SplitWhitespace(text, most);
        var parts = new List<string>();
        var end = text.Length;
        while (true)
        {
            while (end > 0 && PythonText.IsSpace(text[end - 1])) end--;
            if (end == 0) break;
            var start = end;
            if (parts.Count < most) while (start > 0 && !PythonText.IsSpace(text[start - 1])) start--;
            else start = 0;
            parts.Add(start == 0 ? PythonText.TrimStart(text[..end]) : text[start..end]);
            end = start;
        }
        parts.Reverse();
        return parts;
    }

    static TupleValue Partition(string text, Arguments arguments, bool fromEnd)
    {
        var separator = arguments.Bind(1, "sep").Strict(0);
        if (separator.Length == 0) throw Value("empty separator");
        var at = fromEnd ? PythonText.LastIndexOf(text, separator, text.Length) : PythonText.IndexOf(text, separator);
        if (at < 0) return fromEnd ? new TupleValue(["", "", text]) : new TupleValue([text, "", ""]);
        return new TupleValue([text[..at], separator, text[(at + separator.Length)..]]);
    }

    static string Join(string separator, Arguments arguments, Budget budget)
    {
        var result = new StringBuilder();
        var index = 0;
        foreach (var item in Operators.Iterate(arguments.Bind(1, "iterable")[0]))
        {
            if (item is not (string or Markup))
                throw Type($"sequence item {index}: expected str instance, {PythonText.TypeName(item)} found");
            var text = PythonText.Str(item, budget);
            budget.Allocate(text.Length + (long)separator.Length);
            if (index++ > 0) result.Append(separator);
            result.Append(text);
        }
        return result.ToString();
    }

    /// <summary>The part of a text that the optional start and stop leave, and where it begins; null if it begins beyond the end.</summary>
    static string? Part(string text, Arguments arguments, out int offset)
    {
        offset = 0;
        if (arguments.Get(1) is null && arguments.Get(2) is null) return text;
        var length = PythonText.Length(text);
        var (from, to) = Attributes.Bounds(arguments, length);
        if (from > length || from > to) return null;
        offset = PythonText.Offset(text, from);
        return text[offset..PythonText.Offset(text, to)];
    }

    static long Find(string text, Arguments arguments, bool fromEnd)
    {
        var sought = arguments.Bind(1, "sub", "start", "end").Strict(0);
        if (Part(text, arguments, out var offset) is not { } part) return -1;
        var at = fromEnd ? PythonText.LastIndexOf(part, sought, part.Length) : PythonText.IndexOf(part, sought);
        return at < 0 ? -1 : PythonText.CodePoint(text, offset + at);
    }

    static long Count(string text, Arguments arguments)
    {
        var sought = arguments.Bind(1, "sub", "start", "end").Strict(0);
        if (Part(text, arguments, out _) is not { } part) return 0L;
        if (sought.Length == 0) return PythonText.Length(part) + 1L;
        var count = 0L;
        for (var at = 0; PythonText.IndexOf(part, sought, at) is >= 0 and var found; at = found + sought.Length) count++;
        return count;
    }

    static bool Ends(string text, Arguments arguments, Func<string, string, bool> matches)
    {
        arguments.Bind(1, "end", "start", "stop");
        var end = arguments[0] is TupleValue ? null : arguments.Strict(0);
        if (Part(text, arguments, out _) is not { } part) return false;
        return arguments[0] is not TupleValue choices ? matches(part, end!)
            : choices.Items.Any(choice => choice is string one ? matches(part, one)
                : throw Type($"tuple for startswith must only contain str, not {PythonText.TypeName(choice)}"));
    }

    static string Justify(string text, Arguments arguments, char align, Budget budget)
    {
        arguments.Bind(1, "width", "fillchar");
        var fill = arguments.Has(1) ? arguments.Strict(1) : " ";
        if (PythonText.Length(fill) != 1) throw Type("The fill character must be exactly one character long");
        return align == '^' ? Center(text, arguments.Whole(0, 0), fill, budget)
            : NumberFormat.Pad("", text, new FormatSpec { Fill = fill, Width = arguments.Whole(0, 0) }, align, budget);
    }

    /// <summary>Python's center() puts the odd place to the left where the width is odd, unlike its format().</summary>
    public static string Center(string text, int width, string fill, Budget budget)
    {
        var missing = width - PythonText.Length(text);
        budget.Allocate(Math.Max(width, 0) + (long)text.Length);
        if (missing <= 0) return text;
        var left = missing / 2 + (missing & width & 1);
        return PythonText.Repeat(fill, left) + text + PythonText.Repeat(fill, missing - left);
    }

    static string ZeroFill(string text, int width, Budget budget)
    {
        var sign = text.StartsWith('-') || text.StartsWith('+') ? text[..1] : "";
        return NumberFormat.Pad(sign, text[sign.Length..], new FormatSpec { Fill = "0", Width = width }, '=', budget);
    }

    static string ExpandTabs(string text, Arguments arguments, Budget budget)
    {
        var size = arguments.Bind(0, "tabsize").Whole(0, 8);
        var result = new StringBuilder();
        var column = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            var spaces = rune.Value != '\t' ? 0 : size > 0 ? size - column % size : 0;
            budget.Allocate(1 + (long)spaces);
            if (rune.Value == '\t') result.Append(' ', spaces);
            else result.Append(rune);
            column = rune.Value is '\n' or '\r' ? 0 : rune.Value == '\t' ? column + spaces : column + 1;
        }
        return result.ToString();
    }

    static bool IsCase(string text, Func<Rune, bool> holds)
    {
        var cased = false;
        foreach (var rune in text.EnumerateRunes())
        {
            if (holds(rune)) cased = true;
            else if (Casing.IsCased(rune)) return false;
        }
        return cased;
    }

    static object IsTitle(string text)
    {
        var (cased, inside) = (false, false);
        foreach (var rune in text.EnumerateRunes())
        {
            if (!Casing.IsCased(rune)) inside = false;
            else if (inside != Casing.IsLower(rune)) return false;
            else cased = inside = true;
        }
        return cased;
    }

    static object IsIdentifier(string text) =>
        text.Length > 0 && !char.IsDigit(text[0]) && text.EnumerateRunes().All(PythonText.IsWord);
}
