using Octant.Formats;

namespace Octant.Core.Tests.Formats;

public sealed class GgufMetadataTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_type_of_value_is_read()
    {
        using var file = Open(new GgufBytes()
            .Add("u8", GgufType.U8, [200]).Add("i8", GgufType.I8, [200])
            .Add("u16", GgufType.U16, BitConverter.GetBytes((ushort)60000)).Add("i16", GgufType.I16, BitConverter.GetBytes((short)-3))
            .Add("u32", uint.MaxValue).Add("i32", GgufType.I32, BitConverter.GetBytes(-4))
            .Add("u64", GgufType.U64, BitConverter.GetBytes(1UL << 62)).Add("i64", GgufType.I64, BitConverter.GetBytes(long.MinValue))
            .Add("f32", GgufType.F32, BitConverter.GetBytes(0.5f)).Add("f64", GgufType.F64, BitConverter.GetBytes(Math.E))
            .Add("yes", GgufType.Bool, [1]).Add("no", GgufType.Bool, [0]).Add("text", "größer"));
        var metadata = file.Metadata;
        Assert.Equal([200, -56, 60000, -3, uint.MaxValue, -4, 1L << 62, long.MinValue],
            ((string[])["u8", "i8", "u16", "i16", "u32", "i32", "u64", "i64"]).Select(key => metadata.Integer(key)!.Value));
        Assert.Equal(0.5, metadata.Number("f32"));
        Assert.Equal(Math.E, metadata.Number("f64"));
        Assert.Equal(60000, metadata.Number("u16"));
        Assert.True(metadata.Flag("yes"));
        Assert.False(metadata.Flag("no"));
        Assert.Equal("größer", metadata.Text("text"));
    }

    [Fact]
    public void Arrays_are_read_and_converted()
    {
        using var file = Open(new GgufBytes()
            .Add("texts", GgufType.Array, GgufBytes.Array(GgufType.Text, 3, GgufBytes.Text(""), GgufBytes.Text("né"), GgufBytes.Text("c")))
            .Add("floats", GgufType.Array, GgufBytes.Array(GgufType.F32, 2, BitConverter.GetBytes(-1f), BitConverter.GetBytes(2.5f)))
            .Add("shorts", GgufType.Array, GgufBytes.Array(GgufType.I16, 2, BitConverter.GetBytes((short)-1), BitConverter.GetBytes((short)9)))
            .Add("flags", GgufType.Array, GgufBytes.Array(GgufType.Bool, 3, [1], [0], [1]))
            .Add("none", GgufType.Array, GgufBytes.Array(GgufType.I32, 0))
            .Add("nested", GgufType.Array, GgufBytes.Array(GgufType.Array, 2,
                GgufBytes.Array(GgufType.U8, 2, [1, 2]), GgufBytes.Array(GgufType.Text, 1, GgufBytes.Text("x")))));
        var metadata = file.Metadata;
        Assert.Equal(["", "né", "c"], metadata.Texts("texts"));
        Assert.Equal("c", metadata.Texts("texts")![2]);
        Assert.Equal([-1f, 2.5f], metadata.Floats("floats")!);
        Assert.Equal([-1, 9], metadata.Ints("shorts")!);
        Assert.Equal([-1L, 9L], metadata.Longs("shorts")!);
        Assert.Equal([-1f, 9f], metadata.Floats("shorts")!);
        Assert.Equal([true, false, true], metadata.Flags("flags")!);
        Assert.Equal([], metadata.Ints("none")!);
        Assert.Equal([1, 2], metadata.Array("nested")!.Arrays()[0].Ints());
        Assert.Equal(["x"], metadata.Array("nested")!.Arrays()[1].Texts());
    }

    [Fact]
    public void An_absent_key_is_null()
    {
        using var file = Open(new());
        var metadata = file.Metadata;
        Assert.False(metadata.Has("k"));
        Assert.Null(metadata.Text("k"));
        Assert.Null(metadata.Integer("k"));
        Assert.Null(metadata.Number("k"));
        Assert.Null(metadata.Flag("k"));
        Assert.Null(metadata.Texts("k"));
        Assert.Null(metadata.Ints("k"));
    }

    [Fact]
    public void A_value_of_another_kind_is_an_error_that_names_key_and_kinds()
    {
        using var file = Open(new GgufBytes().Add("n", 5).Add("t", "x").Add("b", GgufType.Bool, [1])
            .Add("a", GgufType.Array, GgufBytes.Array(GgufType.F32, 1, BitConverter.GetBytes(1f))));
        var metadata = file.Metadata;
        Says("n of ", "U32; a text is needed", () => metadata.Text("n"));
        Says("t of ", "Text; an integer is needed", () => metadata.Integer("t"));
        Says("b of ", "Bool; a number is needed", () => metadata.Number("b"));
        Says("n of ", "U32; a truth value is needed", () => metadata.Flag("n"));
        Says("t of ", "Text; an array is needed", () => metadata.Floats("t"));
        Says("a of ", "F32[1]; a text is needed", () => metadata.Text("a"));
        Says("a of ", "F32[1]; an array of texts is needed", () => metadata.Texts("a"));
        Says("a of ", "F32[1]; an array of integers is needed", () => metadata.Ints("a"));
        Says("a of ", "F32[1]; an array of truth values is needed", () => metadata.Flags("a"));
    }

    [Fact]
    public void An_integer_that_does_not_fit_is_an_error()
    {
        using var file = Open(new GgufBytes().Add("u", GgufType.U64, BitConverter.GetBytes(ulong.MaxValue))
            .Add("us", GgufType.Array, GgufBytes.Array(GgufType.U64, 1, BitConverter.GetBytes(ulong.MaxValue)))
            .Add("ls", GgufType.Array, GgufBytes.Array(GgufType.I64, 1, BitConverter.GetBytes(1L << 40))));
        Says("u of ", "18446744073709551615", () => file.Metadata.Integer("u"));
        Says("us of ", "more than 64 bits", () => file.Metadata.Longs("us"));
        Says("ls of ", "more than 32 bits", () => file.Metadata.Ints("ls"));
        Assert.Equal(18446744073709551615.0, file.Metadata.Number("u"));
    }

    [Theory]
    [InlineData(float.NaN, "NaN")]
    [InlineData(float.NegativeInfinity, "-Infinity")]
    public void What_no_configuration_can_say_is_an_error(float number, string shown)
    {
        using var file = Open(new GgufBytes().Add("n", GgufType.F32, BitConverter.GetBytes(number)).Add("half", GgufType.F32, BitConverter.GetBytes(0.5f)));
        Says("n of ", $"{shown}; a finite number is needed", () => file.Metadata.Finite("n"));
        Assert.Equal(0.5, file.Metadata.Finite("half"));
        Assert.Null(file.Metadata.Finite("none"));
    }

    [Theory]
    [InlineData(500_000f, new[] { 1f, 8f }, null)]
    [InlineData(float.PositiveInfinity, new[] { 1f, 8f }, "llama.rope.freq_base of ")]
    [InlineData(500_000f, new[] { 1f, float.NaN }, "rope_freqs.weight divides by NaN")]
    [InlineData(500_000f, new[] { 0f, 8f }, "rope_freqs.weight divides by 0")]
    public void Rotary_positions_turn_by_numbers(float theta, float[] divisors, string? fault)
    {
        var bytes = new GgufBytes().Add("general.architecture", "llama").Add("llama.rope.freq_base", GgufType.F32, BitConverter.GetBytes(theta));
        foreach (var key in (string[])["embedding_length", "block_count", "feed_forward_length", "attention.head_count", "context_length"]) bytes.Add($"llama.{key}", 4);
        using var file = Open(bytes.AddTensor("token_embd.weight", 0, [4, 1], new byte[16])
            .AddTensor("rope_freqs.weight", 0, [2], [.. divisors.SelectMany(BitConverter.GetBytes)]));
        if (fault is null) Assert.Equal(8, (float)Octant.Configs.LlamaConfig.FromGguf(file)["rope_parameters"]!["divisors"]![1]!);
        else Assert.Contains(fault, Assert.Throws<CheckpointException>(() => Octant.Configs.LlamaConfig.FromGguf(file)).Message);
    }

    [Fact]
    public void Keys_are_listed_in_order_with_their_kinds()
    {
        using var file = Open(new GgufBytes().Add("z", 5).Add("a", GgufType.Array, GgufBytes.Array(GgufType.Bool, 2, [1], [0])).Add("m", "x"));
        Assert.Equal(["z: U32", "a: Bool[2]", "m: Text"], file.Metadata.Entries.Select(entry => $"{entry.Key}: {entry.Kind}"));
    }

    [Fact]
    public void A_large_vocabulary_takes_no_memory_before_it_is_read()
    {
        var tokens = Enumerable.Range(0, 150_000).Select(i => GgufBytes.Text($"token {i}")).ToArray();
        var path = folder.File("large.gguf", new GgufBytes()
            .Add("tokens", GgufType.Array, GgufBytes.Array(GgufType.Text, (ulong)tokens.Length, tokens)).ToBytes());
        new GgufFile(path).Dispose();
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var file = new GgufFile(path);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000);
        Assert.Equal("token 149999", file.Metadata.Texts("tokens")![^1]);
    }

    static void Says(string key, string kinds, Func<object?> read)
    {
        var error = Assert.Throws<CheckpointException>(read);
        Assert.StartsWith(key, error.Message);
        Assert.Contains(kinds, error.Message);
    }

    GgufFile Open(GgufBytes writer) => new(folder.File("model.gguf", writer.ToBytes()));
}
