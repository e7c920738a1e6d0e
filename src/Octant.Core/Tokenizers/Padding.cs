using System.Text.Json;

namespace Octant.Tokenizers;

/// <summary>Fills encodings up to a common length: the "padding" of a tokenizer.json.</summary>
/// <param name="Length">a fixed length; null for that of the batch's longest</param>
/// <param name="Multiple">the length is rounded up to a multiple of this; 0 for as it is</param>
/// <param name="Direction">the end at which padding stands</param>
/// <param name="Id">the padding's id</param>
/// <param name="TypeId">its type id</param>
/// <param name="Token">how it shows</param>
sealed record Padding(int? Length, int Multiple, Direction Direction, int Id, int TypeId, string Token)
{
    // Beyond what any model is given, where not a text of the batch is that long; a stray number, times as many windows as truncation makes, must not cost gigabytes.
    const int MostPadding = 1 << 17;

    public static Padding Read(JsonPart part) => new(Strategy(part["strategy"]), part.Number("pad_to_multiple_of", 0),
        part.Choice("direction", Direction.Right), part.Number("pad_id", 0), part.Number("pad_type_id", 0),
            part.TextOrNull("pad_token") ?? "[PAD]");

    /// <summary>"BatchLongest", or {"Fixed": n}.</summary>
    static int? Strategy(JsonPart part)
    {
        if (part.Element.ValueKind == JsonValueKind.Object) return part["Fixed"].Number();
        return part.Text() == "BatchLongest" ? null : throw part.Wrong("is neither \"BatchLongest\" nor {\"Fixed\": n}");
    }

    public IReadOnlyList<EncodingPart> Apply(IReadOnlyList<EncodingPart> batch)
    {
        var longest = batch.Count == 0 ? 0 : batch.Max(part => part.Length);
        long target = Length ?? longest;
        if (Multiple > 0 && target % Multiple > 0) target += Multiple - target % Multiple;
        foreach (var part in batch)
            if (Missing(part, target) - Missing(part, longest) > MostPadding)
                throw new TokenizerException($"Padding to {target} tokens is refused: it adds more than {MostPadding} to a text that none of its batch asks for.");
        return [.. batch.Select(part => part.SelectAll(tokens => Pad(tokens, (int)target)))];
    }

    /// <summary>How many tokens are to be added to a text's, with all its windows.</summary>
    static long Missing(EncodingPart part, long target) =>
        Math.Max(0, target - part.Length) + part.Overflowing.Sum(window => Missing(window, target));

    IReadOnlyList<EncodedToken> Pad(IReadOnlyList<EncodedToken> tokens, int target)
    {
        if (tokens.Count >= target) return tokens;
        var padding = Enumerable.Repeat(new EncodedToken(Id, Token, (0, 0), TypeId, Special: true, Padding: true),
            target - tokens.Count);
        return Direction == Direction.Right ? [.. tokens, .. padding] : [.. padding, .. tokens];
    }
}
