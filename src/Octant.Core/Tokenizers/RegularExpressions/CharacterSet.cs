using Octant.Tokenizers.Unicode;

namespace Octant.Tokenizers.RegularExpressions;

/// <summary>A set of code points: a bitmap for the basic plane, a predicate for what lies beyond.</summary>
sealed class CharacterSet
{
    readonly ulong[] basic = new ulong[0x10000 / 64];
    readonly Func<int, bool> predicate;

    public CharacterSet(Func<int, bool> contains)
    {
        predicate = contains;
        for (var c = 0; c < 0x10000; c++)
            if (contains(c)) basic[c >> 6] |= 1ul << c;
    }

    public bool Contains(int codePoint) =>
        codePoint < 0x10000 ? (basic[codePoint >> 6] >> codePoint & 1) != 0 : predicate(codePoint);

    public bool ContainsBasic(char c) => (basic[c >> 6] >> c & 1) != 0;

    /// <summary>The members among the 128 ASCII characters.</summary>
    public (ulong Low, ulong High) Ascii => (basic[0], basic[1]);

    /// <summary>The set with all that differs from its members only in case.</summary>
    public static Func<int, bool> IgnoringCase(Func<int, bool> contains) => c =>
    {
        if (contains(c)) return true;
        foreach (var other in UnicodeTables.SameButCase(c))
            if (contains(other)) return true;
        return false;
    };
}
