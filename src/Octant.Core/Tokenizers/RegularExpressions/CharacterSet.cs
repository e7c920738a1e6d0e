namespace Octant.Tokenizers.RegularExpressions;

/// <summary>A set of code points that is asked often: a bitmap for the basic plane, ranges for what lies beyond.</summary>
sealed class CharacterSet
{
    readonly ulong[] basic = new ulong[0x10000 / 64];

    public CharacterSet(CodePoints members)
    {
        Members = members;
        foreach (var (first, last) in members.Ranges)
            for (var c = first; c <= Math.Min(last, 0xFFFF);)
            {
                // A word at a time, from the place within it up to the range's end or its own.
                var count = Math.Min(64 - (c & 63), Math.Min(last, 0xFFFF) - c + 1);
                basic[c >> 6] |= (count == 64 ? ulong.MaxValue : (1ul << count) - 1) << c;
                c += count;
            }
    }

    public CodePoints Members { get; }

    public bool Contains(int codePoint) =>
        codePoint < 0x10000 ? (basic[codePoint >> 6] >> codePoint & 1) != 0 : Members.Contains(codePoint);

    public bool ContainsBasic(char c) => (basic[c >> 6] >> c & 1) != 0;

    /// <summary>The members among the 128 ASCII characters.</summary>
    public (ulong Low, ulong High) Ascii => (basic[0], basic[1]);
}
