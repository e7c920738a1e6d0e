namespace Octant.Tokenizers.RegularExpressions;

/// <summary>A set of code points that is asked often: a bitmap for the basic plane, ranges for what lies beyond.</summary>
sealed class CharacterSet
{
    readonly ulong[] basic = new ulong[0x10000 / 64];

    public CharacterSet(CodePoints members)
    {
        Members = members;
        foreach (var (first, last) in members.Ranges)
            for (var c = first; c <= Math.Min(last, 0xFFFF); c++) basic[c >> 6] |= 1ul << c;
    }

    public CodePoints Members { get; }

    public bool Contains(int codePoint) =>
        codePoint < 0x10000 ? (basic[codePoint >> 6] >> codePoint & 1) != 0 : Members.Contains(codePoint);

    public bool ContainsBasic(char c) => (basic[c >> 6] >> c & 1) != 0;

    /// <summary>The members among the 128 ASCII characters.</summary>
    public (ulong Low, ulong High) Ascii => (basic[0], basic[1]);
}
