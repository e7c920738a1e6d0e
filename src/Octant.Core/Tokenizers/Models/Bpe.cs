using System.Buffers;
using System.Text;

namespace Octant.Tokenizers.Models;

/// <summary>How a byte-pair encoding treats what its vocabulary does not say.</summary>
/// <param name="ReadsBytes">a word's symbols are its bytes, named by GPT-2's alphabet; else its characters</param>
/// <param name="Unknown">the token for symbols outside the vocabulary; without one they are dropped</param>
/// <param name="FusesUnknown">neighbouring unknown symbols become one token</param>
/// <param name="ByteFallback">unknown characters become the tokens of their bytes, &lt;0x00&gt; to &lt;0xFF&gt;</param>
/// <param name="IgnoresMerges">a word that is a token is taken whole, before any merge</param>
/// <param name="ContinuingPrefix">stands before each symbol that does not begin the word</param>
/// <param name="EndSuffix">stands after the word's last symbol</param>
/// <param name="Dropout">the chance by which a merge is left out where <see cref="Tokenizer.WithDropout"/> asks for it</param>
sealed record BpeOptions(bool ReadsBytes = false, string? Unknown = null, bool FusesUnknown = false, bool ByteFallback = false,
    bool IgnoresMerges = false, string ContinuingPrefix = "", string EndSuffix = "", double? Dropout = null);

/// <summary>
/// Byte-pair encoding: a word's symbols are merged pair by pair, the pair of lowest rank first, the leftmost of equals
/// (Sennrich et al. 2016, https://arxiv.org/abs/1508.07909). Also SentencePiece's BPE, whose ranks are the order of scores.
/// </summary>
sealed class Bpe : TokenModel
{
    // Where a heap begins to beat looking at every pair: measured on text, where hardly any word is longer.
    const int ShortWord = 40;

    readonly BpeOptions options;
    readonly MergeTable merges;
    readonly WordCache cache = new();
    readonly int[] byteIds = new int[256];
    readonly int unknownId;

    // SentencePiece's models come without a pre-tokenizer: a whole text is one word. But where no merge reaches over the
    // beginning of a word of the text, that word's tokens are its own, and can be remembered.
    readonly bool cutsAtSpaces;
    readonly IReadOnlyDictionary<string, int>? symbols;
    readonly string[] characters;

    /// <param name="vocabulary">tokens and ids</param>
    /// <param name="merges">the pairs; ids from the vocabulary's size on are symbols that are no tokens</param>
    /// <param name="options">the rest</param>
    /// <param name="symbols">the ids of single characters that are no tokens but merge to such</param>
    public Bpe(Vocabulary vocabulary, MergeTable merges, BpeOptions options, IReadOnlyDictionary<string, int>? symbols = null)
        : base(vocabulary)
    {
        (this.merges, this.options, this.symbols) = (merges, options, symbols);
        characters = symbols is null ? [] : [.. symbols.OrderBy(entry => entry.Value).Select(entry => entry.Key)];
        Span<char> name = stackalloc char[6];
        for (var i = 0; i < 256; i++)
        {
            if (options.ReadsBytes) byteIds[i] = vocabulary.IdOf([ByteAlphabet.CharacterOf((byte)i)]);
            else byteIds[i] = options.ByteFallback ? vocabulary.IdOf(ByteName(i, name)) : -1;
        }
        cutsAtSpaces = options is { ReadsBytes: false, IgnoresMerges: false, ContinuingPrefix: "", EndSuffix: "" }
            && vocabulary.IdOf("▁") >= 0 && merges.Results.All(id => !HasInnerSpace(vocabulary.TokenOf(id) ?? ""));
        unknownId = options.Unknown is { } unknown ? vocabulary.IdOf(unknown) : -1;
    }

    public override double? Dropout => options.Dropout;

    public override TokenModel WithDropout(double rate, int seed) => new DroppingBpe(this, rate, seed);

    public override void Encode(ReadOnlySpan<char> word, List<WordToken> tokens)
    {
        for (; cutsAtSpaces && NextWord(word) is > 0 and var end; word = word[end..]) EncodePart(word[..end], tokens);
        EncodePart(word, tokens);
    }

    public override void EncodeIds(ReadOnlySpan<char> word, List<int> ids)
    {
        for (; cutsAtSpaces && NextWord(word) is > 0 and var end; word = word[end..]) EncodePart(word[..end], ids);
        EncodePart(word, ids);
    }

    /// <summary>
    /// Where the next word begins: at the first visible space that follows another character; -1 for nowhere.
    /// </summary>
    static int NextWord(ReadOnlySpan<char> text)
    {
        var start = text.IndexOfAnyExcept('▁');
        return start < 0 ? -1 : text[start..].IndexOf('▁') is >= 0 and var space ? start + space : -1;
    }

    static bool HasInnerSpace(string token) => NextWord(token) >= 0;

    void EncodePart(ReadOnlySpan<char> word, List<WordToken> tokens)
    {
        if (cache.Find(word) is { } known) tokens.AddRange(known.Tokens.AsSpan());
        else EncodeNew(word, tokens);
    }

    void EncodePart(ReadOnlySpan<char> word, List<int> ids)
    {
        if (cache.Find(word) is { } known)
        {
            if (known.Ids.Length == 1) ids.Add(known.Ids[0]);
            else ids.AddRange(known.Ids.AsSpan());
            return;
        }
        var tokens = new List<WordToken>();
        EncodeNew(word, tokens);
        foreach (var token in tokens) ids.Add(token.Id);
    }

    void EncodeNew(ReadOnlySpan<char> word, List<WordToken> tokens)
    {
        var before = tokens.Count;
        if (!(options.IgnoresMerges && TryWhole(word, tokens)))
        {
            var found = new SymbolList(word.Length);
            Split(word, found);
            Merge(found);
            found.Resolve(this, tokens);
        }
        cache.Add(word, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(tokens)[before..]);
    }

    /// <summary>Leaves merges out by chance; neither whole words nor what was found before is asked for.</summary>
    public void EncodeDropping(ReadOnlySpan<char> word, List<WordToken> tokens, double rate, Random random)
    {
        var found = new SymbolList(word.Length);
        Split(word, found);
        MergeLong(found, rate, random);
        found.Resolve(this, tokens);
    }

    bool TryWhole(ReadOnlySpan<char> word, List<WordToken> tokens)
    {
        var bytes = System.Text.Encoding.UTF8.GetByteCount(word);
        var id = options.ReadsBytes ? Vocabulary.IdOf(ByteAlphabet.NameOf(word)) : Vocabulary.IdOf(word);
        if (id < 0) return false;
        tokens.Add(new WordToken(id, bytes));
        return true;
    }

    /// <summary>A word as its smallest symbols.</summary>
    void Split(ReadOnlySpan<char> word, SymbolList found)
    {
        if (options.ReadsBytes) SplitBytes(word, found);
        else SplitCharacters(word, found);
        found.FlushUnknown();
    }

    void SplitBytes(ReadOnlySpan<char> word, SymbolList found)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(System.Text.Encoding.UTF8.GetMaxByteCount(word.Length));
        var length = System.Text.Encoding.UTF8.GetBytes(word, buffer);
        foreach (var value in buffer.AsSpan(0, length))
            if (byteIds[value] >= 0) found.Add(byteIds[value], 1);
            else AddUnknown(found, 1);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    void SplitCharacters(ReadOnlySpan<char> word, SymbolList found)
    {
        Span<byte> utf8 = stackalloc byte[4];
        for (var at = 0; at < word.Length;)
        {
            Rune.DecodeFromUtf16(word[at..], out var rune, out var width);
            var symbol = word.Slice(at, width);
            if (at > 0 && options.ContinuingPrefix.Length > 0) symbol = $"{options.ContinuingPrefix}{symbol}";
            if (at + width == word.Length && options.EndSuffix.Length > 0) symbol = $"{symbol}{options.EndSuffix}";
            at += width;
            var id = Vocabulary.IdOf(symbol);
            if (id < 0 && symbols is not null && symbols.TryGetValue(symbol.ToString(), out var extra)) id = extra;
            if (id >= 0) found.Add(id, rune.Utf8SequenceLength);
            else if (!(options.ByteFallback && TryBytes(symbol, found))) AddUnknown(found, rune.Utf8SequenceLength);
        }
    }

    bool TryBytes(ReadOnlySpan<char> symbol, SymbolList found)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(symbol.ToString());
        if (!Array.TrueForAll(bytes, value => byteIds[value] >= 0)) return false;
        // The reference leaves a pending unknown token pending here, so that it comes after the bytes.
        foreach (var value in bytes) found.AddPastUnknown(byteIds[value], 1);
        return true;
    }

    void AddUnknown(SymbolList found, int bytes)
    {
        if (options.Unknown is null) return;
        if (unknownId < 0) throw new TokenizerException($"The vocabulary lacks its unknown token \"{options.Unknown}\".");
        found.AddUnknown(unknownId, bytes, options.FusesUnknown);
    }

    void Merge(SymbolList found)
    {
        if (found.Count <= ShortWord) MergeShort(found);
        else MergeLong(found);
    }

    void MergeShort(SymbolList found)
    {
        Span<int> ranks = stackalloc int[ShortWord];
        Span<int> merged = stackalloc int[ShortWord];
        var count = found.Count;
        for (var i = 0; i + 1 < count; i++) (ranks[i], merged[i]) = merges.Find(found.Id(i), found.Id(i + 1));
        while (count > 1)
        {
            var best = 0;
            for (var i = 1; i + 1 < count; i++)
                if (ranks[i] < ranks[best]) best = i;
            if (ranks[best] == int.MaxValue) return;
            found.MergeAt(best, merged[best]);
            count--;
            ranks[(best + 1)..count].CopyTo(ranks[best..]);
            merged[(best + 1)..count].CopyTo(merged[best..]);
            if (best > 0) (ranks[best - 1], merged[best - 1]) = merges.Find(found.Id(best - 1), found.Id(best));
            if (best + 1 < count) (ranks[best], merged[best]) = merges.Find(found.Id(best), found.Id(best + 1));
        }
    }

    /// <summary>
    /// A linked list of symbols and a heap of pairs, so that the longest word takes time n log n. With dropout a pair that comes up is left
    /// out by chance, until another merges: then it has its chance again (Provilkov et al. 2020, arXiv:1910.13267, as the reference runs it).
    /// </summary>
    void MergeLong(SymbolList found, double dropout = 0, Random? random = null)
    {
        var count = found.Count;
        var (previous, next) = (new int[count], new int[count]);
        var pairs = new (int Rank, int Id)[count];
        var queue = new PriorityQueue<int, long>();
        for (var i = 0; i < count; i++)
        {
            (previous[i], next[i]) = (i - 1, i + 1);
            pairs[i] = i + 1 < count ? merges.Find(found.Id(i), found.Id(i + 1)) : (int.MaxValue, -1);
        }
        queue.EnqueueRange(Enumerable.Range(0, count).Where(i => pairs[i].Rank != int.MaxValue)
            .Select(i => (i, Priority(pairs[i].Rank, i))));
        var left = new List<(int At, long Priority)>();
        while (queue.TryDequeue(out var at, out var priority))
        {
            if (random?.NextDouble() < dropout)
            {
                left.Add((at, priority));
                continue;
            }
            queue.EnqueueRange(left);
            left.Clear();
            // A pair that has changed since has another rank, and its own entry.
            if (pairs[at].Rank == int.MaxValue || Priority(pairs[at].Rank, at) != priority) continue;
            var right = next[at];
            found.Join(at, right, pairs[at].Id);
            pairs[right] = (int.MaxValue, -1);
            next[at] = next[right];
            if (next[at] < count) previous[next[at]] = at;
            Renew(previous[at]);
            Renew(at);
        }
        found.Compact();

        void Renew(int at)
        {
            if (at < 0) return;
            pairs[at] = next[at] < count ? merges.Find(found.Id(at), found.Id(next[at])) : (int.MaxValue, -1);
            if (pairs[at].Rank != int.MaxValue) queue.Enqueue(at, Priority(pairs[at].Rank, at));
        }
    }

    static long Priority(int rank, int at) => (long)rank << 32 | (uint)at;

    static ReadOnlySpan<char> ByteName(int value, Span<char> name)
    {
        name.TryWrite($"<0x{value:X2}>", out _);
        return name;
    }

    /// <summary>The symbols of a word while they merge.</summary>
    sealed class SymbolList(int capacity)
    {
        readonly List<WordToken> symbols = new(capacity);
        WordToken? unknown;

        public int Count => symbols.Count;

        public int Id(int at) => symbols[at].Id;

        public void Add(int id, int bytes)
        {
            FlushUnknown();
            symbols.Add(new WordToken(id, bytes));
        }

        public void AddPastUnknown(int id, int bytes) => symbols.Add(new WordToken(id, bytes));

        public void AddUnknown(int id, int bytes, bool fuses)
        {
            if (fuses && unknown is { } pending) bytes += pending.Bytes;
            else FlushUnknown();
            unknown = new WordToken(id, bytes);
        }

        public void FlushUnknown()
        {
            if (unknown is { } pending) symbols.Add(pending);
            unknown = null;
        }

        public void MergeAt(int at, int id)
        {
            symbols[at] = new WordToken(id, symbols[at].Bytes + symbols[at + 1].Bytes);
            symbols.RemoveAt(at + 1);
        }

        /// <summary>Merges without closing the gap.</summary>
        public void Join(int left, int right, int id)
        {
            symbols[left] = new WordToken(id, symbols[left].Bytes + symbols[right].Bytes);
            symbols[right] = new WordToken(-1, 0);
        }

        public void Compact() => symbols.RemoveAll(symbol => symbol.Id < 0);

        /// <summary>Appends the tokens; symbols that are none become their bytes, or unknown.</summary>
        public void Resolve(Bpe bpe, List<WordToken> tokens)
        {
            if (bpe.symbols is null) tokens.AddRange(symbols);
            else
                foreach (var symbol in symbols)
                    if (symbol.Id < bpe.Vocabulary.Size) tokens.Add(symbol);
                    else bpe.ResolveCharacter(symbol, tokens);
        }
    }

    void ResolveCharacter(WordToken symbol, List<WordToken> tokens)
    {
        var character = characters[symbol.Id - Vocabulary.Size];
        var found = new SymbolList(4);
        if (!(options.ByteFallback && TryBytes(character, found))) AddUnknown(found, symbol.Bytes);
        found.FlushUnknown();
        found.Resolve(this, tokens);
    }
}
