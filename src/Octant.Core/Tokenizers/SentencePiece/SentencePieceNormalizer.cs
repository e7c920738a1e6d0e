using System.Buffers;
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
        Span<char> room = stackalloc char[Charsmap.LongestText];
        var at = 0;
        if (spec.RemoveExtraWhitespaces)
            while (at < text.Length && Next(text.Span[at..], room, out var taken) is " ") at += taken;
        if (at == text.Length) return result;
        if (spec.AddDummyPrefix && !spaceEnds && (text.Origin == 0 || !spec.PrefixesFirstOnly)) result.Append(space, text.Alignment(at));
        var afterSpace = spec.RemoveExtraWhitespaces;
        while (at < text.Length)
        {
            var piece = Next(text.Span[at..], room, out var taken);
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
    /// <param name="text">what is left</param>
    /// <param name="room">for what the map puts in its place</param>
    /// <param name="taken">UTF-16 units</param>
    ReadOnlySpan<char> Next(ReadOnlySpan<char> text, Span<char> room, out int taken)
    {
        taken = symbols.Longest(text, out _);
        if (taken > 0) return text[..taken];
        if (map is not null && map.FindLongest(text, out taken, out var mapped)) return room[..System.Text.Encoding.UTF8.GetChars(mapped, room)];
        return Rune.DecodeFromUtf16(text, out _, out taken) == OperationStatus.Done ? text[..taken] : "\uFFFD";
    }
}
