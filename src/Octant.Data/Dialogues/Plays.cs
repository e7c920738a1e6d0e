using System.Text.RegularExpressions;

namespace Octant.Data.Dialogues;

/// <summary>What somebody says in a play before another speaks.</summary>
/// <param name="Speaker">the name as the play writes it, without its colon</param>
/// <param name="Text">the lines, with line feeds between them</param>
public sealed record Speech(string Speaker, string Text);

/// <summary>Reads plays.</summary>
public static partial class Plays
{
    /// <summary>
    /// The speeches of a play, in their order: a name with a colon on a line of its own, the lines below it, a blank line. What one
    /// speaker says in several such pieces is one speech; names without a word are left out, and so is what stands before the first.
    /// </summary>
    /// <exception cref="DatasetException">the text holds no speech</exception>
    public static IReadOnlyList<Speech> Speeches(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var speeches = new List<Speech>();
        foreach (var speech in Pieces(text))
        {
            if (speeches.Count > 0 && speeches[^1].Speaker == speech.Speaker)
                speeches[^1] = speech with { Text = $"{speeches[^1].Text}\n{speech.Text}" };
            else speeches.Add(speech);
        }
        return speeches.Count > 0 ? speeches : throw new DatasetException(
            "The text holds no speech. A speech is the speaker's name and a colon on a line of its own (\"First Citizen:\"), what is said on the lines below it, and a blank line before the next name.");
    }

    static IEnumerable<Speech> Pieces(string text)
    {
        var (speaker, lines, afterBlank) = ((string?)null, new List<string>(), true);
        foreach (var line in text.TrimStart('\uFEFF').ReplaceLineEndings("\n").Split('\n', StringSplitOptions.TrimEntries))
        {
            // Lines of verse end in a colon, too: only one that follows a blank line is a name.
            if (afterBlank && Heading.Match(line) is { Success: true } heading)
            {
                if (speaker is not null && lines.Count > 0) yield return new(speaker, string.Join('\n', lines));
                (speaker, lines) = (Spaces.Replace(heading.Groups["name"].Value, " "), []);
            }
            else if (line.Length > 0 && speaker is not null) lines.Add(line);
            afterBlank = line.Length == 0;
        }
        if (speaker is not null && lines.Count > 0) yield return new(speaker, string.Join('\n', lines));
    }

    [GeneratedRegex(@"\A(?<name>\p{Lu}[\p{L}\p{M}\p{N} .,'’&-]{0,39}):\z", RegexOptions.CultureInvariant)]
    private static partial Regex Heading { get; }

    [GeneratedRegex(" +", RegexOptions.CultureInvariant)]
    private static partial Regex Spaces { get; }
}
