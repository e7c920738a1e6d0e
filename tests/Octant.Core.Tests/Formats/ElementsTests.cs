using CsCheck;
using Octant.Formats;

namespace Octant.Core.Tests.Formats;

public sealed class ElementsTests
{
    public static TheoryData<ElementType> Vectorised() => [.. SlowDecoding.Value.Keys];

    public static TheoryData<ElementType> All() => [.. Enum.GetValues<ElementType>()];

    [Theory, MemberData(nameof(Vectorised))]
    public void The_fast_decoder_equals_the_slow_one_to_the_last_bit(ElementType type)
    {
        var (slow, block) = (SlowDecoding.Value[type], type.Layout());
        Gen.Byte.Array[block.Bytes, 21 * block.Bytes].Sample(bytes =>
        {
            var source = bytes[..(bytes.Length / block.Bytes * block.Bytes)];
            var fast = Decoded(type, source);
            for (var i = 0; i < fast.Length; i++)
            {
                var expected = slow(source[(i / block.Count * block.Bytes)..(i / block.Count * block.Bytes + block.Bytes)], i % block.Count);
                Assert.True(expected.Equals(fast[i]), $"{type}[{i}]: {fast[i]:R}, expected {expected:R}");
            }
        }, iter: 200);
    }

    [Fact]
    public void Every_half_float_decodes_as_dotnet_has_it()
    {
        var codes = Enumerable.Range(0, 65536).Select(code => (ushort)code).ToArray();
        var decoded = Decoded(ElementType.F16, [.. codes.SelectMany(BitConverter.GetBytes)]);
        for (var code = 0; code < codes.Length; code++)
            Assert.Equal((float)BitConverter.UInt16BitsToHalf(codes[code]), decoded[code]);
        Assert.Equal(-0f, decoded[0x8000]);
        Assert.True(float.IsNegative(decoded[0x8000]));
    }

    [Theory]
    [InlineData(ElementType.F8E4M3, 0x7E, 448f)]
    [InlineData(ElementType.F8E4M3, 0x01, 0.001953125f)]
    [InlineData(ElementType.F8E4M3, 0xFF, float.NaN)]
    [InlineData(ElementType.F8E5M2, 0x7B, 57344f)]
    [InlineData(ElementType.F8E5M2, 0xFC, float.NegativeInfinity)]
    [InlineData(ElementType.F8E5M2, 0x7D, float.NaN)]
    [InlineData(ElementType.F8E4M3Fnuz, 0x7F, 240f)]
    [InlineData(ElementType.F8E4M3Fnuz, 0x80, float.NaN)]
    [InlineData(ElementType.F8E5M2Fnuz, 0xFF, -57344f)]
    [InlineData(ElementType.F8E8M0, 0, 5.877472e-39f)]
    [InlineData(ElementType.F8E8M0, 127, 1f)]
    [InlineData(ElementType.F8E8M0, 255, float.NaN)]
    [InlineData(ElementType.Bool, 2, 1f)]
    [InlineData(ElementType.I8, 0x80, -128f)]
    public void A_byte_has_the_value_that_its_format_says(ElementType type, byte code, float value) =>
        Assert.Equal(value, Assert.Single(Decoded(type, [code])));

    [Fact]
    public void Floats_of_4_and_6_bits_are_taken_from_the_lowest_bit_on()
    {
        Assert.Equal([6f, -0.5f], Decoded(ElementType.F4, [0x97]));
        // 011111, 100000, 000001, 111111, the first lowest.
        int bits = 0b011111 | 0b100000 << 6 | 0b000001 << 12 | 0b111111 << 18;
        byte[] packed = [(byte)bits, (byte)(bits >> 8), (byte)(bits >> 16)];
        Assert.Equal([7.5f, -0f, 0.125f, -7.5f], Decoded(ElementType.F6E2M3, packed));
        Assert.Equal([28f, -0f, 0.0625f, -28f], Decoded(ElementType.F6E3M2, packed));
    }

    [Fact]
    public void A_ternary_byte_holds_five_digits_the_first_leading()
    {
        // 0 1 2 2 0 in base 3 is 51, as a fraction of 256 rounded up; scale 2.
        var block = new byte[54];
        block[0] = (byte)((51 * 256 + 242) / 243);
        BitConverter.GetBytes((Half)2).CopyTo(block, 52);
        var decoded = Decoded(ElementType.TQ1_0, block);
        Assert.Equal([-2f, 0f, 2f, 2f, -2f], Enumerable.Range(0, 5).Select(digit => decoded[32 * digit]));
    }

    [Fact]
    public void Doubles_and_wide_integers_stay_exact()
    {
        Assert.Equal([Math.PI], Doubles(ElementType.F64, BitConverter.GetBytes(Math.PI)));
        Assert.Equal([uint.MaxValue], Doubles(ElementType.U32, BitConverter.GetBytes(uint.MaxValue)));
        Assert.Equal([long.MinValue], Longs(ElementType.I64, BitConverter.GetBytes(long.MinValue)));
        Assert.Equal([-1], Longs(ElementType.U64, BitConverter.GetBytes(ulong.MaxValue)));
        Assert.Equal([1, 2], Doubles(ElementType.C64, [.. BitConverter.GetBytes(1f), .. BitConverter.GetBytes(2f)]));
    }

    [Theory, MemberData(nameof(All))]
    public void Doubles_equal_floats_where_both_are_exact(ElementType type)
    {
        if (type is ElementType.F64 or ElementType.I64 or ElementType.U64 or ElementType.I32 or ElementType.U32) return;
        var bytes = new byte[type.Layout().Bytes * 1500];
        new Random(7).NextBytes(bytes);
        Assert.Equal(Decoded(type, bytes).Select(value => (double)value), Doubles(type, bytes));
    }

    [Theory, MemberData(nameof(All))]
    public void A_target_of_another_size_is_refused(ElementType type)
    {
        var bytes = new byte[2 * type.Layout().Bytes];
        var count = (int)Elements.CountIn(type, bytes.Length);
        Assert.Throws<ArgumentException>(() => Elements.Decode(type, bytes, new float[count - 1]));
        Assert.Throws<ArgumentException>(() => Elements.Decode(type, bytes, new float[count + 1]));
        if (type.Layout().Bytes > 1)
            Assert.Throws<ArgumentException>(() => Elements.Decode(type, bytes.AsSpan(1), new float[count]));
        if (!type.IsInteger())
            Assert.Throws<ArgumentException>(() => Elements.Decode(type, bytes, new long[count]));
    }

    /// <summary>No two points are equal, so a damaged list of differences shows.</summary>
    [Theory]
    [InlineData(ElementType.IQ2_XXS, 256, 8)]
    [InlineData(ElementType.IQ2_XS, 512, 8)]
    [InlineData(ElementType.IQ1_S, 2048, 8)]
    public void Code_books_are_whole(ElementType type, int points, int coordinates)
    {
        var seen = new HashSet<string>();
        for (var index = 0; index < points; index++)
        {
            var block = new byte[type.Layout().Bytes];
            BitConverter.GetBytes((Half)8).CopyTo(block, 0);
            block[2] = (byte)index;
            if (type == ElementType.IQ2_XS) block[3] = (byte)(index >> 8);
            if (type == ElementType.IQ1_S) block[34] = (byte)(index >> 8);
            seen.Add(string.Join(' ', Decoded(type, block)[..coordinates]));
        }
        Assert.Equal(points, seen.Count);
    }

    static float[] Decoded(ElementType type, byte[] bytes)
    {
        var target = new float[Elements.CountIn(type, bytes.Length)];
        Elements.Decode(type, bytes, target);
        return target;
    }

    static double[] Doubles(ElementType type, byte[] bytes)
    {
        var target = new double[Elements.CountIn(type, bytes.Length)];
        Elements.Decode(type, bytes, target);
        return target;
    }

    static long[] Longs(ElementType type, byte[] bytes)
    {
        var target = new long[Elements.CountIn(type, bytes.Length)];
        Elements.Decode(type, bytes, target);
        return target;
    }
}
