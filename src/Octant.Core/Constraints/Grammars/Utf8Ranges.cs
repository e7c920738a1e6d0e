namespace Octant.Constraints.Grammars;

/// <summary>Ranges of characters as ranges of bytes one behind the other: all bytes of a sequence go together.</summary>
static class Utf8Ranges
{
    static readonly int[] ends = [0x7F, 0x7FF, 0xFFFF, 0x10FFFF];

    /// <summary>Splits a range so that in each piece every byte has a range of its own.</summary>
    public static IEnumerable<(byte First, byte Last)[]> Split(int first, int last)
    {
        var from = first;
        foreach (var end in ends)
        {
            if (from > end) continue;
            foreach (var piece in Blocks(from, Math.Min(last, end), size: 6))
                yield return Bytes(piece.First, piece.Last);
            if (last <= end) yield break;
            from = end + 1;
        }
    }

    static (byte First, byte Last)[] Bytes(int first, int last)
    {
        Span<byte> low = stackalloc byte[4], high = stackalloc byte[4];
        var length = new System.Text.Rune(first).EncodeToUtf8(low);
        new System.Text.Rune(last).EncodeToUtf8(high);
        var bytes = new (byte, byte)[length];
        for (var i = 0; i < length; i++) bytes[i] = (low[i], high[i]);
        return bytes;
    }

    /// <summary>Pieces in which digits of so many bits, but for a common beginning and one with a range, run over all their values.</summary>
    internal static IEnumerable<(int First, int Last)> Blocks(int first, int last, int size)
    {
        // One byte needs no splitting.
        if (last <= 0x7F && size == 6)
        {
            yield return (first, last);
            yield break;
        }
        while (first <= last)
        {
            // The largest block that begins here and ends within: its low digits are all free, one digit has a range.
            var bits = 0;
            while (bits + size < 24 && (first & (1 << bits + size) - 1) == 0 && first + (1 << bits + size) - 1 <= last) bits += size;
            var unit = 1 << bits;
            var digit = first >> bits & (1 << size) - 1;
            var count = Math.Min((1 << size) - digit, (last - first + 1) / unit);
            yield return (first, first + count * unit - 1);
            first += count * unit;
        }
    }
}

/// <summary>Ranges of numbers as ranges of four hexadecimal digits.</summary>
static class HexRanges
{
    public static IEnumerable<(int First, int Last)[]> Split(int first, int last)
    {
        foreach (var (low, high) in Utf8Ranges.Blocks(first, last, size: 4))
            yield return [Digit(low, high, 12), Digit(low, high, 8), Digit(low, high, 4), Digit(low, high, 0)];

        static (int, int) Digit(int low, int high, int shift) => (low >> shift & 15, high >> shift & 15);
    }
}
