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
        "OtherPunctuation=Po Symbol=S MathSymbol=Sm CurrencySymbol=Sc ModifierSymbol=Sk OtherSymbol=So")
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
    public static bool IsWord(int c) => IsAlphabetic(c) || In(c, wordMask);

    /// <summary>Oniguruma's \w: below U+0100 it asks the table of ISO 8859-1, which counts ², ³, ¹, ¼, ½ and ¾ in.</summary>
    public static bool IsOnigurumaWord(int c) => IsWord(c) || c is 0xB2 or 0xB3 or 0xB9 or >= 0xBC and <= 0xBE;

    /// <summary>The \w of Rust's regex: with the joiners.</summary>
    public static bool IsRustWord(int c) => IsWord(c) || c is 0x200C or 0x200D;

    public static bool IsPunctuation(int c) => In(c, punctuationMask);

    public static bool IsAsciiPunctuation(int c) =>
        c is >= 33 and <= 47 or >= 58 and <= 64 or >= 91 and <= 96 or >= 123 and <= 126;

    public static bool IsMark(int c) => In(c, markMask);

    public static UnicodeCategory Category(int c) => CharUnicodeInfo.GetUnicodeCategory(c);

    static readonly int numericMask = MaskOf("N");
    static readonly int alphabeticNumericMask = MaskOf("L") | MaskOf("N");
    static readonly int wordMask = MaskOf("M") | MaskOf("Nd") | MaskOf("Pc");
    static readonly int alphabeticMask = MaskOf("L") | MaskOf("Nl");
    static readonly int punctuationMask = MaskOf("P");
    static readonly int markMask = MaskOf("M");

    // Alphabetic beyond letters and marks: the circled letters of PropList's Other_Alphabetic.
    static bool IsAlphabetic(int c) => In(c, alphabeticMask)
        || c is >= 0x24B6 and <= 0x24E9 or >= 0x1F130 and <= 0x1F149 or >= 0x1F150 and <= 0x1F169 or >= 0x1F170 and <= 0x1F189;

    /// <summary>What a letter stands for behind a backslash, in lower case; null where it names no class.</summary>
    public static CodePoints? Letter(char letter, RegexDialect dialect) => (letter, dialect) switch
    {
        ('s', RegexDialect.EcmaScript) => CodePoints.Named("ECMAScript space", c => IsSpace(c) && c != 0x85 || c == 0xFEFF),
        ('d', RegexDialect.EcmaScript) => CodePoints.Range('0', '9'),
        ('w', RegexDialect.EcmaScript) => CodePoints.Named("ECMAScript word", c => c < 128 && (char.IsAsciiLetterOrDigit((char)c) || c == '_')),
        // Python's separators of information are spaces, too.
        ('s', RegexDialect.Python) => CodePoints.Named("Python space", c => IsSpace(c) || c is >= 0x1C and <= 0x1F),
        ('w', RegexDialect.Python) => CodePoints.Named("Python word", c => In(c, alphabeticNumericMask) || c == '_'),
        ('s', _) => CodePoints.Named("space", IsSpace),
        ('d', _) => CodePoints.Named("digit", IsDigit),
        ('w', RegexDialect.Oniguruma) => CodePoints.Named("Oniguruma word", IsOnigurumaWord),
        ('w', _) => CodePoints.Named("Rust word", IsRustWord),
        ('h', RegexDialect.Oniguruma) => CodePoints.Named("hex digit", IsHexDigit),
        _ => null,
    };

    /// <summary>
    /// What \p{name} contains: a general category, a script or one of the POSIX classes; null for an unknown name.
    /// </summary>
    public static CodePoints? Property(string name)
    {
        var plain = name.Replace("_", "").Replace(" ", "").Replace("-", "");
        var category = longNames.GetValueOrDefault(plain, plain);
        if (MaskOf(category) is not 0 and var mask) return CodePoints.Named($"property {category.ToUpperInvariant()}", c => In(c, mask));
        return Posix(plain) ?? (UnicodeTables.RangesOfScript(plain) is { } ranges
            ? CodePoints.Union(ranges.Select(range => CodePoints.Range(range.First, range.Last))) : null);
    }

    /// <summary>What [:name:] contains; null for an unknown name.</summary>
    public static CodePoints? Posix(string name) =>
        PosixTest(name) is { } contains ? CodePoints.Named($"class {name.ToUpperInvariant()}", contains) : null;

    static Func<int, bool>? PosixTest(string name) => name.ToUpperInvariant() switch
    {
        "ALPHA" or "ALPHABETIC" => IsAlphabetic,
        "DIGIT" => IsDigit,
        "ALNUM" => c => IsAlphabetic(c) || IsDigit(c),
        "UPPER" or "UPPERCASE" => c => Category(c) == UnicodeCategory.UppercaseLetter,
        "LOWER" or "LOWERCASE" => c => Category(c) == UnicodeCategory.LowercaseLetter,
        // Oniguruma 6.9.4 and later count the ASCII symbols in.
        "PUNCT" => c => IsPunctuation(c) || IsAsciiPunctuation(c),
        "SPACE" or "WHITESPACE" => IsSpace,
        "BLANK" => c => c == '\t' || Category(c) == UnicodeCategory.SpaceSeparator,
        "CNTRL" => c => Category(c) == UnicodeCategory.Control,
        "XDIGIT" => IsHexDigit,
        "WORD" => IsWord,
        "ANY" => _ => true,
        "ASCII" => c => c < 128,
        _ => null,
    };

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
