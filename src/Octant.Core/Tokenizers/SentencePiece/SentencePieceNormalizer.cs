using System.Text;
using Octant.Tokenizers.Normalizers;

namespace Octant.Tokenizers.SentencePiece;

/// <summary>
/// Rewrites a text as SentencePiece does: its map of characters, the longest key first, except in what the user defined; spaces made
/// visible, one put in front (or behind), those that are too many removed.
/// </summary>
sealed class SentencePieceNormalizer(NormalizerSpec spec, SymbolMatcher symbols, bool spaceEnds) : Normalizer
{
    readonly Charsmap? map = spec.Charsmap.Length == 0 ? null : new(spec.Charsmap, "precompiled_charsmap");
    readonly string space = spec.EscapeWhitespaces ? "▁" : " ";

    internal override AlignedText Apply(AlignedText text)
    {
        var result = text.Successor(text.Length + 1);
        var at = 0;
        if (spec.RemoveExtraWhitespaces)
            while (at < text.Length && Next(text.Span[at..], out var taken) is " ") at += taken;
        if (at == text.Length) return result;
        if (spec.AddDummyPrefix && !spaceEnds) result.Append(space, text.Alignment(at));
        var afterSpace = spec.RemoveExtraWhitespaces;
        while (at < text.Length)
        {
            var piece = Next(text.Span[at..], out var taken).AsSpan();
            var alignment = text.Original(new(at, at + taken));
            at += taken;
            if (afterSpace) piece = piece.TrimStart(' ');
            if (!piece.IsEmpty) afterSpace = piece[^1] == ' ';
            if (!spec.RemoveExtraWhitespaces) afterSpace = false;
            foreach (var rune in piece.EnumerateRunes())
                if (rune.Value == ' ') result.Append(space, alignment);
                else result.Append(rune.Value, alignment);
        }
        if (spec.RemoveExtraWhitespaces)
        {
            var end = result.Span.TrimEnd(space[0]).Length;
            if (end < result.Length) result = result.Slice(new(0, end));
        }
        if (spec.AddDummyPrefix && spaceEnds) result.Append(space, text.Alignment(text.Length - 1));
        return result;
    }

    /// <summary>What the beginning of a text becomes, and how much of it that is.</summary>
    string Next(ReadOnlySpan<char> text, out int taken)
    {
        taken = symbols.Longest(text, out _);
        if (taken > 0) return text[..taken].ToString();
        if (map?.OfLongest(text, out taken) is { } mapped) return mapped;
        Rune.DecodeFromUtf16(text, out var rune, out taken);
        return rune.ToString();
    }
}
