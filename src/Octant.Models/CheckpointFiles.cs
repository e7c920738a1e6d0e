using System.Text.Json.Nodes;
using Octant.Formats;

namespace Octant.Models;

/// <summary>What lies at a checkpoint's path: its tensors, how they are named, and its configuration.</summary>
sealed record CheckpointFiles(ITensorFile Tensors, GgufNames? Names, JsonObject? Config)
{
    public static CheckpointFiles Open(string path)
    {
        var tensors = TensorFiles.Open(path);
        try
        {
            if (tensors is Llama2CFile c)
                return new(c, Architectures.Of(c.Config).Gguf!.Names(c.Config), c.Config);
            if (tensors is not GgufFile gguf)
                return new(tensors, null, JsonFiles.ReadObject(Path.Combine(Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!, "config.json")));
            var form = Architectures.Of(gguf).Gguf!;
            var config = form.Config!(gguf);
            return new(gguf, form.Names(config), config);
        }
        catch (Exception)
        {
            tensors.Dispose();
            throw;
        }
    }
}
