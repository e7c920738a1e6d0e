using System.Text.RegularExpressions;

namespace Octant.Hub;

/// <summary>
/// The name of a model on the hub: <c>org/name</c>, <c>org/name@revision</c>, <c>org/name:Q4_K_M</c> (one of its GGUF files), or
/// <c>org/name@revision:Q4_K_M</c>.
/// </summary>
/// <param name="Repository">org/name</param>
/// <param name="Revision">a branch, tag or commit; <c>main</c> if not named</param>
/// <param name="File">which GGUF file: its quantisation, or its whole name; null for the model's folder</param>
public sealed partial record ModelName(string Repository, string Revision = "main", string? File = null)
{
    /// <summary>Reads a name.</summary>
    /// <exception cref="HubException">it is none; says what is wrong</exception>
    public static ModelName Parse(string text) =>
        TryParse(text, out var name) ? name
        : throw new HubException($"'{Shorten(text)}' is no model's name: {Forms}.");

    /// <summary>What a model can be named by.</summary>
    internal const string Forms = "give a folder, a .gguf file, org/name, org/name@revision or org/name:Q4_K_M";

    /// <summary>Reads a name, if it is one.</summary>
    public static bool TryParse(string? text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ModelName? name)
    {
        var match = Form.Match(text ?? "");
        name = match.Success && IsRepository(match.Groups["repository"].Value) && IsRevision(match.Groups["revision"])
            ? new ModelName(match.Groups["repository"].Value,
                match.Groups["revision"].Success ? match.Groups["revision"].Value : "main",
                match.Groups["file"].Success ? match.Groups["file"].Value : null)
            : null;
        return name is not null;
    }

    /// <summary>The name as one writes it.</summary>
    public override string ToString() =>
        $"{Repository}{(Revision == "main" ? "" : $"@{Revision}")}{(File is null ? "" : $":{File}")}";

    [GeneratedRegex(@"\A(?<repository>[A-Za-z0-9._-]{1,96}/[A-Za-z0-9._-]{1,96})(@(?<revision>[A-Za-z0-9._/+-]{1,255}))?(:(?<file>[A-Za-z0-9._/-]{1,255}))?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Form { get; }

    /// <summary>The hub's own rules, which also keep a name inside its folder of the cache.</summary>
    static bool IsRepository(string repository) => repository.Split('/').All(part =>
        !part.Contains("--", StringComparison.Ordinal) && !part.Contains("..", StringComparison.Ordinal)
        && part[0] is not ('-' or '.') && part[^1] is not ('-' or '.'));

    static bool IsRevision(Group revision) =>
        !revision.Success || revision.Value.Split('/').All(part =>
        part.Length > 0 && part[0] is not ('.' or '-') && !part.Contains("..", StringComparison.Ordinal));

    internal static string Shorten(string text) => text.Length > 100 ? $"{text[..100]}..." : text;
}
