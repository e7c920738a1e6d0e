using System.IO.Compression;
using System.Text;
using CsCheck;
using Octant.Formats;
using Octant.Formats.Pickles;

namespace Octant.Core.Tests.Formats;

/// <summary>The files themselves are compared with PyTorch's own under tests/Goldens; here is what they must not do.</summary>
public sealed class TorchFileTests : IDisposable
{
    const string Tensor = "ctorch._utils\n_rebuild_tensor_v2\n";

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Tensors_have_dotted_names_and_views_share_numbers()
    {
        var view = $"({Storage("0", 6)}I1\n(I2\nI2\nt(I2\nI1\ntI00\nNtR";
        using var file = Open(Archive($"(dS'a'\n(dS'b'\n(l{Tensor}{view}asI7\n{Tensor}{view}ss.", [1, 2, 3, 4, 5, 6]));
        Assert.Equal(["a.7", "a.b.0"], file.Tensors.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([2, 3, 4, 5], file.Tensors["a.b.0"].ToFloats());
    }

    [Fact]
    public void A_transposed_and_an_expanded_view_are_read_in_the_order_of_their_shape()
    {
        var transposed = $"{Tensor}({Storage("0", 6)}I0\n(I3\nI2\nt(I1\nI3\ntI00\nNtR";
        var expanded = $"{Tensor}({Storage("0", 6)}I4\n(I2\nI3\nt(I1\nI0\ntI00\nNtR";
        using var file = Open(Archive($"(dS't'\n{transposed}sS'e'\n{expanded}s.", [1, 2, 3, 4, 5, 6]));
        Assert.Equal([1, 4, 2, 5, 3, 6], file.Tensors["t"].ToFloats());
        Assert.Equal([5, 5, 5, 6, 6, 6], file.Tensors["e"].ToFloats());
        var part = new float[2];
        file.Tensors["t"].Decode(3, part);
        Assert.Equal([5, 3], part);
    }

    [Theory]
    [InlineData("cposix\nsystem\n(S'true'\ntR.", "posix.system")]
    [InlineData("cos\nsystem\n(S'true'\ntR.", "os.system")]
    [InlineData("cbuiltins\neval\n(S'1'\ntR.", "builtins.eval")]
    [InlineData("cbuiltins\ngetattr\n.", "builtins.getattr")]
    [InlineData("ctorch\nload\n.", "torch.load")]
    [InlineData("ctorch._utils\n_rebuild_sparse_tensor\n.", "torch._utils._rebuild_sparse_tensor")]
    [InlineData("cargparse\nNamespace\n.", "argparse.Namespace")]
    [InlineData("(ios\nsystem\n.", "INST")]
    [InlineData("\u0082\u0001.", "registry")]
    [InlineData("S'posix'\nS'system'\n\u0093.", "posix.system")]
    public void What_is_no_tensor_is_refused_by_name(string pickle, string named) => Assert.Contains(named, Refusal(Archive(pickle, [])));

    [Theory]
    [InlineData("", "cut off")]
    [InlineData("}", "cut off")]
    [InlineData(".", "stack is empty")]
    [InlineData("(.", "stack is empty")]
    [InlineData("}0.", "stack is empty")]
    [InlineData("l.", "never began")]
    [InlineData("}S'a'\nu.", "never began")]
    [InlineData("(S'a'\nd.", "key without a value")]
    [InlineData("Ia\n.", "no number")]
    [InlineData("g5\n.", "note 5")]
    [InlineData("T\u00ff\u00ff\u00ff\u007f.", "claims")]
    [InlineData("T\u00ff\u00ff\u00ff\u00ff.", "claims")]
    [InlineData("\u008d\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f.", "claims")]
    [InlineData("\u0080\u0009.", "protocol")]
    [InlineData("\u00fe.", "no opcode")]
    [InlineData("I1\nI2\na.", "no list")]
    [InlineData("NNb.", "state")]
    public void A_damaged_pickle_is_one_error(string pickle, string expected) => Assert.Contains(expected, Refusal(Archive(pickle, [])));

    [Theory]
    [InlineData("I0\n(I7\nt(I1\nt", "reaches beyond")]
    [InlineData("I5\n(I2\nt(I1\nt", "reaches beyond")]
    [InlineData("I-1\n(I2\nt(I1\nt", "reaches beyond")]
    [InlineData("I0\n(I9000000000000000000\nI9\nt(I0\nI0\nt", "claims the shape")]
    [InlineData("I0\n(I1000000000\nt(I0\nt", "is a view of 1000000000 numbers")]
    [InlineData("I0\n(I2\nt(I4611686018427387904\nt", "reaches beyond")]
    [InlineData("I0\n(I2\nI2\nt(I1\nt", "2 dimensions and 1 strides")]
    [InlineData("I0\n(I-2\nt(I1\nt", "no numbers from 0")]
    public void A_view_outside_of_its_storage_is_one_error(string view, string expected) =>
        Assert.Contains(expected, Refusal(Archive($"{Tensor}({Storage("0", 6)}{view}I00\nNtR.", [1, 2, 3, 4, 5, 6])));

    [Fact]
    public void Lists_within_themselves_and_endless_sharing_come_to_an_end()
    {
        Assert.Contains("deeper", Refusal(Archive("]p0\ng0\na.", [])));
        var shared = new StringBuilder("]p0\n");
        for (var i = 1; i < 60; i++) shared.Append(System.Globalization.CultureInfo.InvariantCulture, $"]p{i}\ng{i - 1}\nag{i - 1}\na");
        Assert.Contains("places", Refusal(Archive($"{shared}.", [])));
        Assert.Contains("deeper", Refusal(Archive(new string(']', 100_000) + new string('a', 99_999) + ".", [])));
    }

    [Fact]
    public void A_parameter_of_a_parameter_does_not_overflow_the_stack()
    {
        var nested = new StringBuilder();
        for (var i = 0; i < 50_000; i++) nested.Append("ctorch._utils\n_rebuild_parameter\n(");
        nested.Append($"{Tensor}({Storage("0", 6)}I0\n(I6\nt(I1\ntI00\nNtR");
        for (var i = 0; i < 50_000; i++) nested.Append("I00\nNtR");
        Assert.Contains("parameter of a parameter", Refusal(Archive($"{nested}.", [1, 2, 3, 4, 5, 6])));
    }

    [Fact]
    public void Storages_of_files_before_archives_are_little_endian_whatever_machine_wrote_them()
    {
        using var file = Open(Legacy("}S'little_endian'\nI00\ns.", $"{Tensor}({Storage("0", 2)}I0\n(I2\nt(I1\ntI00\nNtR.", [1.5f, -2]));
        Assert.Equal([1.5f, -2], file.Tensors["tensor"].ToFloats());
    }

    [Fact]
    public void Storages_of_archives_have_the_byte_order_that_they_say()
    {
        byte[] big = [0x3f, 0xc0, 0, 0, 0xc0, 0, 0, 0];
        using (var file = Open(Ordered("big", big))) Assert.Equal([1.5f, -2], file.Tensors["tensor"].ToFloats());
        big.AsSpan(0, 4).Reverse();
        big.AsSpan(4, 4).Reverse();
        using (var file = Open(Ordered("little", big))) Assert.Equal([1.5f, -2], file.Tensors["tensor"].ToFloats());
        Assert.Contains("neither little nor big", Refusal(Ordered("middle", big)));

        static byte[] Ordered(string order, byte[] numbers) =>
            Zip(("m/data.pkl", Bytes($"{Tensor}({Storage("0", 2)}I0\n(I2\nt(I1\ntI00\nNtR.")), ("m/byteorder", Bytes(order)), ("m/data/0", numbers));
    }

    [Theory]
    [InlineData("}S'conj'\nI01\ns", "conj")]
    [InlineData("}S'neg'\nI01\ns", "neg")]
    [InlineData("ccollections\nOrderedDict\n)RS'neg'\nI01\ns", "neg")]
    [InlineData("I1\n", "no dictionary")]
    public void A_tensor_whose_numbers_are_to_be_conjugated_or_negated_is_refused_by_name(string marks, string named)
    {
        var view = $"({Storage("0", 2)}I0\n(I2\nt(I1\ntI00\nN";
        Assert.Contains(named, Refusal(Archive($"{Tensor}{view}{marks}tR.", [1, 2])));
        Assert.Contains(named, Refusal(Archive($"ctorch._utils\n_rebuild_tensor_v3\n{view}ctorch\nfloat32\n{marks}tR.", [1, 2])));
    }

    [Fact]
    public void Marks_that_say_no_change_nothing()
    {
        using var file = Open(Archive($"{Tensor}({Storage("0", 2)}I0\n(I2\nt(I1\ntI00\nN}}S'conj'\nI00\nsS'neg'\nI00\nstR.", [1, 2]));
        Assert.Equal([1, 2], file.Tensors["tensor"].ToFloats());
    }

    [Fact]
    public void A_state_that_would_make_a_tensor_another_is_refused() =>
        Assert.Contains("another state", Refusal(Archive($"{Tensor}({Storage("0", 2)}I0\n(I2\nt(I1\ntI00\nNtR)b.", [1, 2])));

    [Fact]
    public void Long_keys_within_one_another_are_refused_before_they_are_joined()
    {
        var key = $"V{new string('k', 300)}\np0\n";
        Assert.Contains("letters", Refusal(Archive($"}}{key}}}g0\n}}g0\n}}g0\n]ssss.", [])));
        Assert.Contains("letters", Refusal(Archive($"}}V{new string('k', 2_000_000)}\n]s.", [])));
        // A short pickle whose one long key stands above very many empty lists.
        var many = new StringBuilder($"}}V{new string('k', 1000)}\n(l");
        for (var i = 0; i < 20_000; i++) many.Append(")a");
        Assert.Contains("places", Refusal(Archive($"{many}s.", [])));
    }

    [Fact]
    public void A_compressed_pickle_is_refused_before_it_is_unpacked()
    {
        var packed = new MemoryStream();
        using (var archive = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
        using (var entry = archive.CreateEntry("m/data.pkl", CompressionLevel.SmallestSize).Open())
            entry.Write(Bytes($"({new string(']', 20_000_000)}l."));
        var path = folder.File("bomb.pt", packed.ToArray());
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("compressed", Assert.Throws<CheckpointException>(() => new TorchFile(path)).Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void A_pickle_of_more_steps_than_any_list_of_tensors_takes_is_refused() =>
        Assert.Contains("steps", Refusal(Archive($"({new string('N', 10_000_000)}l.", [])));

    [Fact]
    public void Files_of_an_archive_that_are_the_same_bytes_are_refused()
    {
        // The last file's bytes are taken out, and its entry is given the place of the one before.
        var archive = Zip(("m/data.pkl", Bytes("}.")), ("m/data/0", new byte[4000]), ("m/data/1", new byte[4000]));
        var span = archive.AsSpan();
        var (bytes, directory, entry) = (span.LastIndexOf("PK\x03\x04"u8), span.IndexOf("PK\x01\x02"u8), span.LastIndexOf("PK\x01\x02"u8));
        span.Slice(span[..entry].LastIndexOf("PK\x01\x02"u8) + 42, 4).CopyTo(span[(entry + 42)..]);
        BitConverter.GetBytes(bytes).CopyTo(span[(span.LastIndexOf("PK\x05\x06"u8) + 16)..]);
        byte[] cut = [.. archive[..bytes], .. archive[directory..]];
        Assert.Contains("over one another", Refusal(cut));
    }

    [Fact]
    public void A_TorchScript_program_is_refused_by_name() => Assert.Contains("TorchScript", Refusal(Zip(("m/data.pkl", Bytes("}.")), ("m/code/a.py", []))));

    [Fact]
    public void An_archive_without_a_pickle_and_one_with_missing_numbers_are_errors()
    {
        Assert.Contains("data.pkl", Refusal(Zip(("m/x", []))));
        Assert.Contains("m/data/0", Refusal(Zip(("m/data.pkl", Bytes($"{Tensor}({Storage("0", 6)}I0\n(I6\nt(I1\ntI00\nNtR.")))));
    }

    [Fact]
    public void A_file_that_is_damaged_anywhere_is_read_or_refused_and_nothing_else()
    {
        var sound = Archive($"(dS'a'\n{Tensor}({Storage("0", 6)}I0\n(I6\nt(I1\ntI00\nNtRs.", [1, 2, 3, 4, 5, 6]);
        var path = Path.Combine(folder.Path, "damaged.pt");
        Gen.Select(Gen.Int[0, sound.Length - 1], Gen.Byte, Gen.Int[4, sound.Length], Gen.Bool).Sample((at, value, length, cut) =>
        {
            byte[] damaged = [.. sound];
            damaged[at] = value;
            File.WriteAllBytes(path, cut ? damaged[..length] : damaged);
            try
            {
                using var file = new TorchFile(path);
                foreach (var tensor in file.Tensors.Values) tensor.ToDoubles();
            }
            catch (CheckpointException)
            {
                // Refused, with words.
            }
        }, iter: 2000, threads: 1);
    }

    TorchFile Open(byte[] archive) => new(folder.File("file.pt", archive));

    string Refusal(byte[] archive)
    {
        var path = folder.File("file.pt", archive);
        return Assert.Throws<CheckpointException>(() => new TorchFile(path)).Message;
    }

    static string Storage(string key, int count) => $"(S'storage'\nctorch\nFloatStorage\nS'{key}'\nS'cpu'\nI{count}\ntQ";

    static byte[] Archive(string pickle, float[] numbers) =>
        Zip(("m/data.pkl", Bytes(pickle)), ("m/data/0", System.Runtime.InteropServices.MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray()));

    /// <summary>A magic number, a version, the machine's traits, the tree, the keys of the storages, each with its length.</summary>
    static byte[] Legacy(string traits, string tree, float[] numbers) =>
        [.. Bytes("\u008a\u000a"), 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, .. Bytes($".M\u00e9\u0003.{traits}{tree}(lS'0'\na."),
            .. BitConverter.GetBytes((long)numbers.Length), .. System.Runtime.InteropServices.MemoryMarshal.AsBytes(numbers.AsSpan())];

    static byte[] Bytes(string latin) => Encoding.Latin1.GetBytes(latin);

    static byte[] Zip(params (string Name, byte[] Content)[] files)
    {
        var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, content) in files)
            {
                using var entry = archive.CreateEntry(name, CompressionLevel.NoCompression).Open();
                entry.Write(content);
            }
        return stream.ToArray();
    }
}
