namespace Octant.Tokenizers.Models;

/// <summary>Which pairs of tokens merge, into what and in which order: a hash table by open addressing.</summary>
sealed class MergeTable
{
    readonly ulong[] keys;
    readonly (int Rank, int Id)[] values;
    readonly int mask;

    public MergeTable(IReadOnlyCollection<(int Left, int Right, int Rank, int Id)> merges)
    {
        var capacity = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, merges.Count * 2));
        (keys, values, mask) = (new ulong[capacity], new (int, int)[capacity], capacity - 1);
        foreach (var (left, right, rank, id) in merges)
        {
            var key = Key(left, right);
            var slot = Slot(key);
            keys[slot] = key;
            values[slot] = (rank, id);
        }
    }

    /// <summary>What pairs merge into.</summary>
    public IEnumerable<int> Results => values.Where((_, slot) => keys[slot] != 0).Select(value => value.Id);

    /// <summary>The merge of a pair; its rank is int.MaxValue where there is none.</summary>
    public (int Rank, int Id) Find(int left, int right)
    {
        var key = Key(left, right);
        var slot = Slot(key);
        return keys[slot] == key ? values[slot] : (int.MaxValue, -1);
    }

    // Never 0, which marks a free slot: ids are not negative.
    static ulong Key(int left, int right) => (ulong)(uint)(left + 1) << 32 | (uint)right;

    int Slot(ulong key)
    {
        var slot = (int)(key * 0x9E3779B97F4A7C15ul >> 32) & mask;
        while (keys[slot] != 0 && keys[slot] != key) slot = (slot + 1) & mask;
        return slot;
    }
}
