using Octant.Tokenizers.Unicode;

namespace Octant.Tokenizers.PreTokenizers;

/// <summary>
/// Cuts where the script changes, as SentencePiece does: Hiragana and Katakana count as Han; a space and characters without a
/// script belong to what stands before them, and are lost where nothing does.
/// </summary>
sealed class ScriptsPreTokenizer : PreTokenizer
{
    internal override void Apply(Words words)
    {
        foreach (var word in words.Stretches)
        {
            string? last = null;
            var start = -1;
            for (var at = word.Start; at < word.End;)
            {
                var (c, width) = words.Text.At(at);
                var script = ScriptOf(c);
                if (script is not null && script != last)
                {
                    if (start >= 0) words.Keep(new Stretch(start, at));
                    start = at;
                }
                last = script ?? last;
                at += width;
            }
            if (start >= 0) words.Keep(new Stretch(start, word.End));
        }
        words.Turn();
    }

    static string? ScriptOf(int c)
    {
        // The reference's table is that of Unicode 9.
        if (c == ' ' || UnicodeTables.IsNewerThanUnicode9(c)) return null;
        var script = c == 0x30FC ? "Han" : UnicodeTables.Script(c);
        return script is "Hiragana" or "Katakana" ? "Han" : script;
    }
}
