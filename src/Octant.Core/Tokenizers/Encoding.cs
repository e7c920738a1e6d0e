namespace Octant.Tokenizers;

/// <summary>One token of an encoding, with all that is known of it.</summary>
/// <param name="Id">its id</param>
/// <param name="Text">how it shows</param>
/// <param name="Offsets">the code points of its text that it stands for; (0, 0) where it stands for none</param>
/// <param name="TypeId">which part of the input it belongs to, as models with token types want it</param>
/// <param name="Special">put there by the template or as padding, not found in the text</param>
/// <param name="Padding">to be masked from attention</param>
/// <param name="Sequence">0 for the first text, 1 for the second, null for neither</param>
/// <param name="Word">which word of its text, null for none</param>
readonly record struct EncodedToken(int Id, string Text, (int Start, int End) Offsets, int TypeId = 0, bool Special = false,
    bool Padding = false,
    int? Sequence = null, int? Word = null)
{
    /// <summary>A token that is put around a text.</summary>
    public static EncodedToken Framing(int id, string text) => new(id, text, (0, 0), Special: true);
}

/// <summary>
/// A text, or two, as tokens. All lists have one entry a token.
/// </summary>
public sealed class Encoding
{
    internal Encoding(IReadOnlyList<EncodedToken> tokens, IReadOnlyList<Encoding>? overflowing = null)
    {
        Rows = tokens;
        Ids = [.. tokens.Select(token => token.Id)];
        Tokens = [.. tokens.Select(token => token.Text)];
        Offsets = [.. tokens.Select(token => token.Offsets)];
        TypeIds = [.. tokens.Select(token => token.TypeId)];
        AttentionMask = [.. tokens.Select(token => token.Padding ? 0 : 1)];
        SpecialTokensMask = [.. tokens.Select(token => token.Special ? 1 : 0)];
        SequenceIds = [.. tokens.Select(token => token.Sequence)];
        WordIds = [.. tokens.Select(token => token.Word)];
        Overflowing = overflowing ?? [];
    }

    internal IReadOnlyList<EncodedToken> Rows { get; }

    /// <summary>The ids: what models read.</summary>
    public int[] Ids { get; }

    /// <summary>The tokens as text; an added token shows the white space that it took.</summary>
    public string[] Tokens { get; }

    /// <summary>
    /// Where each token stands in its text, in Unicode code points: from the first, to before the last; (0, 0) for what is not
    /// of the text.
    /// </summary>
    public (int Start, int End)[] Offsets { get; }

    /// <summary>The token type ids.</summary>
    public int[] TypeIds { get; }

    /// <summary>1 for tokens, 0 for padding.</summary>
    public int[] AttentionMask { get; }

    /// <summary>1 for tokens that were added around the text, 0 for those found in it.</summary>
    public int[] SpecialTokensMask { get; }

    /// <summary>0 for tokens of the first text, 1 of the second, null for all others.</summary>
    public int?[] SequenceIds { get; }

    /// <summary>Which word of its text a token belongs to; null for none.</summary>
    public int?[] WordIds { get; }

    /// <summary>What truncation cut off, as further encodings.</summary>
    public IReadOnlyList<Encoding> Overflowing { get; }

    /// <summary>How many tokens.</summary>
    public int Length => Rows.Count;
}
