using System.Text.Json;
using System.Text.Json.Nodes;
using Octant.Formats;

namespace Octant.Models;

/// <summary>What lies at a checkpoint's path: its tensors, how they are named, and its configuration.</summary>
sealed record CheckpointFiles(ITensorFile Tensors, GgufNames? Names, JsonObject? Config)
{
    public static CheckpointFiles Open(string path)
    {
        var folder = Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!;
        return new(new SafetensorsFile(Path.Combine(folder, "model.safetensors")), null, ReadConfig(folder));
    }

    static JsonObject? ReadConfig(string folder)
    {
        var path = Path.Combine(folder, "config.json");
        if (!File.Exists(path)) return null;
        try
        {
            return JsonNode.Parse(File.ReadAllText(path)) as JsonObject
                ?? throw new CheckpointException($"{path} holds no JSON object.");
        }
        catch (JsonException e)
        {
            throw new CheckpointException($"{path} is no JSON: {e.Message}", e);
        }
    }
}
