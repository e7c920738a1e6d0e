using System.Globalization;
using Octant.Tokenizers.Unicode;

namespace Octant.Tokenizers.RegularExpressions;

/// <summary>The named classes of characters: \s, \w, \p{...}, [:alpha:].</summary>
static class CharacterClasses
{
    const string Categories = "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Zs Zl Zp Cc Cf Cs Co Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Cn";

    static readonly Dictionary<string, string> longNames = new((
        "Letter=L UppercaseLetter=Lu LowercaseLetter=Ll TitlecaseLetter=Lt CasedLetter=LC ModifierLetter=Lm " +
        "OtherLetter=Lo Mark=M NonspacingMark=Mn SpacingMark=Mc EnclosingMark=Me Number=N DecimalNumber=Nd " +
        "LetterNumber=Nl OtherNumber=No Separator=Z SpaceSeparator=Zs LineSeparator=Zl ParagraphSeparator=Zp Other=C " +
        "Control=Cc Format=Cf Surrogate=Cs PrivateUse=Co Unassigned=Cn Punctuation=P ConnectorPunctuation=Pc " +
        "DashPunctuation=Pd OpenPunctuation=Ps ClosePunctuation=Pe InitialPunctuation=Pi FinalPunctuation=Pf " +
        "OtherPunctuation=Po Symbol=S MathSymbol=Sm CurrencySymbol=Sc ModifierSymbol=Sk OtherSymbol=So " +
        "CombiningMark=M Digit=Nd Cntrl=Cc Punct=P")
        .Split(' ').Select(pair => pair.Split('=')).Select(pair => KeyValuePair.Create(pair[0], pair[1])),
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Unicode's White_Space.</summary>
    public static bool IsSpace(int c) =>
        c is ' ' or >= 9 and <= 13 or 0x85 or 0xA0 or 0x1680 or >= 0x2000 and <= 0x200A or 0x2028 or 0x2029 or 0x202F or 0x205F
            or 0x3000;

    public static bool IsDigit(int c) => Category(c) == UnicodeCategory.DecimalDigitNumber;

    /// <summary>Numbers of any kind: N.</summary>
    public static bool IsNumeric(int c) => In(c, numericMask);

    /// <summary>Letters, marks, decimal digits, connectors (UTS 18): what \w means.</summary>
    public static bool IsWord(int c) => In(c, wordMask) || IsCircledLetter(c);

    /// <summary>The \w of Rust's regex: with the joiners.</summary>
    public static bool IsRustWord(int c) => IsWord(c) || c is 0x200C or 0x200D;

    public static UnicodeCategory Category(int c) => CharUnicodeInfo.GetUnicodeCategory(c);

    static readonly int numericMask = MaskOf("N");
    static readonly int alphabeticNumericMask = MaskOf("L") | MaskOf("N");
    static readonly int wordMask = MaskOf("L") | MaskOf("Nl") | MaskOf("M") | MaskOf("Nd") | MaskOf("Pc");
    static readonly int invisibleMask = MaskOf("Cc") | MaskOf("Cs") | MaskOf("Cn");

    // What is Alphabetic beyond letters, their numbers and marks: the circled letters of PropList's Other_Alphabetic.
    static bool IsCircledLetter(int c) =>
        c is >= 0x24B6 and <= 0x24E9 or >= 0x1F130 and <= 0x1F149 or >= 0x1F150 and <= 0x1F169 or >= 0x1F170 and <= 0x1F189;

    /// <summary>What a letter stands for behind a backslash, in lower case; null where it names no class.</summary>
    public static CodePoints? Letter(char letter, RegexDialect dialect, bool inSet) => (letter, dialect) switch
    {
        ('s', RegexDialect.EcmaScript) => CodePoints.Named("ECMAScript space", c => IsSpace(c) && c != 0x85 || c == 0xFEFF),
        ('d', RegexDialect.EcmaScript) => CodePoints.Range('0', '9'),
        // Python's separators of information are spaces, too.
        ('s', RegexDialect.Python) => CodePoints.Named("Python space", c => IsSpace(c) || c is >= 0x1C and <= 0x1F),
        ('s', _) => CodePoints.Named("space", IsSpace),
        ('d', _) => CodePoints.Named("digit", IsDigit),
        ('w', RegexDialect.Oniguruma) when inSet => Word,
        ('w', _) => WordOf(dialect),
        ('h', RegexDialect.Oniguruma) => CodePoints.Named("hex digit", IsHexDigit),
        _ => null,
    };

    /// <summary>What \w means outside of brackets, and what \b is the border of.</summary>
    public static CodePoints WordOf(RegexDialect dialect) => dialect switch
    {
        RegexDialect.EcmaScript => CodePoints.Named("ECMAScript word", c => c < 128 && (char.IsAsciiLetterOrDigit((char)c) || c == '_')),
        RegexDialect.Python => CodePoints.Named("Python word", c => In(c, alphabeticNumericMask) || c == '_'),
        // Below U+0100 it asks a table of ISO 8859-1, which counts ², ³, ¹, ¼, ½ and ¾ in; within brackets it does not.
        RegexDialect.Oniguruma => CodePoints.Named("Oniguruma word", c => IsWord(c) || c is 0xB2 or 0xB3 or 0xB9 or >= 0xBC and <= 0xBE),
        _ => CodePoints.Named("Rust word", IsRustWord),
    };

    static CodePoints Word => CodePoints.Named("Unicode word", IsWord);

    /// <summary>
    /// What \p{name} contains: a general category, a binary property, a block, a script or one of the POSIX classes; null for
    /// an unknown name.
    /// </summary>
    public static CodePoints? Property(string name, RegexDialect dialect, bool inSet)
    {
        var plain = name.Replace("_", "").Replace(" ", "").Replace("-", "").ToUpperInvariant();
        var category = longNames.GetValueOrDefault(plain, plain);
        if (MaskOf(category) != 0) return OfCategory(category);
        return plain switch
        {
            "WORD" when dialect == RegexDialect.Oniguruma && !inSet => WordOf(dialect),
            "ANY" => CodePoints.All,
            "ASSIGNED" => OfCategory("Cn").Complement(),
            "NEWLINE" => CodePoints.Of('\n'),
            "POSIXPUNCT" => PosixClass("punct"),
            _ => PosixClass(plain.ToLowerInvariant()) ?? OfRanges(UnicodeProperties.RangesOf(UnicodeTables.NameOfScript(plain) ?? plain)),
        };
    }

    /// <summary>What [:name:] contains; null for an unknown name.</summary>
    public static CodePoints? Posix(string name, RegexDialect dialect) =>
        // Rust's regex knows them as ASCII.
        dialect == RegexDialect.Fancy ? PosixClass(name)?.Intersect(CodePoints.Range(0, 127)) : PosixClass(name);

    /// <summary>The names that Oniguruma has for its types of characters, with what its tables for Unicode say.</summary>
    static CodePoints? PosixClass(string name) => name switch
    {
        "alpha" => Binary("Alphabetic"),
        "lower" => Binary("Lowercase"),
        "upper" => Binary("Uppercase"),
        "digit" => CodePoints.Named("digit", IsDigit),
        "alnum" => Binary("Alphabetic").Union(CodePoints.Named("digit", IsDigit)),
        "xdigit" => CodePoints.Named("hex digit", IsHexDigit),
        "word" => Word,
        "space" => CodePoints.Named("space", IsSpace),
        "blank" => Blanks.Union(CodePoints.Of('\t')),
        "cntrl" => OfCategory("Cc"),
        // Symbols count as punctuation in brackets; \p{Punct} is another name of the category P.
        "punct" => OfCategory("P").Union(OfCategory("S")),
        "graph" => Visible,
        "print" => Visible.Union(Blanks),
        "ascii" => CodePoints.Range(0, 127),
        _ => null,
    };

    static CodePoints Blanks => OfCategory("Zs");

    static CodePoints Visible => CodePoints.Named("visible", c => !IsSpace(c) && !In(c, invisibleMask));

    static CodePoints Binary(string property) => OfRanges(UnicodeProperties.RangesOf(property))!;

    static CodePoints OfCategory(string name)
    {
        var mask = MaskOf(name);
        return CodePoints.Named($"category {name.ToUpperInvariant()}", c => In(c, mask));
    }

    static CodePoints? OfRanges(IReadOnlyList<(int First, int Last)>? ranges) =>
        ranges is null ? null : CodePoints.Union(ranges.Select(range => CodePoints.Range(range.First, range.Last)));

    public static bool IsHexDigit(int c) => c < 128 && char.IsAsciiHexDigit((char)c);

    static bool In(int c, int mask) => (mask >> (int)Category(c) & 1) != 0;

    /// <summary>
    /// The categories of a name such as L or Lu as bits of <see cref="UnicodeCategory"/>; 0 for an unknown one.
    /// </summary>
    static int MaskOf(string name)
    {
        if (name.Equals("LC", StringComparison.OrdinalIgnoreCase)) return MaskOf("Lu") | MaskOf("Ll") | MaskOf("Lt");
        if (name.Length is not (1 or 2)) return 0;
        var mask = 0;
        var all = Categories.Split(' ');
        for (var i = 0; i < all.Length; i++)
            if (all[i].StartsWith(name, StringComparison.OrdinalIgnoreCase)) mask |= 1 << (int)Order[i];
        return mask;
    }

    static ReadOnlySpan<UnicodeCategory> Order =>
    [
        UnicodeCategory.UppercaseLetter, UnicodeCategory.LowercaseLetter, UnicodeCategory.TitlecaseLetter,
        UnicodeCategory.ModifierLetter, UnicodeCategory.OtherLetter, UnicodeCategory.NonSpacingMark,
        UnicodeCategory.SpacingCombiningMark, UnicodeCategory.EnclosingMark, UnicodeCategory.DecimalDigitNumber,
        UnicodeCategory.LetterNumber, UnicodeCategory.OtherNumber, UnicodeCategory.SpaceSeparator,
        UnicodeCategory.LineSeparator, UnicodeCategory.ParagraphSeparator, UnicodeCategory.Control, UnicodeCategory.Format,
        UnicodeCategory.Surrogate, UnicodeCategory.PrivateUse, UnicodeCategory.ConnectorPunctuation,
        UnicodeCategory.DashPunctuation, UnicodeCategory.OpenPunctuation, UnicodeCategory.ClosePunctuation,
        UnicodeCategory.InitialQuotePunctuation, UnicodeCategory.FinalQuotePunctuation, UnicodeCategory.OtherPunctuation,
        UnicodeCategory.MathSymbol, UnicodeCategory.CurrencySymbol, UnicodeCategory.ModifierSymbol,
        UnicodeCategory.OtherSymbol, UnicodeCategory.OtherNotAssigned,
    ];
}
