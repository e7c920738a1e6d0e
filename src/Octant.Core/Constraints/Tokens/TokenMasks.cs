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

    /// <summary>
    /// Tokens that a state allows, whoever called its rule, and the nodes at which the rule ends within longer tokens. Where characters are counted, all
    /// that any number of them allows, with what each token needs.
    /// </summary>
    /// <param name="Bits">the tokens, or null where they are few</param>
    /// <param name="Tokens">few tokens</param>
    /// <param name="Exits">nodes, and the characters up to there</param>
    /// <param name="ByNeed">the tokens by how many characters they and the nearest end behind them have; empty where nothing is counted</param>
    /// <param name="Closing">the tokens with which a counted text ends, and their characters</param>
    sealed record Inside(ulong[]? Bits, int[] Tokens, (int Node, int Characters)[] Exits, int[][] ByNeed, (int Token, int Characters)[] Closing);

    readonly Dictionary<(int State, int Count), Inside> insides = [];
    readonly (int Ended, int ToEnd)?[] needs = new (int, int)?[recognizer.Grammar.States];
    readonly ulong[] scratch = new ulong[(vocabulary.Size + 63) / 64];
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
            var (inside, fewest, most) = InsideOf(item);
            Add(inside, fewest, most, mask);
            if (inside.Exits.Length == 0) continue;
            var ended = recognizer.Ended(item.Caller);
            if (ended.Items.Length == 0) continue;
            foreach (var (exit, characters) in inside.Exits)
                if (characters >= fewest && characters <= most) Walk(ended, exit + 1, vocabulary.EndsOfSubtrees[exit], new Allowed(vocabulary, mask));
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

    /// <summary>What a state allows, and how many characters may be behind it where its rule ends.</summary>
    (Inside Inside, int Fewest, int Most) InsideOf(Item item)
    {
        if (recognizer.Grammar.CounterOf(item.State) is not { } counter) return (InsideOf(item.State, 0), 0, int.MaxValue);
        // Too short for an end, and not every end is near: what tokens may do hangs on the count itself.
        if (item.Count < counter.Least && !counter.EndsAnywhere) return (InsideOf(item.State, item.Count), 0, int.MaxValue);
        return (InsideOf(item.State, Counter.Free), counter.Least - item.Count, counter.Most - item.Count);
    }

    Inside InsideOf(int state, int count)
    {
        if (insides.TryGetValue((state, count), out var inside)) return inside;
        var found = new Found(this, vocabulary, new ulong[words], count == Counter.Free, count == Counter.Free && recognizer.Grammar.TextStateOf(state) == Counter.Outside);
        Walk(recognizer.Inside(state, count), 0, vocabulary.Nodes, found);
        inside = found.Inside();
        bytes += (inside.Tokens.Length + 2 * inside.Exits.Length + inside.ByNeed.Sum(tokens => tokens.Length) + 2 * inside.Closing.Length) * sizeof(int) + (inside.Bits is null ? 0 : words * sizeof(ulong));
        if (bytes > MostBytes)
        {
            insides.Clear();
            bytes = 0;
        }
        return insides[(state, count)] = inside;
    }

    /// <summary>Adds what so many characters leave room for.</summary>
    void Add(Inside inside, int fewest, int most, ulong[] mask)
    {
        foreach (var token in inside.Tokens) mask[token >> 6] |= 1ul << token;
        if (inside.Bits is not { } bits) return;
        if (inside.ByNeed.Length - 1 > most || fewest > 0 && inside.Closing.Length > 0)
        {
            bits.CopyTo(scratch, 0);
            foreach (var (token, characters) in inside.Closing)
                if (characters < fewest) scratch[token >> 6] &= ~(1ul << token);
            for (var characters = inside.ByNeed.Length - 1; characters > most; characters--)
                foreach (var token in inside.ByNeed[characters]) scratch[token >> 6] &= ~(1ul << token);
            bits = scratch;
        }
        for (var i = 0; i < mask.Length; i++) mask[i] |= bits[i];
    }

    /// <summary>What is done with the nodes of a walk.</summary>
    interface IVisitor
    {
        void Reach(int node, int depth, Configuration at);
    }

    /// <summary>Marks tokens.</summary>
    readonly struct Allowed(TokenVocabulary vocabulary, ulong[] mask) : IVisitor
    {
        public void Reach(int node, int depth, Configuration at)
        {
            foreach (var token in vocabulary.TokensAt(node)) mask[token >> 6] |= 1ul << token;
        }
    }

    /// <summary>Marks tokens, and takes down what a rule's inside is to know of them.</summary>
    readonly struct Found : IVisitor
    {
        readonly TokenMasks masks;
        readonly TokenVocabulary vocabulary;
        readonly ulong[] mask;
        readonly bool counts;
        readonly List<(int Node, int Characters)> exits = [];
        readonly List<List<int>> byNeed = [];
        readonly List<(int Token, int Characters)> closing = [];
        readonly int[] characters;

        public Found(TokenMasks masks, TokenVocabulary vocabulary, ulong[] mask, bool counts, bool isOutside)
        {
            (this.masks, this.vocabulary, this.mask, this.counts) = (masks, vocabulary, mask, counts);
            characters = new int[vocabulary.MaximumDepth + 1];
            // The mark in front of a text leads to its beginning, as a character would.
            characters[0] = isOutside ? -1 : 0;
        }

        public void Reach(int node, int depth, Configuration at)
        {
            var tokens = vocabulary.TokensAt(node);
            foreach (var token in tokens) mask[token >> 6] |= 1ul << token;
            if (counts) Count(depth, at, tokens);
            if (at.Leaves && vocabulary.EndsOfSubtrees[node] > node + 1) exits.Add((node, characters[depth + 1]));
        }

        void Count(int depth, Configuration at, ReadOnlySpan<int> tokens)
        {
            var (ended, toEnd) = at.Items is [var item] ? masks.Need(item.State) : (0, 0);
            var count = characters[depth + 1] = characters[depth] + ended;
            while (byNeed.Count <= count + toEnd) byNeed.Add([]);
            foreach (var token in tokens)
            {
                byNeed[count + toEnd].Add(token);
                if (at.Leaves) closing.Add((token, count));
            }
        }

        public Inside Inside()
        {
            var count = 0;
            foreach (var word in mask) count += BitOperations.PopCount(word);
            // Few tokens are kept one by one.
            return !counts && count * sizeof(int) < mask.Length * sizeof(ulong) / 2 ? new(null, Members(mask, count), [.. exits], [], [])
                : new(mask, [], [.. exits], [.. byNeed.Select(tokens => tokens.ToArray())], [.. closing]);
        }
    }

    /// <summary>Whether a character ends in a state, as 1 or 0, and how many are missing to the nearest end; asked at every node of a walk.</summary>
    (int Ended, int ToEnd) Need(int state)
    {
        ref var need = ref needs[state];
        if (need is null)
        {
            var (counter, at) = (recognizer.Grammar.CounterOf(state)!, recognizer.Grammar.TextStateOf(state));
            need = at >= 0 ? (1, counter.CharactersToEnd(at)) : (0, 1 + recognizer.EndsOfCharacter(state).Min(end => counter.CharactersToEnd(end.TextState)));
        }
        return need.Value;
    }

    /// <summary>Visits the nodes that can be said from a configuration. A node that cannot is passed over with all below it.</summary>
    void Walk<T>(Configuration from, int first, int last, T visitor)
        where T : struct, IVisitor
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
            visitor.Reach(node, depth, next);
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
