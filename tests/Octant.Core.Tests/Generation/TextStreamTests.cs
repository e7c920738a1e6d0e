using CsCheck;
using Octant.Generation;

namespace Octant.Core.Tests.Generation;

/// <summary>Text as it comes out, with stop strings.</summary>
public sealed class TextStreamTests
{
    /// <summary>Few letters, so that stop strings and their beginnings occur.</summary>
    static readonly Gen<string> Words = Gen.Char["ab"].Array[0, 4].Select(letters => new string(letters));
    static readonly Gen<string[]> Stops = Gen.Char["ab"].Array[0, 6].Select(letters => new string(letters)).Array[0, 3];

    [Fact]
    public void The_pieces_joined_are_the_text_before_the_first_stop_string() =>
        Gen.Select(Words.Array[0, 12], Stops).Sample((pieces, stops) =>
            string.Concat(Pieces(pieces, stops)) == Cut(string.Concat(pieces), stops), iter: 20_000);

    [Fact]
    public void What_was_shown_is_never_taken_back_by_what_follows() =>
        Gen.Select(Words.Array[1, 12], Stops).Sample((pieces, stops) =>
        {
            // However the text goes on, what is shown after each token is a beginning of what is shown in the end.
            var shown = "";
            var stream = Stream(pieces, stops);
            for (var i = 0; i < pieces.Length && !stream.Stopped; i++)
            {
                shown += stream.Push(i);
                foreach (var further in (string[])["", "a", "b", "ab", "ba", "aab", "bba"])
                    if (!Cut(string.Concat(pieces[..(i + 1)]) + further, stops).StartsWith(shown, StringComparison.Ordinal)) return false;
            }
            return true;
        }, iter: 5_000);

    [Fact]
    public void Only_what_may_become_a_stop_string_is_held_back()
    {
        var stream = Stream(["one s", "t", "ep, STO", "P here"], ["stop", "STOP"]);
        Assert.Equal(["one ", "", "step, ", ""], Enumerable.Range(0, 4).Select(stream.Push));
        Assert.True(stream.Stopped);
        Assert.Equal("", stream.Finish());
    }

    [Fact]
    public void What_was_held_back_comes_at_the_end_where_no_stop_string_came()
    {
        var stream = Stream(["ab", "a"], ["aba!"]);
        Assert.Equal(["", ""], [stream.Push(0), stream.Push(1)]);
        Assert.Equal("aba", stream.Finish());
        Assert.False(stream.Stopped);
    }

    [Fact]
    public void A_stop_string_that_only_the_end_completes_stops()
    {
        var stream = new TextStream(_ => "a", () => "b", ["ab"]);
        Assert.Equal(("", ""), (stream.Push(0), stream.Finish()));
        Assert.True(stream.Stopped);
    }

    [Fact]
    public void Half_a_character_is_waited_for()
    {
        string?[] decoded = [null, null, "\U0001f419", "!"];
        var stream = new TextStream(id => decoded[id], () => null, ["never"]);
        Assert.Equal(["", "", "\U0001f419", "!"], Enumerable.Range(0, 4).Select(stream.Push));
    }

    static TextStream Stream(string[] pieces, string[] stops) => new(id => pieces[id], () => null, stops);

    static IEnumerable<string> Pieces(string[] pieces, string[] stops)
    {
        var stream = Stream(pieces, stops);
        for (var i = 0; i < pieces.Length; i++) yield return stream.Push(i);
        yield return stream.Finish();
    }

    /// <summary>The text before the stop string that begins first.</summary>
    static string Cut(string text, string[] stops) =>
        text[..stops.Where(stop => stop.Length > 0).Select(stop => text.IndexOf(stop, StringComparison.Ordinal)).Where(at => at >= 0)
            .DefaultIfEmpty(text.Length).Min()];
}
