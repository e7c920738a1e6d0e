using System.Xml.Linq;
using NetArchTest.Rules;
using Octant.Formats;
using Octant.Models;
using Octant.Testing;

namespace Architecture;

/// <summary>Arrows point down the list of docs/design.md, towards Core.</summary>
public sealed class ArrowTests
{
    /// <summary>What each project may refer to.</summary>
    static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Octant.Core"] = [],
        ["Octant.Data"] = ["Octant.Core"],
        ["Octant.Models"] = ["Octant.Core"],
        ["Octant.Training"] = ["Octant.Core", "Octant.Data", "Octant.Models"],
        ["Octant"] = ["Octant.Core", "Octant.Models"],
        ["Octant.Evaluation"] = ["Octant.Core", "Octant.Models"],
        ["Octant.Cli"] = ["Octant.Core", "Octant.Data", "Octant.Models", "Octant", "Octant.Evaluation", "Octant.Training"],
    };

    [Fact]
    public void Every_project_stands_in_the_list()
    {
        var projects = Directory.GetDirectories(Path.Combine(Repository.Root, "src")).Select(Path.GetFileName);
        Assert.Equal(Allowed.Keys.Order(), projects.Order());
    }

    [Fact]
    public void No_project_refers_to_one_above_it()
    {
        foreach (var (project, allowed) in Allowed)
        {
            var file = Path.Combine(Repository.Root, "src", project, $"{project}.csproj");
            var references = XDocument.Load(file).Descendants("ProjectReference")
                .Select(reference => Path.GetFileNameWithoutExtension((string)reference.Attribute("Include")!));
            Assert.All(references, reference => Assert.Contains(reference, allowed));
        }
    }

    [Fact]
    public void Core_has_no_package_and_no_native_code()
    {
        var file = Path.Combine(Repository.Root, "src/Octant.Core/Octant.Core.csproj");
        Assert.Empty(XDocument.Load(file).Descendants("PackageReference"));
        var result = Types.InAssembly(typeof(SafetensorsFile).Assembly).ShouldNot().HaveDependencyOnAny("TorchSharp", "Microsoft.Extensions").GetResult();
        Assert.True(result.IsSuccessful, string.Join(", ", result.FailingTypeNames ?? []));
    }

    [Fact]
    public void Leaves_know_no_architecture()
    {
        var result = Types.InAssembly(typeof(Checkpoint).Assembly).That().ResideInNamespace("Octant.Models.Nn")
            .ShouldNot().HaveDependencyOnAny("Octant.Models.Decoders", "Octant.Models.Architectures").GetResult();
        Assert.True(result.IsSuccessful, string.Join(", ", result.FailingTypeNames ?? []));
    }

    [Fact]
    public void Architectures_do_not_borrow_from_each_other()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(Repository.Root, "src/Octant.Models/Decoders"), "*.cs"))
        {
            var own = Path.GetFileNameWithoutExtension(file);
            var result = Types.InAssembly(typeof(Checkpoint).Assembly).That().HaveNameStartingWith(own)
                .And().ResideInNamespace("Octant.Models.Decoders").GetTypes()
                .SelectMany(type => type.GetFields(System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic))
                .Select(field => field.FieldType.IsArray ? field.FieldType.GetElementType()! : field.FieldType)
                .Where(type => type.Namespace == "Octant.Models.Decoders" && !type.Name.StartsWith(own, StringComparison.Ordinal));
            Assert.Empty(result);
        }
    }
}
