using Octant.Formats;

namespace Octant.Models.Conversion;

/// <summary>Writes a checkpoint of any form as safetensors, perhaps in another number type; the files beside it are copied.</summary>
static class FolderCopy
{
    public static Converted Write(string input, ITensorFile file, string output, ElementType? type, Watch watch)
    {
        var sources = ModelConverter.Telling(file.Tensors.Values.Select(info =>
            EncodedTensor.Source(info.Name, info, info.Type.IsFloating() ? type ?? info.Type : info.Type, info.Shape, null, watch.Cancellation)), watch);
        Drafts.Guard(output, () => Directory.CreateDirectory(output));
        using var drafts = new Drafts();
        // What is small comes first: where it fails, no weights are there yet.
        FolderFiles.Copy(Directory.Exists(input) ? input : Path.GetDirectoryName(Path.GetFullPath(input))!, output, drafts);
        SafetensorsWriter.WriteFolder(output, sources);
        drafts.Commit();
        return ModelConverter.Summary(output, sources);
    }
}
