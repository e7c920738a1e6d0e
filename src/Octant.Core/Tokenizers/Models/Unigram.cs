using System.Buffers;

namespace Octant.Tokenizers.Models;

/// <summary>How a unigram model treats what its vocabulary does not say.</summary>
/// <param name="UnknownId">the token for characters that no other covers; null for none</param>
/// <param name="ByteFallback">what is unknown becomes the tokens of its bytes, &lt;0x00&gt; to &lt;0xFF&gt;</param>
/// <param name="IsSentencePiece">sums are kept in single precision, and an unknown token shows as itself, not as what it stands for</param>
/// <param name="LowestScore">below which the unknown lies; that of all tokens when null</param>
sealed record UnigramOptions(int? UnknownId, bool ByteFallback = false, bool IsSentencePiece = false, double? LowestScore = null);

/// <summary>
/// The unigram language model (Kudo 2018, https://arxiv.org/abs/1804.10959): of all ways to write a word with tokens, the one whose scores,
/// log-probabilities, have the largest sum. Found by Viterbi's algorithm, once over the word.
/// </summary>
sealed class Unigram : TokenModel
{
    const double UnknownPenalty = 10;

    readonly UnigramOptions options;
    readonly double[] scores;
    readonly ByteTrie trie;
    readonly double unknownScore;
    readonly WordCache cache = new();
    readonly int[] byteIds = new int[256];

    /// <param name="vocabulary">tokens and ids</param>
    /// <param name="scores">log-probabilities by id</param>
    /// <param name="options">the rest</param>
    /// <param name="isFound">which tokens are found in texts; all when null</param>
    public Unigram(Vocabulary vocabulary, double[] scores, UnigramOptions options, Func<int, bool>? isFound = null) : base(vocabulary)
    {
        (this.scores, this.options) = (scores, options);
        trie = new ByteTrie(vocabulary.Entries.Where(entry => isFound?.Invoke(entry.Value) != false).Select(entry => (entry.Key, entry.Value)));
        unknownScore = (options.LowestScore ?? scores.DefaultIfEmpty(0).Min()) - UnknownPenalty;
        for (var i = 0; i < 256; i++) byteIds[i] = options.ByteFallback ? vocabulary.IdOf($"<0x{i:X2}>") : -1;
    }

    public static Unigram From(JsonPart part)
    {
        var entries = new List<(string, int)>();
        var scores = new List<double>();
        foreach (var entry in part["vocab"].Items())
        {
            if (entry.Items().ToList() is not [var token, var score] || score.Element.ValueKind != System.Text.Json.JsonValueKind.Number)
                throw entry.Wrong("is not a token and its score");
            entries.Add((token.Text(), entries.Count));
            scores.Add(score.Element.GetDouble());
        }
        var unknown = part.Find("unk_id")?.Number();
        if (unknown >= entries.Count) throw part["unk_id"].Wrong($"is {unknown}, outside the {entries.Count} tokens");
        return new(new Vocabulary(entries, part.Path), [.. scores], new(unknown, part.Flag("byte_fallback", false)));
    }

    public override void Encode(ReadOnlySpan<char> word, List<WordToken> tokens)
    {
        if (cache.Find(word) is { } known)
        {
            tokens.AddRange(known.Tokens.AsSpan());
            return;
        }
        var before = tokens.Count;
        var utf8 = ArrayPool<byte>.Shared.Rent(System.Text.Encoding.UTF8.GetMaxByteCount(word.Length));
        var length = System.Text.Encoding.UTF8.GetBytes(word, utf8);
        Encode(utf8.AsSpan(0, length), tokens);
        ArrayPool<byte>.Shared.Return(utf8);
        cache.Add(word, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(tokens)[before..]);
    }

    public override void EncodeIds(ReadOnlySpan<char> word, List<int> ids)
    {
        if (cache.Find(word) is { } known) ids.AddRange(known.Ids.AsSpan());
        else base.EncodeIds(word, ids);
    }

    void Encode(ReadOnlySpan<byte> word, List<WordToken> tokens)
    {
        var ends = ArrayPool<PathEnd>.Shared.Rent(word.Length + 1);
        try
        {
            ends.AsSpan(0, word.Length + 1).Fill(PathEnd.None);
            ends[0] = new(0, 0, -1);
            FindPaths(word, ends);
            Follow(word, ends, tokens);
        }
        finally
        {
            ArrayPool<PathEnd>.Shared.Return(ends);
        }
    }

    /// <summary>The best way to each place of the word, from left to right.</summary>
    void FindPaths(ReadOnlySpan<byte> word, Span<PathEnd> ends)
    {
        for (var start = 0; start < word.Length;)
        {
            var score = ends[start].Score;
            var width = WidthOf(word[start]);
            var covered = false;
            var node = ByteTrie.Root;
            for (var end = start; end < word.Length && trie.Step(ref node, word[end]);)
            {
                end++;
                if (trie.ValueAt(node) is not (>= 0 and var id)) continue;
                Improve(ref ends[end], start, score + scores[id], id);
                covered |= end - start == width;
            }
            if (!covered && IsBetter(ends[start + width], score + unknownScore))
                Improve(ref ends[start + width], start, score + unknownScore, options.UnknownId ?? throw Unknown(word.Slice(start, width)));
            start += width;
        }
    }

    /// <summary>As in the reference it counts that the character may have to be said, not that a longer token says it after all.</summary>
    static TokenizerException Unknown(ReadOnlySpan<byte> character) => new(
        $"The vocabulary lacks the character \"{System.Text.Encoding.UTF8.GetString(character)}\", and the model has no unknown token (\"unk_id\") to put in its place.");

    /// <summary>The best way, from right to left; neighbours that are unknown become one.</summary>
    void Follow(ReadOnlySpan<byte> word, ReadOnlySpan<PathEnd> ends, List<WordToken> tokens)
    {
        var before = tokens.Count;
        for (var end = word.Length; end > 0;)
        {
            var (start, id) = (ends[end].Start, ends[end].Id);
            if (id == options.UnknownId)
            {
                while (start > 0 && ends[start].Id == id) start = ends[start].Start;
                AddUnknown(word[start..end], id, tokens);
            }
            else tokens.Add(new(id, end - start));
            end = start;
        }
        tokens.Reverse(before, tokens.Count - before);
    }

    /// <summary>From its last token to its first, as all is here.</summary>
    void AddUnknown(ReadOnlySpan<byte> text, int unknown, List<WordToken> tokens)
    {
        var surface = System.Text.Encoding.UTF8.GetString(text);
        if (!options.IsSentencePiece && Vocabulary.IdOf(surface) is >= 0 and var id)
        {
            tokens.Add(new(id, text.Length));
            return;
        }
        foreach (var value in text)
            if (byteIds[value] < 0)
            {
                tokens.Add(new(unknown, text.Length, options.IsSentencePiece ? null : surface));
                return;
            }
        // Each stands for all of the text, says the reference.
        for (var i = text.Length - 1; i > 0; i--) tokens.Add(new(byteIds[text[i]], 0, Shares: true));
        tokens.Add(new(byteIds[text[0]], text.Length));
    }

    /// <summary>Of ways that are equally good the first that is found counts.</summary>
    void Improve(ref PathEnd end, int start, double score, int id)
    {
        if (IsBetter(end, score)) end = new(options.IsSentencePiece ? (float)score : score, start, id);
    }

    bool IsBetter(PathEnd end, double score) => end.Start < 0 || (options.IsSentencePiece ? (float)score : score) > end.Score;

    static int WidthOf(byte first) => first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;

    /// <summary>The best way to a place: its score, where its last token begins, and which that is.</summary>
    readonly record struct PathEnd(double Score, int Start, int Id)
    {
        public static PathEnd None { get; } = new(double.NaN, -1, -1);
    }
}
