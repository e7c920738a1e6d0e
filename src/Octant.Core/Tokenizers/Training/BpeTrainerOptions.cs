namespace Octant.Tokenizers.Training;

/// <summary>What a byte-pair encoding is to become. The defaults are those of Hugging Face's trainer.</summary>
/// <param name="VocabularySize">
/// how many tokens at most; special tokens and the alphabet are tokens even where they are more
/// </param>
/// <param name="MinimumFrequency">a pair that occurs less often becomes no token</param>
/// <param name="SpecialTokens">the first tokens, in this order; null for none</param>
/// <param name="InitialAlphabet">characters that are tokens whether they occur or not</param>
/// <param name="LimitAlphabet">
/// keeps so many characters, the most frequent ones (of equals those of the smallest code point); all others leave their words
/// </param>
/// <param name="MaximumTokenLength">
/// a pair becomes a token only where it has fewer symbols than this; two single symbols always do
/// </param>
/// <param name="ContinuingPrefix">stands before each symbol that does not begin a word</param>
/// <param name="EndSuffix">stands after a word's last symbol</param>
public sealed record BpeTrainerOptions(int VocabularySize, long MinimumFrequency = 0,
    IReadOnlyList<string>? SpecialTokens = null, string InitialAlphabet = "", int? LimitAlphabet = null,
    int? MaximumTokenLength = null, string ContinuingPrefix = "", string EndSuffix = "")
{
    internal void Validate()
    {
        if (VocabularySize <= 0)
            throw new TokenizerException($"A vocabulary of {VocabularySize} tokens was asked for: it must be at least 1.");
        if (MinimumFrequency < 0)
            throw new TokenizerException($"A minimum frequency of {MinimumFrequency} was asked for: it must not be negative.");
        if (LimitAlphabet < 0)
            throw new TokenizerException($"An alphabet of {LimitAlphabet} characters was asked for: it must not be negative.");
        if (MaximumTokenLength <= 0)
            throw new TokenizerException($"A token length of {MaximumTokenLength} was asked for: it must be at least 1.");
        if (SpecialTokens?.Any(string.IsNullOrEmpty) == true)
            throw new TokenizerException("A special token is empty: leave it out, or give it a name.");
    }
}

/// <summary>What a trainer learnt.</summary>
/// <param name="Tokens">in order of their ids</param>
/// <param name="Merges">the pairs that become tokens, the most important first</param>
public sealed record BpeVocabulary(IReadOnlyList<string> Tokens, IReadOnlyList<(string Left, string Right)> Merges);
