using System.Collections.Concurrent;
using Octant.Tokenizers.Unicode;

namespace Octant.Tokenizers.RegularExpressions;

/// <summary>A set of code points as ranges in order, none of which touch. Immutable.</summary>
sealed class CodePoints : IEquatable<CodePoints>
{
    public const int Last = 0x10FFFF;

    static readonly ConcurrentDictionary<string, CodePoints> named = new(StringComparer.Ordinal);

    readonly (int First, int Last)[] ranges;

    CodePoints((int First, int Last)[] ranges) => this.ranges = ranges;

    public static CodePoints None { get; } = new([]);

    public static CodePoints All { get; } = new([(0, Last)]);

    public IReadOnlyList<(int First, int Last)> Ranges => ranges;

    public bool IsEmpty => ranges.Length == 0;

    public static CodePoints Of(int codePoint) => new([(codePoint, codePoint)]);

    public static CodePoints Range(int first, int last) => new([(first, last)]);

    public static CodePoints Of(string characters) =>
        Union(characters.EnumerateRunes().Select(rune => Of(rune.Value)));

    /// <summary>What a name stands for, asked of each code point once in the life of the program.</summary>
    public static CodePoints Named(string name, Func<int, bool> contains) =>
        named.GetOrAdd(name, static (_, contains) => Where(contains), contains);

    /// <summary>The code points of a property: planes that have no characters answer as one.</summary>
    public static CodePoints Where(Func<int, bool> contains)
    {
        const int assigned = 0x40000, tags = 0xE0000, endOfTags = 0xE1000, privateUse = 0xF0000;
        var found = new List<(int, int)>();
        for (var c = 0; c < assigned; c++) Append(found, c, c, contains(c));
        Append(found, assigned, tags - 1, contains(assigned));
        for (var c = tags; c < endOfTags; c++) Append(found, c, c, contains(c));
        Append(found, endOfTags, privateUse - 1, contains(endOfTags));
        for (var plane = privateUse; plane <= Last; plane += 0x10000)
        {
            Append(found, plane, plane + 0xFFFD, contains(plane));
            Append(found, plane + 0xFFFE, plane + 0xFFFF, contains(plane + 0xFFFE));
        }
        return new([.. found]);
    }

    public static CodePoints Union(IEnumerable<CodePoints> sets)
    {
        var all = sets.SelectMany(set => set.ranges).ToArray();
        Array.Sort(all);
        var merged = new List<(int, int)>();
        foreach (var (first, last) in all) Append(merged, first, last, true);
        return new([.. merged]);
    }

    public CodePoints Union(CodePoints other) => IsEmpty ? other : other.IsEmpty ? this : Union([this, other]);

    public CodePoints Intersect(CodePoints other)
    {
        var common = new List<(int, int)>();
        for (int i = 0, j = 0; i < ranges.Length && j < other.ranges.Length;)
        {
            var (first, last) = (Math.Max(ranges[i].First, other.ranges[j].First), Math.Min(ranges[i].Last, other.ranges[j].Last));
            if (first <= last) common.Add((first, last));
            if (ranges[i].Last < other.ranges[j].Last) i++;
            else j++;
        }
        return new([.. common]);
    }

    public CodePoints Except(CodePoints other) => Intersect(other.Complement());

    public CodePoints Complement()
    {
        var rest = new List<(int, int)>();
        var from = 0;
        foreach (var (first, last) in ranges)
        {
            if (first > from) rest.Add((from, first - 1));
            from = last + 1;
        }
        if (from <= Last) rest.Add((from, Last));
        return new([.. rest]);
    }

    /// <summary>The set with all that differs from its members only in case.</summary>
    public CodePoints IgnoringCase() =>
        Union([this, .. UnicodeTables.Foldings.Where(same => same.Any(Contains)).SelectMany(same => same.Select(Of))]);

    public bool Contains(int codePoint)
    {
        var (low, high) = (0, ranges.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (codePoint < ranges[middle].First) high = middle - 1;
            else if (codePoint > ranges[middle].Last) low = middle + 1;
            else return true;
        }
        return false;
    }

    public bool Equals(CodePoints? other) => other is not null && ranges.AsSpan().SequenceEqual(other.ranges);

    public override bool Equals(object? obj) => Equals(obj as CodePoints);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var range in ranges) hash.Add(range);
        return hash.ToHashCode();
    }

    static void Append(List<(int First, int Last)> ranges, int first, int last, bool isMember)
    {
        if (!isMember) return;
        if (ranges.Count > 0 && ranges[^1].Last >= first - 1) ranges[^1] = (ranges[^1].First, Math.Max(ranges[^1].Last, last));
        else ranges.Add((first, last));
    }
}
