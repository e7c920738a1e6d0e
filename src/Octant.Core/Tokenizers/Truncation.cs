namespace Octant.Tokenizers;

/// <summary>From which end.</summary>
enum Direction
{
    Right,
    Left,
}

/// <summary>Which of two texts gives way.</summary>
enum TruncationStrategy
{
    LongestFirst,
    OnlyFirst,
    OnlySecond,
}

/// <summary>Cuts encodings to a length: the "truncation" of a tokenizer.json.</summary>
/// <param name="Length">the most tokens, special ones included</param>
/// <param name="Stride">how many tokens a window shares with the one before</param>
/// <param name="Strategy">which text is cut</param>
/// <param name="Direction">the end at which it is cut</param>
sealed record Truncation(int Length, int Stride, TruncationStrategy Strategy, Direction Direction)
{
    public static Truncation Read(JsonPart part) => new(part["max_length"].Number(), part.Number("stride", 0),
        part.Choice("strategy", TruncationStrategy.LongestFirst), part.Choice("direction", Direction.Right));

    /// <param name="first">the first text</param>
    /// <param name="second">the second</param>
    /// <param name="special">how many special tokens will be added</param>
    public (EncodingPart First, EncodingPart? Second) Apply(EncodingPart first, EncodingPart? second, int special)
    {
        // The reference's room is a number without sign: what is less than nothing is more than any text has, and none is cut.
        if (special > Length) return (first, second);
        var room = Length - special;
        if (room == 0) return (Cut(first, 0), second is null ? null : Cut(second, 0));
        var total = first.Length + (second?.Length ?? 0);
        if (total <= room) return (first, second);
        if (Strategy == TruncationStrategy.LongestFirst)
        {
            if (second is null) return (Cut(first, room), null);
            var (a, b) = Shares(first.Length, second.Length, room);
            return (Cut(first, a), Cut(second, b));
        }
        var target = Strategy == TruncationStrategy.OnlyFirst ? first
            : second ?? throw new TokenizerException("Truncation should cut the second text only, and there is none.");
        var left = target.Length - (total - room);
        if (left <= 0)
            throw new TokenizerException($"Truncation to {Length} tokens cannot be reached by cutting one text of {target.Length}: {total - room} must go.");
        return Strategy == TruncationStrategy.OnlyFirst ? (Cut(first, left), second) : (first, Cut(second!, left));
    }

    /// <summary>The shorter text stays whole while it can; what both are cut to else.</summary>
    static (int First, int Second) Shares(int first, int second, int room)
    {
        var (shorter, longer) = (Math.Min(first, second), 0);
        longer = shorter > room ? shorter : Math.Max(shorter, room - shorter);
        if (shorter + longer > room) (shorter, longer) = (room / 2, room / 2 + room % 2);
        return first > second ? (longer, shorter) : (shorter, longer);
    }

    EncodingPart Cut(EncodingPart part, int length)
    {
        if (length >= part.Length) return part;
        if (length == 0) return new EncodingPart([], [part]);
        if (Stride >= length)
            throw new TokenizerException($"Truncation's stride of {Stride} must be less than the {length} tokens that special tokens and the other text leave.");
        // Windows that hardly move would hold every token as often as one is long.
        if ((part.Length - length) / (length - Stride) * (long)length > Math.Max(AlignedText.LeastLimit, (long)part.Length * AlignedText.MostGrowth))
            throw new TokenizerException($"Truncation's stride of {Stride} leaves windows of {length} tokens that hold a text of {part.Length} more than {AlignedText.MostGrowth} times over: choose a smaller one.");
        var windows = Windows(part.Length, length, length - Stride)
            .Select(window => new EncodingPart([.. part.Tokens.Take(window)])).ToList();
        return windows[0] with { Overflowing = windows[1..] };
    }

    IEnumerable<Range> Windows(int total, int length, int step)
    {
        if (Direction == Direction.Right)
            for (var start = 0; start < total; start += step)
            {
                var end = Math.Min(start + length, total);
                yield return start..end;
                if (end == total) yield break;
            }
        else
            for (var end = total; end > 0; end -= step)
            {
                var start = Math.Max(end - length, 0);
                yield return start..end;
                if (start == 0) yield break;
            }
    }
}
