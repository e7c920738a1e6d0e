using System.Text;
using Octant.Tokenizers.Unicode;

namespace Octant.Tokenizers.RegularExpressions;

/// <summary>Reads an expression in a dialect: what differs is asked where it does.</summary>
sealed partial class RegexParser(string pattern, RegexDialect dialect)
{
    const int MaximumDepth = 100;

    static readonly CodePoints notNewline = CodePoints.Of('\n').Complement();
    static readonly CodePoints notNewlines = CodePoints.Of("\n\r\u2028\u2029").Complement();

    /// <summary>Sets that stand in it, each once: a set has a bitmap, and an expression may have one of them ten thousand times over.</summary>
    readonly Dictionary<CodePoints, CharacterSet> sets = [];
    readonly Dictionary<(string Name, bool InSet), CodePoints> properties = [];
    readonly Dictionary<CodePoints, CodePoints> folded = [];

    /// <summary>Whether letters of different number can differ only in case: ss and ß.</summary>
    bool FoldsRows => ignoreCase && dialect == RegexDialect.Oniguruma;

    readonly int[] text = [.. pattern.EnumerateRunes().Select(rune => rune.Value)];
    int at;
    int depth;
    int groups;
    bool ignoreCase;
    bool dotTakesNewline;
    bool extended;

    /// <summary>Whether a class within a class is one, and &amp;&amp; in it an intersection.</summary>
    bool HasSetsInSets => dialect is RegexDialect.Oniguruma or RegexDialect.Fancy;

    bool AtEnd => at >= text.Length;

    public RegexNode Parse()
    {
        var node = Choice();
        if (!AtEnd) throw Wrong("')' closes nothing");
        return dialect == RegexDialect.Oniguruma ? new CaseExpansion().Expand(node) : node;
    }

    RegexNode Choice()
    {
        if (++depth > MaximumDepth) throw Wrong($"groups nest deeper than {MaximumDepth}");
        var flags = (ignoreCase, dotTakesNewline, extended);
        var items = new List<RegexNode> { Sequence() };
        while (Take('|')) items.Add(Sequence());
        (ignoreCase, dotTakesNewline, extended) = flags;
        depth--;
        return items.Count == 1 ? items[0] : new RegexNode.Choice(items);
    }

    RegexNode Sequence()
    {
        var items = new List<RegexNode>();
        while (!AtEnd && text[at] is not ('|' or ')'))
        {
            if (SkipRemarks()) continue;
            if (Atom() is not { } atom) continue;
            // Letters of a group within are letters of the row: (?i)s(?:s) is ß, too.
            var item = Quantified(atom);
            if (item is RegexNode.Sequence row) items.AddRange(row.Items);
            else items.Add(item);
        }
        return items.Count switch { 0 => new RegexNode.Empty(), 1 => items[0], _ => new RegexNode.Sequence(items) };
    }

    /// <summary>Passes over one comment or, where they mean nothing, spaces; whether there was any.</summary>
    bool SkipRemarks()
    {
        if (Peek('(') && At(1, '?') && At(2, '#') && dialect != RegexDialect.EcmaScript)
        {
            while (!AtEnd && text[at] != ')') at++;
            Expect(')');
            return true;
        }
        if (!extended || AtEnd) return false;
        if (CharacterClasses.IsSpace(text[at]))
        {
            at++;
            return true;
        }
        if (text[at] != '#') return false;
        while (!AtEnd && text[at] != '\n') at++;
        return true;
    }

    RegexNode Quantified(RegexNode atom)
    {
        for (var stacked = 0; ; stacked++)
        {
            while (SkipRemarks()) continue;
            var (least, most, interval) = Quantifier();
            if (least < 0) return atom;
            if (atom is RegexNode.Place or RegexNode.Look) throw Wrong("a quantifier follows what takes no text");
            if (stacked > 0 && dialect is (RegexDialect.Python or RegexDialect.EcmaScript)) throw Wrong("a quantifier follows a quantifier: put what is repeated into (?:...)");
            if (stacked > 5) throw Wrong("quantifiers are stacked too deeply");
            atom = Repeated(atom, least, most, interval);
        }
    }

    RegexNode.Repeat Repeated(RegexNode atom, int least, int most, bool interval)
    {
        if (Take('?'))
        {
            // Oniguruma reads a{3}? as (?:a{3})?.
            if (interval && least == most && dialect == RegexDialect.Oniguruma)
                return new RegexNode.Repeat(new RegexNode.Repeat(atom, least, most, Greed.Greedy), 0, 1, Greed.Greedy);
            return new RegexNode.Repeat(atom, least, most, Greed.Lazy);
        }
        // Oniguruma reads a{1,3}+ as (?:a{1,3})+, which the next round of the loop does; fancy-regex as possessive.
        if (!(interval && dialect == RegexDialect.Oniguruma) && Take('+'))
            return new RegexNode.Repeat(atom, least, most, Greed.Possessive);
        return new RegexNode.Repeat(atom, least, most, Greed.Greedy);
    }

    (int Least, int Most, bool Interval) Quantifier()
    {
        if (Take('*')) return (0, int.MaxValue, false);
        if (Take('+')) return (1, int.MaxValue, false);
        if (Take('?')) return (0, 1, false);
        if (!Peek('{')) return (-1, 0, false);
        var start = at++;
        var least = Digits();
        var most = least;
        if (Take(',')) most = Digits() ?? int.MaxValue;
        // {,} is any number in Python, and no interval elsewhere.
        if (least is null && (most is null || most == int.MaxValue && dialect != RegexDialect.Python) || !Take('}'))
        {
            at = start;
            return (-1, 0, false);
        }
        if (least is null && dialect == RegexDialect.EcmaScript) throw Wrong("{,n} is no interval in ECMAScript: write {0,n}");
        if (least > most) throw Wrong("an interval's least is above its most");
        return (least ?? 0, most ?? int.MaxValue, true);
    }

    int? Digits()
    {
        var start = at;
        var value = 0;
        while (!AtEnd && text[at] is >= '0' and <= '9')
        {
            value = value * 10 + text[at++] - '0';
            if (value > 100_000) throw Wrong("a count is above 100000");
        }
        return at == start ? null : value;
    }

    RegexNode? Atom()
    {
        var c = text[at++];
        switch (c)
        {
            case '(': return Group();
            case '[':
                var negated = Peek('^');
                var members = SetOf(Class());
                return FoldsRows && !negated ? new RegexNode.Class(members.Members) : members;
            case '.': return SetOf(dotTakesNewline ? CodePoints.All : dialect == RegexDialect.EcmaScript ? notNewlines : notNewline);
            case '^': return new RegexNode.Place(dialect == RegexDialect.Oniguruma ? Anchor.LineStart : Anchor.TextStart);
            case '$': return new RegexNode.Place(dialect == RegexDialect.Oniguruma ? Anchor.LineEnd : Anchor.TextEnd);
            case '\\': return Escape();
            case '*' or '+' or '?': throw Wrong("a quantifier has nothing to repeat");
            case '{' when dialect == RegexDialect.Fancy: throw Wrong("'{' begins no interval");
            default: return Character(c);
        }
    }

    RegexNode Character(int c)
    {
        var same = ignoreCase ? UnicodeTables.SameButCase(c) : [c];
        if (FoldsRows && FullFoldings.Concern(UnicodeTables.Fold(c)))
            return new RegexNode.Letter(UnicodeTables.Fold(c), SetOf(CodePoints.Union(same.Select(CodePoints.Of))).Members);
        return same.Count == 1 ? new RegexNode.Character(c)
            : SetOf(CodePoints.Union(same.Select(CodePoints.Of)));
    }

    RegexNode.Set SetOf(CodePoints members)
    {
        if (!sets.TryGetValue(members, out var set)) sets.Add(members, set = new(members));
        return new(set);
    }

    CodePoints Fold(CodePoints members)
    {
        if (!ignoreCase) return members;
        if (!folded.TryGetValue(members, out var all)) folded.Add(members, all = members.IgnoringCase());
        return all;
    }

    /// <summary>Oniguruma passes over the case of all between the outermost brackets at once, others over that of each item.</summary>
    CodePoints FoldItem(CodePoints members) => dialect == RegexDialect.Oniguruma ? members : Fold(members);

    RegexNode? Group()
    {
        if (!Take('?')) return Captured();
        if (Take(':')) return Grouped();
        if (Take('=')) return new RegexNode.Look(Closed(Choice()), Behind: false, Negative: false);
        if (Take('!')) return new RegexNode.Look(Closed(Choice()), Behind: false, Negative: true);
        if (Take('>')) return new RegexNode.Atomic(Closed(Choice()));
        if (Take('P') && (AtEnd || text[at] != '<')) throw Wrong("only (?P<name>...) is supported of the forms with P");
        if (Take('<'))
        {
            if (Take('=')) return new RegexNode.Look(Closed(Choice()), Behind: true, Negative: false);
            if (Take('!')) return new RegexNode.Look(Closed(Choice()), Behind: true, Negative: true);
            while (!AtEnd && text[at] != '>') at++;
            Expect('>');
            return Captured();
        }
        return Flags();
    }

    RegexNode Captured()
    {
        groups++;
        return Apart(Grouped());
    }

    /// <summary>A group whose letters are no part of the row around them.</summary>
    RegexNode Apart(RegexNode item) => FoldsRows ? new RegexNode.Sequence([new RegexNode.Sequence([item])]) : item;

    RegexNode? Flags()
    {
        var before = (ignoreCase, dotTakesNewline, extended);
        var on = true;
        for (; !AtEnd && text[at] is not (':' or ')'); at++)
            switch (text[at])
            {
                case '-': on = false; break;
                case 'i': ignoreCase = on; break;
                case 'x': extended = on; break;
                // Ruby's, and so Oniguruma's, m is the s of all others.
                case 'm' when dialect == RegexDialect.Oniguruma: dotTakesNewline = on; break;
                case 's' when dialect != RegexDialect.Oniguruma: dotTakesNewline = on; break;
                case 'u' when dialect is RegexDialect.Fancy or RegexDialect.Python: break;
                case 'a' when dialect == RegexDialect.Python: throw Wrong("(?a is not supported: write [0-9] for \\d, [0-9A-Za-z_] for \\w");
                default: throw Wrong($"(?{char.ConvertFromUtf32(text[at])} is not supported");
            }
        // Without a body the flags hold to the end of the group around, whose Choice restores them. In Oniguruma all up to there is their body:
        // a(?i)b|c is a(?i:b|c).
        var toTheEnd = Take(')');
        if (toTheEnd && dialect != RegexDialect.Oniguruma) return null;
        if (!toTheEnd) Expect(':');
        var body = toTheEnd ? Choice() : Grouped();
        (ignoreCase, dotTakesNewline, extended) = before;
        return Apart(body);
    }

    /// <summary>The body of a group that is an item of its own: what takes no text can be repeated, so enclosed.</summary>
    RegexNode Grouped()
    {
        var body = Closed(Choice());
        return body is RegexNode.Place or RegexNode.Look ? new RegexNode.Sequence([body]) : body;
    }

    RegexNode Closed(RegexNode body)
    {
        Expect(')');
        return body;
    }

    /// <summary>What stands between brackets, the opening one already taken.</summary>
    CodePoints Class(bool within = false)
    {
        if (++depth > MaximumDepth) throw Wrong($"classes nest deeper than {MaximumDepth}");
        var negated = Take('^');
        var union = new HashSet<CodePoints>(ReferenceEqualityComparer.Instance);
        CodePoints? intersection = null;
        var first = true;
        // In ECMAScript [] is nothing and [^] anything.
        while (!(Peek(']') && (!first || dialect == RegexDialect.EcmaScript)))
        {
            if (AtEnd) throw Wrong("'[' is not closed");
            first = false;
            if (HasSetsInSets && Peek('&') && At(1, '&'))
            {
                at += 2;
                intersection = And(intersection, CodePoints.Union(union));
                union = [];
            }
            else union.Add(ClassItem());
        }
        at++;
        depth--;
        var members = And(intersection, CodePoints.Union(union));
        if (dialect == RegexDialect.Oniguruma && !within) members = Fold(members);
        return negated ? members.Complement() : members;
    }

    CodePoints ClassItem()
    {
        if (HasSetsInSets && Peek('['))
        {
            if (PosixClass() is { } posix) return posix;
            at++;
            return Class(within: true);
        }
        if (Peek('\\'))
        {
            at++;
            if (AtEnd) throw Wrong("it ends in a backslash");
            if (NamedClass(inSet: true) is { } named) return named;
            at--;
        }
        var low = ClassCharacter();
        if (!Peek('-') || at + 1 >= text.Length || text[at + 1] == ']' || HasSetsInSets && text[at + 1] == '[') return FoldItem(CodePoints.Of(low));
        var dash = at++;
        if (Peek('\\') && at + 1 < text.Length && text[at + 1] is 's' or 'S' or 'd' or 'D' or 'w' or 'W' or 'p' or 'P')
        {
            at = dash;
            return FoldItem(CodePoints.Of(low));
        }
        var high = ClassCharacter();
        if (high < low) throw Wrong("a range ends before it begins");
        return FoldItem(CodePoints.Range(low, high));
    }

    int ClassCharacter()
    {
        var c = text[at++];
        if (c != '\\') return c;
        if (AtEnd) throw Wrong("it ends in a backslash");
        if (text[at] != 'b') return EscapedCharacter(inSet: true);
        at++;
        return '\b';
    }

    /// <summary>[:name:] or [:^name:], or null with nothing taken: [:] and what holds more than letters is a set of its characters.</summary>
    CodePoints? PosixClass()
    {
        if (at + 1 >= text.Length || text[at + 1] != ':') return null;
        var negated = at + 2 < text.Length && text[at + 2] == '^';
        var start = at + (negated ? 3 : 2);
        var end = start;
        while (end < text.Length && Rune.IsLetter(new Rune(text[end]))) end++;
        if (end + 1 >= text.Length || text[end] != ':' || text[end + 1] != ']' || end == at + 2) return null;
        var name = Text(start, end);
        if (CharacterClasses.Posix(name, dialect) is not { } members)
            return dialect == RegexDialect.Oniguruma ? throw Wrong($"the POSIX bracket [:{name}:] is not known") : null;
        at = end + 2;
        return Negated(members, negated);
    }

    static CodePoints And(CodePoints? a, CodePoints b) => a is null ? b : a.Intersect(b);

    string Text(int start, int end)
    {
        var builder = new StringBuilder();
        foreach (var c in text.AsSpan(start, end - start)) builder.Append(new Rune(c));
        return builder.ToString();
    }

    bool Peek(int c) => At(0, c);

    bool At(int ahead, int c) => at + ahead < text.Length && text[at + ahead] == c;

    bool Take(int c)
    {
        if (!Peek(c)) return false;
        at++;
        return true;
    }

    void Expect(char c)
    {
        if (!Take(c)) throw Wrong($"'{c}' is missing");
    }

    TokenizerException Wrong(string what)
    {
        // A long one is shown where the fault is.
        const int most = 100;
        var from = pattern.Length <= most ? 0 : Math.Clamp(at - most / 2, 0, pattern.Length - most);
        var shown = pattern.Length <= most ? pattern : pattern.Substring(from, most);
        return new($"The regular expression \"{(from > 0 ? "..." : "")}{shown}{(from + shown.Length < pattern.Length ? "..." : "")}\" is wrong at {at}: {what}.");
    }
}
