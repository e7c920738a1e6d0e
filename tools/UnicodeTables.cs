// Writes the table of Unicode facts that the tokenizers need, from the Unicode Character Database:
//     dotnet run tools/UnicodeTables.cs -- FOLDER src/Octant.Core/Tokenizers/Unicode/unicode.bin
// FOLDER holds UnicodeData.txt, DerivedNormalizationProps.txt, Scripts.txt, DerivedAge.txt and PropertyValueAliases.txt
// (https://www.unicode.org/Public/15.0.0/ucd/,
// or Debian's package unicode-data). What the file looks like says UnicodeTables.cs, which reads it.
#:property PublishAot=false
using System.Globalization;

var (folder, output) = (args[0], args[1]);
var excluded = new HashSet<int>();
foreach (var (first, last, value) in Properties("DerivedNormalizationProps.txt"))
    if (value == "Full_Composition_Exclusion")
        for (var c = first; c <= last; c++) excluded.Add(c);

using var table = new MemoryStream();
using var writer = new BinaryWriter(table);
var rows = new List<(int Code, Action Write)>();
foreach (var line in File.ReadLines(Path.Combine(folder, "UnicodeData.txt")))
{
    var fields = line.Split(';');
    var code = Hex(fields[0]);
    var combining = int.Parse(fields[3], CultureInfo.InvariantCulture);
    var (upper, lower) = (fields[12].Length > 0 ? Hex(fields[12]) : code, fields[13].Length > 0 ? Hex(fields[13]) : code);
    var words = fields[5].Split(' ', StringSplitOptions.RemoveEmptyEntries);
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
var newer = Properties("DerivedAge.txt").Where(range => new Version(range.Value) > new Version(9, 0))
    .OrderBy(range => range.First).ToList();
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
