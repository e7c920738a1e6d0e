using System.Collections.Frozen;
using System.Text;
using Octant.Chat.Jinja.Python;
using static Octant.Chat.Jinja.Python.PythonError;

namespace Octant.Chat.Jinja;

/// <summary>A filter: what its input becomes.</summary>
delegate object? Filter(Renderer renderer, object? input, Arguments arguments);

/// <summary>The filters of Jinja, except urlize and pprint; those on text and numbers are here, those on sequences in <see cref="SequenceFilters"/>.</summary>
static class Filters
{
    static readonly FrozenDictionary<string, Filter> All = new Dictionary<string, Filter>
    {
        ["upper"] = Text(Casing.Upper),
        ["lower"] = Text(Casing.Lower),
        ["capitalize"] = Text(Casing.Capitalize),
        ["title"] = Text(Title),
        ["striptags"] = Text(Html.StripTags),
        ["string"] = (renderer, input, _) => input is Markup ? input : PythonText.Str(input, renderer.Budget),
        ["trim"] = (renderer, input, arguments) => StringMethods.Strip(Str(renderer, input),
            arguments.Bind(0, "chars").Get(0) is null ? null : arguments.Strict(0), true, true),
        ["replace"] = (renderer, input, arguments) =>
        {
            arguments.Bind(2, "old", "new", "count");
            return StringMethods.Replace(Str(renderer, input), arguments.Text(0, "", renderer.Budget),
                arguments.Text(1, "", renderer.Budget),
                arguments.Get(2) is null ? -1 : arguments.Whole(2, -1), renderer.Budget);
        },
        ["center"] = (renderer, input, arguments) =>
            StringMethods.Center(Str(renderer, input), arguments.Bind(0, "width").Whole(0, 80), " ", renderer.Budget),
        ["indent"] = Indent,
        ["truncate"] = Truncate,
        ["wordwrap"] = WordWrap,
        ["wordcount"] = (renderer, input, _) => WordCount(Str(renderer, input)),
        ["format"] = (renderer, input, arguments) =>
            PercentFormat.Apply(Str(renderer, input), arguments.Named.Count == 0 ? new TupleValue(arguments.Positional)
            : arguments.Positional.Length > 0
                ? throw new PythonError(TemplateErrorKind.Runtime,
                "can't handle positional and keyword arguments at the same time")
            : DictValue.Of(arguments.Named.Select(entry => KeyValuePair.Create((object?)entry.Key, entry.Value))),
                renderer.Budget),
        ["safe"] = (renderer, input, _) => new Markup(Str(renderer, input)),
        ["escape"] = Escape,
        ["e"] = Escape,
        ["forceescape"] = (renderer, input, _) => new Markup(Html.Escape(Str(renderer, input))),
        ["urlencode"] = UrlEncode,
        ["xmlattr"] = XmlAttributes,
        ["filesizeformat"] = (_, input, arguments) => FileSize(Conversions.ToFloat(input, null) as double?
            ?? throw (input is string or Markup ? Value("a size is a number") : Type("a size is a number")),
                arguments.Bind(0, "binary").Flag(0)),
        ["tojson"] = ToJson,
        ["abs"] = (_, input, _) => Arithmetic.Abs(input),
        ["int"] = (_, input, arguments) =>
            Conversions.ToInteger(input, arguments.Bind(0, "default", "base").Get(0, 0L), arguments.Whole(1, 10)),
        ["float"] = (_, input, arguments) => Conversions.ToFloat(input, arguments.Bind(0, "default").Get(0, 0.0)),
        ["round"] = Round,
        ["default"] = Default,
        ["d"] = Default,
        ["attr"] = (renderer, input, arguments) => arguments.Bind(1, "name").Text(0, "", renderer.Budget) is var name
            && Attributes.TryAttribute(input, name, renderer.Budget, out var value) ? value : Undefined.Attribute(input, name),
    }
    .Concat(SequenceFilters.All).ToFrozenDictionary();

    public static bool Exists(string name) => All.ContainsKey(name);

    public static string Unknown(string name) => $"no filter named '{name}'";

    public static object? Apply(Renderer renderer, string name, object? input, Arguments arguments) =>
        All.TryGetValue(name, out var filter)
        ? filter(renderer, input, arguments) : throw Runtime(Unknown(name));

    static string Str(Renderer renderer, object? value)
    {
        var text = PythonText.Str(value, renderer.Budget);
        renderer.Budget.Allocate(text.Length);
        return text;
    }

    static Filter Text(Func<string, string> filter) => (renderer, input, arguments) =>
    {
        arguments.Bind(0);
        return filter(Str(renderer, input));
    };

    static object? Default(Renderer renderer, object? input, Arguments arguments)
    {
        arguments.Bind(0, "default_value", "boolean");
        return input is Undefined || (arguments.Flag(1) && !Operators.Truth(input)) ? arguments.Get(0, "") : input;
    }

    static object? Escape(Renderer renderer, object? input, Arguments arguments) =>
        input is Markup ? input : new Markup(Html.Escape(Str(renderer, input)));

    /// <summary>Unlike the method of that name, words begin only after white space, hyphens and opening brackets.</summary>
    static string Title(string text)
    {
        var result = new StringBuilder(text.Length);
        static bool Begins(char c) => PythonText.IsSpace(c) || c is '-' or '(' or '{' or '[' or '<';
        for (var at = 0; at < text.Length;)
        {
            var end = at;
            if (Begins(text[at])) while (end < text.Length && Begins(text[end])) end++;
            else while (end < text.Length && !Begins(text[end])) end++;
            var first = at + PythonText.Offset(text[at..Math.Min(at + 2, end)], 1);
            result.Append(Casing.Upper(text[at..first])).Append(Casing.Lower(text[first..end]));
            at = end;
        }
        return result.ToString();
    }

    static string Indent(Renderer renderer, object? input, Arguments arguments)
    {
        arguments.Bind(0, "width", "first", "blank");
        if (input is Undefined undefined) throw undefined.Error();
        if (input is not (string or Markup))
            throw (input is ListValue ? Runtime($"indent takes a text, not a list")
                : Type($"indent takes a text, not {PythonText.TypeName(input)}"));
        var indent = arguments.Get(0, 4L) is string text ? text : Spaces(arguments.Whole(0, 4), renderer.Budget);
        var (first, blank) = (arguments.Flag(1), arguments.Flag(2));
        var result = new StringBuilder();
        var lines = PythonText.SplitLines(Str(renderer, input) + "\n");
        for (var i = 0; i < lines.Count; i++)
        {
            renderer.Budget.Allocate(indent.Length + lines[i].Length + 1L);
            if (i > 0) result.Append('\n');
            if (i == 0 ? first : blank || lines[i].Length > 0) result.Append(indent);
            result.Append(lines[i]);
        }
        return result.ToString();
    }

    static object? Truncate(Renderer renderer, object? input, Arguments arguments)
    {
        arguments.Bind(0, "length", "killwords", "end", "leeway");
        var (length, end) = (arguments.Whole(0, 255), arguments.Text(2, "...", renderer.Budget));
        var leeway = arguments.Get(3) is null ? 5 : arguments.Whole(3, 5);
        var room = length - PythonText.Length(end);
        if (room < 0) throw Value($"expected length >= {PythonText.Length(end)}, got {length}");
        if (leeway < 0) throw Value($"expected leeway >= 0, got {leeway}");
        if (Operators.Length(input) <= length + (long)leeway) return input;
        if (input is not (string or Markup)) throw Type($"truncate takes a text, not {PythonText.TypeName(input)}");
        var text = Str(renderer, input);
        var cut = text[..PythonText.Offset(text, room)];
        if (!arguments.Flag(1) && cut.LastIndexOf(' ') is >= 0 and var space) cut = cut[..space];
        return cut + end;
    }

    static string WordWrap(Renderer renderer, object? input, Arguments arguments)
    {
        arguments.Bind(0, "width", "break_long_words", "wrapstring", "break_on_hyphens");
        if (input is Undefined undefined) throw undefined.Error();
        if (input is not (string or Markup)) throw Runtime($"wordwrap takes a text, not {PythonText.TypeName(input)}");
        var text = Str(renderer, input);
        var separator = arguments.Get(2) is null ? "\n" : arguments.Text(2, "\n", renderer.Budget);
        var lines = PythonText.SplitLines(text).Select(line =>
            string.Join(separator,
                TextWrap.Wrap(line, arguments.Whole(0, 79), arguments.Flag(1, true), arguments.Flag(3, true),
                renderer.Budget)));
        renderer.Budget.Allocate(text.Length * (1L + separator.Length));
        return string.Join(separator, lines);
    }

    static long WordCount(string text)
    {
        var (count, inside) = (0L, false);
        foreach (var rune in text.EnumerateRunes())
        {
            var isWord = PythonText.IsWord(rune);
            if (isWord && !inside) count++;
            inside = isWord;
        }
        return count;
    }

    static string UrlEncode(Renderer renderer, object? input, Arguments arguments)
    {
        if (input is string or Markup || !Operators.IsIterable(input)) return Html.Quote(Str(renderer, input), forQuery: false);
        var pairs = (input is DictValue dict ? new DictView(dict, "items").Items() : Operators.Iterate(input)).Select(item =>
            Operators.ToArray(item, renderer.Budget));
        string Part(object? value) => Html.Quote(Str(renderer, value), forQuery: true);
        return string.Join('&',
            pairs.Select(pair => pair.Length == 2 ? $"{Part(pair[0])}={Part(pair[1])}" : throw Value("urlencode takes pairs")));
    }

    static string XmlAttributes(Renderer renderer, object? input, Arguments arguments)
    {
        arguments.Bind(0, "autospace");
        if (input is Undefined undefined) throw undefined.Error();
        if (input is not DictValue dict) throw Runtime("xmlattr takes a mapping");
        var parts = new List<string>();
        foreach (var (key, value) in dict)
        {
            if (value is null or Undefined) continue;
            var name = Str(renderer, key);
            if (name.Any(c => PythonText.IsSpace(c) || c is '/' or '>' or '='))
                throw Value($"invalid character in attribute name: '{name}'");
            parts.Add($"{Html.Escape(name)}=\"{(value is Markup markup ? markup.Text : Html.Escape(Str(renderer, value)))}\"");
        }
        var text = string.Join(' ', parts);
        return arguments.Flag(0, true) && text.Length > 0 ? " " + text : text;
    }

    static string FileSize(double size, bool binary)
    {
        if (size == 1) return "1 Byte";
        var unit = binary ? 1024.0 : 1000.0;
        if (size < unit) return $"{Math.Truncate(size):0} Bytes";
        string[] prefixes = ["k", "M", "G", "T", "P", "E", "Z", "Y"];
        var power = 0;
        for (size /= unit; power < prefixes.Length - 1 && size >= unit; power++) size /= unit;
        var prefix = binary ? $"{prefixes[power].ToUpperInvariant()}iB" : $"{prefixes[power]}B";
        return $"{Number.Fixed(size, 1)} {prefix}";
    }

    static object? Round(Renderer renderer, object? input, Arguments arguments)
    {
        arguments.Bind(0, "precision", "method");
        var method = arguments.Get(1, "common") as string;
        if (method is not ("common" or "ceil" or "floor")) throw Runtime("method must be common, ceil or floor");
        if (method == "common") return Number.Round(input, arguments.Get(0, 0L));
        var scale = Arithmetic.Power(10L, arguments.Get(0, 0L));
        var scaled = Number.ToDouble(Arithmetic.Multiply(input, scale, renderer.Budget));
        return Arithmetic.Divide(Conversions.Truncate(method == "ceil" ? Math.Ceiling(scaled) : Math.Floor(scaled)), scale);
    }

    static string ToJson(Renderer renderer, object? input, Arguments arguments)
    {
        arguments.Bind(0, "ensure_ascii", "indent", "separators", "sort_keys");
        var indent = arguments.Get(1) switch
        {
            null => null,
            string text => text,
            var width => Spaces(Number.ToIndex(width), renderer.Budget),
        };
        var separators = arguments.Get(2) switch
        {
            null => [indent is null ? ", " : ",", ": "],
            SequenceValue { Items: [string item, string key] } => [item, key],
            _ => (string[]?)null,
        } ?? throw Type("separators are two texts");
        return new PythonJson(renderer.Budget)
        {
            EnsureAscii = arguments.Flag(0),
            Indent = indent,
            ItemSeparator = separators[0],
            KeySeparator = separators[1],
            SortKeys = arguments.Flag(3),
        }.Write(input);
    }

    static string Spaces(int count, Budget budget)
    {
        budget.Allocate(Math.Max(count, 0));
        return new string(' ', Math.Max(count, 0));
    }
}
