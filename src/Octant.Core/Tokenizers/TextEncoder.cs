using Octant.Tokenizers.Models;
using Octant.Tokenizers.PreTokenizers;
using Octant.Tokenizers.RegularExpressions;

namespace Octant.Tokenizers;

/// <summary>Takes what is found in a text, in order.</summary>
abstract class Collector
{
    /// <summary>Whether offsets are wanted.</summary>
    public abstract bool WantsOffsets { get; }

    /// <summary>An added token.</summary>
    public abstract void AddToken(int id, ReadOnlySpan<char> text, (int Start, int End) offsets);

    /// <summary>A word, in which the model is to find tokens.</summary>
    public abstract void AddWord(AlignedText text, Stretch word);
}

/// <summary>A text through added tokens, normalizer and pre-tokenizer, word by word to a collector.</summary>
static class TextEncoder
{
    /// <summary>Memory that one call after the other uses.</summary>
    sealed class Memory
    {
        public readonly List<Segment> Original = [];
        public readonly List<Segment> Normalized = [];
        public readonly Words Words = new();
        public readonly AlignedText Plain = AlignedText.Of([], tracks: false);
    }

    // Larger texts are rare; their memory is given back.
    const int KeptLength = 1 << 20;

    [ThreadStatic]
    static Memory? idle;

    public static void Encode(TokenizerParts parts, ReadOnlySpan<char> text, bool parseSpecial, Collector collector)
    {
        var memory = idle ?? new Memory();
        idle = null;
        memory.Original.Clear();
        text = Surrogates.Mend(text);
        parts.Added.SplitOriginal(text, parseSpecial, memory.Original);
        var tracks = collector.WantsOffsets || parts.PreTokenizer is { NeedsOffsets: true };
        var (codePoint, last) = (0, 0);
        foreach (var segment in memory.Original)
        {
            // A token may take spaces that the next one is made of.
            if (tracks && segment.Stretch.Start < last) codePoint -= CountCodePoints(text[segment.Stretch.Start..last]);
            last = segment.Stretch.End;
            var part = text[segment.Stretch.Start..segment.Stretch.End];
            // Where no offsets are asked for, it matters only which part comes first.
            var length = tracks ? CountCodePoints(part) : part.Length;
            if (segment.Id is { } id) collector.AddToken(id, part, (codePoint, codePoint + length));
            else EncodeSegment(parts, part, codePoint, tracks, parseSpecial, memory, collector);
            codePoint += length;
        }
        if (text.Length <= KeptLength) idle = memory;
    }

    static void EncodeSegment(TokenizerParts parts, ReadOnlySpan<char> part, int origin, bool tracks, bool parseSpecial,
        Memory memory, Collector collector)
    {
        AlignedText text;
        if (tracks) text = AlignedText.Of(part, tracks: true, origin);
        else (text = memory.Plain).Reset(part, origin);
        text = parts.Normalizer?.Apply(text) ?? text;
        memory.Normalized.Clear();
        parts.Added.SplitNormalized(text.Span, parseSpecial, memory.Normalized);
        foreach (var segment in memory.Normalized)
            if (segment.Id is { } id) collector.AddToken(id, text[segment.Stretch], text.Original(segment.Stretch));
            else EncodeWords(parts, segment.Stretch.Length == text.Length ? text : text.Slice(segment.Stretch), memory.Words,
                collector);
    }

    static void EncodeWords(TokenizerParts parts, AlignedText text, Words words, Collector collector)
    {
        words.Reset(text);
        parts.PreTokenizer?.Apply(words);
        foreach (var word in words.Stretches) collector.AddWord(words.Text, word);
    }

    static int CountCodePoints(ReadOnlySpan<char> text)
    {
        var count = 0;
        for (var at = 0; at < text.Length; at += RegexMachine.WidthAt(text, at)) count++;
        return count;
    }
}

/// <summary>Collects ids alone.</summary>
sealed class IdCollector(TokenModel model, List<int> ids) : Collector
{
    public override bool WantsOffsets => false;

    public override void AddToken(int id, ReadOnlySpan<char> text, (int Start, int End) offsets) => ids.Add(id);

    public override void AddWord(AlignedText text, Stretch word) => model.EncodeIds(text[word], ids);
}

/// <summary>Collects tokens with all that is known of them.</summary>
sealed class TokenCollector(TokenModel model, int sequence) : Collector
{
    readonly List<WordToken> found = [];
    int words;

    public List<EncodedToken> Tokens { get; } = [];

    public override bool WantsOffsets => true;

    public override void AddToken(int id, ReadOnlySpan<char> text, (int Start, int End) offsets) =>
        Add(id, text.ToString(), offsets, words++);

    public override void AddWord(AlignedText text, Stretch word)
    {
        found.Clear();
        model.Encode(text[word], found);
        // The unit that holds the next byte, and that byte's place among the word's.
        var (unit, before, position) = (word.Start, 0, 0);
        foreach (var token in found)
        {
            if (token.Shares)
            {
                Add(token.Id, model.Vocabulary.TokenOf(token.Id) ?? "", Tokens[^1].Offsets, words);
                continue;
            }
            Seek(position);
            var first = unit;
            position += token.Bytes;
            if (token.Bytes > 0) Seek(position - 1);
            var offsets = first < word.End ? (text.Alignment(first).Start, text.Alignment(Math.Min(unit, word.End - 1)).End)
                : (text.Origin, text.Origin);
            Add(token.Id, token.Text ?? model.Vocabulary.TokenOf(token.Id) ?? "", offsets, words);
        }
        words++;

        void Seek(int target)
        {
            while (unit < word.End)
            {
                var (codePoint, width) = text.At(unit);
                var bytes = new System.Text.Rune(codePoint).Utf8SequenceLength;
                if (before + bytes > target) return;
                before += bytes;
                unit += width;
            }
        }
    }

    void Add(int id, string text, (int, int) offsets, int word) =>
        Tokens.Add(new EncodedToken(id, text, offsets, TypeId: sequence, Sequence: sequence, Word: word));
}
