using Octant.Tokenizers;

namespace Octant.Constraints;

/// <summary>
/// The bytes that each token of a model adds to a text, arranged as a trie, so that a constraint finds all tokens that may come next in one
/// walk. Built once for a tokenizer; immutable, safe to use from many threads.
/// </summary>
public sealed class TokenVocabulary
{
    readonly byte[] labels;
    readonly int[] depths, ends, tokenFirst, tokenCount, tokens;

    /// <summary>Takes the tokens of a tokenizer; its special tokens add nothing to a text and are left out.</summary>
    /// <param name="tokenizer">whose tokens</param>
    /// <param name="size">how many scores the model gives, V; ids from there on are left out</param>
    public TokenVocabulary(Tokenizer tokenizer, int? size = null)
        : this(TokenBytes(tokenizer, size ?? tokenizer.VocabularySize), size ?? tokenizer.VocabularySize)
    {
    }

    /// <param name="texts">each token's bytes; those without any are never chosen</param>
    /// <param name="size">one more than the largest id</param>
    public TokenVocabulary(IEnumerable<(int Id, byte[] Bytes)> texts, int size)
    {
        Size = size;
        Texts = new byte[]?[size];
        (int Id, byte[] Bytes)[] sorted = [.. texts.Where(token => token.Bytes.Length > 0)];
        Array.Sort(sorted, (a, b) => a.Bytes.AsSpan().SequenceCompareTo(b.Bytes) is not 0 and var order ? order : a.Id.CompareTo(b.Id));
        tokens = [.. sorted.Select(token => token.Id)];
        var (labels, depths, firsts, counts, path) = (new List<byte>(), new List<int>(), new List<int>(), new List<int>(), new List<int>());
        byte[] last = [];
        foreach (var (i, (_, bytes)) in sorted.Index())
        {
            for (var depth = last.AsSpan().CommonPrefixLength(bytes); depth < bytes.Length; depth++)
            {
                path.RemoveRange(depth, path.Count - depth);
                path.Add(labels.Count);
                labels.Add(bytes[depth]);
                depths.Add(depth);
                firsts.Add(i);
                counts.Add(0);
                CanSay[bytes[depth]] = true;
            }
            // Tokens of the same bytes stand side by side.
            if (counts[path[bytes.Length - 1]]++ == 0) firsts[path[bytes.Length - 1]] = i;
            Texts[sorted[i].Id] = last = bytes;
        }
        (this.labels, this.depths, tokenFirst, tokenCount) = ([.. labels], [.. depths], [.. firsts], [.. counts]);
        MaximumDepth = depths.Count == 0 ? 0 : depths.Max() + 1;
        ends = Ends(this.depths);
        IsComplete = Texts.Where(text => text is [_]).Select(text => text![0]).Distinct().Count() == CanSay.Count(occurs => occurs);
    }

    /// <summary>One more than the largest id: V.</summary>
    public int Size { get; }

    /// <summary>The bytes of each token, null for those that add none: [V].</summary>
    internal byte[]?[] Texts { get; }

    /// <summary>Nodes of the trie.</summary>
    internal int Nodes => labels.Length;

    internal int MaximumDepth { get; }

    /// <summary>The bytes that occur in tokens.</summary>
    internal bool[] CanSay { get; } = new bool[256];

    /// <summary>Whether each byte that occurs is also a token by itself: then tokens can say whatever bytes can.</summary>
    internal bool IsComplete { get; }

    /// <summary>The byte that leads to a node; nodes stand in the order of a walk that goes down first.</summary>
    internal ReadOnlySpan<byte> Labels => labels;

    /// <summary>How many bytes lie before a node's own.</summary>
    internal ReadOnlySpan<int> Depths => depths;

    /// <summary>The first node that is not below a node.</summary>
    internal ReadOnlySpan<int> EndsOfSubtrees => ends;

    /// <summary>The tokens that end at a node.</summary>
    internal ReadOnlySpan<int> TokensAt(int node) => tokens.AsSpan(tokenFirst[node], tokenCount[node]);

    /// <summary>The child of a byte among nodes that stand side by side; -1 for none.</summary>
    internal int Child(int from, int to, byte label)
    {
        for (var node = from; node < to; node = ends[node])
            if (labels[node] == label) return node;
        return -1;
    }

    static int[] Ends(int[] depths)
    {
        var (ends, open) = (new int[depths.Length], new Stack<int>());
        for (var i = 0; i <= depths.Length; i++)
        {
            while (open.TryPeek(out var node) && (i == depths.Length || depths[node] >= depths[i])) ends[open.Pop()] = i;
            if (i < depths.Length) open.Push(i);
        }
        return ends;
    }

    static IEnumerable<(int, byte[])> TokenBytes(Tokenizer tokenizer, int size)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        for (var id = 0; id < size; id++)
            if (tokenizer.BytesOf(id) is { } bytes) yield return (id, bytes);
    }
}
