namespace Octant.Tokenizers.Training.Unigrams;

/// <summary>A piece and its score: the logarithm of its probability; while it is counted, its expected count.</summary>
readonly record struct ScoredPiece(string Text, double Score);

/// <summary>Two trainers of one algorithm, which part in what decides between nearly equal pieces.</summary>
enum UnigramConvention
{
    /// <summary>Numbers are rounded to 32 bits: which of many equal losses is the least hangs on it.</summary>
    SentencePiece,
    /// <summary>
    /// Numbers have 64 bits, the first piece is the unknown one, and what a piece costs is reckoned as if its count went to as many others
    /// as there are pieces at all: an oversight of the reference (tokenizers 0.23, prune_sentence_pieces), by which rare pieces go sooner.
    /// </summary>
    HuggingFace,
}

/// <summary>
/// Estimates a unigram model of words by expectation and maximisation, and takes away the pieces whose loss costs the least likelihood
/// (Kudo 2018, arXiv:1804.10959).
/// </summary>
/// <param name="words">with their counts</param>
/// <param name="convention">whose results are to come out</param>
sealed class Estimation(IReadOnlyList<(string Text, long Count)> words, UnigramConvention convention)
{
    const double UnknownPenalty = 10, LeastExpected = 0.5;

    /// <summary>Where the first piece stands for what no piece says: it stays, and has no probability.</summary>
    readonly int first = convention == UnigramConvention.HuggingFace ? 1 : 0;

    readonly (int[] Characters, long Count)[] sentences = [.. words.Select(word => (Characters(word.Text), word.Count))];

    static int[] Characters(string text) => [.. text.EnumerateRunes().Select(rune => rune.Value)];

    double Rounded(double value) => convention == UnigramConvention.SentencePiece ? (float)value : value;

    /// <summary>One round: expected counts of the pieces, and scores from them as a Dirichlet prior's mean would have them.</summary>
    public List<ScoredPiece> Maximize(List<ScoredPiece> pieces)
    {
        var lattice = new Lattice(this, pieces);
        var expected = new double[pieces.Count];
        foreach (var (characters, count) in sentences) lattice.AddExpected(characters, count, expected);
        var kept = new List<ScoredPiece>();
        var sum = 0.0;
        for (var i = first; i < pieces.Count; i++)
        {
            if (expected[i] < LeastExpected) continue;
            kept.Add(new(pieces[i].Text, expected[i]));
            sum = Rounded(sum + expected[i]);
        }
        var logarithm = Rounded(Digamma(sum));
        return [.. pieces.Take(first), .. kept.Select(piece => piece with { Score = Rounded(Digamma(piece.Score) - logarithm) })];
    }

    /// <summary>Keeps the pieces that cannot be said otherwise, and of the others those whose loss would cost most.</summary>
    /// <param name="pieces">all</param>
    /// <param name="size">how many are to be left</param>
    public List<ScoredPiece> Prune(List<ScoredPiece> pieces, int size)
    {
        var lattice = new Lattice(this, pieces);
        var (counts, total) = Occurrences(lattice, pieces.Count);
        var sum = counts.Sum();
        var logarithm = Rounded(Math.Log(sum));
        List<ScoredPiece> kept = [.. pieces.Take(first)];
        var candidates = new List<(int Piece, double Loss)>();
        for (var i = first; i < pieces.Count; i++)
        {
            var (best, other) = lattice.TwoBest(Characters(pieces[i].Text));
            var isWhole = other is null || best.Count == 1;
            int[] alternatives = best.Count == 1 && other is not null ? [.. other] : [];
            if (counts[i] == 0 && !isWhole) continue;
            if (alternatives.Length == 0)
            {
                kept.Add(pieces[i]);
                continue;
            }
            if (counts[i] == 0 && convention == UnigramConvention.HuggingFace) continue;
            var share = Rounded(counts[i] / total);
            var others = convention == UnigramConvention.HuggingFace ? pieces.Count : alternatives.Length;
            var after = Rounded(Math.Log(sum + counts[i] * (others - 1)));
            var before = Rounded(Math.Log(counts[i]) - logarithm);
            var instead = 0.0;
            foreach (var piece in alternatives) instead = Rounded(instead + (Math.Log(counts[piece] + counts[i]) - after));
            var loss = Rounded(share * Rounded(before - instead));
            candidates.Add((i, loss));
        }
        foreach (var (piece, _) in candidates.OrderByDescending(candidate => candidate.Loss).ThenBy(candidate => candidate.Piece))
        {
            if (kept.Count >= size) break;
            kept.Add(pieces[piece]);
        }
        return kept;
    }

    /// <summary>How often each piece is in the likeliest ways to say the words, and how many words there are.</summary>
    (double[] Counts, double Total) Occurrences(Lattice lattice, int pieces)
    {
        var (counts, total) = (new double[pieces], 0.0);
        foreach (var (characters, count) in sentences)
        {
            total += count;
            foreach (var piece in lattice.Best(characters)) counts[piece] += count;
        }
        return (counts, total);
    }

    /// <summary>The logarithmic derivative of the gamma function, by its series from 7 on.</summary>
    static double Digamma(double x)
    {
        var result = 0.0;
        for (; x < 7; x++) result -= 1 / x;
        x -= 0.5;
        var square = 1 / (x * x);
        return result + Math.Log(x) + square / 24 - 7 * square * square / 960 + 31 * square * square * square / 8064 - 127 * square * square * square * square / 30720;
    }

    /// <summary>All ways to say a word with pieces.</summary>
    sealed class Lattice
    {
        readonly List<ScoredPiece> pieces;
        readonly Dictionary<long, int> next = [];
        readonly List<(int Start, int End, int Piece, double Score)> nodes = [];
        readonly List<int> ids = [-1];
        readonly double unknown;
        readonly Estimation estimation;

        public Lattice(Estimation estimation, List<ScoredPiece> pieces)
        {
            (this.estimation, this.pieces) = (estimation, pieces);
            unknown = pieces.Skip(estimation.first).Min(piece => piece.Score) - UnknownPenalty;
            for (var i = estimation.first; i < pieces.Count; i++)
            {
                var node = 0;
                foreach (var rune in pieces[i].Text.EnumerateRunes())
                {
                    if (!next.TryGetValue(Way(node, rune.Value), out var child))
                    {
                        next.Add(Way(node, rune.Value), child = ids.Count);
                        ids.Add(-1);
                    }
                    node = child;
                }
                ids[node] = i;
            }
        }

        static long Way(int node, int character) => (long)node << 21 | (uint)character;

        /// <summary>Every piece within a word: where it begins and ends; what no piece says alone is unknown, and counts as the first.</summary>
        List<(int Start, int End, int Piece, double Score)> Nodes(int[] word)
        {
            nodes.Clear();
            for (var start = 0; start < word.Length; start++)
            {
                var (node, hasSingle) = (0, false);
                for (var end = start; end < word.Length && next.TryGetValue(Way(node, word[end]), out node); end++)
                {
                    if (ids[node] < 0) continue;
                    nodes.Add((start, end + 1, ids[node], pieces[ids[node]].Score));
                    hasSingle |= end == start;
                }
                if (!hasSingle) nodes.Add((start, start + 1, 0, unknown));
            }
            return nodes;
        }

        public void AddExpected(int[] word, long count, double[] expected)
        {
            var nodes = Nodes(word);
            var (forward, backward) = (new double[word.Length + 1], new double[word.Length + 1]);
            forward.AsSpan(1).Fill(double.NegativeInfinity);
            backward.AsSpan(0, word.Length).Fill(double.NegativeInfinity);
            foreach (var (start, end, _, score) in nodes) forward[end] = SumOfExponentials(forward[end], Rounded(forward[start] + score));
            // From the last beginning to the first, at each the short pieces before the long ones.
            for (var last = nodes.Count; last > 0;)
            {
                var first = last - 1;
                while (first > 0 && nodes[first - 1].Start == nodes[last - 1].Start) first--;
                for (var i = first; i < last; i++)
                    backward[nodes[i].Start] = SumOfExponentials(backward[nodes[i].Start], Rounded(nodes[i].Score + backward[nodes[i].End]));
                last = first;
            }
            foreach (var (start, end, piece, score) in nodes)
                expected[piece] = Rounded(expected[piece] + count * Math.Exp(Rounded(Rounded(Rounded(forward[start] + score) + backward[end]) - forward[^1])));
        }

        /// <summary>The likeliest way; of equal ones that whose last piece begins first.</summary>
        public List<int> Best(int[] word)
        {
            var (scores, back) = (new double[word.Length + 1], new (int Start, int Piece)[word.Length + 1]);
            scores.AsSpan(1).Fill(double.NegativeInfinity);
            foreach (var (start, end, piece, score) in Nodes(word))
                if (Rounded(scores[start] + score) is var sum && sum > scores[end]) (scores[end], back[end]) = (sum, (start, piece));
            var way = new List<int>();
            for (var at = word.Length; at > 0; at = back[at].Start) way.Add(back[at].Piece);
            way.Reverse();
            return way;
        }

        /// <summary>The two likeliest ways; no second where there is only one.</summary>
        public (List<int> Best, List<int>? Other) TwoBest(int[] word)
        {
            var ways = new (double Score, int Start, int Rank, int Piece)[word.Length + 1, 2];
            var counts = new int[word.Length + 1];
            (ways[0, 0], counts[0]) = ((0, -1, 0, -1), 1);
            // What ends at a place is known before anything begins there.
            foreach (var (start, end, piece, score) in Nodes(word))
                for (var rank = 0; rank < counts[start]; rank++) Keep(end, (Rounded(ways[start, rank].Score + score), start, rank, piece));
            return (Follow(0), counts[^1] > 1 ? Follow(1) : null);

            // Of equal ways the first stays before.
            void Keep(int end, (double Score, int, int, int) way)
            {
                if (counts[end] == 2 && way.Score <= ways[end, 1].Score) return;
                var at = counts[end] > 0 && way.Score <= ways[end, 0].Score ? 1 : 0;
                if (at == 0) ways[end, 1] = ways[end, 0];
                ways[end, at] = way;
                counts[end] = Math.Min(2, counts[end] + 1);
            }

            List<int> Follow(int rank)
            {
                var found = new List<int>();
                for (var at = word.Length; at > 0;)
                {
                    var (_, start, before, piece) = ways[at, rank];
                    found.Add(piece);
                    (at, rank) = (start, before);
                }
                found.Reverse();
                return found;
            }
        }

        double Rounded(double value) => estimation.Rounded(value);

        double SumOfExponentials(double a, double b)
        {
            var (low, high) = a < b ? (a, b) : (b, a);
            return double.IsNegativeInfinity(low) || high > low + 50 ? high : Rounded(high + Math.Log(Math.Exp(Rounded(low - high)) + 1));
        }
    }
}
