using System.Text;
using Octant.Formats;

namespace Octant.Core.Tests.Formats;

public sealed class SafetensorsFileTests : IDisposable
{
    const string Entry = """{"dtype":"F32","shape":[2],"data_offsets":[0,8]}""";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void An_empty_file_is_refused_by_name() => Refused([], "is empty");

    [Fact]
    public void Empty_and_scalar_tensors_may_stand_anywhere()
    {
        using var file = Open("""
            {"b":{"dtype":"F32","shape":[],"data_offsets":[0,4]}, "a":{"data_offsets":[4,4],"shape":[3,0],"dtype":"BF16"},
             "c":{"dtype":"I8","shape":[2],"data_offsets":[4,6]}, "d":{"dtype":"U8","shape":[0],"data_offsets":[6,6]},
             "e":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}, "__metadata__":{"format":"pt"}}
            """, [.. BitConverter.GetBytes(5f), 1, 255]);
        Assert.Equal([5f], file.Tensors["b"].ToFloats());
        Assert.Empty(file.Tensors["b"].Shape);
        Assert.Equal([3, 0], file.Tensors["a"].Shape);
        Assert.Empty(file.Tensors["a"].ToFloats());
        Assert.Equal([1, -1], file.Tensors["c"].ToIntegers());
        Assert.Equal("pt", file.Metadata["format"]);
    }

    [Fact]
    public void Numbers_are_no_integers() =>
        Assert.Contains("integers are needed", Assert.Throws<CheckpointException>(() =>
        {
            using var file = Open($$"""{"a":{{Entry}}}""", new byte[8]);
            file.Tensors["a"].ToIntegers();
        }).Message);

    [Theory]
    [InlineData("""[]""", "no JSON object")]
    [InlineData("""7""", "no JSON object")]
    [InlineData("""{"a":""", "no JSON")]
    [InlineData("""{} {}""", "something follows its header")]
    [InlineData("""{"a":7}""", "a is no JSON object")]
    [InlineData("""{"a":{"shape":[2],"data_offsets":[0,8]}}""", "a has no dtype")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "more than one dtype")]
    [InlineData("""{"a":{"dtype":null,"shape":[2],"data_offsets":[0,8]}}""", "should be text")]
    [InlineData("""{"a":{"dtype":5,"shape":[2],"data_offsets":[0,8]}}""", "should be text")]
    [InlineData("""{"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}""", "\"F31\"")]
    [InlineData("""{"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}""", "a.shape is no list")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""", "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}}""", "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}""", "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4611686018427387904],"data_offsets":[0,8]}}""", "claims the shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", "but has 8 bytes")]
    [InlineData("""{"a":{"dtype":"F4","shape":[15],"data_offsets":[0,8]}}""", "no whole number of bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,9]}}""", "a.data_offsets is no list")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""", "not two")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", "claims bytes 8 to 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}""", "claims bytes 8 to 16")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "4 bytes follow")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "begins at byte 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "begins at byte 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "a stands in it twice")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "no Unicode text")]
    [InlineData("""{"__metadata__":[]}""", "__metadata__ is no JSON object")]
    [InlineData("""{"__metadata__":{"k":5}}""", "__metadata__.k is no text")]
    [InlineData("""{"__metadata__":{"k":"a","k":"b"}}""", "__metadata__.k")]
    [InlineData("""{"__metadata__":{"k":{"k":{"k":{"k":{"k":{"k":{"k":{"k":{}}}}}}}}}}""", "no JSON")]
    public void A_header_that_is_not_as_it_should_be_is_refused(string header, string said) =>
        Refused(Bytes(header, new byte[8]), said);

    [Fact]
    public void A_header_that_is_no_UTF8_is_refused()
    {
        var bytes = Bytes($$"""{"a":{{Entry}}}""", new byte[8]);
        bytes[10] = 0xFF;
        Refused(bytes, "no UTF-8");
    }

    [Fact]
    public void Nesting_without_end_is_refused() =>
        Refused(Bytes(new string('[', 100_000), []), "no JSON");

    [Theory, InlineData(ulong.MaxValue), InlineData(1UL << 63), InlineData(100_000_001UL), InlineData(500UL)]
    public void A_lying_length_of_the_header_is_refused(ulong length)
    {
        var bytes = Bytes($$"""{"a":{{Entry}}}""", new byte[8]);
        BitConverter.GetBytes(length).CopyTo(bytes, 0);
        Refused(bytes, $"claims {length} bytes");
    }

    [Fact]
    public void Truncated_anywhere_it_is_refused()
    {
        var bytes = Bytes($$"""{"a":{{Entry}}}""", new byte[8]);
        for (var length = 0; length < bytes.Length; length++) Refused(bytes[..length], folder.Path);
    }

    [Fact]
    public void Damaged_anywhere_it_is_refused_or_read()
    {
        var sound = Bytes($$$"""{"__metadata__":{"format":"pt"},"a":{{{Entry}}},"b":{"dtype":"F4","shape":[2,2],"data_offsets":[8,10]}}""", new byte[10]);
        const string Pieces = "{}[]\":,0123456789-eE.\\\u0001 abF";
        var random = new Random(5);
        for (var round = 0; round < 5000; round++)
        {
            var bytes = (byte[])sound.Clone();
            for (var change = random.Next(1, 5); change > 0; change--)
                bytes[random.Next(bytes.Length)] = random.Next(4) == 0 ? (byte)random.Next(256) : (byte)Pieces[random.Next(Pieces.Length)];
            try
            {
                using var file = new SafetensorsFile(folder.File("damaged.safetensors", bytes));
                foreach (var tensor in file.Tensors.Values) _ = tensor.ToDoubles();
            }
            catch (CheckpointException)
            {
                // Refused, and said why.
            }
        }
    }

    [Fact]
    public void A_missing_file_is_an_error_that_names_it() =>
        Assert.Contains("absent.safetensors", Assert.Throws<CheckpointException>(() => new SafetensorsFile("absent.safetensors")).Message);

    static byte[] Bytes(string header, byte[] content)
    {
        var text = Encoding.UTF8.GetBytes(header);
        return [.. BitConverter.GetBytes((long)text.Length), .. text, .. content];
    }

    SafetensorsFile Open(string header, byte[] content) => new(folder.File("model.safetensors", Bytes(header, content)));

    void Refused(byte[] bytes, string said)
    {
        var path = folder.File("bad.safetensors", bytes);
        var error = Assert.Throws<CheckpointException>(() => new SafetensorsFile(path));
        Assert.Contains(path, error.Message);
        Assert.Contains(said, error.Message);
    }
}
