using Octant.Tokenizers.RegularExpressions;

namespace Octant.Tokenizers;

/// <summary>What a Split or a Replace looks for.</summary>
abstract class TextPattern
{
    /// <summary>Appends all matches in a text, in order, none within another.</summary>
    public abstract void Find(ReadOnlySpan<char> text, List<Stretch> matches);

    /// <summary>{"String": ...}, {"Regex": ...} or a plain string.</summary>
    public static TextPattern Read(JsonPart part)
    {
        // The reference makes an expression of every text: an empty one is found between all characters.
        if ((part.Element.ValueKind == System.Text.Json.JsonValueKind.String ? part.Text() : part.TextOrNull("String")) is { } text)
            return text.Length > 0 ? new Literal(text) : new Expression(new CodePointRegex(""));
        if (part.TextOrNull("Regex") is not { } pattern) throw part.Wrong("has neither \"String\" nor \"Regex\"");
        try
        {
            return new Expression(new CodePointRegex(pattern));
        }
        catch (TokenizerException error)
        {
            throw new TokenizerException($"{part.Path}: {error.Message}", error);
        }
    }

    public sealed class Literal(string text) : TextPattern
    {
        public string Text => text;

        public override void Find(ReadOnlySpan<char> searched, List<Stretch> matches)
        {
            for (var at = 0; searched[at..].IndexOf(text, StringComparison.Ordinal) is >= 0 and var found;)
            {
                matches.Add(new Stretch(at + found, at + found + text.Length));
                at += found + text.Length;
            }
        }
    }

    public sealed class Expression(CodePointRegex regex) : TextPattern
    {
        public override void Find(ReadOnlySpan<char> text, List<Stretch> matches)
        {
            if (text.IsEmpty) return;
            for (var match = regex.Matches(text); match.MoveNext();) matches.Add(new Stretch(match.Start, match.End));
        }
    }

    /// <summary>Each character of a kind is a match of its own.</summary>
    public sealed class Characters(Func<int, bool> contains) : TextPattern
    {
        readonly CharacterSet set = new(CodePoints.Where(contains));

        public override void Find(ReadOnlySpan<char> text, List<Stretch> matches)
        {
            for (var at = 0; at < text.Length;)
            {
                var width = RegexMachine.WidthAt(text, at);
                if (width == 1 ? set.ContainsBasic(text[at]) : set.Contains(char.ConvertToUtf32(text[at], text[at + 1])))
                    matches.Add(new Stretch(at, at + width));
                at += width;
            }
        }
    }
}
