using CsCheck;
using Octant.Formats;
using Octant.Formats.Quantizing;

namespace Octant.Core.Tests.Formats;

/// <summary>What a reference fixes is compared under tests/Goldens; here is what must hold of all types.</summary>
public sealed class QuantizerTests
{
    /// <summary>Root mean square of the error, as a share of the values', that normal weights lose at most.</summary>
    public static TheoryData<ElementType, double> Losses => new()
    {
        { ElementType.F32, 0 }, { ElementType.F16, 3e-4 }, { ElementType.BF16, 3e-3 }, { ElementType.Q8_0, 0.008 }, { ElementType.Q6_K, 0.02 },
        { ElementType.Q5_K, 0.04 }, { ElementType.Q5_1, 0.05 }, { ElementType.Q5_0, 0.06 }, { ElementType.Q4_K, 0.08 }, { ElementType.Q4_1, 0.09 },
        { ElementType.Q4_0, 0.11 }, { ElementType.MXFP4, 0.15 }, { ElementType.Q3_K, 0.19 }, { ElementType.Q2_K, 0.36 }, { ElementType.TQ2_0, 1 }, { ElementType.TQ1_0, 1 },
    };

    [Theory, MemberData(nameof(Losses))]
    public void Normal_weights_lose_no_more_than_a_type_must(ElementType type, double most)
    {
        var random = new Random(1);
        var values = Enumerable.Range(0, 256 * 40).Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()) * 0.03)).ToArray();
        var loss = Math.Sqrt(values.Zip(Through(type, values), (a, b) => (a - b) * (double)(a - b)).Sum() / values.Sum(value => value * (double)value));
        Assert.InRange(loss, 0, most);
    }

    [Fact]
    public void Every_type_is_in_the_table_of_losses() => Assert.Equal(Quantizer.Types.Order(), Losses.Select(row => row.Data.Item1).Order());

    [Fact]
    public void What_a_type_can_say_exactly_it_says_exactly() =>
        Gen.Select(Gen.Int[0, Quantizer.Types.Count - 1], Gen.Int).Sample((which, seed) =>
        {
            var (type, random) = (Quantizer.Types[which], new Random(seed));
            var values = new float[256];
            // Zeros, and one value of a block alone.
            if (random.Next(2) == 0) Array.Fill(values, 0.5f, 0, 32);
            if (type is not (ElementType.MXFP4 or ElementType.Q2_K or ElementType.Q3_K or ElementType.Q4_K or ElementType.Q5_K or ElementType.Q6_K or ElementType.Q4_1 or ElementType.Q5_1 or ElementType.Q8_0))
                Assert.Equal(values, Through(type, values));
            Assert.All(Through(type, new float[256]), value => Assert.Equal(0, value));
        }, iter: 200, threads: 1);

    [Fact]
    public void Any_numbers_give_bytes_that_decode_to_numbers() =>
        Gen.Select(Gen.Int[0, Quantizer.Types.Count - 1], Gen.Float[-1e4f, 1e4f].Array[256]).Sample((which, values) =>
            Assert.All(Through(Quantizer.Types[which], values), value => Assert.True(float.IsFinite(value))), iter: 500, threads: 1);

    [Fact]
    public void Other_types_and_other_lengths_are_refused()
    {
        Assert.Contains("IQ4_NL can be read, but not written", Assert.Throws<CheckpointException>(() => Quantizer.Encode(ElementType.IQ4_NL, new float[32], new byte[18])).Message);
        Assert.Throws<ArgumentException>(() => Quantizer.Encode(ElementType.Q8_0, new float[33], new byte[34]));
        Assert.Throws<ArgumentException>(() => Quantizer.Encode(ElementType.Q8_0, new float[32], new byte[33]));
    }

    static float[] Through(ElementType type, float[] values)
    {
        var layout = type.Layout();
        var (bytes, decoded) = (new byte[values.Length / layout.Count * layout.Bytes], new float[values.Length]);
        Quantizer.Encode(type, values, bytes);
        Elements.Decode(type, bytes, decoded);
        return decoded;
    }
}
