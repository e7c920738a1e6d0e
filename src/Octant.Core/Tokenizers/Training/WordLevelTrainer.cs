namespace Octant.Tokenizers.Training;

/// <summary>Learns a vocabulary of whole words, as Hugging Face's trainer does.</summary>
public static class WordLevelTrainer
{
    /// <summary>The tokens in order of their ids: special ones first, then words by their count, then by themselves.</summary>
    /// <param name="words">with their counts; <see cref="WordCounter"/> makes them</param>
    /// <param name="vocabularySize">how many tokens at most</param>
    /// <param name="minimumFrequency">a word that occurs less often becomes no token</param>
    /// <param name="specialTokens">the first tokens, in this order</param>
    /// <exception cref="TokenizerException">the size is not positive</exception>
    public static IReadOnlyList<string> Train(IReadOnlyDictionary<string, long> words, int vocabularySize,
        long minimumFrequency = 0, IReadOnlyList<string>? specialTokens = null)
    {
        ArgumentNullException.ThrowIfNull(words);
        new BpeTrainerOptions(vocabularySize, minimumFrequency, specialTokens).Validate();
        var frequent = words.Where(word => word.Value >= minimumFrequency)
            .OrderByDescending(word => word.Value).ThenBy(word => word.Key, StringComparer.Ordinal).Select(word => word.Key);
        return [.. (specialTokens ?? []).Concat(frequent).Distinct(StringComparer.Ordinal).Take(vocabularySize)];
    }
}
