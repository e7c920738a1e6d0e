using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Octant.Chat.Jinja.Python;

/// <summary>
/// Upper, lower and title case by Unicode's full mappings (SpecialCasing.txt), as Python's: .NET maps one character to one, and a few not
/// at all.
/// </summary>
static class Casing
{
    static readonly FrozenDictionary<int, string> UpperSpecial = Read("""
        DF=53+53 149=2BC+4E 1F0=4A+30C 390=399+308+301 3B0=3A5+308+301 587=535+552 1E96=48+331 1E97=54+308 1E98=57+30A
        1E99=59+30A 1E9A=41+2BE 1F50=3A5+313 1F52=3A5+313+300 1F54=3A5+313+301 1F56=3A5+313+342 1F80=1F08+399
        1F81=1F09+399 1F82=1F0A+399 1F83=1F0B+399 1F84=1F0C+399 1F85=1F0D+399 1F86=1F0E+399 1F87=1F0F+399
        1F88=1F08+399 1F89=1F09+399 1F8A=1F0A+399 1F8B=1F0B+399 1F8C=1F0C+399 1F8D=1F0D+399 1F8E=1F0E+399
        1F8F=1F0F+399 1F90=1F28+399 1F91=1F29+399 1F92=1F2A+399 1F93=1F2B+399 1F94=1F2C+399 1F95=1F2D+399
        1F96=1F2E+399 1F97=1F2F+399 1F98=1F28+399 1F99=1F29+399 1F9A=1F2A+399 1F9B=1F2B+399 1F9C=1F2C+399
        1F9D=1F2D+399 1F9E=1F2E+399 1F9F=1F2F+399 1FA0=1F68+399 1FA1=1F69+399 1FA2=1F6A+399 1FA3=1F6B+399
        1FA4=1F6C+399 1FA5=1F6D+399 1FA6=1F6E+399 1FA7=1F6F+399 1FA8=1F68+399 1FA9=1F69+399 1FAA=1F6A+399
        1FAB=1F6B+399 1FAC=1F6C+399 1FAD=1F6D+399 1FAE=1F6E+399 1FAF=1F6F+399 1FB2=1FBA+399 1FB3=391+399 1FB4=386+399
        1FB6=391+342 1FB7=391+342+399 1FBC=391+399 1FC2=1FCA+399 1FC3=397+399 1FC4=389+399 1FC6=397+342
        1FC7=397+342+399 1FCC=397+399 1FD2=399+308+300 1FD3=399+308+301 1FD6=399+342 1FD7=399+308+342 1FE2=3A5+308+300
        1FE3=3A5+308+301 1FE4=3A1+313 1FE6=3A5+342 1FE7=3A5+308+342 1FF2=1FFA+399 1FF3=3A9+399 1FF4=38F+399
        1FF6=3A9+342 1FF7=3A9+342+399 1FFC=3A9+399 FB00=46+46 FB01=46+49 FB02=46+4C FB03=46+46+49 FB04=46+46+4C
        FB05=53+54 FB06=53+54 FB13=544+546 FB14=544+535 FB15=544+53B FB16=54E+546 FB17=544+53D
        """);

    static readonly FrozenDictionary<int, string> TitleSpecial = Read("""
        DF=53+73 1C4=1C5 1C5=1C5 1C6=1C5 1C7=1C8 1C8=1C8 1C9=1C8 1CA=1CB 1CB=1CB 1CC=1CB 1F1=1F2 1F2=1F2 1F3=1F2
        587=535+582 1F80=1F88 1F81=1F89 1F82=1F8A 1F83=1F8B 1F84=1F8C 1F85=1F8D 1F86=1F8E 1F87=1F8F 1F88=1F88
        1F89=1F89 1F8A=1F8A 1F8B=1F8B 1F8C=1F8C 1F8D=1F8D 1F8E=1F8E 1F8F=1F8F 1F90=1F98 1F91=1F99 1F92=1F9A 1F93=1F9B
        1F94=1F9C 1F95=1F9D 1F96=1F9E 1F97=1F9F 1F98=1F98 1F99=1F99 1F9A=1F9A 1F9B=1F9B 1F9C=1F9C 1F9D=1F9D 1F9E=1F9E
        1F9F=1F9F 1FA0=1FA8 1FA1=1FA9 1FA2=1FAA 1FA3=1FAB 1FA4=1FAC 1FA5=1FAD 1FA6=1FAE 1FA7=1FAF 1FA8=1FA8 1FA9=1FA9
        1FAA=1FAA 1FAB=1FAB 1FAC=1FAC 1FAD=1FAD 1FAE=1FAE 1FAF=1FAF 1FB2=1FBA+345 1FB3=1FBC 1FB4=386+345
        1FB7=391+342+345 1FBC=1FBC 1FC2=1FCA+345 1FC3=1FCC 1FC4=389+345 1FC7=397+342+345 1FCC=1FCC 1FF2=1FFA+345
        1FF3=1FFC 1FF4=38F+345 1FF7=3A9+342+345 1FFC=1FFC FB00=46+66 FB01=46+69 FB02=46+6C FB03=46+66+69 FB04=46+66+6C
        FB05=53+74 FB06=53+74 FB13=544+576 FB14=544+565 FB15=544+56B FB16=54E+576 FB17=544+56D
        """);

    public static string Upper(string text)
    {
        if (Ascii.IsValid(text)) return text.ToUpperInvariant();
        var result = new StringBuilder(text.Length + 8);
        foreach (var rune in text.EnumerateRunes()) AppendUpper(result, rune);
        return result.ToString();
    }

    public static string Lower(string text)
    {
        if (Ascii.IsValid(text)) return text.ToLowerInvariant();
        var result = new StringBuilder(text.Length + 8);
        AppendLower(result, text, 0);
        return result.ToString();
    }

    /// <summary>The first letter as a title's, the rest small.</summary>
    public static string Capitalize(string text)
    {
        if (text.Length == 0) return text;
        var result = new StringBuilder(text.Length + 8);
        Rune.DecodeFromUtf16(text, out var first, out var used);
        AppendTitle(result, first);
        AppendLower(result, text, used);
        return result.ToString();
    }

    /// <summary>Each run of cased letters begins with a capital.</summary>
    public static string Title(string text)
    {
        var result = new StringBuilder(text.Length + 8);
        var inside = false;
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (inside) AppendLower(result, text, rune, at);
            else AppendTitle(result, rune);
            inside = IsCased(rune);
            at += rune.Utf16SequenceLength;
        }
        return result.ToString();
    }

    public static string Swap(string text)
    {
        var result = new StringBuilder(text.Length + 8);
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsUpper(rune)) AppendLower(result, text, rune, at);
            else if (IsLower(rune)) AppendUpper(result, rune);
            else result.Append(rune);
            at += rune.Utf16SequenceLength;
        }
        return result.ToString();
    }

    public static bool IsUpper(Rune rune) =>
        Rune.GetUnicodeCategory(rune) == UnicodeCategory.UppercaseLetter
            || rune.Value is (>= 0x2160 and <= 0x216F) or (>= 0x24B6 and <= 0x24CF)
            or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189);

    // Unicode's Other_Lowercase beside the category.
    public static bool IsLower(Rune rune) =>
        Rune.GetUnicodeCategory(rune) == UnicodeCategory.LowercaseLetter
            || rune.Value is 0xAA or 0xBA or (>= 0x2B0 and <= 0x2B8)
            or 0x2C0 or 0x2C1 or (>= 0x2E0 and <= 0x2E4) or 0x345 or 0x37A or (>= 0x1D2C and <= 0x1D6A) or 0x1D78
            or (>= 0x1D9B and <= 0x1DBF) or 0x2071 or 0x207F or (>= 0x2090 and <= 0x209C) or (>= 0x2170 and <= 0x217F)
            or (>= 0x24D0 and <= 0x24E9) or 0x2C7C or 0x2C7D or 0xA69C or 0xA69D or 0xA770 or 0xA7F8 or 0xA7F9 or (>= 0xAB5C and <= 0xAB5F);

    public static bool IsCased(Rune rune) =>
        IsUpper(rune) || IsLower(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.TitlecaseLetter;

    static void AppendUpper(StringBuilder result, Rune rune)
    {
        if (UpperSpecial.TryGetValue(rune.Value, out var special)) result.Append(special);
        else result.Append(SimpleUpper(rune));
    }

    static void AppendTitle(StringBuilder result, Rune rune)
    {
        if (TitleSpecial.TryGetValue(rune.Value, out var special)) result.Append(special);
        // Georgian letters have capitals, but no title begins with one.
        else if (rune.Value is >= 0x10D0 and <= 0x10FF) result.Append(rune);
        else AppendUpper(result, rune);
    }

    static void AppendLower(StringBuilder result, string text, int from)
    {
        foreach (var rune in text.AsSpan(from).EnumerateRunes())
        {
            AppendLower(result, text, rune, from);
            from += rune.Utf16SequenceLength;
        }
    }

    static void AppendLower(StringBuilder result, string text, Rune rune, int at)
    {
        if (rune.Value == 0x130) result.Append("i\u0307");
        else if (rune.Value == 0x3A3) result.Append(EndsWord(text, at) ? '\u03C2' : '\u03C3');
        else result.Append(Rune.ToLowerInvariant(rune));
    }

    // The two letters that .NET leaves alone because they depend on the language.
    static Rune SimpleUpper(Rune rune) => rune.Value switch
    {
        0x131 => new Rune('I'),
        0x17F => new Rune('S'),
        _ => Rune.ToUpperInvariant(rune),
    };

    /// <summary>A capital sigma becomes a final one after a letter and before none, whatever stands between that has no case.</summary>
    static bool EndsWord(string text, int at)
    {
        var before = at;
        while (before > 0 && Rune.DecodeLastFromUtf16(text.AsSpan(0, before), out var rune,
            out var used) == System.Buffers.OperationStatus.Done)
        {
            before -= used;
            if (IsCaseIgnorable(rune)) continue;
            if (!IsCased(rune)) return false;
            foreach (var next in text.AsSpan(at + 1).EnumerateRunes())
                if (!IsCaseIgnorable(next)) return !IsCased(next);
            return true;
        }
        return false;
    }

    static bool IsCaseIgnorable(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format
            or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol
        || rune.Value is '\'' or '.' or ':' or 0xB7 or 0x387 or 0x55F or 0x5F4 or 0x2018 or 0x2019 or 0x2024 or 0x2027;

    static FrozenDictionary<int, string> Read(string table) =>
        table.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(entry =>
            entry.Split('=')).ToFrozenDictionary(
            entry => Hex(entry[0]), entry => string.Concat(entry[1].Split('+').Select(code => (char)Hex(code))));

    static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
