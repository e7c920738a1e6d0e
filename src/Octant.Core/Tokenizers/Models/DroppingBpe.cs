namespace Octant.Tokenizers.Models;

/// <summary>A byte-pair encoding that leaves merges out by chance: a word is cut in another way each time.</summary>
sealed class DroppingBpe(Bpe bpe, double rate, int seed) : TokenModel(bpe.Vocabulary)
{
    int words;

    public override double? Dropout => rate;

    public override TokenModel WithDropout(double rate, int seed) => bpe.WithDropout(rate, seed);

    // A generator for each word: threads need no lock, and one thread gets the same tokens from the same seed.
    public override void Encode(ReadOnlySpan<char> word, List<WordToken> tokens) =>
        bpe.EncodeDropping(word, tokens, rate, new Random(unchecked(seed * 1_000_003 + Interlocked.Increment(ref words))));
}
