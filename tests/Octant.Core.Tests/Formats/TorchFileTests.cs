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
    [InlineData("I0\n(I1000000000\nt(I0\nt", "claims 1000000000 numbers")]
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
