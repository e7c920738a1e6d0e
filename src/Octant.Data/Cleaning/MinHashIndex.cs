using System.Numerics;
using System.Runtime.InteropServices;

namespace Octant.Data.Cleaning;

/// <summary>When two documents are nearly the same.</summary>
/// <param name="Similarity">
/// from what share of common shingles on (Jaccard's: common ones over all), as MinHash estimates it
/// </param>
/// <param name="ShingleWords">how many words in a row a shingle has; a shorter document is one shingle</param>
/// <param name="Bands">
/// how many parts of a signature are looked up; with <paramref name="Rows"/>, pairs of similarity s are looked at with the
/// probability 1 - (1 - s^rows)^bands
/// </param>
/// <param name="Rows">how many hashes a band has</param>
public sealed record NearDuplicateOptions(double Similarity = 0.8, int ShingleWords = 5, int Bands = 16, int Rows = 8)
{
    internal void Validate()
    {
        if (!(Similarity is > 0 and <= 1)) throw new DatasetException($"A similarity of {Similarity} was asked for: it lies above 0, and is at most 1.");
        if (ShingleWords is < 1 or > 100) throw new DatasetException($"Shingles of {ShingleWords} words were asked for: they have 1 to 100.");
        if (Bands is < 1 or > 256 || Rows is < 1 or > 256)
            throw new DatasetException($"{Bands} bands of {Rows} rows were asked for: there are 1 to 256 of each.");
    }
}

/// <summary>
/// Finds documents with many common shingles without comparing all pairs: the smallest hashes of a document's shingles are its
/// signature (Broder 1997), and only those are compared that agree in a whole band of it (Leskovec, Rajaraman, Ullman, "Mining of
/// Massive Datasets", 3.4).
/// </summary>
sealed class MinHashIndex
{
    // Documents of one bucket that were all found to be different; more are not worth looking at.
    const int LongestChain = 64;

    readonly NearDuplicateOptions options;
    readonly int size;
    readonly uint[] masks;
    readonly uint[] factors;
    readonly List<uint[]> signatures = [];
    readonly Dictionary<(int Band, ulong Hash), int> newest = [];
    readonly List<int[]> before = [];

    public MinHashIndex(NearDuplicateOptions options)
    {
        options.Validate();
        this.options = options;
        size = options.Bands * options.Rows;
        // Whole vectors; the surplus is not compared.
        var padded = (size + Vector<uint>.Count - 1) / Vector<uint>.Count * Vector<uint>.Count;
        masks = [.. Enumerable.Range(0, padded).Select(i => (uint)Hashing.Mix((ulong)i))];
        factors = [.. Enumerable.Range(0, padded).Select(i => (uint)(Hashing.Mix((ulong)i) >> 32) | 1)];
    }

    /// <summary>Adds a text unless one that is nearly the same is there.</summary>
    public bool TryAdd(string text)
    {
        var signature = Signature(text);
        var bands = Enumerable.Range(0, options.Bands)
            .Select(band => (band, Hashing.Of(signature.AsSpan(band * options.Rows, options.Rows)))).ToArray();
        if (bands.Any(band => IsKnown(band, signature))) return false;
        var chain = new int[options.Bands];
        foreach (var band in bands)
        {
            chain[band.band] = newest.GetValueOrDefault(band, -1);
            newest[band] = signatures.Count;
        }
        before.Add(chain);
        signatures.Add(signature);
        return true;
    }

    bool IsKnown((int Band, ulong Hash) band, uint[] signature)
    {
        var at = newest.GetValueOrDefault(band, -1);
        for (var steps = 0; at >= 0 && steps < LongestChain; at = before[at][band.Band], steps++)
            if (Similarity(signatures[at], signature) >= options.Similarity) return true;
        return false;
    }

    double Similarity(uint[] a, uint[] b)
    {
        var equal = 0;
        for (var i = 0; i < size; i++)
            if (a[i] == b[i]) equal++;
        return (double)equal / size;
    }

    uint[] Signature(string text)
    {
        var signature = new uint[masks.Length];
        Array.Fill(signature, uint.MaxValue);
        foreach (var shingle in Shingles(text)) Lower(signature, shingle);
        return signature;
    }

    /// <summary>Takes the smaller of what is there and of each of the hash functions' values.</summary>
    void Lower(uint[] signature, uint shingle)
    {
        var value = new Vector<uint>(shingle);
        var smallest = Vectors(signature);
        var mask = Vectors(masks);
        var factor = Vectors(factors);
        for (var i = 0; i < smallest.Length; i++)
        {
            var hash = (value ^ mask[i]) * factor[i];
            hash = (hash ^ hash >> 15) * new Vector<uint>(0x2C1B3C6D);
            smallest[i] = Vector.Min(smallest[i], hash ^ hash >> 13);
        }
    }

    static Span<Vector<uint>> Vectors(uint[] values) => MemoryMarshal.Cast<uint, Vector<uint>>(values.AsSpan());

    List<uint> Shingles(string text)
    {
        var words = new List<ulong>();
        foreach (var range in text.AsSpan().SplitAny(' ', '\n', '\t', '\r'))
            if (text.AsSpan()[range] is { IsEmpty: false } word) words.Add(Hashing.Of(word));
        var length = Math.Max(1, Math.Min(options.ShingleWords, words.Count));
        var shingles = new List<uint>();
        for (var start = 0; start + length <= words.Count; start++)
            shingles.Add((uint)Hashing.Of(CollectionsMarshal.AsSpan(words).Slice(start, length)));
        return shingles;
    }
}
