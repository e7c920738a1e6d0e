using System.Text.Json.Nodes;
using Octant.Formats;
using Octant.Formats.Quantizing;
using static TorchSharp.torch;

namespace Goldens.Kinds;

/// <summary>Kind "quantization": what the block types of GGUF decode to, and what numbers are encoded to.</summary>
static class Quantization
{
    public static void Verify(Golden golden, Differences differences)
    {
        if (golden["types"] is { } types) VerifyDecoding(golden, types, differences);
        else if ((string?)golden["reference"] is { } reference && (reference.StartsWith("gguf", StringComparison.Ordinal) || reference.StartsWith("llama.cpp", StringComparison.Ordinal)))
            VerifyEncoding(golden, differences);
        else Assert.Skip($"{golden["reference"]}: only GGUF's types are there so far");
    }

    static void VerifyEncoding(Golden golden, Differences differences)
    {
        using var inputs = golden.Tensors("inputs.safetensors");
        using var expected = golden.Tensors("expected.safetensors");
        var values = inputs.Tensors["values"].ToFloats();
        foreach (var (name, tensor) in expected.Tensors)
        {
            var bytes = new byte[tensor.Bytes];
            Quantizer.Encode(Enum.Parse<ElementType>(name[..name.IndexOf('.', StringComparison.Ordinal)]), values, bytes);
            differences.Compare<byte>(name, (IReadOnlyList<byte>)bytes, tensor.Read(0, bytes.Length).ToArray());
        }
    }

    static void VerifyDecoding(Golden golden, JsonNode types, Differences differences)
    {
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
