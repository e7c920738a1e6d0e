using System.Buffers.Binary;
using System.Text;
using Octant.Formats;

namespace Octant.Models.Tests;

/// <summary>Nothing stops at 2^31.</summary>
public sealed class LargeTensorTests
{
    [Fact]
    public void A_tensor_of_more_than_two_to_the_31_elements_is_mapped_to_its_last()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("octant-large-").FullName, "model.safetensors");
        try
        {
            // A file with a hole takes no room on disk, and mapping it takes none in memory.
            const long count = (1L << 31) + 64;
            Write(path, count, last: 42);
            using var file = new SafetensorsFile(path);
            using var reader = new TensorReader();
            using var tensor = reader.Read(file.Tensors["large"]);
            Assert.Equal(count, tensor.numel());
            Assert.Equal(42, tensor[count - 1].item<byte>());
            Assert.Equal(0, tensor[count - 2].item<byte>());
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    static void Write(string path, long count, byte last)
    {
        var header = Encoding.UTF8.GetBytes($$$"""{"large":{"dtype":"U8","shape":[{{{count}}}],"data_offsets":[0,{{{count}}}]}}""");
        using var stream = File.Create(path);
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        stream.Write(length);
        stream.Write(header);
        stream.SetLength(8 + header.Length + count);
        stream.Seek(-1, SeekOrigin.End);
        stream.WriteByte(last);
    }
}
