using Octant.Formats;

namespace Octant.Core.Tests.Formats;

/// <summary>The vectorised decoders once more, value by value: slow, clear, and written from the layouts alone.</summary>
static class SlowDecoding
{
    static readonly int[] NonLinear = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];
    static readonly float[] E2M1 = [0, 0.5f, 1, 1.5f, 2, 3, 4, 6, 0, -0.5f, -1, -1.5f, -2, -3, -4, -6];

    public static readonly Dictionary<ElementType, Func<byte[], int, float>> Value = new()
    {
        [ElementType.F16] = (block, _) => Half(block, 0),
        [ElementType.BF16] = (block, _) => BitConverter.Int32BitsToSingle(BitConverter.ToUInt16(block) << 16),
        [ElementType.Q4_0] = (block, i) => Half(block, 0) * (Four(block, 2, i) - 8),
        [ElementType.Q4_1] = (block, i) => Half(block, 0) * Four(block, 4, i) + Half(block, 2),
        [ElementType.Q5_0] = (block, i) => Half(block, 0) * ((Four(block, 6, i) | Bit(block, 2, i) << 4) - 16),
        [ElementType.Q5_1] = (block, i) => Half(block, 0) * (Four(block, 8, i) | Bit(block, 4, i) << 4) + Half(block, 2),
        [ElementType.Q8_0] = (block, i) => Half(block, 0) * (sbyte)block[2 + i],
        [ElementType.Q8_1] = (block, i) => Half(block, 0) * (sbyte)block[4 + i],
        [ElementType.Q2_K] = (block, i) => Half(block, 80) * (block[i / 16] & 15) * Two(block, 16, i) - Half(block, 82) * (block[i / 16] >> 4),
        [ElementType.Q3_K] = (block, i) => Half(block, 108) * (ScaleOfQ3(block, i / 16) - 32)
            * (Two(block, 32, i) - 4 * (1 - (block[i % 32] >> i / 32 & 1))),
        [ElementType.Q4_K] = (block, i) => Half(block, 0) * Scale(block, i / 32) * FourOfPair(block, 16, i)
            - Half(block, 2) * Minimum(block, i / 32),
        [ElementType.Q5_K] = (block, i) => Half(block, 0) * Scale(block, i / 32)
            * (FourOfPair(block, 48, i) | (block[16 + i % 32] >> i / 32 & 1) << 4) - Half(block, 2) * Minimum(block, i / 32),
        [ElementType.Q6_K] = (block, i) => Half(block, 208) * (sbyte)block[192 + i / 16]
            * ((SixLow(block, i) | (block[128 + i / 128 * 32 + i % 32] >> i % 128 / 32 * 2 & 3) << 4) - 32),
        [ElementType.Q8_K] = (block, i) => BitConverter.ToSingle(block) * (sbyte)block[4 + i],
        [ElementType.IQ4_NL] = (block, i) => Half(block, 0) * NonLinear[Four(block, 2, i)],
        [ElementType.IQ4_XS] = (block, i) => Half(block, 0) * (ScaleOfIq4(block, i / 32) - 32) * NonLinear[Four(block, 8 + i / 32 * 16, i % 32)],
        [ElementType.TQ2_0] = (block, i) => Half(block, 64) * (Two(block, 0, i) - 1),
        [ElementType.MXFP4] = (block, i) => MathF.ScaleB(E2M1[Four(block, 1, i)], block[0] - 127),
    };

    static float Half(byte[] block, int at) => (float)BitConverter.ToHalf(block, at);

    static int Bit(byte[] block, int at, int i) => block[at + i / 8] >> i % 8 & 1;

    static int Four(byte[] block, int at, int i) => i < 16 ? block[at + i] & 15 : block[at + i - 16] >> 4;

    static int FourOfPair(byte[] block, int at, int i) => block[at + i / 64 * 32 + i % 32] >> i % 64 / 32 * 4 & 15;

    static int Two(byte[] block, int at, int i) => block[at + i / 128 * 32 + i % 32] >> i % 128 / 32 * 2 & 3;

    static int SixLow(byte[] block, int i) => block[i / 128 * 64 + i % 64] >> i % 128 / 64 * 4 & 15;

    static int Scale(byte[] block, int j) => j < 4 ? block[4 + j] & 63 : block[8 + j] & 15 | block[j] >> 6 << 4;

    static int Minimum(byte[] block, int j) => j < 4 ? block[8 + j] & 63 : block[8 + j] >> 4 | block[4 + j] >> 6 << 4;

    static int ScaleOfQ3(byte[] block, int j) => block[96 + j % 8] >> j / 8 * 4 & 15 | (block[104 + j % 4] >> j / 4 * 2 & 3) << 4;

    static int ScaleOfIq4(byte[] block, int j) => block[4 + j / 2] >> j % 2 * 4 & 15 | (BitConverter.ToUInt16(block, 2) >> 2 * j & 3) << 4;
}
