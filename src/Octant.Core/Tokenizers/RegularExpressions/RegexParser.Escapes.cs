using System.Globalization;

namespace Octant.Tokenizers.RegularExpressions;

/// <summary>What a backslash begins.</summary>
sealed partial class RegexParser
{
    RegexNode Escape()
    {
        if (AtEnd) throw Wrong("it ends in a backslash");
        if (NamedClass(inSet: false) is { } members) return SetOf(members);
        var c = text[at];
        Anchor? anchor = c switch
        {
            'A' when dialect != RegexDialect.EcmaScript => Anchor.TextStart,
            'z' when dialect != RegexDialect.EcmaScript => Anchor.TextEnd,
            'Z' when dialect != RegexDialect.EcmaScript => dialect == RegexDialect.Python ? Anchor.TextEnd : Anchor.TextEndOrLastNewline,
            'b' => Anchor.WordBoundary,
            'B' => Anchor.NoWordBoundary,
            _ => null,
        };
        if (anchor is { } place)
        {
            at++;
            return new RegexNode.Place(place, place is Anchor.WordBoundary or Anchor.NoWordBoundary ? SetOf(CharacterClasses.WordOf(dialect)).Members : null);
        }
        if (c == 'X' && dialect == RegexDialect.Oniguruma)
        {
            at++;
            return new RegexNode.Cluster();
        }
        if (c == 'R' && HasSetsInSets)
        {
            at++;
            return new RegexNode.Atomic(new RegexNode.Choice([
                new RegexNode.Sequence([new RegexNode.Character('\r'), new RegexNode.Character('\n')]),
                SetOf(CodePoints.Range(10, 13).Union(CodePoints.Of("\u0085\u2028\u2029")))]));
        }
        if (IsReference()) throw Wrong("references to groups are not supported");
        return Character(EscapedCharacter(inSet: false));
    }

    /// <summary>In Oniguruma a number is octal where it has more than one digit and there are not as many groups yet.</summary>
    bool IsReference()
    {
        if (text[at] is 'k' or 'g') return true;
        if (text[at] is < '1' or > '9') return false;
        if (dialect != RegexDialect.Oniguruma) return true;
        var (number, references) = (0, Math.Max(groups, 9));
        for (var i = at; i < text.Length && text[i] is >= '0' and <= '9' && number <= references; i++) number = number * 10 + text[i] - '0';
        return number <= references;
    }

    /// <summary>A class named by a letter after the backslash, or null with nothing taken.</summary>
    CodePoints? NamedClass(bool inSet)
    {
        var c = text[at];
        var members = CharacterClasses.Letter(char.ToLowerInvariant((char)Math.Min(c, 0xFFFF)), dialect, inSet);
        if (members is not null)
        {
            at++;
            return c is 'S' or 'D' or 'W' or 'H' ? members.Complement() : members;
        }
        if (c is 'N' or 'O' && dialect == RegexDialect.Oniguruma && !inSet)
        {
            at++;
            return c == 'N' ? notNewline : CodePoints.All;
        }
        if (c is not ('p' or 'P')) return null;
        // Elsewhere \pL is \p{L}; in Oniguruma the letters p and L.
        if (dialect == RegexDialect.Oniguruma && !At(1, '{')) return null;
        at++;
        return Property(negated: c == 'P', inSet);
    }

    CodePoints Property(bool negated, bool inSet)
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
        // Asked for, folded and negated once each.
        var key = ($"{(ignoreCase ? "i" : "")}{(negated ? "^" : "")}{name}", inSet);
        if (!properties.TryGetValue(key, out var members))
            properties.Add(key, members = Negated(CharacterClasses.Property(name, dialect, inSet) ?? throw Wrong($"the property \\p{{{name}}} is not known"), negated));
        return members;
    }

    /// <summary>Case is passed over before a class is negated; in Oniguruma only within brackets, and there at their end.</summary>
    CodePoints Negated(CodePoints members, bool negated)
    {
        members = FoldItem(members);
        return negated ? members.Complement() : members;
    }

    int EscapedCharacter(bool inSet)
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
            >= '0' and <= '7' when dialect == RegexDialect.Oniguruma => Octal(),
            'o' when dialect == RegexDialect.Oniguruma && Take('{') => BracedOctal(),
            '0' => 0,
            'x' => Take('{') ? Braced() : Byte(Hex(2)),
            'u' => Take('{') ? Braced() : Paired(Hex(4)),
            'U' when dialect is RegexDialect.Fancy or RegexDialect.Python => Hex(8),
            'c' when dialect is RegexDialect.EcmaScript or RegexDialect.Oniguruma && !AtEnd && text[at] < 128 && char.IsAsciiLetter((char)text[at]) => text[at++] & 31,
            _ when c < 128 && char.IsAsciiLetterOrDigit((char)c) && !StandsForItself(c, inSet) => throw Wrong($"\\{(char)c} is not supported"),
            _ => c,
        };
    }

    /// <summary>In Oniguruma a letter without a meaning is itself; those excepted have one that is not supported.</summary>
    bool StandsForItself(int letter, bool inSet) =>
        dialect == RegexDialect.Oniguruma && !(inSet ? "cCM" : "cCGKMyY").Contains((char)letter);

    /// <summary>Up to three digits, the first of which is taken.</summary>
    int Octal()
    {
        var end = Math.Min(--at + 3, text.Length);
        var value = 0;
        while (at < end && text[at] is >= '0' and <= '7') value = value * 8 + text[at++] - '0';
        return Byte(value);
    }

    int BracedOctal()
    {
        var (start, value) = (at, 0);
        while (!AtEnd && text[at] is >= '0' and <= '7' && value <= CodePoints.Last) value = value * 8 + text[at++] - '0';
        if (at == start || !Take('}') || value > CodePoints.Last) throw Wrong("an escape has no code point");
        return value;
    }

    /// <summary>Oniguruma takes \x80 and \200 for bytes of UTF-8, and refuses them where they make no character.</summary>
    int Byte(int value) => dialect != RegexDialect.Oniguruma || value < 128 ? value
        : throw Wrong($"\\x{value:X} is a byte of UTF-8, which is not supported: write the character, or \\x{{{value:X}}}");

    /// <summary>ECMAScript writes what lies beyond the basic plane as two escapes.</summary>
    int Paired(int high)
    {
        if (high is < 0xD800 or > 0xDBFF || at + 6 > text.Length || text[at] != '\\' || text[at + 1] != 'u') return high;
        at += 2;
        var low = Hex(4);
        return low is >= 0xDC00 and <= 0xDFFF ? char.ConvertToUtf32((char)high, (char)low) : throw Wrong("half a surrogate pair is no character");
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
}
