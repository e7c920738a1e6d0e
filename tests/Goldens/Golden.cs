using System.IO.Compression;
using System.Text.Json.Nodes;
using Octant.Formats;

namespace Goldens;

/// <summary>A folder of reference tensors: what was put into the reference implementation, and what came out.</summary>
public sealed class Golden
{
    readonly JsonObject json;

    /// <summary>Reads a folder's golden.json.</summary>
    public Golden(string folder)
    {
        Folder = folder;
        json = JsonNode.Parse(File.ReadAllText(PathOf("golden.json")))!.AsObject();
    }

    public string Folder { get; }
    public string Name => Path.GetFileName(Folder);
    public string Kind => (string?)json["kind"] ?? "unknown";
    public double Tolerance => (double?)json["tolerance"] ?? 1e-4;

    /// <summary>Whether anything was called: some folders only hold inputs of others.</summary>
    public bool Expects => (string?)json["call"] is not "";

    /// <summary>A further entry of golden.json.</summary>
    public JsonNode? this[string key] => json[key];

    public string PathOf(string file) => Path.Combine(Folder, file);

    public bool Has(string file) => File.Exists(PathOf(file));

    public SafetensorsFile Tensors(string file) => new(PathOf(file));

    public JsonNode Json(string file) => JsonNode.Parse(File.ReadAllText(PathOf(file)))!;

    /// <summary>The lines of a .jsonl file, or of its gzipped form.</summary>
    public IEnumerable<JsonObject> JsonLines(string file) =>
        ReadLines(Has(file) ? PathOf(file) : PathOf($"{file}.gz")).Select(line => JsonNode.Parse(line)!.AsObject());

    /// <summary>Another golden beside this one, to which its golden.json refers.</summary>
    public Golden Sibling(string name) => new(Path.Combine(Path.GetDirectoryName(Folder)!, name));

    static IEnumerable<string> ReadLines(string path)
    {
        using var file = File.OpenRead(path);
        using var reader = new StreamReader(path.EndsWith(".gz", StringComparison.Ordinal)
            ? new GZipStream(file, CompressionMode.Decompress) : file);
        while (reader.ReadLine() is { } line)
            if (line.Length > 0) yield return line;
    }
}
