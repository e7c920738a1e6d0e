namespace Octant.Tokenizers.PreTokenizers;

/// <summary>Which words get a space before them that the text does not have.</summary>
enum PrependScheme
{
    Always,
    First,
    Never,
}

/// <summary>SentencePiece's way: spaces become a visible character, at which words begin.</summary>
sealed class MetaspacePreTokenizer(string replacement, PrependScheme scheme, bool splits) : PreTokenizer
{
    public static MetaspacePreTokenizer From(JsonPart part) =>
        new(ReplacementOf(part), SchemeOf(part), part.Flag("split", true));

    public static string ReplacementOf(JsonPart part)
    {
        var replacement = part.TextOrNull("replacement") ?? "▁";
        return replacement.EnumerateRunes().Count() == 1 ? replacement
            : throw part["replacement"].Wrong("is not one character");
    }

    // Older files say add_prefix_space instead.
    public static PrependScheme SchemeOf(JsonPart part) =>
        part.Choice("prepend_scheme", part.Flag("add_prefix_space", true) ? PrependScheme.Always : PrependScheme.Never);

    internal override bool NeedsOffsets => scheme == PrependScheme.First;

    internal override void Apply(Words words)
    {
        var text = words.Text;
        var result = text.Successor(text.Length + words.Stretches.Count);
        foreach (var word in words.Stretches)
        {
            var start = result.Length;
            if (GetsPrefix(text, word)) result.Append(replacement, text.Alignment(word.Start));
            var last = start;
            for (var at = word.Start; at < word.End; at += text.At(at).Width)
            {
                var isSpace = text.Span[at] == ' ' || text.Span[at..].StartsWith(replacement, StringComparison.Ordinal);
                if (splits && isSpace)
                {
                    words.Keep(new Stretch(last, result.Length));
                    last = result.Length;
                }
                if (text.Span[at] == ' ') result.Append(replacement, text.Alignment(at));
                else result.Append(text, new Stretch(at, at + text.At(at).Width));
            }
            words.Keep(new Stretch(last, result.Length));
        }
        words.Turn(result);
    }

    bool GetsPrefix(AlignedText text, Stretch word) => scheme switch
    {
        PrependScheme.Never => false,
        PrependScheme.First when text.Original(word).Start != 0 => false,
        _ => text.Span[word.Start] != ' ' && !text[word].StartsWith(replacement, StringComparison.Ordinal),
    };
}
