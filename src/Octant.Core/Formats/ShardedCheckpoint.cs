using System.Text.Json;
using Octant.Formats.Pickles;

namespace Octant.Formats;

/// <summary>
/// A checkpoint in several .safetensors files (or .bin of PyTorch) with an index: a JSON file whose <c>weight_map</c> says for each tensor which
/// file, beside the index, holds it.
/// </summary>
public sealed class ShardedCheckpoint : ITensorFile
{
    const long MaximalIndex = 100_000_000;

    readonly Dictionary<string, ITensorFile> shards = [];
    readonly Dictionary<string, TensorInfo> tensors = [];

    /// <param name="index">the path of model.safetensors.index.json, or pytorch_model.bin.index.json</param>
    /// <exception cref="CheckpointException">the index or a shard is missing, damaged, or they contradict each other</exception>
    public ShardedCheckpoint(string index)
    {
        Origin = index;
        var places = ReadIndex();
        CheckThatShardsExist(places.Values.Distinct());
        try
        {
            foreach (var shard in places.Values.Distinct().Order(StringComparer.Ordinal)) Join(shard, places);
            if (places.Keys.FirstOrDefault(name => !tensors.ContainsKey(name)) is { } absent)
                throw Bad($"{absent} should be in {places[absent]}, which has no such tensor");
        }
        catch (Exception)
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Origin { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, TensorInfo> Tensors => tensors;

    /// <summary>Its files by name.</summary>
    public IReadOnlyDictionary<string, ITensorFile> Shards => shards;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var shard in shards.Values) shard.Dispose();
    }

    /// <summary>An index of one kind must not lead to files of another.</summary>
    string Extension => Origin.EndsWith(".bin.index.json", StringComparison.OrdinalIgnoreCase) ? ".bin" : ".safetensors";

    string Folder => Path.GetDirectoryName(Origin) ?? "";

    Dictionary<string, string> ReadIndex()
    {
        using var file = new MappedFile(Origin);
        if (file.Length > MaximalIndex) throw Bad($"it is {file.Length} bytes long");
        var places = new Dictionary<string, string>();
        try
        {
            using var index = JsonDocument.Parse(new MemoryStream(file.Read(0, (int)file.Length).ToArray()), new() { MaxDepth = 16 });
            if (index.RootElement.ValueKind != JsonValueKind.Object || !index.RootElement.TryGetProperty("weight_map", out var map)
                || map.ValueKind != JsonValueKind.Object)
                throw Bad("it has no weight_map");
            foreach (var entry in map.EnumerateObject())
                if (!places.TryAdd(entry.Name, ShardNamed(entry.Value.GetString(), entry.Name)))
                    throw Bad($"{entry.Name} stands in its weight_map twice");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Bad($"it is not the JSON that it should be ({e.Message})");
        }
        return places.Count > 0 ? places : throw Bad("its weight_map is empty");
    }

    /// <summary>A stranger's index must not reach other folders: backslashes and drive letters count on every system.</summary>
    string ShardNamed(string? shard, string tensor) =>
        shard is not null && shard.EndsWith(Extension, StringComparison.Ordinal) && shard.IndexOfAny(['/', '\\', ':', '\0']) < 0
            ? shard : throw Bad($"weight_map[\"{tensor}\"] is \"{shard}\", not the name of a {Extension} file beside it");

    void CheckThatShardsExist(IEnumerable<string> names)
    {
        var missing = names.Where(name => !File.Exists(Path.Combine(Folder, name))).Order(StringComparer.Ordinal).ToArray();
        if (missing.Length > 0)
            throw new CheckpointException($"{Origin} names files that are not beside it: " +
                $"{string.Join(", ", missing.Take(8))}{(missing.Length > 8 ? $" and {missing.Length - 8} more" : "")}. Fetch them too.");
    }

    /// <summary>As the reference, takes what a shard holds beyond the index, too; where two hold a tensor, the index decides.</summary>
    void Join(string shard, Dictionary<string, string> places)
    {
        var path = Path.Combine(Folder, shard);
        ITensorFile file = Extension == ".bin" ? new TorchFile(path) : new SafetensorsFile(path);
        shards.Add(shard, file);
        foreach (var (name, tensor) in file.Tensors)
        {
            if (places.TryGetValue(name, out var place) && place != shard) continue;
            if (!tensors.TryAdd(name, tensor)) throw Bad($"{name} is in {shard} and in another shard, and not in the index");
        }
    }

    CheckpointException Bad(string what) => new($"{Origin} is no sound index of a checkpoint's files: {what}. Fetch it again.");
}
