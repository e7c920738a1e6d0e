using System.Text;
using CsCheck;
using Octant.Formats;

namespace Octant.Core.Tests.Formats;

public sealed class SafetensorsWriterTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_bytes_are_those_of_the_reference()
    {
        SafetensorsWriter.Write(PathOf("a.safetensors"),
            [Bytes("z", ElementType.U8, [1], [9]), TensorSource.Floats("b", new[] { 1f, 2f }, 2), TensorSource.Floats("a", new[] { 3f }, 1, 1)]);
        const string Header = """{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]},"z":{"dtype":"U8","shape":[1],"data_offsets":[12,13]}}""";
        var padded = Header.PadRight((Header.Length + 7) / 8 * 8);
        Assert.Equal([.. BitConverter.GetBytes((long)padded.Length), .. Encoding.UTF8.GetBytes(padded),
            .. BitConverter.GetBytes(3f), .. BitConverter.GetBytes(1f), .. BitConverter.GetBytes(2f), 9], File.ReadAllBytes(PathOf("a.safetensors")));
        Assert.Equal(["a.safetensors"], Names());
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        var types = Enum.GetValues<ElementType>().Where(type => type < ElementType.Q4_0).ToArray();
        Gen.Select(Gen.Int[0, types.Length - 1].Select(i => types[i]), Gen.Long[0, 5].Array[0, 4], Gen.String[Gen.Char.AlphaNumeric, 1, 12]).Array[0, 6]
            .Where(all => all.Select(one => one.Item3).Distinct().Count() == all.Length)
            .Sample(all =>
            {
                var random = new Random(all.Length);
                var tensors = all.Select(one =>
                {
                    long[] shape = one.Item1 is ElementType.F4 or ElementType.F6E2M3 or ElementType.F6E3M2 ? [.. one.Item2, 4] : one.Item2;
                    var block = one.Item1.Layout();
                    var bytes = new byte[shape.Aggregate(1L, (product, size) => product * size) / block.Count * block.Bytes];
                    random.NextBytes(bytes);
                    return (Source: Bytes(one.Item3, one.Item1, shape, bytes), bytes);
                }).ToArray();
                var path = PathOf($"{Guid.NewGuid():N}.safetensors");
                SafetensorsWriter.Write(path, tensors.Select(tensor => tensor.Source));
                using var file = new SafetensorsFile(path);
                Assert.Equal(tensors.Length, file.Tensors.Count);
                foreach (var (source, bytes) in tensors)
                {
                    var read = file.Tensors[source.Name];
                    Assert.Equal((source.Type, bytes.Length), (read.Type, (int)read.Bytes));
                    Assert.Equal(source.Shape, read.Shape);
                    Assert.Equal(bytes, read.Read(0, bytes.Length).ToArray());
                }
            }, iter: 100);
    }

    [Fact]
    public void A_large_checkpoint_is_sharded_with_an_index()
    {
        SafetensorsWriter.WriteFolder(folder.Path, Five(), shardBytes: 20);
        Assert.Equal(["model-00001-of-00003.safetensors", "model-00002-of-00003.safetensors", "model-00003-of-00003.safetensors",
            "model.safetensors.index.json"], Names());
        using var file = new ShardedCheckpoint(PathOf("model.safetensors.index.json"));
        Assert.Equal(3, file.Shards.Count);
        foreach (var i in Enumerable.Range(0, 5)) Assert.Equal([i, i], file.Tensors[$"t{i}"].ToFloats());
        Assert.Contains("\"total_size\": 40", File.ReadAllText(PathOf("model.safetensors.index.json")));
    }

    [Fact]
    public void An_older_checkpoint_of_another_number_of_shards_is_removed()
    {
        folder.File("config.json");
        SafetensorsWriter.WriteFolder(folder.Path, Five(), shardBytes: 16);
        SafetensorsWriter.WriteFolder(folder.Path, Five());
        Assert.Equal(["config.json", "model.safetensors"], Names());
        SafetensorsWriter.WriteFolder(folder.Path, Five(), shardBytes: 24);
        Assert.Equal(["config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json"], Names());
    }

    [Fact]
    public void A_tensor_above_the_limit_has_a_shard_of_its_own()
    {
        SafetensorsWriter.WriteFolder(folder.Path,
            [TensorSource.Floats("a", new float[1], 1), TensorSource.Floats("b", new float[100], 100), TensorSource.Floats("c", new float[1], 1)], shardBytes: 8);
        using var file = new ShardedCheckpoint(PathOf("model.safetensors.index.json"));
        Assert.Equal(3, file.Shards.Count);
    }

    [Fact]
    public void A_checkpoint_can_be_written_over_itself()
    {
        SafetensorsWriter.WriteFolder(folder.Path, Five());
        var before = File.ReadAllBytes(PathOf("model.safetensors"));
        using (var file = new SafetensorsFile(PathOf("model.safetensors")))
            SafetensorsWriter.WriteFolder(folder.Path, file.Tensors.Values.Select(TensorSource.Copy), metadata: file.Metadata);
        Assert.Equal(before, File.ReadAllBytes(PathOf("model.safetensors")));
    }

    [Fact]
    public void When_writing_fails_the_old_file_is_whole_and_nothing_else_remains()
    {
        SafetensorsWriter.WriteFolder(folder.Path, Five());
        var before = File.ReadAllBytes(PathOf("model.safetensors"));
        var failing = new TensorSource("x", ElementType.F32, [3], _ => throw new IOException("No space left on device"));
        var error = Assert.Throws<CheckpointException>(() => SafetensorsWriter.WriteFolder(folder.Path, [.. Five(), failing], shardBytes: 16));
        Assert.Contains("No space left", error.Message);
        Assert.Equal(["model.safetensors"], Names());
        Assert.Equal(before, File.ReadAllBytes(PathOf("model.safetensors")));
    }

    [Fact]
    public void A_source_that_writes_too_little_or_too_much_is_refused()
    {
        Assert.Contains("wrote 3", Assert.Throws<ArgumentException>(() =>
            SafetensorsWriter.Write(PathOf("a.safetensors"), [Bytes("a", ElementType.F32, [1], [1, 2, 3])])).Message);
        Assert.Contains("wrote 5", Assert.Throws<ArgumentException>(() =>
            SafetensorsWriter.Write(PathOf("a.safetensors"), [Bytes("a", ElementType.F32, [1], [1, 2, 3, 4, 5])])).Message);
        Assert.Empty(Names());
    }

    [Fact]
    public void What_safetensors_cannot_hold_is_refused()
    {
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(PathOf("a"), [Bytes("q", ElementType.Q4_0, [32], new byte[18])]));
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(PathOf("a"), [Bytes("a", ElementType.F32, [-1], [])]));
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.WriteFolder(folder.Path, [.. Five(), .. Five()], shardBytes: 8));
    }

    static TensorSource[] Five() => [.. Enumerable.Range(0, 5).Select(i => TensorSource.Floats($"t{i}", new[] { i, (float)i }, 2))];

    static TensorSource Bytes(string name, ElementType type, long[] shape, byte[] bytes) => new(name, type, shape, stream => stream.Write(bytes));

    string PathOf(string name) => Path.Combine(folder.Path, name);

    string[] Names() => [.. Directory.EnumerateFiles(folder.Path).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
