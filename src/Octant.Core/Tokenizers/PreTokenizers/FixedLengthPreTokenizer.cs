namespace Octant.Tokenizers.PreTokenizers;

/// <summary>Cuts words into pieces of so many code points; the last can be shorter.</summary>
sealed class FixedLengthPreTokenizer(int length) : PreTokenizer
{
    internal override void Apply(Words words)
    {
        foreach (var word in words.Stretches)
        {
            var (start, taken) = (word.Start, 0);
            for (var at = word.Start; at < word.End;)
            {
                at += words.Text.At(at).Width;
                if (++taken < length) continue;
                words.Keep(new Stretch(start, at));
                (start, taken) = (at, 0);
            }
            words.Keep(new Stretch(start, word.End));
        }
        words.Turn();
    }
}
