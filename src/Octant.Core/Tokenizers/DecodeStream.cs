using System.Buffers;
using System.Text;

namespace Octant.Tokenizers;

/// <summary>
/// Decodes ids that come one by one into pieces of text, none of which ends within a character. One stream, one thread.
/// </summary>
/// <remarks>
/// The pieces and the flush, joined, are the text of all ids where a decoder only adds to the text of fewer ids, and looks no further back than the
/// piece before: so do those of language models. What else there is cannot be streamed so: byte fallback that takes bytes back which were text
/// already, as they are invalid with what follows; BPEDecoder, where a suffix stands within a token; CTC behind WordPiece, to which a repeated
/// token is one, but not behind the first of a window; ByteLevel behind what joins tokens, as one foreign character makes all of the text stand for
/// itself. There the pieces are those of the reference's stream (step_decode_stream of tokenizers 0.22.2), as far as that comes: where it ends with
/// "Invalid prefix", this one says the new ids by themselves.
/// What makes no character for <see cref="MostHeld"/> ids is said as far as it is certain, so that a stream takes linear time whatever comes.
/// </remarks>
public sealed class DecodeStream
{
    /// <summary>Ids that wait for a character to become whole; real ones have four bytes.</summary>
    const int MostHeld = 64;

    /// <summary>Ids that can make one character.</summary>
    const int LongestCharacter = 4;

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
    /// <exception cref="TokenizerException">The id is below zero.</exception>
    public string? Step(int id)
    {
        if (tokenizer.Decoded(id, skipSpecialTokens) is null) return null;
        if (prefix.Length == 0 && window.Count > 0) SkipSilent();
        window.Add(id);
        var text = Decode(window);
        if (!Adds(text) || text.EndsWith('\uFFFD')) return window.Count - said > MostHeld ? Certain() : null;
        var piece = After(text, window.Count);
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
        var rest = After(text, window.Count);
        window.Clear();
        (said, prefix) = (0, "");
        return rest;
    }

    /// <summary>Says what is held, but for a character that may become whole yet; null where that is nothing.</summary>
    string? Certain()
    {
        var cut = window.Count - Unfinished();
        var piece = After(Decode(window[..cut]), cut);
        // What is kept begins with a character: half of one would spoil a run of bytes.
        said = 1;
        while (said < LongestCharacter && tokenizer.RawBytesOf(window[cut - said]) is [>= 0x80 and < 0xC0, ..]) said++;
        window.RemoveRange(0, cut - said);
        prefix = Decode(window[..said]);
        return piece.Length > 0 ? piece : null;
    }

    /// <summary>How many ids at the end make the beginning of a character.</summary>
    int Unfinished()
    {
        List<byte> bytes = [.. window[^LongestCharacter..].SelectMany(tokenizer.RawBytesOf)];
        if (Rune.DecodeLastFromUtf8(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes), out _, out var missing) != OperationStatus.NeedMoreData) return 0;
        var ids = 0;
        while (missing > 0) missing -= tokenizer.RawBytesOf(window[^++ids]).Length;
        return ids;
    }

    /// <summary>Ids that decode to nothing are left behind, so that the window stays short.</summary>
    void SkipSilent()
    {
        var text = Decode(window);
        if (text.EndsWith('\uFFFD')) return;
        if (text.Length == 0 && window.Count > MostHeld) window.RemoveRange(0, window.Count - MostHeld);
        (prefix, said) = (text, window.Count);
    }

    /// <summary>Whether a text is longer than what was said; another one than that is measured in UTF-8, as in the reference.</summary>
    bool Adds(string text) => text.StartsWith(prefix, StringComparison.Ordinal) ? text.Length > prefix.Length
        : System.Text.Encoding.UTF8.GetByteCount(text) > System.Text.Encoding.UTF8.GetByteCount(prefix);

    /// <summary>What a text of the window's ids up to an end has behind what was said.</summary>
    string After(string text, int end) => text.Length <= prefix.Length ? ""
        : text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : Decode(window[said..end]);

    string Decode(List<int> ids) =>
        tokenizer.Decode(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(ids), skipSpecialTokens);
}
