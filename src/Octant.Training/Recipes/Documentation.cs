using System.Collections.Concurrent;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace Octant.Training.Recipes;

/// <summary>What the documentation of a record's parameters says: the compiler writes it beside the assembly, so that there is one text.</summary>
static partial class Documentation
{
    static readonly ConcurrentDictionary<Assembly, Dictionary<string, XElement>> files = new();

    /// <summary>The meaning of a parameter; empty where the documentation was not shipped.</summary>
    public static string Of(Type record, string parameter) =>
        files.GetOrAdd(record.Assembly, Read).TryGetValue($"T:{record.FullName}", out var member)
        && member.Elements("param").FirstOrDefault(param => (string?)param.Attribute("name") == parameter) is { } found
            ? Words(found) : "";

    static Dictionary<string, XElement> Read(Assembly assembly)
    {
        var file = Path.Combine(AppContext.BaseDirectory, $"{assembly.GetName().Name}.xml");
        if (!File.Exists(file)) return [];
        try
        {
            return XDocument.Load(file).Descendants("member").ToDictionary(member => (string)member.Attribute("name")!);
        }
        catch (Exception e) when (e is XmlException or IOException or UnauthorizedAccessException)
        {
            return [];                                      // help without meanings is better than none
        }
    }

    static string Words(XElement text) => Spaces().Replace(string.Concat(text.DescendantNodes().Select(node => node switch
    {
        XText words => words.Value,
        XElement { Name.LocalName: "see" } reference => (string?)reference.Attribute("langword") ?? ((string?)reference.Attribute("cref"))?.Split('.')[^1],
        _ => "",
    })), " ").Trim();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
