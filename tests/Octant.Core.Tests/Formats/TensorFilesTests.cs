using Octant.Formats;

namespace Octant.Core.Tests.Formats;

public sealed class TensorFilesTests : IDisposable
{
    readonly TemporaryFolder folder = new();
    readonly byte[] gguf = new GgufBytes().AddTensor("a", 0, [1], new byte[4]).ToBytes();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_folder_gives_its_single_file_its_shards_or_its_GGUF_model()
    {
        folder.File("m.gguf", gguf);
        Assert.IsType<GgufFile>(Opened(folder.Path));
        SafetensorsWriter.WriteFolder(folder.Path, [TensorSource.Floats("a", new float[1], 1), TensorSource.Floats("b", new float[1], 1)], shardBytes: 4);
        Assert.IsType<ShardedCheckpoint>(Opened(folder.Path));
        SafetensorsWriter.WriteFolder(folder.Path, [TensorSource.Floats("a", new float[1], 1)]);
        Assert.IsType<SafetensorsFile>(Opened(folder.Path));
    }

    [Fact]
    public void A_file_is_told_by_its_name_or_a_GGUF_one_by_its_content()
    {
        SafetensorsWriter.Write(PathOf("x.safetensors"), [TensorSource.Floats("a", new float[1], 1)]);
        Assert.IsType<SafetensorsFile>(Opened(PathOf("x.safetensors")));
        Assert.IsType<GgufFile>(Opened(folder.File("m.GGUF", gguf)));
        Assert.IsType<GgufFile>(Opened(folder.File("sha256-0123", gguf)));
    }

    [Fact]
    public void The_first_part_of_a_split_model_stands_for_all()
    {
        for (var i = 0; i < 2; i++)
            folder.File($"m-0000{i + 1}-of-00002.gguf", new GgufBytes()
                .Add("split.no", GgufType.U16, [(byte)i, 0]).Add("split.count", GgufType.U16, [2, 0])
                .AddTensor($"t{i}", 0, [1], new byte[4]).ToBytes());
        using var file = TensorFiles.Open(folder.Path);
        Assert.Equal(["t0", "t1"], file.Tensors.Keys.Order());
    }

    [Fact]
    public void What_was_looked_for_is_said()
    {
        Says("model.safetensors, model.safetensors.index.json, pytorch_model.bin and *.gguf", folder.Path);
        Says("no file or folder", PathOf("absent"));
        Says("*.safetensors.index.json, GGUF", folder.File("model.bin", "PK"u8));
        folder.File("a.gguf", gguf);
        folder.File("b.gguf", gguf);
        Says("2 GGUF models: name one of them, a.gguf, b.gguf", folder.Path);
    }

    [Theory]
    [InlineData("model.pt")]
    [InlineData("model.bin")]
    [InlineData("model.npy")]
    [InlineData("model.npz")]
    [InlineData("model.gguf")]
    [InlineData("model.safetensors")]
    [InlineData("model.safetensors.index.json")]
    public void An_empty_file_is_said_to_be_empty(string name) => Says($"{name} is empty", folder.File(name));

    static ITensorFile Opened(string path)
    {
        using var file = TensorFiles.Open(path);
        return file;
    }

    static void Says(string what, string path) =>
        Assert.Contains(what, Assert.Throws<CheckpointException>(() => TensorFiles.Open(path)).Message);

    string PathOf(string name) => Path.Combine(folder.Path, name);
}
