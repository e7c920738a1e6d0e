using Octant.Formats;
using static TorchSharp.torch;

namespace Goldens.Kinds;

/// <summary>Kind "quantization": what the block types of GGUF decode to.</summary>
static class Quantization
{
    public static void Verify(Golden golden, Differences differences)
    {
        if (golden["types"] is not { } types)
        {
            Assert.Skip($"{golden["reference"]}: only GGUF's types are decoded so far");
            return;
        }
        using var inputs = golden.Tensors("inputs.safetensors");
        using var expected = golden.Tensors("expected.safetensors");
        foreach (var (name, facts) in types.AsObject())
        {
            var type = Enum.Parse<ElementType>(name);
            differences.Compare($"{name}.layout", type.Layout(), new BlockLayout((int)facts!["block"]!, (int)facts["bytes"]!));
            var (bytes, values) = (inputs.Tensors[$"{name}.bytes"], expected.Tensors[$"{name}.values"]);
            var decoded = new float[values.Count];
            Elements.Decode(type, bytes.Read(0, (int)bytes.Bytes), decoded);
            differences.Compare($"{name}.values", tensor(decoded, [.. values.Shape]), tensor(values.ToFloats(), [.. values.Shape]));
        }
    }
}
