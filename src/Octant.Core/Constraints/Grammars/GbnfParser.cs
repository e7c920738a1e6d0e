using System.Globalization;
using Octant.Constraints.Languages;
using Octant.Tokenizers.RegularExpressions;

namespace Octant.Constraints.Grammars;

/// <summary>
/// Reads llama.cpp's grammars (grammars/README.md there): rules name ::= ..., literals, classes, a dot for any character, groups, the
/// quantifiers * + ? {m} {m,} {m,n}, comments. A rule ends with its line, but within parentheses or behind a bar.
/// </summary>
sealed class GbnfParser(string source)
{
    const int MaximumDepth = 200, MaximumCount = 10_000, MaximumStacked = 8;

    readonly int[] text = [.. source.EnumerateRunes().Select(rune => rune.Value)];
    readonly Grammar grammar = new();
    readonly Dictionary<string, (int Rule, int At)> rules = new(StringComparer.Ordinal);
    readonly HashSet<int> defined = [];
    int at;
    int depth;

    /// <exception cref="ConstraintException">it is wrong: says where</exception>
    public Grammar Parse()
    {
        // The first rule is where texts begin.
        Rule("root", 0);
        SkipSpace(newlines: true);
        while (at < text.Length) Definition();
        if (!defined.Contains(0)) throw new ConstraintException("it has no rule root, with which a text begins");
        foreach (var (name, (rule, place)) in rules)
            if (!defined.Contains(rule)) throw Wrong($"the rule {name} is not defined", place);
        return grammar;
    }

    void Definition()
    {
        var start = at;
        var rule = Rule(Name(), start);
        SkipSpace(newlines: false);
        if (!TakeText("::=")) throw Wrong("::= is missing behind a rule's name");
        SkipSpace(newlines: true);
        if (!defined.Add(rule)) throw Wrong($"the rule {grammar.NameOf(rule)} is defined twice", start);
        grammar[rule] = Alternatives(nested: false);
        if (at < text.Length && text[at] is not ('\r' or '\n')) throw Wrong($"'{char.ConvertFromUtf32(text[at])}' is not expected here");
        SkipSpace(newlines: true);
    }

    int Rule(string name, int place)
    {
        if (!rules.TryGetValue(name, out var rule)) rules.Add(name, rule = (grammar.Add(name), place));
        return rule.Rule;
    }

    string Name()
    {
        var start = at;
        while (at < text.Length && IsNamePart(text[at])) at++;
        return at > start ? string.Concat(text[start..at].Select(char.ConvertFromUtf32)) : throw Wrong("a rule's name is missing (letters, digits, - and _)");
    }

    static bool IsNamePart(int c) => c < 128 && (char.IsAsciiLetterOrDigit((char)c) || c is '-' or '_');

    Expression Alternatives(bool nested)
    {
        if (++depth > MaximumDepth) throw Wrong($"groups nest deeper than {MaximumDepth}");
        var items = new List<Expression> { Sequence(nested) };
        while (Take('|'))
        {
            SkipSpace(newlines: true);
            items.Add(Sequence(nested));
        }
        depth--;
        return items.Count == 1 ? items[0] : new Expression.Choice(items);
    }

    Expression Sequence(bool nested)
    {
        var items = new List<Expression>();
        while (at < text.Length && Item() is { } item)
        {
            SkipSpace(nested);
            items.Add(Quantified(item, nested));
        }
        return items.Count == 1 ? items[0] : new Expression.Sequence(items);
    }

    /// <summary>What a quantifier can follow; null where the sequence ends.</summary>
    Expression? Item()
    {
        switch (text[at])
        {
            case '"': return Literal();
            case '[': return Class();
            case '.':
                at++;
                return new Expression.Character(Language.Characters);
            case '(':
                at++;
                SkipSpace(newlines: true);
                var group = Alternatives(nested: true);
                return Take(')') ? group : throw Wrong("')' is missing");
            case '<' or '!': throw Wrong("tokens by name (<...>) are not supported: write their text in quotes");
            case var c when IsNamePart(c):
                var start = at;
                return new Expression.Call(Rule(Name(), start));
            default: return null;
        }
    }

    Expression Quantified(Expression item, bool nested)
    {
        for (var stacked = 0; at < text.Length; stacked++)
        {
            (int, int?)? counts = text[at] switch { '*' => (0, null), '+' => (1, null), '?' => (0, 1), '{' => Interval(), _ => null };
            if (counts is not var (least, most)) break;
            // Each makes the expression deeper, which is walked recursively.
            if (stacked >= MaximumStacked) throw Wrong($"more than {MaximumStacked} repetitions stand one behind the other");
            at++;
            item = Repeated(item, least, most);
            SkipSpace(nested);
        }
        return item;
    }

    /// <summary>What is long and often repeated becomes a rule of its own, so that its automaton is there once.</summary>
    Expression.Repeat Repeated(Expression item, int least, int? most)
    {
        if (item is not (Expression.Call or Expression.Character) && Math.Max(least, most ?? 0) > 8)
        {
            var rule = grammar.Add($"repeated at {at}");
            grammar[rule] = item;
            item = new Expression.Call(rule);
        }
        return new(item, least, most);
    }

    /// <summary>Reads {m,n} up to the closing brace.</summary>
    (int, int?) Interval()
    {
        at++;
        SkipSpace(newlines: false);
        var least = Count() ?? throw Wrong("a number is missing in {}");
        SkipSpace(newlines: false);
        int? most = least;
        if (Take(','))
        {
            SkipSpace(newlines: false);
            most = Count();
            SkipSpace(newlines: false);
        }
        if (at >= text.Length || text[at] != '}') throw Wrong("'}' is missing");
        if (least > most) throw Wrong("the least is above the most in {}");
        return (least, most);
    }

    int? Count()
    {
        var start = at;
        var value = 0;
        while (at < text.Length && text[at] is >= '0' and <= '9')
        {
            value = value * 10 + text[at++] - '0';
            if (value > MaximumCount) throw Wrong($"a count is above {MaximumCount}");
        }
        return at == start ? null : value;
    }

    Expression.Literal Literal()
    {
        var start = at++;
        var literal = new System.Text.StringBuilder();
        while (at < text.Length && text[at] != '"')
        {
            if (text[at] is '\n') throw Wrong("a text in quotes does not end", start);
            var character = Character();
            if (character is >= 0xD800 and <= 0xDFFF) throw Wrong("half a surrogate pair is no character");
            literal.Append(char.ConvertFromUtf32(character));
        }
        return Take('"') ? new(literal.ToString()) : throw Wrong("a text in quotes does not end", start);
    }

    Expression.Character Class()
    {
        var start = at++;
        var isNegated = Take('^');
        var members = new List<CodePoints>();
        while (at < text.Length && text[at] != ']')
        {
            var first = Character();
            var last = first;
            if (at + 1 < text.Length && text[at] == '-' && text[at + 1] != ']')
            {
                at++;
                last = Character();
            }
            if (last < first) throw Wrong("a range ends before it begins");
            members.Add(CodePoints.Range(first, last));
        }
        if (!Take(']')) throw Wrong("'[' is not closed", start);
        var set = CodePoints.Union(members);
        return new((isNegated ? set.Complement() : set).Intersect(Language.Characters));
    }

    int Character()
    {
        var c = text[at++];
        if (c != '\\') return c;
        if (at >= text.Length) throw Wrong("it ends in a backslash");
        c = text[at++];
        return c switch
        {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'x' => Hex(2),
            'u' => Hex(4),
            'U' => Hex(8),
            '\\' or '"' or '[' or ']' or '-' or '^' or '/' or '\'' => c,
            _ => throw Wrong($"the escape \\{char.ConvertFromUtf32(c)} is not known", at - 2),
        };
    }

    int Hex(int digits)
    {
        var value = 0L;
        for (var i = 0; i < digits; i++)
        {
            if (at >= text.Length || text[at] > 127 || !char.IsAsciiHexDigit((char)text[at])) throw Wrong($"an escape needs {digits} hexadecimal digits");
            value = value * 16 + Convert.ToInt32(((char)text[at++]).ToString(), 16);
        }
        return value <= CodePoints.Last ? (int)value : throw Wrong("an escape has no code point");
    }

    void SkipSpace(bool newlines)
    {
        for (; at < text.Length; at++)
            if (text[at] == '#')
            {
                while (at < text.Length && text[at] is not ('\n' or '\r')) at++;
                at--;
            }
            else if (text[at] is not (' ' or '\t') && (!newlines || text[at] is not ('\n' or '\r'))) return;
    }

    bool TakeText(string expected)
    {
        for (var i = 0; i < expected.Length; i++)
            if (at + i >= text.Length || text[at + i] != expected[i]) return false;
        at += expected.Length;
        return true;
    }

    bool Take(char expected)
    {
        if (at >= text.Length || text[at] != expected) return false;
        at++;
        return true;
    }

    ConstraintException Wrong(string what) => Wrong(what, at);

    ConstraintException Wrong(string what, int place)
    {
        var before = text.AsSpan(0, Math.Min(place, text.Length));
        var line = before.Count('\n') + 1;
        return new(string.Create(CultureInfo.InvariantCulture, $"line {line}, column {place - before.LastIndexOf('\n')}: {what}"));
    }
}
