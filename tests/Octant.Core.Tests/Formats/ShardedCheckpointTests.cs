using System.Text;
using Octant.Formats;

namespace Octant.Core.Tests.Formats;

public sealed class ShardedCheckpointTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Tensors_come_from_the_shard_that_the_index_says()
    {
        Shard("one.safetensors", ("a", 1), ("b", 1));
        Shard("two.safetensors", ("b", 2), ("c", 2));
        using var file = Open("""{"weight_map":{"a":"one.safetensors","b":"two.safetensors"}}""");
        Assert.Equal([1f], file.Tensors["a"].ToFloats());
        Assert.Equal([2f], file.Tensors["b"].ToFloats());
        Assert.Equal([2f], file.Tensors["c"].ToFloats());
    }

    [Theory]
    [InlineData("../one.safetensors")]
    [InlineData("/tmp/one.safetensors")]
    [InlineData("sub/one.safetensors")]
    [InlineData("..\\one.safetensors")]
    [InlineData("C:one.safetensors")]
    [InlineData("one.bin")]
    [InlineData("model.safetensors.index.json")]
    [InlineData("")]
    public void A_shard_is_a_file_beside_the_index(string shard) =>
        Refused($$$"""{"weight_map":{"a":"{{{shard.Replace("\\", "\\\\")}}}"}}""", "not the name of a .safetensors file beside it");

    [Theory]
    [InlineData("""[]""", "no weight_map")]
    [InlineData("""{}""", "no weight_map")]
    [InlineData("""{"weight_map":[]}""", "no weight_map")]
    [InlineData("""{"weight_map":{}}""", "is empty")]
    [InlineData("""{"weight_map":{"a":5}}""", "not the JSON that it should be")]
    [InlineData("""{"weight_map":{"a":null}}""", "not the name of")]
    [InlineData("""{"weight_map":{"a":{"weight_map":{"a":"x"}}}}""", "not the JSON that it should be")]
    [InlineData("""{"weight_map":{"a":"one.safetensors","a":"one.safetensors"}}""", "a stands in its weight_map twice")]
    [InlineData("""{"weight_map":{"\ud800":"one.safetensors"}}""", "not the JSON that it should be")]
    [InlineData("""{"weight_map":""", "not the JSON that it should be")]
    [InlineData("", "is empty")]
    public void An_index_that_is_not_as_it_should_be_is_refused(string index, string said) => Refused(index, said);

    [Fact]
    public void A_missing_shard_is_named() =>
        Refused("""{"weight_map":{"a":"two.safetensors","b":"one.safetensors"}}""", "one.safetensors, two.safetensors");

    [Fact]
    public void A_listed_tensor_that_its_shard_lacks_is_named()
    {
        Shard("one.safetensors", ("a", 1));
        Refused("""{"weight_map":{"a":"one.safetensors","b":"one.safetensors"}}""", "b should be in one.safetensors");
    }

    [Fact]
    public void A_tensor_in_two_shards_that_the_index_does_not_decide_is_refused()
    {
        Shard("one.safetensors", ("a", 1), ("x", 1));
        Shard("two.safetensors", ("b", 1), ("x", 1));
        Refused("""{"weight_map":{"a":"one.safetensors","b":"two.safetensors"}}""", "x is in two.safetensors and in another shard");
    }

    void Shard(string name, params (string Name, float Value)[] tensors) => SafetensorsWriter.Write(
        Path.Combine(folder.Path, name), tensors.Select(tensor => TensorSource.Floats(tensor.Name, new[] { tensor.Value }, 1)));

    ShardedCheckpoint Open(string index) => new(folder.File("model.safetensors.index.json", Encoding.UTF8.GetBytes(index)));

    void Refused(string index, string said)
    {
        var error = Assert.Throws<CheckpointException>(() => Open(index));
        Assert.Contains("model.safetensors.index.json", error.Message);
        Assert.Contains(said, error.Message);
    }
}
