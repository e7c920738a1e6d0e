namespace Octant.Tokenizers.RegularExpressions;

/// <summary>How a repetition takes its turns: as many as it can, as few, or as many without ever giving one back.</summary>
enum Greed { Greedy, Lazy, Possessive }

/// <summary>Places that consume nothing.</summary>
enum Anchor { LineStart, LineEnd, TextStart, TextEnd, TextEndOrLastNewline, WordBoundary, NoWordBoundary }

/// <summary>A parsed expression.</summary>
abstract record RegexNode
{
    public sealed record Empty : RegexNode;

    public sealed record Character(int CodePoint) : RegexNode;

    public record Set(CharacterSet Members) : RegexNode;

    /// <summary>One letter in any case, where a row of such letters, or one alone, can stand for another number of them.</summary>
    /// <param name="Folded">the letter without its case</param>
    /// <param name="Members">what differs from it only in case</param>
    public sealed record Letter(int Folded, CharacterSet Members) : Set(Members);

    /// <summary>What brackets enclose without negation, in any case.</summary>
    public sealed record Class(CharacterSet Members) : Set(Members);

    /// <param name="Anchor">which place</param>
    /// <param name="Word">what words consist of, where the place is a border of them</param>
    public sealed record Place(Anchor Anchor, CharacterSet? Word = null) : RegexNode;

    /// <summary>A grapheme cluster: what a reader takes for one character.</summary>
    public sealed record Cluster : RegexNode;

    public sealed record Sequence(IReadOnlyList<RegexNode> Items) : RegexNode;

    public sealed record Choice(IReadOnlyList<RegexNode> Items) : RegexNode;

    public sealed record Repeat(RegexNode Item, int Least, int Most, Greed Greed) : RegexNode;

    public sealed record Atomic(RegexNode Item) : RegexNode;

    public sealed record Look(RegexNode Item, bool Behind, bool Negative) : RegexNode;

    /// <summary>The number of code points that a match takes where that is always the same, or -1.</summary>
    public int FixedLength() => this switch
    {
        Empty or Place or Look => 0,
        Character or Set => 1,
        Atomic atomic => atomic.Item.FixedLength(),
        Sequence sequence => Sum(sequence.Items),
        Choice choice => choice.Items.Select(item => item.FixedLength()).Distinct().ToList() is [var only] ? only : -1,
        Repeat repeat when repeat.Least == repeat.Most && repeat.Item.FixedLength() is >= 0 and var each
            && (long)each * repeat.Least < 1 << 20 => each * repeat.Least,
        _ => -1,
    };

    static int Sum(IReadOnlyList<RegexNode> items)
    {
        var sum = 0;
        foreach (var item in items)
        {
            var length = item.FixedLength();
            if (length < 0 || sum > 1 << 20) return -1;
            sum += length;
        }
        return sum;
    }

    public bool CanBeEmpty() => this switch
    {
        Character or Set or Cluster => false,
        Atomic atomic => atomic.Item.CanBeEmpty(),
        Sequence sequence => sequence.Items.All(item => item.CanBeEmpty()),
        Choice choice => choice.Items.Any(item => item.CanBeEmpty()),
        Repeat repeat => repeat.Least == 0 || repeat.Item.CanBeEmpty(),
        _ => true,
    };

    /// <summary>The ASCII characters that a match can begin with; all where it can begin with nothing.</summary>
    public (ulong Low, ulong High) FirstAscii()
    {
        switch (this)
        {
            case Character { CodePoint: < 64 } c: return (1ul << c.CodePoint, 0);
            case Character { CodePoint: < 128 } c: return (0, 1ul << c.CodePoint);
            case Character: return (0, 0);
            case Set set: return set.Members.Ascii;
            case Atomic atomic: return atomic.Item.FirstAscii();
            case Repeat { Least: > 0 } repeat: return repeat.Item.FirstAscii();
            case Choice choice: return Union(choice.Items);
            case Sequence sequence:
                var leading = sequence.Items.TakeWhile(item => item.CanBeEmpty() && item is Repeat).ToList();
                return leading.Count == sequence.Items.Count ? (~0ul, ~0ul)
                    : Union([.. leading.Select(item => ((Repeat)item).Item), sequence.Items[leading.Count]]);
            default: return (~0ul, ~0ul);
        }
    }

    static (ulong Low, ulong High) Union(IReadOnlyList<RegexNode> items)
    {
        var (low, high) = (0ul, 0ul);
        foreach (var item in items)
        {
            var first = item.FirstAscii();
            (low, high) = (low | first.Low, high | first.High);
        }
        return (low, high);
    }
}
