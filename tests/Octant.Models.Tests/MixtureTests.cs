using Octant.Formats;
using Octant.Models.Conversion;

namespace Octant.Models.Tests;

/// <summary>Which matrix gets which type, as llama.cpp's own quantiser answered for models of the same shapes.</summary>
public sealed class MixtureTests : IDisposable
{
    const int Layers = 17;

    readonly string work = Directory.CreateTempSubdirectory("octant-mixture-").FullName;

    public void Dispose() => Directory.Delete(work, recursive: true);

    [Theory]
    [InlineData("Q2_K_M", "22222222222222222", "33333333333333333", "33333333333333333", "33333333333333333")]
    [InlineData("Q3_K_S", "33333333333333333", "33333333333333333", "33333333333333333", "33333333333333333")]
    [InlineData("Q3_K_M", "33333333333333333", "55444444444444444", "44444444444444444", "54444444444444444")]
    [InlineData("Q3_K_L", "33333333333333333", "55555555555555555", "55555555555555555", "55555555555555555")]
    [InlineData("Q4_K_S", "44444444444444444", "55554444444444444", "44444444444444444", "55444444444444444")]
    [InlineData("Q4_K_M", "44444444444444444", "66446446446446666", "44444444444444444", "66446446446446666")]
    [InlineData("Q5_K_S", "55555555555555555", "55555555555555555", "55555555555555555", "55555555555555555")]
    [InlineData("Q5_K_M", "55555555555555555", "66556556556556666", "55555555555555555", "66556556556556666")]
    public void Every_layer_s_matrices_get_llama_cpp_s_types(string name, string others, string values, string output, string down)
    {
        using var file = Converted(MatrixType.Parse(name.ToLowerInvariant()), hasHead: true);
        Assert.Equal(others, Types(file, "attn_q"));
        Assert.Equal(others, Types(file, "attn_k"));
        Assert.Equal(values, Types(file, "attn_v"));
        Assert.Equal(output, Types(file, "attn_output"));
        Assert.Equal(down, Types(file, "ffn_down"));
        Assert.Equal(others, Types(file, "ffn_up"));
        Assert.Equal(ElementType.Q6_K, file.Tensors["output.weight"].Type);
        Assert.Equal(others[..1], Digit(file.Tensors["token_embd.weight"].Type));
        Assert.Equal(ElementType.F32, file.Tensors["output_norm.weight"].Type);
    }

    [Fact]
    public void An_embedding_that_is_the_head_too_gets_the_head_s_type()
    {
        using var file = Converted(MatrixType.Parse("Q4_K_M"), hasHead: false);
        Assert.Equal(ElementType.Q6_K, file.Tensors["token_embd.weight"].Type);
        Assert.Equal(15, file.Metadata.Integer("general.file_type"));
    }

    [Fact]
    public void A_file_without_tensors_stays_one()
    {
        var path = Path.Combine(work, "none.gguf");
        GgufWriter.Write(path, new GgufKeys().Add("general.architecture", "llama"), []);
        Assert.Empty(ModelConverter.Convert(path, Path.Combine(work, "same.gguf"), MatrixType.Parse("Q4_K_M")).Types);
    }

    [Theory]
    [InlineData("Q9_0")]
    [InlineData("2")]
    [InlineData("")]
    public void Other_names_are_refused(string name) =>
        Assert.Contains("Q4_K_M", Assert.Throws<CheckpointException>(() => MatrixType.Parse(name)).Message);

    GgufFile Converted(MatrixType type, bool hasHead)
    {
        var (given, made) = (Path.Combine(work, "given.gguf"), Path.Combine(work, "made.gguf"));
        List<TensorSource> tensors = [Matrix("token_embd.weight"), TensorSource.Floats("output_norm.weight", new float[256], 256)];
        if (hasHead) tensors.Add(Matrix("output.weight"));
        for (var layer = 0; layer < Layers; layer++)
            foreach (var part in (string[])["attn_q", "attn_k", "attn_v", "attn_output", "ffn_up", "ffn_down"]) tensors.Add(Matrix($"blk.{layer}.{part}.weight"));
        GgufWriter.Write(given, new GgufKeys().Add("general.architecture", "llama"), tensors);
        ModelConverter.Convert(given, made, type);
        return new(made);
    }

    static TensorSource Matrix(string name) => TensorSource.Floats(name, new float[512], 2, 256);

    static string Types(GgufFile file, string part) => string.Concat(Enumerable.Range(0, Layers).Select(layer => Digit(file.Tensors[$"blk.{layer}.{part}.weight"].Type)));

    static string Digit(ElementType type) => type.ToString()[1..2];
}
