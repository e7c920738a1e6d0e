using System.Numerics;

namespace Octant.Data.Batching;

/// <summary>
/// The numbers below a count in an order that a seed decides, each found by itself: a Feistel network shuffles the next power of
/// four, and what falls outside is shuffled again until it falls inside (cycle walking; Black and Rogaway 2002, "Ciphers with
/// arbitrary finite domains"). There is no list, so that its size does not matter.
/// </summary>
public readonly struct Permutation
{
    // Four rounds of a good function are indistinguishable from chance (Luby and Rackoff 1988); two more for narrow halves.
    const int Rounds = 6;

    readonly ulong seed;
    readonly int half;

    /// <param name="count">how many numbers</param>
    /// <param name="seed">of their order</param>
    public Permutation(long count, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        (Count, this.seed) = (count, seed);
        half = Math.Max(1, (BitOperations.Log2((ulong)count - 1 | 1) + 2) / 2);
    }

    /// <summary>How many numbers there are.</summary>
    public long Count { get; }

    /// <summary>The number at a place.</summary>
    public long this[long index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            var value = (ulong)index;
            do value = Shuffled(value); while (value >= (ulong)Count);
            return (long)value;
        }
    }

    ulong Shuffled(ulong value)
    {
        var mask = (1ul << half) - 1;
        var (left, right) = (value >> half, value & mask);
        for (var round = 0ul; round < Rounds; round++)
            (left, right) = (right, left ^ Hashing.Mix(seed, round, right) & mask);
        return left << half | right;
    }
}
