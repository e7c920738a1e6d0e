using Octant.Formats;

namespace Octant.Models.Conversion;

/// <summary>Writes a checkpoint of any form as safetensors, perhaps in another number type; the files beside it are copied.</summary>
static class FolderCopy
{
    static readonly string[] besides =
    [
        "config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
        "vocab.json", "merges.txt", "vocab.txt", "tokenizer.model", "chat_template.jinja", "chat_template.json",
    ];

    public static Converted Write(string input, ITensorFile file, string output, ElementType? type, Watch watch)
    {
        var sources = ModelConverter.Telling(file.Tensors.Values.Select(info =>
            EncodedTensor.Source(info.Name, info, info.Type.IsFloating() ? type ?? info.Type : info.Type, info.Shape, null)), watch);
        SafetensorsWriter.WriteFolder(output, sources);
        var folder = Directory.Exists(input) ? input : Path.GetDirectoryName(Path.GetFullPath(input))!;
        using var drafts = new Drafts();
        foreach (var name in besides)
            if (Path.Combine(folder, name) is var path && File.Exists(path)) drafts.Write(Path.Combine(output, name), stream =>
                {
                    using var given = File.OpenRead(path);
                    given.CopyTo(stream);
                });
        drafts.Commit();
        return ModelConverter.Summary(output, sources);
    }
}
