using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using Octant.Tokenizers;
using Octant.Tokenizers.RegularExpressions;

namespace Octant.Core.Tests.Tokenizers;

public sealed class CodePointRegexTests
{
    const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    static List<string> Matches(string pattern, string text, RegexDialect dialect = RegexDialect.Oniguruma)
    {
        var found = new List<string>();
        for (var match = new CodePointRegex(pattern,
            dialect).Matches(text); match.MoveNext();) found.Add(text[match.Start..match.End]);
        return found;
    }

    [Theory]
    [InlineData(@"\p{L}+", "a𝐇𝐞b 1", "a𝐇𝐞b")]
    [InlineData("[𝐀-𝐙]", "x𝐁", "𝐁")]
    [InlineData(@"(?i:'s|'t)", "it'ſ he'T", "'ſ 'T")]
    [InlineData("(?i)straße", "STRAßE", "STRAßE")]
    // Oniguruma knows the pairs of Unicode 16, and not those of 17.
    [InlineData("(?i)[\u1C8A\uA7DA\u0264\U00010D50\uA7CF]", "\u1C89\uA7DB\uA7CB\U00010D70\uA7CE", "\u1C89 \uA7DB \uA7CB \U00010D70")]
    [InlineData("[[:alpha:]]+", "ab1", "ab")]
    [InlineData(@"[^(\s|[.,])]+", "a(b.c|d e", "a b c d e")]
    [InlineData(@"[\w&&[^a]]", "abc", "b c")]
    [InlineData("a{2,3}", "aaaaa", "aaa aa")]
    [InlineData("a{,2}b", "aaab", "aab")]
    [InlineData("a{x", "a{x", "a{x")]
    [InlineData("a+?b|a", "aab", "aab")]
    [InlineData("(?:ab)*c", "ababc", "ababc")]
    [InlineData("(?>a|ab)c", "abc ac", "ac")]
    [InlineData("(?<=a)b", "ab cb", "b")]
    [InlineData("(?<!a|c)b", "ab cb xb", "b")]
    [InlineData("(?<word>a)(?#note)b", "ab", "ab")]
    [InlineData(@"\p{^L}", "a1", "1")]
    [InlineData(@"\p{Han}+", "ab日本", "日本")]
    [InlineData(@"\p{Script=Greek}", "aβ", "β")]
    [InlineData(@"\x41\x{1F600}\u0042", "A😀B", "A😀B")]
    [InlineData(@"\bb\w*", "abc bcd", "bcd")]
    [InlineData("^b$", "a\nb\nc", "b")]
    [InlineData(@"½\w|\w½", "½½", "½½")]
    [InlineData("(?i)[^a-c]", "aBCdD", "d D")]
    [InlineData(@"(?i)\p{Lu}", "aB", "B")]
    [InlineData(@"(?i)[\p{Lu}]", "aB1", "a B")]
    [InlineData(@"(?i)[\P{Lu}]", "aB1", "a B 1")]
    [InlineData(@"(?i)[^\p{Lu}]", "aB1", "1")]
    [InlineData(@"(?i)[^[:upper:]]", "aB1", "1")]
    [InlineData(@"(?i)[[:^lower:]]", "aA1", "a A 1")]
    [InlineData("[x[:digit:]y]", "axy1", "x y 1")]
    [InlineData("[[:]]", "a:]", ":")]
    [InlineData("[[:x1:]]", "x1:y", "x 1 :")]
    [InlineData("[[:^alpha:b:]]", "a1:", "a :")]
    [InlineData(@"\b²", "²a²", "²")]
    [InlineData(@"\B²", "a²", "²")]
    [InlineData(@"[\w]", "²a", "a")]
    [InlineData(@"[\P{Word}]", "a²-", "² -")]
    [InlineData(@"\P{Word}", "a²-", "-")]
    [InlineData(@"\pL+", "ppLLab", "pLL")]
    [InlineData(@"[\pL]", "pLa", "p L")]
    [InlineData(@"\N+", "ab\nc", "ab c")]
    [InlineData(@"(?m:\N+)", "ab\nc", "ab c")]
    [InlineData(@"\O+", "ab\nc", "ab\nc")]
    [InlineData(@"[\N\O\X\R]+", "aNOXRb", "NOXR")]
    [InlineData(@"\101|\o{102}", "aABC", "A B")]
    [InlineData(@"(a)\11", "aa\t", "a\t")]
    [InlineData(@"\08", "\u00008", "\u00008")]
    [InlineData(@"[\1\8]", "\u00018", "\u0001 8")]
    [InlineData(@"\cA", "\u0001", "\u0001")]
    [InlineData(@"\Qa\E", "QaE", "QaE")]
    [InlineData(@"\U", "aU", "U")]
    [InlineData(@"\X", "e\u0301x", "e\u0301 x")]
    [InlineData(@"a\X", "a\u0301b", "a\u0301")]
    [InlineData(@"\X", "\r\n👩‍💻🇦🇧🇨각", "\r\n 👩‍💻 🇦🇧 🇨 각")]
    [InlineData("a{1,2}ab|a+b", "aaab", "aaab")]
    [InlineData("[ab]+c+c", "abbccc", "abbccc")]
    [InlineData("(?:|a)+b", "aab", "aab")]
    [InlineData(@"(?:|\w)+c|b", "abc", "abc")]
    [InlineData("(?:a??)*b", "aab", "aab")]
    [InlineData("(?:(?:|a)+|b)*c|a", "aabc", "aabc")]
    [InlineData("(?:^){2}a|(b|$)?", "ab", "a b")]
    [InlineData(".(?#note){2}", "abc", "ab")]
    [InlineData("(?x)a {2} # two", "aaa", "aa")]
    [InlineData("(?i)ss", "ß_SS_sS_ẞ_ſs", "ß SS sS ẞ ſs")]
    [InlineData("(?i)ß", "ß_SS_ẞ_s", "ß SS ẞ")]
    [InlineData("(?i)[ß]", "ß_SS_ẞ_s", "ß SS ẞ")]
    [InlineData("(?i)[^[^ß]]|_", "ß_ss", "_")]
    [InlineData(@"(?i)^[\w]$", "ss", "ss")]
    [InlineData(@"(?i)^\w$|_", "ss_", "_")]
    [InlineData("(?i)ffi", "ffi_ﬃ_ﬀi_fﬁ", "ffi ﬃ")]
    [InlineData("(?i)fﬁ", "ffi_ﬃ_ﬀi_fﬁ", "ffi fﬁ")]
    [InlineData("(?i)ffff", "ffff_ﬀf_ﬀﬀ_fﬀf", "ffff ﬀﬀ")]
    [InlineData("(?i)s(?:s)(?#note)a", "ßa_ssa", "ßa ssa")]
    [InlineData("(?i)(s)s", "ß_ss", "ss")]
    [InlineData("(?i)s(?i)s", "ß_ss", "ss")]
    [InlineData("(?i)s(?-i)s", "ß_ss_sS", "ss")]
    [InlineData("(?i)ss?", "ß_ss", "ss")]
    [InlineData("(?i)(?:ss)+", "ßssß", "ßssß")]
    [InlineData("(?i)(?<=ss)x", "ßx_ssx", "x")]
    [InlineData("(?i)[ﬅ]ἀι", "ﬅᾈ_sTἈΙ_ﬆᾀ", "ﬅᾈ sTἈΙ ﬆᾀ")]
    public void Matches_like_Oniguruma(string pattern, string text, string expected) =>
        Assert.Equal(expected.Split(' '), Matches(pattern, text));

    // Of all code points but the surrogates, as tokenizers 0.22.2 has them.
    [Theory]
    [InlineData(@"[[:alnum:]]", 143519)]
    [InlineData(@"[[:alpha:]]", 142759)]
    [InlineData(@"[[:ascii:]]", 128)]
    [InlineData(@"[[:blank:]]", 18)]
    [InlineData(@"[[:cntrl:]]", 65)]
    [InlineData(@"[[:digit:]]", 760)]
    [InlineData(@"[[:graph:]]", 292447)]
    [InlineData(@"[[:lower:]]", 2569)]
    [InlineData(@"[[:print:]]", 292464)]
    [InlineData(@"[[:punct:]]", 9369)]
    [InlineData(@"[[:space:]]", 25)]
    [InlineData(@"[[:upper:]]", 1978)]
    [InlineData(@"[[:word:]]", 144665)]
    [InlineData(@"[[:xdigit:]]", 22)]
    [InlineData(@"[[:^alpha:]]", 969305)]
    [InlineData(@"[^[:punct:]]", 1102695)]
    [InlineData(@"\p{Alphabetic}", 142759)]
    [InlineData(@"\p{Lowercase}", 2569)]
    [InlineData(@"\p{Uppercase}", 1978)]
    [InlineData(@"\p{Punct}", 855)]
    [InlineData(@"\p{PosixPunct}", 9369)]
    [InlineData(@"\p{Alnum}", 143519)]
    [InlineData(@"\p{Graph}", 292447)]
    [InlineData(@"\P{Alpha}", 969305)]
    [InlineData(@"\w", 144671)]
    [InlineData(@"[\w]", 144665)]
    [InlineData(@"\W", 967393)]
    [InlineData(@"[\W]", 967399)]
    [InlineData(@"\p{Word}", 144671)]
    [InlineData(@"[\p{Word}]", 144665)]
    [InlineData(@"\h", 22)]
    [InlineData(@"\d", 760)]
    [InlineData(@"\s", 25)]
    [InlineData(@"\N", 1112063)]
    [InlineData(@"\O", 1112064)]
    [InlineData(@"\p{Assigned}", 292531)]
    [InlineData(@"\p{Emoji}", 1431)]
    [InlineData(@"\p{Emoji_Presentation}", 1212)]
    [InlineData(@"\p{Extended_Pictographic}", 3537)]
    [InlineData(@"\p{XID_Start}", 141246)]
    [InlineData(@"\p{Math}", 2312)]
    [InlineData(@"\p{InBasicLatin}", 128)]
    [InlineData(@"\p{In_CJK_Unified_Ideographs}", 20992)]
    [InlineData(@"\p{Han}", 99030)]
    [InlineData(@"\p{Common}", 9053)]
    [InlineData(@"\p{Garay}", 69)]
    public void A_class_has_as_many_code_points_as_in_Oniguruma(string pattern, int expected)
    {
        var found = 0;
        for (var match = new CodePointRegex(pattern + "+").Matches(everything); match.MoveNext();)
            found += everything.AsSpan(match.Start, match.End - match.Start).ToString().EnumerateRunes().Count();
        Assert.Equal(expected, found);
    }

    static readonly string everything = string.Concat(Enumerable.Range(0, 0x110000).Where(Rune.IsValid).Select(c => new Rune(c).ToString()));

    [Theory]
    [InlineData(@"\p{N}{1,3}+1", "2221 21", "2221")]
    [InlineData("a++a", "aaa", "")]
    [InlineData("a*+b", "aab", "aab")]
    [InlineData(@"(?i)\p{Lu}", "aB1", "a B")]
    [InlineData(@"(?i)\P{Lu}", "aB1", "1")]
    [InlineData("^b$", "a\nb\nc", "")]
    [InlineData(@"\pL", "pLa1", "p L a")]
    [InlineData(@"\xe9", "é", "é")]
    [InlineData("[[:alpha:]]", "aé1", "a")]
    [InlineData("[[:^alpha:]]", "aé1", "é 1")]
    [InlineData("(?i)[[:^lower:]]", "aA1", "1")]
    [InlineData("[[:punct:]]", "$¢-¿", "$ -")]
    [InlineData("[[:word:]]", "aé_", "a _")]
    [InlineData("[[:foo:]]", "fo:x", "f o :")]
    [InlineData(@"\p{punct}", "$¢-¿", "- ¿")]
    [InlineData(@"\p{Alphabetic}", "a\u03451", "a \u0345")]
    [InlineData(@"\bb", "a\u200Db b", "b")]
    [InlineData(@"\p{Emoji}", "😀a", "😀")]
    public void Matches_like_fancy_regex(string pattern, string text, string expected) =>
        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), Matches(pattern, text, RegexDialect.Fancy));

    [Fact]
    public void An_interval_with_a_plus_repeats_in_Oniguruma() =>
        Assert.Equal(["2221", "21"], Matches(@"\p{N}{1,3}+1", "2221 21"));

    [Fact]
    public void Empty_matches_advance_and_end() => Assert.Equal(["", "a", ""], Matches("a?", "bab")[..3]);

    [Fact]
    public void A_loop_whose_body_can_be_empty_ends() => Assert.Equal(["aa"], Matches("(?:a?)*b|(?:a|b*)+", "aa")[..1]);

    [Fact]
    public void Splits_as_dotnet_does_within_the_basic_plane()
    {
        var ours = new CodePointRegex(Gpt2);
        var theirs = new Regex(Gpt2, RegexOptions.CultureInvariant);
        Gen.OneOf(Gen.Char['a', 'e'], Gen.Char['\t', '\r'], Gen.Const(' '), Gen.Char['0', '3'], Gen.Const('\''),
            Gen.Char['s', 't'], Gen.Char['À', 'ž'], Gen.Char['一', '三'])
            .Array[0, 40].Select(characters => new string(characters))
            .Sample(text =>
            {
                var found = new List<(int, int)>();
                for (var match = ours.Matches(text); match.MoveNext();) found.Add((match.Start, match.End));
                return found.SequenceEqual(theirs.Matches(text).Select(match => (match.Index, match.Index + match.Length)));
            });
    }

    [Theory]
    [InlineData("(a", "')' is missing")]
    [InlineData("a)", "closes nothing")]
    [InlineData("[a", "not closed")]
    [InlineData("*a", "nothing to repeat")]
    [InlineData("a{3,2}", "least is above")]
    [InlineData("a{1000000}", "above 100000")]
    [InlineData(@"(a)\1", "references")]
    [InlineData(@"\p{Nonsense}", "Nonsense")]
    [InlineData(@"[b-a]", "ends before it begins")]
    [InlineData(@"\", "backslash")]
    [InlineData(@"(?<=a+)b", "no fixed length")]
    [InlineData("(?:(?:(?:ab){300}){300}){300}", "too large")]
    [InlineData("(?y)a", "not supported")]
    [InlineData("[[:foo:]]", "[:foo:]")]
    [InlineData("[[:^foo:]]", "[:foo:]")]
    [InlineData("[[:ALPHA:]]", "[:ALPHA:]")]
    [InlineData("[[:any:]]", "[:any:]")]
    [InlineData("[[:^:]]", "POSIX bracket")]
    [InlineData(@"\1", "references")]
    [InlineData(@"\k<n>", "references")]
    [InlineData(@"\K", "not supported")]
    [InlineData(@"\G", "not supported")]
    [InlineData(@"\y", "not supported")]
    [InlineData("(?~ab)", "not supported")]
    [InlineData(@"\200", "byte of UTF-8")]
    [InlineData(@"\x80", "byte of UTF-8")]
    [InlineData(@"\o{9}", "no code point")]
    public void A_wrong_pattern_says_what_is_wrong(string pattern, string what) =>
        Assert.Contains(what, Assert.Throws<TokenizerException>(() => new CodePointRegex(pattern)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_pattern_that_nests_without_end_is_refused() =>
        Assert.Throws<TokenizerException>(() => new CodePointRegex(new string('(', 100_000)));

    /// <summary>What failed once is not tried again: those that a backtracking engine alone would never end with.</summary>
    [Theory]
    [InlineData("(?:a+)+b")]
    [InlineData("(?:a|aa)+b")]
    [InlineData("(?:(?:a*)*)*b")]
    [InlineData("(?:a?b?c?)*d")]
    [InlineData("(?:a+)+(?=(?:a|b)*c)")]
    [InlineData("(?>(?:a+)+b)")]
    [InlineData("(?<!a)a*(?:a+a+)+$b")]
    public void A_hostile_pattern_takes_linear_time(string pattern)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.False(new CodePointRegex(pattern).IsMatch(new string('a', 20_000)));
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 5);
    }

    /// <summary>Where what failed is remembered, matches are those that are found without: texts are short enough here, and long enough there.</summary>
    [Fact]
    public void Long_texts_match_as_their_parts_do()
    {
        const string pattern = @"\d{1,3}(?=(?:\d{3})*\b)|(?:[ab]|ab)+?(?=b*c)|(?:a|b?)*c|\s*[\r\n]+|\s+(?!\S)|\s";
        Gen.OneOf(Gen.Char['a', 'c'], Gen.Char['1', '2'], Gen.Const(' '), Gen.Const('\n')).Array[1, 30].Select(letters => new string(letters)).Sample(part =>
        {
            // A line of its own: nothing before it or behind it counts.
            part += "x\n-";
            const int times = 30_000;
            var matches = Matches(pattern, string.Concat(Enumerable.Repeat(part, times)));
            var once = Matches(pattern, part);
            Assert.Equal(once.Count * times, matches.Count);
            Assert.Equal(once, matches[^once.Count..]);
        }, iter: 20);
    }

    [Fact]
    public void What_is_merely_quadratic_is_carried_through() =>
        Assert.False(new CodePointRegex("a*b").IsMatch(new string('a', 10_000)));

    [Fact]
    public void What_has_too_many_choices_to_remember_ends_in_an_error()
    {
        var pattern = $"(?:{string.Concat(Enumerable.Repeat("a?", 70))})*d";
        Assert.Contains("backtracks", Assert.Throws<TokenizerException>(() => new CodePointRegex(pattern).IsMatch(new string('a', 5000))).Message, StringComparison.Ordinal);
    }

    /// <summary>What takes no letter costs, too; and what is written ten thousand times over has one bitmap.</summary>
    [Theory]
    [InlineData("(a?){6231}a{3", 1)]
    [InlineData(@"(?:a|aa)+\b\b\b\b\b\b\b\b\b\bc", 1000)]
    [InlineData("(?:a|aa)+a{0,9}b?b?b?b?b?b?b?b?c", 1000)]
    public void Endless_ones_are_given_up_in_time(string expression, int times)
    {
        expression = expression.Replace(@"\b\b", string.Concat(Enumerable.Repeat(@"\b", Math.Min(times, 500))), StringComparison.Ordinal);
        var regex = new CodePointRegex(expression);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        try
        {
            for (var match = regex.Matches("Hello, world aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"); match.MoveNext();) { }
        }
        catch (TokenizerException)
        {
        }
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 5);
    }

    [Theory]
    [InlineData(".", 19_000)]
    [InlineData(@"\w", 100_000)]
    [InlineData("(?i:[^a])", 10_000)]
    [InlineData(@"[\p{Alphabetic}\p{Alphabetic}]", 5_000)]
    public void Many_classes_take_little_memory(string expression, int times)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            _ = new CodePointRegex(string.Concat(Enumerable.Repeat(expression, times)));
        }
        catch (TokenizerException)
        {
        }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (64 << 20) + 1000L * expression.Length * times);
    }

    /// <summary>In Oniguruma what follows flags without a body is their body, alternatives and all.</summary>
    [Theory]
    [InlineData("a(?i)b|c", "dchCh ab aB")]
    public void Flags_without_a_body_hold_the_alternatives_behind_them(string expression, string text)
    {
        var matches = new List<string>();
        for (var match = new CodePointRegex(expression).Matches(text); match.MoveNext();) matches.Add(text[match.Start..match.End]);
        Assert.Equal(["ab", "aB"], matches);
        matches.Clear();
        for (var match = new CodePointRegex(expression, RegexDialect.Fancy).Matches(text); match.MoveNext();) matches.Add(text[match.Start..match.End]);
        Assert.Equal(["c", "C", "ab", "aB"], matches);
    }
}
