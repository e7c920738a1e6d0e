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
    public void Matches_like_Oniguruma(string pattern, string text, string expected) =>
        Assert.Equal(expected.Split(' '), Matches(pattern, text));

    [Theory]
    [InlineData(@"\p{N}{1,3}+1", "2221 21", "2221")]
    [InlineData("a++a", "aaa", "")]
    [InlineData("a*+b", "aab", "aab")]
    [InlineData(@"(?i)\p{Lu}", "aB1", "a B")]
    [InlineData(@"(?i)\P{Lu}", "aB1", "1")]
    [InlineData("^b$", "a\nb\nc", "")]
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
    public void A_wrong_pattern_says_what_is_wrong(string pattern, string what) =>
        Assert.Contains(what, Assert.Throws<TokenizerException>(() => new CodePointRegex(pattern)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_pattern_that_nests_without_end_is_refused() =>
        Assert.Throws<TokenizerException>(() => new CodePointRegex(new string('(', 100_000)));

    [Theory]
    [InlineData("(?:a+)+b")]
    [InlineData("(?:a|aa)+b")]
    [InlineData("(?:(?:a*)*)*b")]
    public void A_hostile_pattern_ends_in_an_error(string pattern)
    {
        var regex = new CodePointRegex(pattern);
        var text = new string('a', 5000);
        Assert.Contains("backtracks", Assert.Throws<TokenizerException>(() => regex.IsMatch(text)).Message,
            StringComparison.Ordinal);
    }
}
