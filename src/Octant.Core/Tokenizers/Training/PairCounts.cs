namespace Octant.Tokenizers.Training;

/// <summary>
/// How often each pair of neighbouring symbols occurs and in which words, with the most frequent pair at hand: of equals that of
/// the smallest left id, then of the smallest right id.
/// </summary>
sealed class PairCounts
{
    sealed class Pair
    {
        public long Count;
        public bool Grown;
        public readonly List<int> Words = [];
    }

    readonly record struct Priority(long Count, ulong Key) : IComparable<Priority>
    {
        public int CompareTo(Priority other) =>
            Count != other.Count ? other.Count.CompareTo(Count) : Key.CompareTo(other.Key);
    }

    readonly Dictionary<ulong, Pair> pairs = [];
    readonly List<ulong> grown = [];

    // Counts fall without their entries being moved: an entry that is out of date is put back when it comes up. Entries never
    // stand too low, since a pair that grows gets a new one.
    readonly PriorityQueue<ulong, Priority> queue = new();

    /// <summary>A pair occurs so many times more in a word.</summary>
    public void Add(int left, int right, long count, int word)
    {
        var key = Key(left, right);
        if (!pairs.TryGetValue(key, out var pair)) pairs.Add(key, pair = new Pair());
        pair.Count += count;
        if (pair.Words.Count == 0 || pair.Words[^1] != word) pair.Words.Add(word);
        if (pair.Grown) return;
        pair.Grown = true;
        grown.Add(key);
    }

    /// <summary>A pair occurs so many times less. One that was taken is unknown, and stays so.</summary>
    public void Remove(int left, int right, long count)
    {
        var key = Key(left, right);
        if (pairs.TryGetValue(key, out var pair) && (pair.Count -= count) <= 0) pairs.Remove(key);
    }

    /// <summary>Takes the most frequent pair out; null where none is as frequent as this.</summary>
    public (int Left, int Right, IReadOnlyList<int> Words)? Take(long minimum)
    {
        foreach (var key in grown)
        {
            if (!pairs.TryGetValue(key, out var pair)) continue;
            pair.Grown = false;
            queue.Enqueue(key, new Priority(pair.Count, key));
        }
        grown.Clear();
        while (queue.TryDequeue(out var key, out var priority))
        {
            if (!pairs.TryGetValue(key, out var pair)) continue;
            if (pair.Count != priority.Count)
            {
                queue.Enqueue(key, new Priority(pair.Count, key));
                continue;
            }
            if (pair.Count < minimum) return null;
            pairs.Remove(key);
            return ((int)(key >> 32), (int)key, pair.Words);
        }
        return null;
    }

    static ulong Key(int left, int right) => (ulong)(uint)left << 32 | (uint)right;
}
