using Octant.Formats;
using static TorchSharp.torch;

namespace Goldens.Kinds;

/// <summary>Kind "format": every number type of a file, exactly.</summary>
static class Formats
{
    public static void Verify(Golden golden, Differences differences)
    {
        if (!golden.Has("tensors.safetensors"))
        {
            Assert.Skip($"{golden["reference"]}: not here yet");
            return;
        }
        using var file = golden.Tensors("tensors.safetensors");
        using var expected = golden.Tensors("expected.safetensors");
        foreach (var tensor in expected.Tensors.Values)
            differences.Compare(tensor.Name, Found(file, tensor.Name), Shaped(tensor));
        differences.Compare<byte>("the file written anew", WrittenAnew(file), File.ReadAllBytes(file.Origin));
    }

    static byte[] WrittenAnew(SafetensorsFile file)
    {
        var folder = Directory.CreateTempSubdirectory("octant-goldens-");
        try
        {
            SafetensorsWriter.WriteFolder(folder.FullName, file.Tensors.Values.Select(TensorSource.Copy), metadata: file.Metadata);
            return File.ReadAllBytes(Path.Combine(folder.FullName, "model.safetensors"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>`x.bits` are the integers of x as 64-bit ones, `x.real` and `x.imag` the parts of complex numbers.</summary>
    static Tensor Found(SafetensorsFile file, string name)
    {
        if (file.Tensors.TryGetValue(name, out var plain)) return Shaped(plain);
        var dot = name.LastIndexOf('.');
        var whole = file.Tensors[name[..dot]];
        if (name[dot..] == ".bits") return Shaped(whole);
        var part = name[dot..] == ".real" ? 0 : 1;
        return tensor(whole.ToDoubles().Where((_, i) => i % 2 == part).ToArray()).reshape([.. whole.Shape]);
    }

    static Tensor Shaped(TensorInfo info) =>
        info.Count == 0 ? zeros([.. info.Shape], float64)
        : info.Type is ElementType.I64 or ElementType.U64 ? tensor(info.ToIntegers()).reshape([.. info.Shape])
        : tensor(info.ToDoubles()).reshape([.. info.Shape]);
}
