namespace Octant.Formats.Quantizing;

/// <summary>Blocks of 256 whose groups have scales of their own, which are quantised in turn (ggml-quants.c, the reference routines).</summary>
static class KQuants
{
    /// <summary>16 groups of 16: two bits a value, four for each group's scale and four for its least value.</summary>
    public static void Q2_K(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<byte> steps = stackalloc byte[256];
        Span<float> scales = stackalloc float[16], leasts = stackalloc float[16], weights = stackalloc float[16];
        for (var group = 0; group < 16; group++)
        {
            var part = values.Slice(16 * group, 16);
            for (var i = 0; i < 16; i++) weights[i] = MathF.Abs(part[i]);
            scales[group] = Scales.WithLeast(part, 3, weights, steps.Slice(16 * group, 16), out leasts[group], new(-0.5f, 0.1f, 15, IsAbsolute: true));
        }
        var (largestScale, largestLeast) = (Largest(scales), Largest(leasts));
        for (var group = 0; group < 16; group++)
            block[group] = (byte)((largestScale > 0 ? Scales.Nearest(15 / largestScale * scales[group]) : 0)
                | (largestLeast > 0 ? Scales.Nearest(15 / largestLeast * leasts[group]) : 0) << 4);
        var (scale, least) = (Halved(block[80..], largestScale > 0 ? largestScale / 15 : 0), Halved(block[82..], largestLeast > 0 ? largestLeast / 15 : 0));
        for (var group = 0; group < 16; group++)
            Again(values.Slice(16 * group, 16), scale * (block[group] & 15), least * (block[group] >> 4), 3, steps.Slice(16 * group, 16));
        PackTwoBits(steps, block[16..80]);
    }

    /// <summary>16 groups of 16: three bits a value, six for each group's scale.</summary>
    public static void Q3_K(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<byte> steps = stackalloc byte[256];
        Span<float> scales = stackalloc float[16];
        for (var group = 0; group < 16; group++)
            scales[group] = Scales.OneByOne(values.Slice(16 * group, 16), 4, steps.Slice(16 * group, 16));
        var largest = BlocksOf32.Furthest(scales);
        Span<byte> packed = block.Slice(96, 12), codes = stackalloc byte[16];
        packed.Clear();
        var inverse = largest != 0 ? -32 / largest : 0;
        for (var group = 0; group < 16; group++)
        {
            codes[group] = largest != 0 ? (byte)(Math.Clamp(Scales.Nearest(inverse * scales[group]), -32, 31) + 32) : (byte)0;
            if (group < 8) packed[group] = (byte)(codes[group] & 15);
            else packed[group - 8] |= (byte)((codes[group] & 15) << 4);
            packed[8 + group % 4] |= (byte)(codes[group] >> 4 << 2 * (group / 4));
        }
        var scale = Halved(block[108..], largest != 0 ? 1 / inverse : 0);
        for (var group = 0; group < 16; group++) AgainSigned(values.Slice(16 * group, 16), scale * (codes[group] - 32), 4, steps.Slice(16 * group, 16));
        var high = block[..32];
        high.Clear();
        for (var i = 0; i < 256; i++)
            if (steps[i] > 3)
            {
                high[i % 32] |= (byte)(1 << i / 32);
                steps[i] -= 4;
            }
        PackTwoBits(steps, block[32..96]);
    }

    /// <summary>8 groups of 32: four bits a value, six for each group's scale and six for its least value.</summary>
    public static void Q4_K(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<byte> steps = stackalloc byte[256];
        Offset(values, 15, new(-1, 0.1f, 20, IsAbsolute: false), steps, block);
        PackFourBits(steps, block[16..]);
    }

    /// <summary>The same with a fifth bit.</summary>
    public static void Q5_K(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<byte> steps = stackalloc byte[256];
        Offset(values, 31, new(-0.5f, 0.1f, 15, IsAbsolute: false), steps, block);
        var fifths = block[16..48];
        fifths.Clear();
        for (var i = 0; i < 256; i++)
        {
            fifths[i % 32] |= (byte)(steps[i] >> 4 << i / 32);
            steps[i] &= 15;
        }
        PackFourBits(steps, block[48..]);
    }

    /// <summary>16 groups of 16: six bits a value, a signed byte for each group's scale.</summary>
    public static void Q6_K(ReadOnlySpan<float> values, Span<byte> block)
    {
        Span<byte> steps = stackalloc byte[256];
        Span<float> scales = stackalloc float[16];
        for (var group = 0; group < 16; group++) scales[group] = Scales.Symmetric(values.Slice(16 * group, 16), 32, steps.Slice(16 * group, 16));
        var largest = BlocksOf32.Furthest(scales);
        if (MathF.Abs(largest) < Scales.Tiny)
        {
            block.Clear();
            return;
        }
        var inverse = -128 / largest;
        var scale = Halved(block[208..], 1 / inverse);
        for (var group = 0; group < 16; group++)
        {
            var code = (sbyte)Math.Min(127, Scales.Nearest(inverse * scales[group]));
            block[192 + group] = (byte)code;
            AgainSigned(values.Slice(16 * group, 16), scale * code, 32, steps.Slice(16 * group, 16));
        }
        for (var half = 0; half < 2; half++)
            for (var i = 0; i < 32; i++)
            {
                var four = steps[(128 * half)..];
                block[64 * half + i] = (byte)(four[i] & 15 | (four[i + 64] & 15) << 4);
                block[64 * half + i + 32] = (byte)(four[i + 32] & 15 | (four[i + 96] & 15) << 4);
                block[128 + 32 * half + i] = (byte)(four[i] >> 4 | four[i + 32] >> 4 << 2 | four[i + 64] >> 4 << 4 | four[i + 96] >> 4 << 6);
            }
    }

    /// <summary>Groups of 32 above their least values; writes the two halves and the twelve bytes of scales.</summary>
    static void Offset(ReadOnlySpan<float> values, int most, ScaleSearch search, Span<byte> steps, Span<byte> block)
    {
        Span<float> scales = stackalloc float[8], leasts = stackalloc float[8], weights = stackalloc float[32];
        for (var group = 0; group < 8; group++)
        {
            var part = values.Slice(32 * group, 32);
            var squares = 0f;
            foreach (var value in part) squares += value * value;
            var middle = MathF.Sqrt(squares / 32);
            for (var i = 0; i < 32; i++) weights[i] = middle + MathF.Abs(part[i]);
            scales[group] = Scales.WithLeast(part, most, weights, steps.Slice(32 * group, 32), out leasts[group], search);
        }
        var (largestScale, largestLeast) = (Largest(scales), Largest(leasts));
        Span<byte> packed = block.Slice(4, 12), scaleCodes = stackalloc byte[8], leastCodes = stackalloc byte[8];
        for (var group = 0; group < 8; group++)
        {
            scaleCodes[group] = (byte)Math.Min(63, Scales.Nearest((largestScale > 0 ? 63 / largestScale : 0) * scales[group]));
            leastCodes[group] = (byte)Math.Min(63, Scales.Nearest((largestLeast > 0 ? 63 / largestLeast : 0) * leasts[group]));
        }
        for (var group = 0; group < 4; group++)
        {
            packed[group] = (byte)(scaleCodes[group] | scaleCodes[group + 4] >> 4 << 6);
            packed[group + 4] = (byte)(leastCodes[group] | leastCodes[group + 4] >> 4 << 6);
            packed[group + 8] = (byte)(scaleCodes[group + 4] & 15 | (leastCodes[group + 4] & 15) << 4);
        }
        var (scale, least) = (Halved(block, largestScale / 63), Halved(block[2..], largestLeast / 63));
        for (var group = 0; group < 8; group++)
            Again(values.Slice(32 * group, 32), scale * scaleCodes[group], least * leastCodes[group], most, steps.Slice(32 * group, 32));
    }

    /// <summary>Steps under the scales as they were stored; a group without a scale keeps what the search found.</summary>
    static void Again(ReadOnlySpan<float> values, float scale, float least, int most, Span<byte> steps)
    {
        if (scale == 0) return;
        for (var i = 0; i < values.Length; i++) steps[i] = (byte)Math.Clamp(Scales.Nearest((values[i] + least) / scale), 0, most);
    }

    static void AgainSigned(ReadOnlySpan<float> values, float scale, int middle, Span<byte> steps)
    {
        if (scale == 0) return;
        for (var i = 0; i < values.Length; i++) steps[i] = (byte)(Math.Clamp(Scales.Nearest(values[i] / scale), -middle, middle - 1) + middle);
    }

    static float Largest(ReadOnlySpan<float> values)
    {
        var largest = 0f;
        foreach (var value in values) largest = MathF.Max(largest, value);
        return largest;
    }

    /// <summary>Stores a half, and gives the number that it stands for.</summary>
    static float Halved(Span<byte> target, float value)
    {
        Quantizer.Half(target, value);
        return (float)(Half)value;
    }

    static void PackTwoBits(ReadOnlySpan<byte> steps, Span<byte> target)
    {
        for (var i = 0; i < 64; i++)
        {
            var first = i / 32 * 128 + i % 32;
            target[i] = (byte)(steps[first] | steps[first + 32] << 2 | steps[first + 64] << 4 | steps[first + 96] << 6);
        }
    }

    static void PackFourBits(ReadOnlySpan<byte> steps, Span<byte> target)
    {
        for (var i = 0; i < 128; i++)
        {
            var first = i / 32 * 64 + i % 32;
            target[i] = (byte)(steps[first] | steps[first + 32] << 4);
        }
    }
}
