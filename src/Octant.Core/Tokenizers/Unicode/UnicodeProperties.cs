namespace Octant.Tokenizers.Unicode;

/// <summary>
/// The binary properties (Alphabetic, Emoji, ...), the scripts and the blocks of Unicode 16.0, which is the version of .NET 10's
/// general categories and of the reference's Oniguruma, too.
/// </summary>
/// <remarks>
/// properties.bin is written by tools/UnicodeProperties.cs. Numbers are 7-bit encoded (BinaryReader's): the count of properties,
/// then for each its name without separators (a block's begins with In), the count of its ranges and for each the distance from the
/// end of the one before and its length less one.
/// </remarks>
static class UnicodeProperties
{
    static readonly Dictionary<string, (int First, int Last)[]> properties = Read();

    /// <summary>The ranges of a property by its name without separators; null for an unknown one.</summary>
    public static IReadOnlyList<(int First, int Last)>? RangesOf(string name) => properties.GetValueOrDefault(name);

    static Dictionary<string, (int First, int Last)[]> Read()
    {
        using var stream = typeof(UnicodeProperties).Assembly.GetManifestResourceStream("Octant.Tokenizers.properties.bin")
            ?? throw new InvalidOperationException("The assembly lacks its table of Unicode's properties.");
        using var reader = new BinaryReader(stream);
        var read = new Dictionary<string, (int First, int Last)[]>(StringComparer.OrdinalIgnoreCase);
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--) read.Add(reader.ReadString(), Ranges(reader));
        return read;
    }

    static (int First, int Last)[] Ranges(BinaryReader reader)
    {
        var ranges = new (int First, int Last)[reader.Read7BitEncodedInt()];
        var last = 0;
        for (var i = 0; i < ranges.Length; i++)
        {
            var first = last + reader.Read7BitEncodedInt();
            last = first + reader.Read7BitEncodedInt();
            ranges[i] = (first, last);
        }
        return ranges;
    }
}
