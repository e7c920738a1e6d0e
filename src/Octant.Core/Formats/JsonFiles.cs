using System.Text.Json;
using System.Text.Json.Nodes;

namespace Octant.Formats;

/// <summary>The small JSON files beside a checkpoint's tensors.</summary>
public static class JsonFiles
{
    // Which of two equal keys is meant nobody can tell.
    static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Reads a file that holds one object; null where there is no such file.</summary>
    /// <exception cref="CheckpointException">it cannot be read, is no JSON, names a key twice, or holds something else</exception>
    public static JsonObject? ReadObject(string path)
    {
        if (!File.Exists(path)) return null;
        try
        {
            var text = SmallFiles.ReadText(path);
            if (JsonSurrogates.HasHalf(text)) throw new CheckpointException($"{path} holds half of a surrogate pair.");
            return JsonNode.Parse(text, documentOptions: Strict) as JsonObject
                ?? throw new CheckpointException($"{path} holds no JSON object.");
        }
        catch (JsonException e)
        {
            throw new CheckpointException($"{path} is no JSON: {e.Message}", e);
        }
    }
}
