using System.Text.RegularExpressions;

namespace Octant.Evaluation;

/// <summary>A part of a whole, that parts of other wholes can be added to.</summary>
/// <param name="Part">how many of them</param>
/// <param name="Whole">of how many</param>
public readonly record struct Share(long Part, long Whole)
{
    /// <summary>Between 0 and 1; 0 of nothing.</summary>
    public double Value => Whole == 0 ? 0 : (double)Part / Whole;

    /// <summary>Both together: larger wholes weigh more.</summary>
    public static Share operator +(Share one, Share other) => new(one.Part + other.Part, one.Whole + other.Whole);
}

/// <summary>How good a generated text is, as far as counting tells.</summary>
public static partial class TextMeasures
{
    /// <summary>The words of a text: runs of letters and apostrophes, in lower case.</summary>
    public static IReadOnlyList<string> Words(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return [.. Places(text).Select(place => Word(text, place))];
    }

    /// <summary>How many of a text's words are known.</summary>
    /// <param name="text">any</param>
    /// <param name="vocabulary">the known words, as <see cref="Words"/> gives them</param>
    public static Share KnownWords(string text, IReadOnlySet<string> vocabulary)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        var words = Words(text);
        return new(words.Count(vocabulary.Contains), words.Count);
    }

    /// <summary>How many of a text's runs of words occurred before in it: what goes round in circles has many.</summary>
    /// <param name="text">any</param>
    /// <param name="length">words of a run</param>
    public static Share RepeatedRuns(string text, int length = 4)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        var words = Words(text);
        var count = Math.Max(0, words.Count - length + 1);
        var different = Enumerable.Range(0, count).Select(at => string.Join(' ', words.Skip(at).Take(length))).Distinct().Count();
        return new(count - different, count);
    }

    /// <summary>Where the words stand.</summary>
    internal static IEnumerable<Range> Places(string text) =>
        Form.Matches(text).Select(match => match.Index..(match.Index + match.Length));

    /// <summary>The word at a place. Typographic apostrophes are apostrophes.</summary>
    internal static string Word(string text, Range place) => text[place].ToLowerInvariant().Replace('’', '\'');

    [GeneratedRegex(@"['’]*\p{L}[\p{L}\p{M}'’]*", RegexOptions.CultureInvariant)]
    private static partial Regex Form { get; }
}
