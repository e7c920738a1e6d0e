using System.IO.Compression;
using System.Text;
using CsCheck;
using Octant.Formats;

namespace Octant.Core.Tests.Formats;

public sealed class NumpyFileTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", new float[] { 1, 2, 3, 4 })]
    [InlineData("{'shape': (2, 2), 'fortran_order': True, 'descr': '<f4'}", new float[] { 1, 3, 2, 4 })]
    [InlineData("{\"descr\": \"=f4\", \"fortran_order\": False, \"shape\": (4L,)}", new float[] { 1, 2, 3, 4 })]
    public void A_header_s_keys_come_in_any_order(string header, float[] expected)
    {
        using var file = new NumpyFile(folder.File("a.npy", Npy(header, [1, 2, 3, 4])));
        Assert.Equal(expected, file.Tensors["a"].ToFloats());
    }

    [Theory]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (4,)}", "pickle")]
    [InlineData("{'descr': '<U5', 'fortran_order': False, 'shape': (4,)}", "'<U5'")]
    [InlineData("{'descr': '<c16', 'fortran_order': False, 'shape': (1,)}", "'<c16'")]
    [InlineData("{'descr': '<M8[D]', 'fortran_order': False, 'shape': (2,)}", "the type '<M8[D]', which is not supported")]
    [InlineData("{'descr': '>m8[25ns]', 'fortran_order': False, 'shape': (2,)}", "the type '>m8[25ns]', which is not supported")]
    [InlineData("{'descr': '<M8[s/3]', 'fortran_order': False, 'shape': (2,)}", "the type '<M8[s/3]', which is not supported")]
    [InlineData("{'descr': '<M8', 'fortran_order': False, 'shape': (2,)}", "the type '<M8', which is not supported")]
    [InlineData("{'descr': '|S5', 'fortran_order': False, 'shape': (3,)}", "the type '|S5', which is not supported")]
    [InlineData("{'descr': '|V4', 'fortran_order': False, 'shape': (4,)}", "the type '|V4', which is not supported")]
    [InlineData("{'descr': '<f16', 'fortran_order': False, 'shape': (1,)}", "the type '<f16', which is not supported")]
    [InlineData("{'descr': '|T16', 'fortran_order': False, 'shape': (1,)}", "the type '|T16', which is not supported")]
    [InlineData("{'descr': [('when', '<M8[D]'), ('x', '<f4', (2,))], 'fortran_order': False, 'shape': (1,)}", "records of several fields")]
    [InlineData("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (4,)}", "records of several fields")]
    [InlineData("{'descr': '<f4', 'shape': (4,)}", "fortran_order")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (5,)}", "has 16 bytes")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", "has 16 bytes")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-4,)}", "shape")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 9)}", "claims the shape")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", "the size")]
    public void A_wrong_header_is_one_error(string header, string expected)
    {
        var path = folder.File("a.npy", Npy(header, [1, 2, 3, 4]));
        Assert.Contains(expected, Assert.Throws<CheckpointException>(() => new NumpyFile(path)).Message);
    }

    [Fact]
    public void A_compressed_array_is_unpacked_when_it_is_read_and_a_claim_beyond_compression_is_refused()
    {
        var archive = Zip("a.npy", Npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4,)}", [1, 2, 3, 4]));
        using (var file = new NumpyFile(folder.File("a.npz", archive))) Assert.Equal([1, 2, 3, 4], file.Tensors["a"].ToFloats());
        var claim = archive.AsSpan().LastIndexOf("PK\x01\x02"u8) + 24;
        archive.AsSpan(claim, 4).Fill(0x7f);
        var path = folder.File("b.npz", archive);
        Assert.Contains("claims", Assert.Throws<CheckpointException>(() => new NumpyFile(path)).Message);
    }

    [Fact]
    public void A_compressed_array_is_unpacked_piece_by_piece_and_not_kept()
    {
        const int count = 1 << 24;
        var header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({count},)}}";
        var numbers = Enumerable.Range(0, count).Select(i => (float)(i >> 12)).ToArray();
        using var file = new NumpyFile(folder.File("large.npz", Zip("a.npy", Npy(header, numbers))));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var part = new float[1 << 16];
        for (var at = 0; at < count; at += part.Length)
        {
            file.Tensors["a"].Decode(at, part);
            Assert.True(part.AsSpan().SequenceEqual(numbers.AsSpan(at, part.Length)));
        }
        // Half of the array: what other tests hold at the same time is far less.
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, count * sizeof(float) / 2);
        GC.KeepAlive(numbers);
    }

    [Fact]
    public void A_compressed_array_is_the_same_in_whatever_order_it_is_read() =>
        Gen.Select(Gen.Int[1, 300_000], Gen.Select(Gen.Int[0, 300_000], Gen.Int[0, 100_000]).Array[1, 12]).Sample((count, reads) =>
        {
            var numbers = Enumerable.Range(0, count).Select(i => (float)i).ToArray();
            using var file = new NumpyFile(folder.File("any.npz", Zip("a.npy", Npy($"{{'descr': '<f4', 'fortran_order': False, 'shape': ({count},)}}", numbers))));
            foreach (var (at, length) in reads)
            {
                var part = new float[Math.Min(length, count - at % count)];
                file.Tensors["a"].Decode(at % count, part);
                Assert.True(part.AsSpan().SequenceEqual(numbers.AsSpan(at % count, part.Length)));
            }
        }, iter: 30, threads: 1);

    [Fact]
    public void A_file_that_is_damaged_anywhere_is_read_or_refused_and_nothing_else()
    {
        var plain = Npy("{'descr': '>f4', 'fortran_order': True, 'shape': (2, 2), }", [1, 2, 3, 4]);
        byte[][] files = [plain, Zip("a.npy", plain)];
        var path = Path.Combine(folder.Path, "damaged.npz");
        Gen.Select(Gen.Int[0, 1], Gen.Int[0, 10_000], Gen.Byte, Gen.Int[0, 10_000], Gen.Bool).Sample((kind, at, value, length, cut) =>
        {
            byte[] damaged = [.. files[kind]];
            damaged[at % damaged.Length] = value;
            File.WriteAllBytes(path, cut ? damaged[..(length % damaged.Length)] : damaged);
            try
            {
                using var file = new NumpyFile(path);
                foreach (var tensor in file.Tensors.Values) tensor.ToDoubles();
            }
            catch (CheckpointException)
            {
                // Refused, with words.
            }
        }, iter: 2000, threads: 1);
    }

    static byte[] Npy(string header, float[] numbers) =>
        [0x93, .. "NUMPY\x01\x00"u8, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header), .. System.Runtime.InteropServices.MemoryMarshal.AsBytes(numbers.AsSpan())];

    static byte[] Zip(string name, byte[] content)
    {
        var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = archive.CreateEntry(name, CompressionLevel.Optimal).Open();
            entry.Write(content);
        }
        return stream.ToArray();
    }
}
