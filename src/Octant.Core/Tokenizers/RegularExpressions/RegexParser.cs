using System.Globalization;
using System.Text;

namespace Octant.Tokenizers.RegularExpressions;

/// <summary>Reads an expression in the dialect of Oniguruma, or of Rust's fancy-regex where the two differ.</summary>
sealed class RegexParser(string pattern, RegexDialect dialect)
{
    const int MaximumDepth = 100;

    readonly int[] text = [.. pattern.EnumerateRunes().Select(rune => rune.Value)];
    int at;
    int depth;
    bool ignoreCase;
    bool dotTakesNewline;
    bool extended;

    bool AtEnd => at >= text.Length;

    public RegexNode Parse()
    {
        var node = Choice();
        return AtEnd ? node : throw Wrong("')' closes nothing");
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
            if (extended && SkipExtended()) continue;
            if (Atom() is { } atom) items.Add(Quantified(atom));
        }
        return items.Count switch { 0 => new RegexNode.Empty(), 1 => items[0], _ => new RegexNode.Sequence(items) };
    }

    bool SkipExtended()
    {
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
        for (var stacked = 0; !AtEnd && Quantifier() is var (least, most, interval) && least >= 0; stacked++)
        {
            if (atom is RegexNode.Place or RegexNode.Look) throw Wrong("a quantifier follows what takes no text");
            if (stacked > 5) throw Wrong("quantifiers are stacked too deeply");
            atom = Repeated(atom, least, most, interval);
        }
        return atom;
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
        if (text[at] != '{') return (-1, 0, false);
        var start = at++;
        var least = Digits();
        var most = least;
        if (Take(',')) most = Digits() ?? int.MaxValue;
        if ((least is null && most is null or int.MaxValue) || !Take('}'))
        {
            at = start;
            return (-1, 0, false);
        }
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
            case '[': return new RegexNode.Set(new CharacterSet(Fold(Class())));
            case '.': return new RegexNode.Set(new CharacterSet(dotTakesNewline ? _ => true : character => character != '\n'));
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
        var same = ignoreCase ? Unicode.UnicodeTables.SameButCase(c) : [c];
        return same.Count == 1 ? new RegexNode.Character(c)
            : new RegexNode.Set(new CharacterSet(other => same.Contains(other)));
    }

    Func<int, bool> Fold(Func<int, bool> members) => ignoreCase ? CharacterSet.IgnoringCase(members) : members;

    RegexNode? Group()
    {
        if (!Take('?')) return Closed(Choice());
        if (Take(':')) return Closed(Choice());
        if (Take('=')) return new RegexNode.Look(Closed(Choice()), Behind: false, Negative: false);
        if (Take('!')) return new RegexNode.Look(Closed(Choice()), Behind: false, Negative: true);
        if (Take('>')) return new RegexNode.Atomic(Closed(Choice()));
        if (Take('#'))
        {
            while (!AtEnd && text[at] != ')') at++;
            Expect(')');
            return null;
        }
        if (Take('P') && (AtEnd || text[at] != '<')) throw Wrong("only (?P<name>...) is supported of the forms with P");
        if (Take('<'))
        {
            if (Take('=')) return new RegexNode.Look(Closed(Choice()), Behind: true, Negative: false);
            if (Take('!')) return new RegexNode.Look(Closed(Choice()), Behind: true, Negative: true);
            while (!AtEnd && text[at] != '>') at++;
            Expect('>');
            return Closed(Choice());
        }
        return Flags();
    }

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
                case 's' when dialect == RegexDialect.Fancy: dotTakesNewline = on; break;
                case 'u' when dialect == RegexDialect.Fancy: break;
                default: throw Wrong($"(?{char.ConvertFromUtf32(text[at])} is not supported");
            }
        // Without a body the flags hold to the end of the group around, whose Choice restores them.
        if (Take(')')) return null;
        Expect(':');
        var body = Closed(Choice());
        (ignoreCase, dotTakesNewline, extended) = before;
        return body;
    }

    RegexNode Closed(RegexNode body)
    {
        Expect(')');
        return body;
    }

    RegexNode Escape()
    {
        if (AtEnd) throw Wrong("it ends in a backslash");
        if (NamedClass() is { } members) return new RegexNode.Set(new CharacterSet(Fold(members)));
        var c = text[at];
        Anchor? anchor = c switch
        {
            'A' => Anchor.TextStart,
            'z' => Anchor.TextEnd,
            'Z' => Anchor.TextEndOrLastNewline,
            'b' => Anchor.WordBoundary,
            'B' => Anchor.NoWordBoundary,
            _ => null,
        };
        if (anchor is { } place)
        {
            at++;
            return new RegexNode.Place(place);
        }
        if (c == 'R')
        {
            at++;
            return new RegexNode.Atomic(new RegexNode.Choice([
                new RegexNode.Sequence([new RegexNode.Character('\r'), new RegexNode.Character('\n')]),
                new RegexNode.Set(new CharacterSet(x => x is >= 10 and <= 13 or 0x85 or 0x2028 or 0x2029))]));
        }
        if (c is >= '1' and <= '9' or 'k' or 'g') throw Wrong("references to groups are not supported");
        return Character(EscapedCharacter());
    }

    /// <summary>A class named by a letter after the backslash, or null with nothing taken.</summary>
    Func<int, bool>? NamedClass()
    {
        var c = text[at];
        Func<int, bool>? members = c switch
        {
            's' or 'S' => CharacterClasses.IsSpace,
            'd' or 'D' => CharacterClasses.IsDigit,
            'w' or 'W' => dialect == RegexDialect.Oniguruma ? CharacterClasses.IsOnigurumaWord : CharacterClasses.IsRustWord,
            'h' or 'H' when dialect == RegexDialect.Oniguruma => CharacterClasses.IsHexDigit,
            _ => null,
        };
        if (members is not null)
        {
            at++;
            return c is 'S' or 'D' or 'W' or 'H' ? Not(members) : members;
        }
        if (c is not ('p' or 'P')) return null;
        at++;
        return Property(negated: c == 'P');
    }

    Func<int, bool> Property(bool negated)
    {
        string name;
        if (Take('{'))
        {
            if (Take('^')) negated = !negated;
            var start = at;
            while (!AtEnd && text[at] != '}') at++;
            name = Text(start, at);
            Expect('}');
            if (name.IndexOf('=') is >= 0 and var equals) name = name[(equals + 1)..];
        }
        else
        {
            if (AtEnd) throw Wrong("\\p names no property");
            name = Text(at, ++at);
        }
        var members = CharacterClasses.Property(name) ?? throw Wrong($"the property \\p{{{name}}} is not known");
        return negated ? Not(members) : members;
    }

    /// <summary>What stands between brackets, the opening one already taken.</summary>
    Func<int, bool> Class()
    {
        if (++depth > MaximumDepth) throw Wrong($"classes nest deeper than {MaximumDepth}");
        var negated = Take('^');
        var union = new List<Func<int, bool>>();
        Func<int, bool>? intersection = null;
        var first = true;
        while (!(Peek(']') && !first))
        {
            if (AtEnd) throw Wrong("'[' is not closed");
            first = false;
            if (Peek('&') && at + 1 < text.Length && text[at + 1] == '&')
            {
                at += 2;
                intersection = And(intersection, Union(union));
                union = [];
            }
            else union.Add(ClassItem());
        }
        at++;
        depth--;
        var members = And(intersection, Union(union));
        return negated ? Not(members) : members;
    }

    Func<int, bool> ClassItem()
    {
        if (Peek('['))
        {
            if (PosixClass() is { } posix) return posix;
            at++;
            return Class();
        }
        if (Peek('\\'))
        {
            at++;
            if (AtEnd) throw Wrong("it ends in a backslash");
            if (NamedClass() is { } named) return named;
            at--;
        }
        var low = ClassCharacter();
        if (!Peek('-') || at + 1 >= text.Length || text[at + 1] is ']' or '[') return c => c == low;
        var dash = at++;
        if (Peek('\\') && at + 1 < text.Length && text[at + 1] is 's' or 'S' or 'd' or 'D' or 'w' or 'W' or 'p' or 'P')
        {
            at = dash;
            return c => c == low;
        }
        var high = ClassCharacter();
        if (high < low) throw Wrong("a range ends before it begins");
        return c => c >= low && c <= high;
    }

    int ClassCharacter()
    {
        var c = text[at++];
        if (c != '\\') return c;
        if (AtEnd) throw Wrong("it ends in a backslash");
        if (text[at] != 'b') return EscapedCharacter();
        at++;
        return '\b';
    }

    Func<int, bool>? PosixClass()
    {
        if (at + 1 >= text.Length || text[at + 1] != ':') return null;
        var end = at + 2;
        while (end + 1 < text.Length && !(text[end] == ':' && text[end + 1] == ']')) end++;
        if (end + 1 >= text.Length) return null;
        var negated = text[at + 2] == '^';
        if (CharacterClasses.Posix(Text(at + (negated ? 3 : 2), end)) is not { } members) return null;
        at = end + 2;
        return negated ? Not(members) : members;
    }

    int EscapedCharacter()
    {
        var c = text[at++];
        return c switch
        {
            't' => '\t',
            'n' => '\n',
            'r' => '\r',
            'f' => '\f',
            'v' => '\v',
            'a' => '\a',
            'e' => 27,
            '0' => 0,
            'x' => Take('{') ? Braced() : Hex(2),
            'u' => Take('{') ? Braced() : Hex(4),
            'U' => Hex(8),
            _ when c < 128 && char.IsAsciiLetterOrDigit((char)c) => throw Wrong($"\\{(char)c} is not supported"),
            _ => c,
        };
    }

    int Braced()
    {
        var start = at;
        while (!AtEnd && text[at] != '}') at++;
        var value = Hex(start, at);
        Expect('}');
        return value;
    }

    int Hex(int digits)
    {
        at += digits;
        return Hex(at - digits, at);
    }

    int Hex(int start, int end) =>
        end <= text.Length && int.TryParse(Text(start, end), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
            out var value)
            && value is >= 0 and <= 0x10FFFF ? value : throw Wrong("an escape has no code point");

    static Func<int, bool> Not(Func<int, bool> members) => c => !members(c);

    static Func<int, bool> And(Func<int, bool>? a, Func<int, bool> b) => a is null ? b : c => a(c) && b(c);

    static Func<int, bool> Union(List<Func<int, bool>> sets)
    {
        if (sets.Count == 1) return sets[0];
        Func<int, bool>[] all = [.. sets];
        return c =>
        {
            foreach (var set in all)
                if (set(c)) return true;
            return false;
        };
    }

    string Text(int start, int end)
    {
        var builder = new StringBuilder();
        foreach (var c in text.AsSpan(start, end - start)) builder.Append(new Rune(c));
        return builder.ToString();
    }

    bool Peek(int c) => !AtEnd && text[at] == c;

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

    TokenizerException Wrong(string what) => new($"The regular expression \"{pattern}\" is wrong at {at}: {what}.");
}
