namespace Octant.Tokenizers.Models;

/// <summary>A byte-pair encoding that leaves merges out by chance: a word is cut in another way each time.</summary>
sealed class DroppingBpe(Bpe bpe, double rate, int seed) : TokenModel(bpe.Vocabulary)
{
    int words;

    public override double? Dropout => rate;

    public override TokenModel WithDropout(double rate, int seed) => bpe.WithDropout(rate, seed);

    // A generator for each word: threads need no lock, and one thread gets the same tokens from the same seed.
    public override void Encode(ReadOnlySpan<char> word, List<WordToken> tokens) =>
        bpe.EncodeDropping(word, tokens, rate, new Random(Mixed((ulong)(uint)seed << 32 | (uint)Interlocked.Increment(ref words))));

    /// <summary>
    /// The first numbers of generators with neighbouring seeds are alike; mixed they are not (SplitMix64's finaliser: Steele, Lea and Flood 2014,
    /// https://doi.org/10.1145/2660193.2660195).
    /// </summary>
    static int Mixed(ulong state)
    {
        unchecked
        {
            state += 0x9E3779B97F4A7C15;
            state = (state ^ state >> 30) * 0xBF58476D1CE4E5B9;
            state = (state ^ state >> 27) * 0x94D049BB133111EB;
            return (int)(state ^ state >> 31);
        }
    }
}
