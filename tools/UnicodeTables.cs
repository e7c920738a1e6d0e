// Writes the table of Unicode facts that the tokenizers need, from the Unicode Character Database:
//     dotnet run tools/UnicodeTables.cs -- FOLDER src/Octant.Core/Tokenizers/Unicode/unicode.bin
// FOLDER holds UnicodeData.txt, DerivedNormalizationProps.txt, Scripts.txt, DerivedAge.txt and PropertyValueAliases.txt
// (https://www.unicode.org/Public/15.0.0/ucd/,
// or Debian's package unicode-data). What the file looks like says UnicodeTables.cs, which reads it.
// Decompositions and combining classes are those of characters that Unicode 9 had: tokenizers normalises by the tables of
// unicode-normalization-alignments 0.1.12, to which a later character is one without either. Case and scripts are of all.
#:property PublishAot=false
using System.Globalization;

var (folder, output) = (args[0], args[1]);
var excluded = new HashSet<int>();
foreach (var (first, last, value) in Properties("DerivedNormalizationProps.txt"))
    if (value == "Full_Composition_Exclusion")
        for (var c = first; c <= last; c++) excluded.Add(c);

var newer = Properties("DerivedAge.txt").Where(range => new Version(range.Value) > new Version(9, 0))
    .OrderBy(range => range.First).ToList();

// What Unicode 16 added to the pairs of cases: Oniguruma and Rust know them.
var (lowerOf16, upperOf16) = (new Dictionary<int, int>(), new Dictionary<int, int>());
foreach (var (capital, small) in new[] { (0x1C89, 0x1C8A), (0xA7CB, 0x264), (0xA7CC, 0xA7CD), (0xA7DA, 0xA7DB), (0xA7DC, 0x19B) }
    .Concat(Enumerable.Range(0x10D50, 22).Select(capital => (capital, capital + 32))))
    (lowerOf16[capital], upperOf16[small]) = (small, capital);

using var table = new MemoryStream();
using var writer = new BinaryWriter(table);
var rows = new List<(int Code, Action Write)>();
var known = File.ReadLines(Path.Combine(folder, "UnicodeData.txt")).Select(line => line.Split(';')).ToList();
var added = lowerOf16.Keys.Concat(upperOf16.Keys).Except(known.Select(fields => Hex(fields[0])));
foreach (var fields in known.Concat(added.Select(code => $"{code:X4};;;0;;;;;;;;;;;".Split(';'))))
{
    var code = Hex(fields[0]);
    var normalises = !newer.Any(range => code >= range.First && code <= range.Last);
    var combining = normalises ? int.Parse(fields[3], CultureInfo.InvariantCulture) : 0;
    var (upper, lower) = (fields[12].Length > 0 ? Hex(fields[12]) : upperOf16.GetValueOrDefault(code, code),
        fields[13].Length > 0 ? Hex(fields[13]) : lowerOf16.GetValueOrDefault(code, code));
    var words = normalises ? fields[5].Split(' ', StringSplitOptions.RemoveEmptyEntries) : [];
    var compatible = words.Length > 0 && words[0][0] == '<';
    var parts = words.Skip(compatible ? 1 : 0).Select(Hex).ToArray();
    var flags = (combining > 0 ? 1 : 0) | (lower != code ? 2 : 0) | (upper != code ? 4 : 0) | (parts.Length > 0 ? 8 : 0)
        | (compatible ? 16 : 0) | (excluded.Contains(code) ? 32 : 0);
    if (flags == 0) continue;
    void Write()
    {
        writer.Write7BitEncodedInt(flags);
        if ((flags & 1) != 0) writer.Write((byte)combining);
        if ((flags & 2) != 0) writer.Write7BitEncodedInt(ZigZag(lower - code));
        if ((flags & 4) != 0) writer.Write7BitEncodedInt(ZigZag(upper - code));
        if ((flags & 8) == 0) return;
        writer.Write7BitEncodedInt(parts.Length);
        foreach (var part in parts) writer.Write7BitEncodedInt(ZigZag(part - code));
    }
    rows.Add((code, Write));
}
writer.Write7BitEncodedInt(rows.Count);
var previous = 0;
foreach (var (code, write) in rows.OrderBy(row => row.Code))
{
    writer.Write7BitEncodedInt(code - previous);
    write();
    previous = code;
}

var aliases = File.ReadLines(Path.Combine(folder, "PropertyValueAliases.txt"))
    .Where(line => line.StartsWith("sc ;", StringComparison.Ordinal))
    .Select(line => line.Split('#')[0].Split(';', StringSplitOptions.TrimEntries))
        .ToDictionary(field => field[2], field => field[1]);
var scripts = Properties("Scripts.txt").OrderBy(range => range.First).ToList();
var names = scripts.Select(range => range.Value).Distinct().Order(StringComparer.Ordinal).ToList();
writer.Write7BitEncodedInt(names.Count);
foreach (var name in names)
{
    writer.Write(name);
    writer.Write(aliases[name]);
}
var ranges = new List<(int First, int Last, string Value)>();
foreach (var range in scripts)
    if (ranges.Count > 0 && ranges[^1].Value == range.Value && ranges[^1].Last + 1 == range.First)
        ranges[^1] = (ranges[^1].First, range.Last, range.Value);
    else ranges.Add(range);
writer.Write7BitEncodedInt(ranges.Count);
previous = 0;
foreach (var (first, last, value) in ranges)
{
    writer.Write7BitEncodedInt(first - previous);
    writer.Write7BitEncodedInt(last - first);
    writer.Write7BitEncodedInt(names.IndexOf(value));
    previous = last;
}

// tokenizers' table of scripts is Unicode 9's: characters that came later have none there.
writer.Write7BitEncodedInt(newer.Count);
previous = 0;
foreach (var (first, last, _) in newer)
{
    writer.Write7BitEncodedInt(first - previous);
    writer.Write7BitEncodedInt(last - first);
    previous = last;
}
writer.Flush();
File.WriteAllBytes(output, table.ToArray());
Console.WriteLine($"{rows.Count} characters, {ranges.Count} ranges of scripts, {table.Length} bytes");

IEnumerable<(int First, int Last, string Value)> Properties(string file)
{
    foreach (var line in File.ReadLines(Path.Combine(folder, file)))
    {
        var fields = line.Split('#')[0].Split(';', StringSplitOptions.TrimEntries);
        if (fields.Length < 2) continue;
        var ends = fields[0].Split("..");
        yield return (Hex(ends[0]), Hex(ends[^1]), fields[1]);
    }
}

static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

static int ZigZag(int value) => (value << 1) ^ (value >> 31);
