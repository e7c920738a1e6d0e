using Octant.Formats;
using Octant.Models;
using static TorchSharp.torch;

namespace Goldens.Kinds;

/// <summary>Kind "format": every number type of a file, exactly.</summary>
static class Formats
{
    public static void Verify(Golden golden, Differences differences)
    {
        if (golden.Has("zip.pt")) VerifyTorch(golden, differences);
        else if (golden.Has("f32.npy")) VerifyNumpy(golden, differences);
        else VerifySafetensors(golden, differences);
    }

    /// <summary>The archive and the older row of pickles hold the same; what would run a program is refused.</summary>
    static void VerifyTorch(Golden golden, Differences differences)
    {
        using var expected = golden.Tensors("expected.safetensors");
        foreach (var name in (string[])["zip.pt", "legacy.pt"])
        {
            differences.Variant = name;
            using var file = TensorFiles.Open(golden.PathOf(name));
            differences.Compare("tensors", string.Join(' ', file.Tensors.Keys.Order(StringComparer.Ordinal)), string.Join(' ', expected.Tensors.Keys.Order(StringComparer.Ordinal)));
            CompareAll(file, expected, differences);
        }
        differences.Variant = "tensor.pt";
        using (var single = TensorFiles.Open(golden.PathOf("tensor.pt")))
            differences.Compare("tensor", Shaped(single.Tensors.Values.Single()), Shaped(expected.Tensors["nested.list.0"]));
        foreach (var path in Directory.EnumerateFiles(golden.Folder, "malicious*"))
            CompareRefusal(path, "system", differences);
    }

    static void VerifyNumpy(Golden golden, Differences differences)
    {
        using var expected = golden.Tensors("expected.safetensors");
        foreach (var path in Directory.EnumerateFiles(golden.Folder, "*.np?"))
        {
            var name = Path.GetFileNameWithoutExtension(path);
            differences.Variant = Path.GetFileName(path);
            if (name == "object")
            {
                CompareRefusal(path, "objects", differences);
                continue;
            }
            using var file = TensorFiles.Open(path);
            if (path.EndsWith(".npz", StringComparison.Ordinal)) CompareAll(file, expected, differences);
            else differences.Compare(name, Shaped(file.Tensors[name]), Shaped(expected.Tensors[name == "version2" ? "f32" : name]));
        }
    }

    /// <summary>As they are read here, and as Torch's tensors of them.</summary>
    static void CompareAll(ITensorFile file, SafetensorsFile expected, Differences differences)
    {
        using var reader = new TensorReader();
        foreach (var tensor in file.Tensors.Values)
        {
            differences.Compare(tensor.Name, Shaped(tensor), Shaped(expected.Tensors[tensor.Name]));
            differences.Compare($"{tensor.Name} in Torch", reader.Read(tensor).to_type(float64), Shaped(expected.Tensors[tensor.Name]).to_type(float64));
        }
    }

    static void CompareRefusal(string path, string word, Differences differences)
    {
        try
        {
            using var file = TensorFiles.Open(path);
            differences.Note(Path.GetFileName(path), "was opened");
        }
        catch (CheckpointException refusal)
        {
            differences.Compare(Path.GetFileName(path), refusal.Message.Contains(word, StringComparison.Ordinal), true);
        }
    }

    static void VerifySafetensors(Golden golden, Differences differences)
    {
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
