namespace Octant.Tokenizers.Models;

/// <summary>
/// Finds all keys that begin a text, shortest first: a double array (Aoe 1989, "An Efficient Digital Search Algorithm by Using a
/// Double-Array Structure"), in which a byte's child is one addition and one comparison away.
/// </summary>
sealed class ByteTrie
{
    /// <summary>Where children begin, whose child a place is, and the value of the key that ends there (-1 for none).</summary>
    record struct Node(int Children, int Parent, int Value);

    const int Free = -1;

    Node[] nodes = [new(0, 0, -1)];

    /// <summary>Where a search for room begins, by the first child's byte: before it nothing is free that this one could take.</summary>
    readonly int[] searches = [.. Enumerable.Range(1, 256)];

    /// <param name="keys">with a value from 0; of equal keys the last counts; empty ones are passed over</param>
    public ByteTrie(IEnumerable<(string Key, int Value)> keys)
    {
        var sorted = keys.Select(pair => (Key: System.Text.Encoding.UTF8.GetBytes(pair.Key), pair.Value)).Where(pair => pair.Key.Length > 0)
            .Select((pair, order) => (pair.Key, pair.Value, Order: order)).ToArray();
        Array.Sort(sorted, (a, b) => a.Key.AsSpan().SequenceCompareTo(b.Key) is not 0 and var order ? order : a.Order - b.Order);
        var waiting = new Stack<(int Node, int From, int To, int Depth)>();
        waiting.Push((0, 0, sorted.Length, 0));
        var children = new List<(byte Label, int From, int To)>();
        while (waiting.TryPop(out var group))
        {
            children.Clear();
            for (var i = group.From; i < group.To;)
            {
                var key = sorted[i].Key;
                if (key.Length == group.Depth)
                {
                    nodes[group.Node].Value = sorted[i++].Value;
                    continue;
                }
                var end = i + 1;
                while (end < group.To && sorted[end].Key[group.Depth] == key[group.Depth]) end++;
                children.Add((key[group.Depth], i, end));
                i = end;
            }
            if (children.Count == 0) continue;
            var start = Place(children);
            nodes[group.Node].Children = start;
            foreach (var (label, from, to) in children)
            {
                nodes[start + label] = new(0, group.Node, -1);
                waiting.Push((start + label, from, to, group.Depth + 1));
            }
        }
    }

    /// <summary>The root, where every text begins.</summary>
    public const int Root = 0;

    /// <summary>Goes on by a byte; false where no key does.</summary>
    public bool Step(ref int node, byte value)
    {
        var start = nodes[node].Children;
        if (start == 0) return false;
        var next = start + value;
        if ((uint)next >= (uint)nodes.Length || nodes[next].Parent != node || next == Root) return false;
        node = next;
        return true;
    }

    /// <summary>The value of the key that ends here; -1 where none does.</summary>
    public int ValueAt(int node) => nodes[node].Value;

    /// <summary>The first place at which all children find room.</summary>
    int Place(List<(byte Label, int From, int To)> children)
    {
        ref var search = ref searches[children[0].Label];
        while (search < nodes.Length && nodes[search].Parent != Free) search++;
        // A place that is tried again and again is given up: better a gap than a search without end.
        var tries = 0;
        for (var at = search; ; at++)
        {
            var start = at - children[0].Label;
            Grow(start + 256);
            if (nodes[at].Parent != Free) continue;
            if (HasRoom(start, children)) return start;
            if (++tries == 64) search = at;
        }
    }

    bool HasRoom(int start, List<(byte Label, int From, int To)> children)
    {
        foreach (var (label, _, _) in children)
            if (nodes[start + label].Parent != Free) return false;
        return true;
    }

    void Grow(int length)
    {
        var old = nodes.Length;
        if (length <= old) return;
        Array.Resize(ref nodes, Math.Max(length, old * 2));
        nodes.AsSpan(old).Fill(new(0, Free, -1));
    }
}
