namespace Octant.Tokenizers;

/// <summary>
/// Decodes ids that come one by one into pieces of text, none of which ends within a character. One stream, one thread.
/// </summary>
/// <remarks>
/// The pieces and the flush, joined, are the text of all ids. (Only where bytes that were text already turn out to be invalid
/// with what follows, as byte fallback has it, decoding at once gives U+FFFD for them too.)
/// </remarks>
public sealed class DecodeStream
{
    readonly Tokenizer tokenizer;
    readonly bool skipSpecialTokens;

    // The ids of the last piece, by which the next one's spaces are known, then those that are not said yet.
    readonly List<int> window = [];
    int said;
    string prefix = "";

    internal DecodeStream(Tokenizer tokenizer, bool skipSpecialTokens) =>
        (this.tokenizer, this.skipSpecialTokens) = (tokenizer, skipSpecialTokens);

    /// <summary>Takes the next id.</summary>
    /// <returns>
    /// the text that is certain with it; null while that ends within a character, or where the id adds nothing
    /// </returns>
    /// <exception cref="TokenizerException">The id is outside the vocabulary.</exception>
    public string? Step(int id)
    {
        if (prefix.Length == 0 && window.Count > 0) SkipSilent();
        window.Add(id);
        string text;
        try
        {
            text = Decode(window);
        }
        catch (TokenizerException)
        {
            window.RemoveAt(window.Count - 1);
            throw;
        }
        if (text.Length <= prefix.Length || text.EndsWith('\uFFFD')) return null;
        var piece = After(text);
        window.RemoveRange(0, said);
        said = window.Count;
        prefix = Decode(window);
        return piece;
    }

    /// <summary>
    /// Ends the stream: the text of what was held back, with U+FFFD for what never became a character. Often empty.
    /// </summary>
    public string Flush()
    {
        var text = Decode(window);
        var rest = text.Length <= prefix.Length ? "" : After(text);
        window.Clear();
        (said, prefix) = (0, "");
        return rest;
    }

    /// <summary>Ids that decode to nothing are left behind, so that the window stays short.</summary>
    void SkipSilent()
    {
        var text = Decode(window);
        if (text.EndsWith('\uFFFD')) return;
        (prefix, said) = (text, window.Count);
    }

    string After(string text) =>
        text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : Decode(window[said..]);

    string Decode(List<int> ids) =>
        tokenizer.Decode(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(ids), skipSpecialTokens);
}
