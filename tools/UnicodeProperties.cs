// Writes the table of Unicode's binary properties, scripts and blocks, from the Unicode Character Database:
//     dotnet run tools/UnicodeProperties.cs -- FOLDER src/Octant.Core/Tokenizers/Unicode/properties.bin
// FOLDER holds PropList.txt, DerivedCoreProperties.txt, emoji-data.txt, Scripts.txt and Blocks.txt
// (https://www.unicode.org/Public/16.0.0/ucd/). What the file looks like says UnicodeProperties.cs, which reads it.
#:property PublishAot=false
using System.Globalization;

var (folder, output) = (args[0], args[1]);
var properties = new SortedDictionary<string, List<(int First, int Last)>>(StringComparer.Ordinal);
foreach (var file in new[] { "PropList.txt", "DerivedCoreProperties.txt", "emoji-data.txt", "Scripts.txt" }) Add(file, "");
Add("Blocks.txt", "In");

using var table = new MemoryStream();
using var writer = new BinaryWriter(table);
writer.Write7BitEncodedInt(properties.Count);
foreach (var (name, ranges) in properties)
{
    writer.Write(name);
    var merged = Merged(ranges);
    writer.Write7BitEncodedInt(merged.Count);
    var previous = 0;
    foreach (var (first, last) in merged)
    {
        writer.Write7BitEncodedInt(first - previous);
        writer.Write7BitEncodedInt(last - first);
        previous = last;
    }
}
writer.Flush();
File.WriteAllBytes(output, table.ToArray());
Console.WriteLine($"{properties.Count} properties, {table.Length} bytes");

void Add(string file, string prefix)
{
    foreach (var line in File.ReadLines(Path.Combine(folder, file)))
    {
        var fields = line.Split('#')[0].Split(';', StringSplitOptions.TrimEntries);
        // What has three fields (InCB) is no binary property.
        if (fields.Length != 2) continue;
        var ends = fields[0].Split("..");
        var name = prefix + fields[1].Replace("_", "").Replace("-", "").Replace(" ", "");
        if (!properties.TryGetValue(name, out var ranges)) properties.Add(name, ranges = []);
        ranges.Add((Hex(ends[0]), Hex(ends[^1])));
    }
}

static List<(int First, int Last)> Merged(List<(int First, int Last)> ranges)
{
    var merged = new List<(int First, int Last)>();
    foreach (var range in ranges.Order())
        if (merged.Count > 0 && merged[^1].Last + 1 == range.First) merged[^1] = (merged[^1].First, range.Last);
        else merged.Add(range);
    return merged;
}

static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
