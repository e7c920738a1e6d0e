using CsCheck;
using Octant.Formats;

namespace Octant.Core.Tests.Formats;

/// <summary>Files that were written are read as what they were.</summary>
public sealed class GgufWritingTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_key_and_tensor_comes_back() =>
        Gen.Select(Gen.String.Array[0, 5], Gen.Float.Array[0, 9], Gen.Int.Array[0, 9], Gen.Int[1, 4], Gen.Int[1, 5]).Sample((texts, numbers, counts, dimensions, size) =>
        {
            texts = [.. texts.Select(text => text.Normalize(System.Text.NormalizationForm.FormD).Replace("\ufffd", "", StringComparison.Ordinal))];
            var path = Path.Combine(folder.Path, "a.gguf");
            var values = Enumerable.Range(0, (int)Math.Pow(size, dimensions)).Select(i => i * 0.5f).ToArray();
            GgufWriter.Write(path, new GgufKeys().Add("text", "größer").Add("flag", true).Add("count", 7u).Add("number", 0.25f)
                    .Add("texts", texts).Add("numbers", numbers).Add("counts", counts).Add("count", 8u),
                [TensorSource.Floats("x.weight", values, [.. Enumerable.Repeat((long)size, dimensions)]), TensorSource.Floats("b", new float[] { 1 }, 1)]);
            using var file = new GgufFile(path);
            Assert.Equal(("größer", true, 8L, 0.25), (file.Metadata.Text("text"), file.Metadata.Flag("flag"), file.Metadata.Integer("count"), file.Metadata.Number("number")));
            Assert.Equal(texts, file.Metadata.Texts("texts")!);
            Assert.Equal(numbers, file.Metadata.Floats("numbers")!);
            Assert.Equal(counts, file.Metadata.Ints("counts")!);
            Assert.Equal(values, file.Tensors["x.weight"].ToFloats());
            Assert.Equal([1f], file.Tensors["b"].ToFloats());
            var copy = Path.Combine(folder.Path, "b.gguf");
            GgufWriter.Write(copy, new GgufKeys().AddAll(file.Metadata), file.Tensors.Values.Select(TensorSource.Copy));
            Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(copy));
        }, iter: 100, threads: 1);

    /// <summary>What we have no words for ourselves, and what is no UTF-8, must not be lost in a file that another program reads.</summary>
    [Fact]
    public void Values_of_every_kind_are_copied_byte_by_byte()
    {
        byte[] broken = [.. BitConverter.GetBytes(3ul), 0x61, 0xFF, 0xC3];
        var inner = GgufBytes.Array(GgufType.Text, 2, broken, GgufBytes.Text("b"));
        var (path, copy) = (Path.Combine(folder.Path, "a.gguf"), Path.Combine(folder.Path, "b.gguf"));
        File.WriteAllBytes(path, new GgufBytes().Add("broken", GgufType.Text, broken)
            .Add("brokens", GgufType.Array, GgufBytes.Array(GgufType.Text, 2, GgufBytes.Text(""), broken))
            .Add("nested", GgufType.Array, GgufBytes.Array(GgufType.Array, 3, inner, GgufBytes.Array(GgufType.U16, 2, [1, 2, 3, 4]), GgufBytes.Array(GgufType.F64, 0)))
            .Add("last", GgufType.U64, BitConverter.GetBytes(ulong.MaxValue)).AddTensor("x", 0, [1], new byte[4]).ToBytes());
        using var file = new GgufFile(path);
        GgufWriter.Write(copy, new GgufKeys().AddAll(file.Metadata), file.Tensors.Values.Select(TensorSource.Copy));
        Assert.Equal(File.ReadAllBytes(path).AsSpan(0, Header(path)), File.ReadAllBytes(copy).AsSpan(0, Header(copy)));

        static int Header(string path) => File.ReadAllBytes(path).AsSpan().IndexOf("last"u8) + 16;
    }

    [Fact]
    public void What_the_format_cannot_hold_is_refused_and_nothing_is_left()
    {
        Refuses("F8", new TensorSource("x", ElementType.F8E4M3, [1], _ => { }));
        Refuses("5 dimensions", TensorSource.Floats("x", new float[1], 1, 1, 1, 1, 1));
        Refuses("63 bytes", TensorSource.Floats(new string('x', 64), new float[1], 1));
        Assert.Throws<ArgumentException>(() => GgufWriter.Write(Path.Combine(folder.Path, "a.gguf"), new(), [TensorSource.Floats("x", new float[1], 1), TensorSource.Floats("x", new float[1], 1)]));
        Assert.Throws<ArgumentException>(() => GgufWriter.Write(Path.Combine(folder.Path, "a.gguf"), new(), [new TensorSource("x", ElementType.F32, [2], _ => { })]));
        Assert.Empty(Directory.EnumerateFiles(folder.Path));
    }

    void Refuses(string message, TensorSource tensor) => Assert.Contains(message,
        Assert.Throws<CheckpointException>(() => GgufWriter.Write(Path.Combine(folder.Path, "a.gguf"), new(), [tensor])).Message);
}
