using System.Text.RegularExpressions;
using Octant.Testing;

namespace Architecture;

/// <summary>Rules that the text of the sources shows; docs/design.md gives the reasons.</summary>
public sealed partial class TextTests
{
    [Fact]
    public void Architectures_create_no_tensors() =>
        AssertNoLine(Sources("src/Octant.Models/Decoders"), CreatesTensor(),
            "tensors are made by leaves, on their input's device, or taken from Weights");

    [Fact]
    public void Forward_code_asks_for_one_size_not_for_the_whole_shape() =>
        AssertNoLine(Sources("src/Octant.Models/Decoders", "src/Octant.Models/Nn"), IndexesShape(),
            "x.shape[i] costs as much as an operator and allocates; x.size(i) does not");

    [Fact]
    public void Leaves_keep_their_tensors_out_of_scopes_or_in_the_checkpoint() =>
        AssertNoLine(Sources("src/Octant.Models/Nn").Where(file => !file.Path.EndsWith("DecodingCache.cs", StringComparison.Ordinal)), Detaches(),
            "only caches own tensors; what lives as long as the model comes from Weights");

    [Fact]
    public void Numbers_alone_read_a_tensors_number() =>
        AssertNoLine(Sources("src/Octant.Models", "src/Octant.Training"), ReadsNumber(),
            "Number() takes any type, and keeps the tensor from the collector while its data is read");

    [Fact]
    public void Every_leaf_has_a_file_of_its_name() =>
        Assert.All(Sources("src/Octant.Models/Nn"), file =>
            Assert.Matches($@"(class|interface|record|struct) {Path.GetFileNameWithoutExtension(file.Path)}\b", string.Join('\n', file.Lines)));

    [Fact]
    public void The_goldens_that_the_project_carries_are_all_there() =>
        Assert.True(Directory.GetFiles(Path.Combine(Repository.Root, "tests/Goldens/carried"), "golden.json", SearchOption.AllDirectories).Length >= 19);

    [Fact]
    public void Links_between_pages_lead_somewhere()
    {
        string[] pages = [.. Directory.GetFiles(Repository.Root, "*.md"), .. Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md")];
        Assert.All(pages, page => Assert.All(Link().Matches(File.ReadAllText(page)), link =>
            Assert.True(Path.Exists(Path.Combine(Path.GetDirectoryName(page)!, link.Groups[1].Value)), $"{page}: {link.Value}")));
    }

    [Fact]
    public void Nothing_is_left_for_later() =>
        AssertNoLine(Sources("src"), Unfinished(), "finish it, or leave it out");

    static IEnumerable<(string Path, string[] Lines)> Sources(params string[] folders) =>
        from folder in folders
        from path in Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories)
        select (path, File.ReadAllLines(path));

    static void AssertNoLine(IEnumerable<(string Path, string[] Lines)> files, Regex pattern, string why)
    {
        var found = from file in files
                    from line in file.Lines.Index()
                    where pattern.IsMatch(line.Item)
                    select $"{Path.GetRelativePath(Repository.Root, file.Path)}:{line.Index + 1}: {line.Item.Trim()}";
        var all = found.ToArray();
        Assert.True(all.Length == 0, $"{why}:\n{string.Join('\n', all)}");
    }

    [GeneratedRegex(@"(?<![\w.])(zeros|ones|empty|full|arange|rand|randn|randint|tensor|eye|linspace)(_like)?\(")]
    private static partial Regex CreatesTensor();

    [GeneratedRegex(@"\.shape\[\^?\d+\]")]
    private static partial Regex IndexesShape();

    [GeneratedRegex(@"\.(item<|item\(|To(Double|Single|Int32|Int64|Scalar)\(\))")]
    private static partial Regex ReadsNumber();

    [GeneratedRegex("DetachFromDisposeScope")]
    private static partial Regex Detaches();

    [GeneratedRegex(@"\]\((?!https?:)([^)#]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("TODO|FIXME|HACK|NotImplementedException")]
    private static partial Regex Unfinished();
}
