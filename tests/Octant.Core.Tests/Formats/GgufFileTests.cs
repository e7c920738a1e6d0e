using Octant.Formats;

namespace Octant.Core.Tests.Formats;

public sealed class GgufFileTests : IDisposable
{
    const uint F32 = 0, Q4_0 = 2;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory, InlineData(2), InlineData(3)]
    public void Tensors_are_read_with_the_outermost_dimension_first(uint version)
    {
        var values = Enumerable.Range(0, 6).Select(i => (float)i).ToArray();
        using var file = Open(new GgufBytes { Version = version }
            .AddTensor("a", F32, [3, 2], [.. values.SelectMany(BitConverter.GetBytes)])
            .AddTensor("blocks", Q4_0, [32, 1, 2], new byte[36])
            .AddTensor("scalar", F32, [], BitConverter.GetBytes(7f))
            .AddTensor("nothing", F32, [4, 0], []));
        Assert.Equal((int)version, file.Version);
        Assert.Equal([2, 3], file.Tensors["a"].Shape);
        Assert.Equal(values, file.Tensors["a"].ToFloats());
        Assert.Equal([2, 1, 32], file.Tensors["blocks"].Shape);
        Assert.Equal(ElementType.Q4_0, file.Tensors["blocks"].Type);
        Assert.Equal([7f], file.Tensors["scalar"].ToFloats());
        Assert.Empty(file.Tensors["nothing"].ToFloats());
    }

    [Fact]
    public void A_run_of_a_tensor_decodes_from_any_block_on()
    {
        var bytes = new byte[4 * 18];
        new Random(3).NextBytes(bytes);
        using var file = Open(new GgufBytes().AddTensor("q", Q4_0, [64, 2], bytes));
        var tensor = file.Tensors["q"];
        var part = new float[64];
        tensor.Decode(32, part);
        Assert.Equal(tensor.ToFloats()[32..96], part);
        Assert.Throws<ArgumentException>(() => tensor.Decode(16, part));
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.Decode(96, part));
    }

    [Fact]
    public void Another_alignment_is_followed()
    {
        using var file = Open(new GgufBytes { Alignment = 64 }.Add("general.alignment", 64)
            .AddTensor("a", F32, [1], BitConverter.GetBytes(1f)).AddTensor("b", F32, [1], BitConverter.GetBytes(2f)));
        Assert.Equal(0, file.Tensors["b"].Offset % 64);
        Assert.Equal([2f], file.Tensors["b"].ToFloats());
    }

    [Theory]
    [InlineData(1u, "version 1")]
    [InlineData(4u, "version 4")]
    [InlineData(3u << 24, "big-endian")]
    [InlineData(2u << 24, "big-endian")]
    public void Other_versions_are_refused_by_name(uint version, string said) =>
        Refused(new GgufBytes { Version = version }.ToBytes(), said);

    static readonly Dictionary<string, (string Said, Func<GgufBytes> Writer)> Liars = new()
    {
        ["more tensors than fit"] = ("claims 18446744073709551615 tensors", () => new() { Tensors = ulong.MaxValue }),
        ["more keys than fit"] = ("claims 4611686018427387904 metadata keys", () => new() { Keys = 1UL << 62 }),
        ["a text longer than the file"] = ("claims 9223372036854775807 bytes", () => new GgufBytes().Add("k", GgufType.Text, BitConverter.GetBytes(long.MaxValue))),
        ["an array longer than the file"] = ("claims 1099511627776 elements of k", () => new GgufBytes().Add("k", GgufType.Array, GgufBytes.Array(GgufType.U8, 1UL << 40))),
        ["an array of empty arrays"] = ("claims 1099511627776 elements of k", () => new GgufBytes().Add("k", GgufType.Array, GgufBytes.Array(GgufType.Array, 1UL << 40))),
        ["an unknown metadata type"] = ("unknown metadata type 13", () => new GgufBytes().Add("k", (GgufType)13, [])),
        ["an unknown element type"] = ("unknown metadata type 99", () => new GgufBytes().Add("k", GgufType.Array, GgufBytes.Array((GgufType)99, 1))),
        ["deep nesting"] = ("nests arrays deeper than 8", () => new GgufBytes().Add("k", GgufType.Array, Nested(1000))),
        ["a key twice"] = ("the key k stands in it twice", () => new GgufBytes().Add("k", 1).Add("k", 2)),
        ["a tensor twice"] = ("the tensor a stands in it twice", () => new GgufBytes().AddTensor("a", F32, [1], new byte[4]).AddTensor("a", F32, [1], new byte[4])),
        ["five dimensions"] = ("claims 5 dimensions", () => new GgufBytes().AddTensor("a", F32, [1, 1, 1, 1, 1], new byte[4])),
        ["an overflowing shape"] = ("claims the shape", () => new GgufBytes().AddTensor("a", F32, [1UL << 62, 1UL << 62], new byte[4])),
        ["a negative dimension"] = ("claims a dimension of 18446744073709551615", () => new GgufBytes().AddTensor("a", F32, [ulong.MaxValue], new byte[4])),
        ["a tensor larger than the file"] = ("reaches beyond its end", () => new GgufBytes().AddTensor("a", F32, [1000], new byte[4])),
        ["an offset behind the end"] = ("reaches beyond its end", () => new GgufBytes().AddTensor("a", F32, [1], new byte[4], 1UL << 40)),
        ["an offset that overflows"] = ("reaches beyond its end", () => new GgufBytes().AddTensor("a", F32, [1], new byte[4], long.MaxValue - 31)),
        ["a negative offset"] = ("claims to begin at 18446744073709551584", () => new GgufBytes().AddTensor("a", F32, [1], new byte[4], ulong.MaxValue - 31)),
        ["a crooked offset"] = ("no multiple of the alignment 32", () => new GgufBytes().AddTensor("a", F32, [1], new byte[64], 4)),
        ["tensors that overlap"] = ("a and b share bytes", () => new GgufBytes().AddTensor("a", F32, [16], new byte[64]).AddTensor("b", F32, [1], new byte[4], 32)),
        ["half a block"] = ("no whole number of blocks of 32", () => new GgufBytes().AddTensor("a", Q4_0, [16, 2], new byte[18])),
        ["a type of the future"] = ("GGML's type number 4711", () => new GgufBytes().AddTensor("a", 4711, [1], new byte[4])),
        ["a type given up"] = ("Q4_2 or Q4_3", () => new GgufBytes().AddTensor("a", 4, [32], new byte[18])),
        ["an alignment of zero"] = ("no power of two", () => new GgufBytes().Add("general.alignment", 0)),
        ["an alignment of three"] = ("no power of two", () => new GgufBytes().Add("general.alignment", 3)),
        ["an alignment in words"] = ("an integer is needed", () => new GgufBytes().Add("general.alignment", "32")),
    };

    public static TheoryData<string> Lies() => [.. Liars.Keys];

    [Theory, MemberData(nameof(Lies))]
    public void A_lying_file_is_refused(string lie)
    {
        var (said, writer) = Liars[lie];
        Refused(writer().ToBytes(), said);
    }

    [Fact]
    public void A_key_that_is_no_UTF8_is_refused()
    {
        var bytes = new GgufBytes().Add("k", 3).ToBytes();
        bytes[24 + 8] = 0xFF;
        Refused(bytes, "is no UTF-8");
    }

    [Fact]
    public void Truncated_anywhere_it_is_refused()
    {
        var bytes = Everything().ToBytes();
        for (var length = 0; length < bytes.Length - 31; length++)      // the last tensor has one byte and 31 of padding
            Refused(bytes[..length], folder.Path);
    }

    [Fact]
    public void Damaged_anywhere_it_is_refused_or_read()
    {
        var sound = Everything().ToBytes();
        var random = new Random(11);
        for (var round = 0; round < 4000; round++)
        {
            var bytes = (byte[])sound.Clone();
            for (var change = random.Next(1, 4); change > 0; change--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                using var file = new GgufFile(folder.File("damaged.gguf", bytes));
                foreach (var tensor in file.Tensors.Values) _ = tensor.ToFloats();
                foreach (var entry in file.Metadata.Entries) Read(file.Metadata, entry);
            }
            catch (CheckpointException)
            {
                // Refused, and said why.
            }
        }
    }

    [Fact]
    public void All_parts_of_a_split_model_are_opened_by_the_first()
    {
        WriteParts(3);
        using var file = new GgufFile(PathOf("m-00001-of-00003.gguf"));
        Assert.Equal(3, file.Parts);
        Assert.Equal(["t0", "t1", "t2"], file.Tensors.Keys.Order());
        Assert.Equal([2f], file.Tensors["t2"].ToFloats());
    }

    [Fact]
    public void Missing_parts_are_named()
    {
        WriteParts(4);
        File.Delete(PathOf("m-00002-of-00004.gguf"));
        File.Delete(PathOf("m-00004-of-00004.gguf"));
        var error = Assert.Throws<CheckpointException>(() => new GgufFile(PathOf("m-00001-of-00004.gguf")));
        Assert.Contains("m-00002-of-00004.gguf, m-00004-of-00004.gguf", error.Message);
    }

    [Fact]
    public void A_later_part_names_the_first()
    {
        WriteParts(2);
        var error = Assert.Throws<CheckpointException>(() => new GgufFile(PathOf("m-00002-of-00002.gguf")));
        Assert.Contains("-00001-of-00002.gguf", error.Message);
    }

    [Fact]
    public void Parts_that_contradict_each_other_are_refused()
    {
        WriteParts(2);
        File.Copy(PathOf("m-00001-of-00002.gguf"), PathOf("m-00002-of-00002.gguf"), overwrite: true);
        Assert.Contains("part 2 of 2", Assert.Throws<CheckpointException>(() => new GgufFile(PathOf("m-00001-of-00002.gguf"))).Message);
        File.Copy(PathOf("m-00001-of-00002.gguf"), PathOf("other.gguf"));
        Assert.Contains("whose names must end in", Assert.Throws<CheckpointException>(() => new GgufFile(PathOf("other.gguf"))).Message);
        WriteParts(2, announced: 5);
        Assert.Contains("5 were announced", Assert.Throws<CheckpointException>(() => new GgufFile(PathOf("m-00001-of-00002.gguf"))).Message);
    }

    [Fact]
    public void A_closed_file_is_not_read()
    {
        var file = Open(new GgufBytes().Add("k", "v").AddTensor("a", F32, [1], new byte[4]));
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.Metadata.Text("k"));
        Assert.Throws<ObjectDisposedException>(() => file.Tensors["a"].ToFloats());
    }

    static GgufBytes Everything() => new GgufBytes()
        .Add("text", "naïve").Add("number", 5)
        .Add("wide", GgufType.U64, BitConverter.GetBytes(ulong.MaxValue))
        .Add("flag", GgufType.Bool, [1])
        .Add("texts", GgufType.Array, GgufBytes.Array(GgufType.Text, 2, GgufBytes.Text("a"), GgufBytes.Text("bc")))
        .Add("floats", GgufType.Array, GgufBytes.Array(GgufType.F32, 2, BitConverter.GetBytes(1f), BitConverter.GetBytes(2f)))
        .Add("nested", GgufType.Array, Nested(2))
        .AddTensor("q", Q4_0, [32, 2], new byte[36]).AddTensor("b", 24, [1], [1]);

    static byte[] Nested(int depth) =>
        depth == 0 ? GgufBytes.Array(GgufType.U8, 1, [7]) : GgufBytes.Array(GgufType.Array, 1, Nested(depth - 1));

    static void Read(GgufMetadata metadata, GgufEntry entry)
    {
        if (entry.Elements == GgufType.Text) _ = metadata.Texts(entry.Key)!.ToArray();
        else if (entry.Elements == GgufType.Array) _ = metadata.Array(entry.Key)!.Arrays();
        else if (entry.Elements == GgufType.Bool) _ = metadata.Flags(entry.Key);
        else if (entry.Elements is not null) _ = metadata.Floats(entry.Key);
        else if (entry.Type == GgufType.Text) _ = metadata.Text(entry.Key);
        else if (entry.Type == GgufType.Bool) _ = metadata.Flag(entry.Key);
        else _ = metadata.Number(entry.Key);
    }

    void WriteParts(int count, uint? announced = null)
    {
        for (var i = 0; i < count; i++)
            folder.File($"m-{i + 1:D5}-of-{count:D5}.gguf", new GgufBytes()
                .Add("split.no", GgufType.U16, BitConverter.GetBytes((ushort)i))
                .Add("split.count", GgufType.U16, BitConverter.GetBytes((ushort)count))
                .Add("split.tensors.count", announced ?? (uint)count)
                .AddTensor($"t{i}", F32, [1], BitConverter.GetBytes((float)i)).ToBytes());
    }

    string PathOf(string name) => Path.Combine(folder.Path, name);

    GgufFile Open(GgufBytes writer) => new(folder.File("model.gguf", writer.ToBytes()));

    void Refused(byte[] bytes, string said)
    {
        var path = folder.File("bad.gguf", bytes);
        var error = Assert.Throws<CheckpointException>(() => new GgufFile(path));
        Assert.Contains(path, error.Message);
        Assert.Contains(said, error.Message);
    }
}
