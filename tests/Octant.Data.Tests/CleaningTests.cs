using Octant.Data.Cleaning;
using Octant.Data.Reading;

namespace Octant.Data.Tests;

public sealed class CleaningTests
{
    static Document[] Documents(params string[] texts) => [.. texts.Select((text, at) => new Document(text, $"{at}"))];

    static string Words(int count, int seed)
    {
        var random = new Random(seed);
        return string.Join(' ', Enumerable.Range(0, count).Select(_ => $"w{random.Next(5000)}"));
    }

    [Fact]
    public void A_text_stays_as_it_is_unless_asked_for() => Assert.Equal("e\u0301\r\n\0", new TextCleaning().Clean("e\u0301\r\n\0"));

    [Theory]
    [InlineData("cafe\u0301", "café", true, false, false)]
    [InlineData("a\r\nb\rc\n", "a\nb\nc\n", false, true, false)]
    [InlineData("\uFEFFa\0\tb\u0085\n\u001B[1m", "a\tb\n[1m", false, false, true)]
    [InlineData("u\u0308\r\n\u0007", "ü\n", true, true, true)]
    public void A_text_is_cleaned_as_asked_for(string text, string expected, bool nfc, bool lineFeeds, bool noControl) =>
        Assert.Equal(expected, new TextCleaning(nfc, lineFeeds, noControl).Clean(text));

    [Fact]
    public void What_was_done_is_counted()
    {
        var report = new CleaningReport();
        var kept = new TextCleaning(LineFeeds: true, MinimumLength: 3).Apply(Documents("a\r\nb\r\n", "ab", "abc", "\r\n"), report);
        Assert.Equal(["a\nb\n", "abc"], kept.Select(document => document.Text));
        Assert.Equal((4, 2, 3, 2), (report.Read, report.Changed, report.CharactersRemoved, report.TooShort));
    }

    [Fact]
    public void Of_equal_texts_the_first_stays()
    {
        var report = new CleaningReport();
        Assert.Equal(["0", "1", "3"], Deduplication.WithoutExact(Documents("a", "b", "a", "a ", "b"), report).Select(d => d.Origin));
        Assert.Equal(2, report.ExactDuplicates);
    }

    [Fact]
    public void A_text_with_a_word_changed_is_a_near_duplicate_and_another_is_not()
    {
        var text = Words(300, 1);
        var report = new CleaningReport();
        // One word of 300 changed: 5 of 296 shingles differ, a similarity of 291 / 301 = 0.97. Half of it: 0.33.
        var changed = text.Replace(text.Split(' ')[150], "changed", StringComparison.Ordinal);
        var half = string.Join(' ', text.Split(' ')[..150].Concat(Words(150, 2).Split(' ')));
        var kept = Deduplication.WithoutNear(Documents(text, changed, half, Words(300, 3), text + " end"), report: report);
        Assert.Equal(["0", "2", "3"], kept.Select(document => document.Origin));
        Assert.Equal(2, report.NearDuplicates);
    }

    [Theory]
    [InlineData(0.95, 1.0)]
    [InlineData(0.5, 0.0)]
    public void The_estimate_of_similarity_is_near_the_truth(double similarity, double share)
    {
        // Of two texts of n single words each, c in common: similarity s = c / (2n - c), so c = 2ns / (1 + s).
        const int Pairs = 40, Length = 400;
        var common = (int)Math.Round(2 * Length * similarity / (1 + similarity));
        var found = 0;
        for (var pair = 0; pair < Pairs; pair++)
        {
            string Text(int from) => string.Join(' ', Enumerable.Range(0, common).Concat(Enumerable.Range(from, Length - common)).Select(i => $"{pair}-{i}"));
            var report = new CleaningReport();
            _ = Deduplication.WithoutNear(Documents(Text(10_000), Text(20_000)), new NearDuplicateOptions(ShingleWords: 1), report).Count();
            found += (int)report.NearDuplicates;
        }
        Assert.Equal(share, (double)found / Pairs);
    }

    [Fact]
    public void Short_and_empty_texts_are_compared_whole() =>
        Assert.Equal(["0", "1", "3"], Deduplication.WithoutNear(Documents("a b", "a c", "a  b", "")).Select(document => document.Origin));

    [Theory]
    [InlineData(0.0, 5, 16, 8, "similarity of 0")]
    [InlineData(double.NaN, 5, 16, 8, "similarity of NaN")]
    [InlineData(0.8, 0, 16, 8, "Shingles of 0")]
    [InlineData(0.8, 5, 0, 8, "0 bands")]
    public void Options_that_make_no_sense_are_refused(double similarity, int words, int bands, int rows, string what) =>
        Assert.Contains(what, Assert.Throws<DatasetException>(() =>
            Deduplication.WithoutNear(Documents("a"), new NearDuplicateOptions(similarity, words, bands, rows)).Count()).Message);
}
