namespace Octant.Tokenizers.PreTokenizers;

/// <summary>A text cut into words: what pre-tokenizers hand from one to the next.</summary>
sealed class Words
{
    List<Stretch> stretches = [];
    List<Stretch> next = [];

    /// <summary>Memory for the matches in one word.</summary>
    public List<Stretch> Matches { get; } = [];

    public AlignedText Text { get; private set; } = AlignedText.Of([], tracks: false);

    /// <summary>The words, in order, none empty.</summary>
    public List<Stretch> Stretches => stretches;

    /// <summary>Begins with a whole text as the only word.</summary>
    public void Reset(AlignedText text)
    {
        Text = text;
        stretches.Clear();
        if (text.Length > 0) stretches.Add(new Stretch(0, text.Length));
    }

    public void Keep(Stretch word)
    {
        if (word.Length > 0) next.Add(word);
    }

    /// <summary>The words that were kept become the words; with another text where it was rewritten.</summary>
    public void Turn(AlignedText? rewritten = null)
    {
        if (rewritten is not null) Text = rewritten;
        (stretches, next) = (next, stretches);
        next.Clear();
    }
}
