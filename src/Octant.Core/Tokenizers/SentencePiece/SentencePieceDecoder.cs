using System.Buffers;
using System.Text;
using Octant.Tokenizers.Decoders;

namespace Octant.Tokenizers.SentencePiece;

/// <summary>Pieces back to text as SentencePiece does it.</summary>
/// <param name="model">whose pieces they are</param>
/// <param name="denormalizer">rewrites the text in the end; null for as it is</param>
sealed class SentencePieceDecoder(SentencePieceModel model, SentencePieceNormalizer? denormalizer) : Decoders.Decoder
{
    readonly HashSet<string> control = [.. model.Pieces.Where(piece => piece.Type == PieceType.Control).Select(piece => piece.Text)];
    readonly string unknown = model.Pieces.First(piece => piece.Type == PieceType.Unknown).Text;
    readonly bool hasBytes = model.Pieces.Exists(piece => piece.Type == PieceType.Byte);
    readonly bool dropsFirstSpace = model.Normalizer.AddDummyPrefix || model.Normalizer.RemoveExtraWhitespaces;

    internal override List<string> Apply(List<string> tokens)
    {
        var text = new StringBuilder();
        var bytes = new List<byte>();
        var (atStart, spaceSeen) = (true, false);
        foreach (var token in tokens)
        {
            if (hasBytes && ByteFallbackDecoder.ByteOf(token) is { } value)
            {
                bytes.Add(value);
                continue;
            }
            Flush(bytes, text);
            if (spaceSeen || text.Length > 0) atStart = false;
            spaceSeen = false;
            if (control.Contains(token)) continue;
            if (token == unknown)
            {
                text.Append(model.UnkSurface);
                continue;
            }
            var piece = token.AsSpan();
            if (atStart && dropsFirstSpace && piece.StartsWith("▁", StringComparison.Ordinal))
            {
                piece = piece[1..];
                spaceSeen = !model.Normalizer.RemoveExtraWhitespaces;
            }
            text.Append(piece).Replace('▁', ' ', text.Length - piece.Length, piece.Length);
        }
        Flush(bytes, text);
        return [denormalizer is null ? text.ToString() : denormalizer.Normalize(text.ToString())];
    }

    /// <summary>Bytes that are no character give one U+FFFD each.</summary>
    static void Flush(List<byte> bytes, StringBuilder text)
    {
        var rest = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes);
        while (rest.Length > 0)
        {
            var valid = Rune.DecodeFromUtf8(rest, out var rune, out var taken) == OperationStatus.Done;
            text.Append(valid ? rune : Rune.ReplacementChar);
            rest = rest[(valid ? taken : 1)..];
        }
        bytes.Clear();
    }
}
