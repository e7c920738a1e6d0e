using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Octant.Constraints.Grammars;

namespace Octant.Constraints.Tokens;

/// <summary>
/// Finds the tokens that may come next. What a token says within one rule does not depend on where the rule was called from: that is found
/// out once for each state, and kept (Dong et al. 2024, arXiv:2411.15100). Only tokens that go on behind the end of the rule are walked
/// anew, from where it ends.
/// </summary>
sealed class TokenMasks(Recognizer recognizer, TokenVocabulary vocabulary)
{
    /// <summary>What is kept of one constraint, for its states and for its configurations: both grow with what is said.</summary>
    const int MostBytes = 64 << 20;

    /// <summary>Tokens that a state allows, whoever called its rule, and the nodes at which the rule ends within longer tokens.</summary>
    sealed record Inside(ulong[]? Bits, int[] Tokens, int[] Exits);

    readonly Dictionary<int, Inside> insides = [];
    readonly Configuration[] path = new Configuration[vocabulary.MaximumDepth + 1];
    readonly Queue<Configuration> masked = [];
    readonly int words = (vocabulary.Size + 63) / 64;
    long bytes;

    /// <summary>The allowed tokens as bits, [V / 64]; it belongs to the configuration and must not be changed.</summary>
    public ulong[] Of(Configuration configuration)
    {
        if (configuration.Mask is { } known) return known;
        var mask = new ulong[words];
        foreach (var item in configuration.Items)
        {
            var inside = InsideOf(item.State);
            if (inside.Bits is { } bits)
                for (var i = 0; i < mask.Length; i++) mask[i] |= bits[i];
            foreach (var token in inside.Tokens) mask[token >> 6] |= 1ul << token;
            if (inside.Exits.Length == 0) continue;
            var ended = recognizer.Ended(item.Caller);
            if (ended.Items.Length == 0) continue;
            foreach (var exit in inside.Exits) Walk(ended, exit + 1, vocabulary.EndsOfSubtrees[exit], mask, null);
        }
        Keep(configuration, mask);
        return mask;
    }

    /// <summary>The oldest masks go first.</summary>
    void Keep(Configuration configuration, ulong[] mask)
    {
        configuration.Mask = mask;
        masked.Enqueue(configuration);
        if ((long)masked.Count * words * sizeof(ulong) > MostBytes) masked.Dequeue().Mask = null;
    }

    Inside InsideOf(int state)
    {
        if (insides.TryGetValue(state, out var inside)) return inside;
        var (mask, exits) = (new ulong[words], new List<int>());
        Walk(recognizer.Inside(state), 0, vocabulary.Nodes, mask, exits);
        var count = 0;
        foreach (var word in mask) count += BitOperations.PopCount(word);
        // Few tokens are kept one by one.
        inside = count * sizeof(int) < words * sizeof(ulong) / 2 ? new(null, Members(mask, count), [.. exits]) : new(mask, [], [.. exits]);
        bytes += inside.Tokens.Length * sizeof(int) + exits.Count * sizeof(int) + (inside.Bits is null ? 0 : words * sizeof(ulong));
        if (bytes > MostBytes)
        {
            insides.Clear();
            bytes = 0;
        }
        return insides[state] = inside;
    }

    /// <summary>Marks the tokens of nodes that can be said from a configuration. A node that cannot is passed over with all below it.</summary>
    void Walk(Configuration from, int first, int last, ulong[] mask, List<int>? exits)
    {
        if (first >= last) return;
        var labels = vocabulary.Labels;
        var depths = vocabulary.Depths;
        var ends = vocabulary.EndsOfSubtrees;
        var top = depths[first];
        path[top] = from;
        for (var node = first; node < last;)
        {
            var depth = depths[node];
            var next = recognizer.Step(path[depth], labels[node]);
            if (next.IsDead)
            {
                node = ends[node];
                continue;
            }
            foreach (var token in vocabulary.TokensAt(node)) mask[token >> 6] |= 1ul << token;
            if (next.Leaves && ends[node] > node + 1) exits?.Add(node);
            path[depth + 1] = next;
            node = next.Items.Length == 0 ? ends[node] : node + 1;
        }
    }

    static int[] Members(ulong[] mask, int count)
    {
        var members = new int[count];
        var at = 0;
        for (var i = 0; i < mask.Length; i++)
            for (var word = mask[i]; word != 0; word &= word - 1) members[at++] = i * 64 + BitOperations.TrailingZeroCount(word);
        return members;
    }

    /// <summary>Takes the scores of all tokens away that a mask does not allow.</summary>
    /// <param name="mask">[V / 64]</param>
    /// <param name="scores">[V]; those beyond the vocabulary are taken away, too</param>
    public static void Apply(ReadOnlySpan<ulong> mask, Span<float> scores)
    {
        var count = (scores.Length + 63) / 64;
        for (var i = 0; i < count;)
        {
            var word = Word(mask, i);
            var run = i + 1;
            if (word is 0 or ulong.MaxValue)
                while (run < count && Word(mask, run) == word) run++;
            var block = scores[(i * 64)..Math.Min(run * 64, scores.Length)];
            if (word == 0) block.Fill(float.NegativeInfinity);
            else if (word != ulong.MaxValue) Apply(word, block);
            i = run;
        }

        static ulong Word(ReadOnlySpan<ulong> mask, int i) => i < mask.Length ? mask[i] : 0;
    }

    /// <summary>Eight scores at a time: each lane looks at its own bit of a byte.</summary>
    static void Apply(ulong word, Span<float> block)
    {
        var (own, none) = (Vector256.Create(1, 2, 4, 8, 16, 32, 64, 128), Vector256.Create(float.NegativeInfinity));
        ref var first = ref MemoryMarshal.GetReference(block);
        var at = 0;
        for (; at + 8 <= block.Length; at += 8)
        {
            var allowed = Vector256.Equals(Vector256.Create((int)(byte)(word >> at)) & own, own);
            Vector256.ConditionalSelect(allowed.AsSingle(), Vector256.LoadUnsafe(ref first, (nuint)at), none).StoreUnsafe(ref first, (nuint)at);
        }
        for (; at < block.Length; at++)
            if ((word >> at & 1) == 0) block[at] = float.NegativeInfinity;
    }
}
