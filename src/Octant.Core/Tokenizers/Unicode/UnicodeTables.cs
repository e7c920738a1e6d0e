using System.Globalization;

namespace Octant.Tokenizers.Unicode;

/// <summary>
/// What .NET does not tell without ICU: case mappings of Unicode 16.0, scripts of 15.0, and the decompositions and combining classes of 9.0, by
/// which the reference normalises: to it a character that came later is one without either.
/// General categories come from <see cref="CharUnicodeInfo"/>, which carries its own data.
/// </summary>
/// <remarks>
/// unicode.bin is written by tools/UnicodeTables.cs. Numbers are 7-bit encoded (BinaryReader's), differences zigzag encoded:
/// the count of characters, then for each the distance to the one before, flags (1 combining class, 2 lower, 4 upper case,
/// 8 decomposition, 16 compatible only, 32 never composed) and what they announce; the scripts' names and
/// codes; their ranges; the ranges of what is newer than Unicode 9.
/// </remarks>
static class UnicodeTables
{
    static readonly PageTable<byte> combining = new();
    static readonly PageTable<int> lower = new();
    static readonly PageTable<int> upper = new();
    static readonly PageTable<ushort> decompositions = new();
    static readonly List<(int[] Parts, bool Compatible)> parts = [([], false)];
    static readonly Dictionary<(int First, int Second), int> compositions = [];
    static readonly List<(string Name, string Code)> scripts = [];
    static readonly List<(int First, int Last, int Script)> scriptRanges = [];
    static readonly List<(int First, int Last, int Script)> newer = [];

    static UnicodeTables()
    {
        using var stream = typeof(UnicodeTables).Assembly.GetManifestResourceStream("Octant.Tokenizers.unicode.bin")
            ?? throw new InvalidOperationException("The assembly lacks its table of Unicode.");
        using var reader = new BinaryReader(stream);
        ReadCharacters(reader);
        ReadScripts(reader);
        ReadNewer(reader);
    }

    public static int CombiningClass(int codePoint) => combining[codePoint];

    /// <summary>The simple lower case; itself where there is none.</summary>
    public static int ToLower(int codePoint) => codePoint + lower[codePoint];

    /// <summary>The simple upper case; itself where there is none.</summary>
    public static int ToUpper(int codePoint) => codePoint + upper[codePoint];

    /// <summary>One step of decomposition; empty where there is none of this kind.</summary>
    public static ReadOnlySpan<int> Decomposition(int codePoint, bool compatible)
    {
        var (found, onlyCompatible) = parts[decompositions[codePoint]];
        return onlyCompatible && !compatible ? [] : found;
    }

    /// <summary>The character that two compose to, or -1.</summary>
    public static int Compose(int first, int second) => compositions.GetValueOrDefault((first, second), -1);

    /// <summary>Whether a character is the second part of any composition.</summary>
    public static bool ComposesBackward(int codePoint) => backward.Contains(codePoint);

    /// <summary>The script's name (Latin, Han, ...), or null for a character without any.</summary>
    public static string? Script(int codePoint) =>
        RangeOf(scriptRanges, codePoint) is >= 0 and var i ? scripts[scriptRanges[i].Script].Name : null;

    /// <summary>Whether a character came after Unicode 9.</summary>
    public static bool IsNewerThanUnicode9(int codePoint) => RangeOf(newer, codePoint) >= 0;

    static int RangeOf(List<(int First, int Last, int Script)> ranges, int codePoint)
    {
        var (low, high) = (0, ranges.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (codePoint < ranges[middle].First) high = middle - 1;
            else if (codePoint > ranges[middle].Last) low = middle + 1;
            else return middle;
        }
        return -1;
    }

    /// <summary>A script's name by its name or its code of four letters (Latn), without separators; null for an unknown one.</summary>
    public static string? NameOfScript(string name)
    {
        var script = scripts.FindIndex(s => Same(s.Name, name) || Same(s.Code, name));
        return script < 0 ? null : scripts[script].Name.Replace("_", "");

        // Unicode's loose matching (UAX 44, LM3) of names.
        static bool Same(string a, string b) =>
            string.Equals(a.Replace("_", ""), b.Replace("_", "").Replace(" ", ""), StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The groups of characters that differ only in case.</summary>
    public static IEnumerable<IReadOnlyList<int>> Foldings => foldings.Values;

    /// <summary>All characters that differ from this one only in case, itself included.</summary>
    public static IReadOnlyList<int> SameButCase(int codePoint) =>
        foldings.TryGetValue(Fold(codePoint), out var same) ? same : [codePoint];

    /// <summary>
    /// Simple case folding. The dotted and the dotless i fold to nothing but themselves, and three that are written twice to their other form, as in
    /// CaseFolding.txt.
    /// </summary>
    public static int Fold(int codePoint) => codePoint switch
    {
        0x130 or 0x131 => codePoint,
        0x1FD3 => 0x390,
        0x1FE3 => 0x3B0,
        0xFB05 => 0xFB06,
        _ => ToLower(ToUpper(codePoint)),
    };

    static readonly Dictionary<int, List<int>> foldings = [];
    static readonly HashSet<int> backward = [];

    static void ReadCharacters(BinaryReader reader)
    {
        var (count, code) = (reader.Read7BitEncodedInt(), 0);
        var cased = new List<int>();
        for (var i = 0; i < count; i++)
        {
            code += reader.Read7BitEncodedInt();
            var flags = reader.Read7BitEncodedInt();
            if ((flags & 1) != 0) combining[code] = reader.ReadByte();
            if ((flags & 2) != 0) lower[code] = Difference(reader);
            if ((flags & 4) != 0) upper[code] = Difference(reader);
            if ((flags & 6) != 0) cased.Add(code);
            if ((flags & 8) != 0) ReadDecomposition(reader, code, flags);
        }
        foreach (var character in cased) AddFolding(character);
        foreach (var character in (ReadOnlySpan<int>)[0x1FD3, 0x1FE3, 0xFB05]) AddFolding(character);
    }

    static void ReadDecomposition(BinaryReader reader, int code, int flags)
    {
        var found = new int[reader.Read7BitEncodedInt()];
        for (var i = 0; i < found.Length; i++) found[i] = code + Difference(reader);
        decompositions[code] = (ushort)parts.Count;
        parts.Add((found, (flags & 16) != 0));
        if (found.Length != 2 || (flags & 48) != 0) return;
        compositions.Add((found[0], found[1]), code);
        backward.Add(found[1]);
    }

    static void AddFolding(int code)
    {
        var fold = Fold(code);
        if (!foldings.TryGetValue(fold, out var same)) foldings.Add(fold, same = [fold]);
        if (!same.Contains(code)) same.Add(code);
    }

    static void ReadScripts(BinaryReader reader)
    {
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
            scripts.Add((reader.ReadString(), reader.ReadString()));
        var last = 0;
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            var first = last + reader.Read7BitEncodedInt();
            last = first + reader.Read7BitEncodedInt();
            scriptRanges.Add((first, last, reader.Read7BitEncodedInt()));
        }
    }

    static void ReadNewer(BinaryReader reader)
    {
        var last = 0;
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            var first = last + reader.Read7BitEncodedInt();
            last = first + reader.Read7BitEncodedInt();
            newer.Add((first, last, 0));
        }
    }

    static int Difference(BinaryReader reader)
    {
        var value = reader.Read7BitEncodedInt();
        return (value >>> 1) ^ -(value & 1);
    }
}
