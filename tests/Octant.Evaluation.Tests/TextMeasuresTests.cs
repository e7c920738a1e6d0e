using Octant.Testing;

namespace Octant.Evaluation.Tests;

public sealed class TextMeasuresTests
{
    [Theory]
    [InlineData("To be, or not to be: that's the 'question.", "to be or not to be that's the 'question")]
    [InlineData("'Tis wide-chapp'd; ’tis\nÉTÉ 42 ' -- ''", "'tis wide chapp'd 'tis été")]
    [InlineData("", "")]
    public void Words_are_letters_and_apostrophes_in_lower_case(string text, string words) =>
        Assert.Equal(words, string.Join(' ', TextMeasures.Words(text)));

    [Fact]
    public void Known_words_are_counted_as_often_as_they_occur()
    {
        var vocabulary = TextMeasures.Words("to be or not").ToHashSet();
        Assert.Equal(new Share(5, 7), TextMeasures.KnownWords("To be or Hamlet to be Romeo", vocabulary));
        Assert.Equal(new Share(0, 0), TextMeasures.KnownWords("...", vocabulary));
    }

    [Theory]
    [InlineData("a b c d a b c d", 1, 5)]
    [InlineData("a b c d e f g", 0, 4)]
    [InlineData("a a a a a a a", 3, 4)]
    [InlineData("a b c", 0, 0)]
    [InlineData("ROMEO:\nA b, c d. Romeo a: b c d", 2, 7)]
    public void Runs_of_four_words_that_occurred_before_are_repeated(string text, int repeated, int runs) =>
        Assert.Equal(new Share(repeated, runs), TextMeasures.RepeatedRuns(text));

    [Fact]
    public void Shares_add_up_by_their_weight()
    {
        Assert.Equal(0.25, (new Share(1, 2) + new Share(1, 6)).Value);
        Assert.Equal(0, default(Share).Value);
    }

    [Theory]
    [InlineData("the lady doth protest too much", "We thought the Lady\ndoth protest, methinks", 4, "the Lady\ndoth protest")]
    [InlineData("a b c x b c d e", "a b c d e", 4, "b c d e")]
    [InlineData("a b a b c", "a b a b a b c", 5, "a b a b c")]
    [InlineData("a b", "c d", 0, "")]
    [InlineData("", "c d", 0, "")]
    [InlineData("a b", "", 0, "")]
    public void The_longest_copy_is_quoted(string source, string text, int words, string quote) =>
        Assert.Equal(new VerbatimCopy(words, quote), new VerbatimCopies(source).Longest(text));

    [Fact]
    public void The_longest_copy_is_the_one_that_trying_everything_finds()
    {
        var random = new Random(5);
        string Text(int words) => string.Join(' ', Enumerable.Range(0, words).Select(_ => "abc"[random.Next(3)]));
        for (var round = 0; round < 300; round++)
        {
            var (source, text) = (Text(random.Next(40)), Text(random.Next(20)));
            Assert.Equal(Slow(source, text), new VerbatimCopies(source).Longest(text));
        }
    }

    [Fact]
    public void A_play_quoted_by_itself_is_one_long_copy()
    {
        var play = File.ReadAllText(Path.Combine(Repository.Root, "models/shakespeare-chat/text/tinyshakespeare.txt"));
        var copies = new VerbatimCopies(play);
        Assert.Equal(TextMeasures.Words(play).Count, copies.Longest(play).Words);
        Assert.Equal("know Caius Marcius is chief enemy", copies.Longest("Alas, we know Caius Marcius is chief enemy of ours").Quote);
    }

    static VerbatimCopy Slow(string source, string text)
    {
        var words = TextMeasures.Words(text);
        for (var length = words.Count; length > 0; length--)
            for (var at = 0; at + length <= words.Count; at++)
                if (string.Join(' ', words.Skip(at).Take(length)) is var run && $" {source} ".Contains($" {run} ")) return new(length, run);
        return new(0, "");
    }
}
