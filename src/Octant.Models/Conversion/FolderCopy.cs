using Octant.Formats;

namespace Octant.Models.Conversion;

/// <summary>Writes a checkpoint of any form as safetensors, perhaps in another number type; the files beside it are copied.</summary>
static class FolderCopy
{
    public static Converted Write(string input, ITensorFile file, string output, ElementType? type, Watch watch)
    {
        var sources = ModelConverter.Telling(file.Tensors.Values.Select(info =>
            EncodedTensor.Source(info.Name, info, info.Type.IsFloating() ? type ?? info.Type : info.Type, info.Shape, null, watch.Cancellation)), watch);
        SafetensorsWriter.WriteFolder(output, sources);
        var folder = Directory.Exists(input) ? input : Path.GetDirectoryName(Path.GetFullPath(input))!;
        using var drafts = new Drafts();
        foreach (var name in FolderFiles.Of(folder))
        {
            var path = Path.Combine(output, name);
            Drafts.Guard(path, () => Directory.CreateDirectory(Path.GetDirectoryName(path)!));
            drafts.Write(path, stream =>
            {
                using var given = File.OpenRead(Path.Combine(folder, name));
                given.CopyTo(stream);
            });
        }
        drafts.Commit();
        return ModelConverter.Summary(output, sources);
    }
}
