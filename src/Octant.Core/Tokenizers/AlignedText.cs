using System.Text;

namespace Octant.Tokenizers;

/// <summary>A part of a text between two UTF-16 positions.</summary>
readonly record struct Stretch(int Start, int End)
{
    public int Length => End - Start;
}

/// <summary>
/// A text on its way through normalisation, in UTF-16. Where offsets are asked for, each unit knows which code points of the
/// original it stands for.
/// </summary>
sealed class AlignedText
{
    /// <summary>Replacements of a hostile file could ask for any amount of memory: so long a text may become, or so many times as long.</summary>
    public const int LeastLimit = 1 << 16, MostGrowth = 64;

    int limit;
    char[] characters;
    int[]? starts;
    int[]? ends;

    AlignedText(int capacity, bool tracks, int origin)
    {
        characters = new char[capacity];
        if (tracks) (starts, ends) = (new int[capacity], new int[capacity]);
        Origin = origin;
    }

    public int Length { get; private set; }

    /// <summary>The code point of the original at which this text began.</summary>
    public int Origin { get; private set; }

    public bool Tracks => starts is not null;

    public ReadOnlySpan<char> Span => characters.AsSpan(0, Length);

    public ReadOnlySpan<char> this[Stretch stretch] => characters.AsSpan(stretch.Start, stretch.Length);

    /// <summary>A text that stands for itself.</summary>
    public static AlignedText Of(ReadOnlySpan<char> text, bool tracks, int origin = 0)
    {
        var aligned = new AlignedText(text.Length, tracks, origin);
        aligned.Reset(text, origin);
        return aligned;
    }

    /// <summary>Takes another text that stands for itself, in the same memory where it fits.</summary>
    public void Reset(ReadOnlySpan<char> text, int origin)
    {
        Length = 0;
        Origin = origin;
        limit = (int)Math.Min(Array.MaxLength, Math.Max(LeastLimit, (long)text.Length * MostGrowth));
        Grow(text.Length);
        text.CopyTo(characters);
        Length = text.Length;
        if (starts is null) return;
        var codePoint = origin;
        for (var i = 0; i < text.Length; i++)
        {
            (starts[i], ends![i]) = (codePoint, codePoint + 1);
            if (!(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))) codePoint++;
        }
    }

    /// <summary>An empty text with the same origin, to be appended to.</summary>
    public AlignedText Successor(int capacity) => new(capacity, Tracks, Origin) { limit = limit };

    public AlignedText Slice(Stretch stretch)
    {
        var slice = new AlignedText(stretch.Length, Tracks, Tracks && stretch.Length > 0 ? starts![stretch.Start] : Origin) { limit = limit };
        slice.Append(this, stretch);
        return slice;
    }

    /// <summary>The code points of the original that one unit stands for; nothing where nobody asks.</summary>
    public (int Start, int End) Alignment(int at) => starts is null ? default : (starts[at], ends![at]);

    /// <summary>The code points of the original that a stretch stands for.</summary>
    public (int Start, int End) Original(Stretch stretch) =>
        starts is null || stretch.Length == 0 ? (Origin, Origin) : (starts[stretch.Start], ends![stretch.End - 1]);

    public void Append(AlignedText other, Stretch stretch)
    {
        Grow(stretch.Length);
        other[stretch].CopyTo(characters.AsSpan(Length));
        if (starts is not null)
        {
            other.starts.AsSpan(stretch.Start, stretch.Length).CopyTo(starts.AsSpan(Length));
            other.ends.AsSpan(stretch.Start, stretch.Length).CopyTo(ends.AsSpan(Length));
        }
        Length += stretch.Length;
    }

    public void Append(int codePoint, (int Start, int End) alignment)
    {
        Grow(2);
        var written = new Rune(codePoint).EncodeToUtf16(characters.AsSpan(Length));
        if (starts is not null)
        {
            starts.AsSpan(Length, written).Fill(alignment.Start);
            ends.AsSpan(Length, written).Fill(alignment.End);
        }
        Length += written;
    }

    public void Append(ReadOnlySpan<char> text, (int Start, int End) alignment)
    {
        Grow(text.Length);
        text.CopyTo(characters.AsSpan(Length));
        if (starts is not null)
        {
            starts.AsSpan(Length, text.Length).Fill(alignment.Start);
            ends.AsSpan(Length, text.Length).Fill(alignment.End);
        }
        Length += text.Length;
    }

    /// <summary>The code point that begins here and its width in units.</summary>
    public (int CodePoint, int Width) At(int position) =>
        char.IsHighSurrogate(characters[position]) && position + 1 < Length && char.IsLowSurrogate(characters[position + 1])
            ? (char.ConvertToUtf32(characters[position], characters[position + 1]), 2) : (characters[position], 1);

    public List<int> CodePoints()
    {
        var all = new List<int>(Length);
        for (var i = 0; i < Length;)
        {
            var (codePoint, width) = At(i);
            all.Add(codePoint);
            i += width;
        }
        return all;
    }

    /// <summary>
    /// The text with other characters. Each says what it does to those that were: a change of 0 replaces one, of -n replaces
    /// one and removes n more, of 1 is new and shares the alignment of what stands before it.
    /// </summary>
    /// <param name="characters">the new characters and their changes</param>
    /// <param name="removed">how many old ones were dropped at the beginning</param>
    public AlignedText Transform(List<(int CodePoint, int Change)> characters, int removed = 0)
    {
        var result = Successor(characters.Count);
        var position = Skip(0, removed);
        foreach (var (codePoint, change) in characters)
        {
            var alignment = change > 0 ? position == 0 ? (Origin, Origin) : Alignment(position - 1)
                : position < Length ? Alignment(position) : (Origin, Origin);
            result.Append(codePoint, alignment);
            if (change <= 0) position = Skip(position, 1 - change);
        }
        return result;
    }

    int Skip(int position, int number)
    {
        for (; number > 0 && position < Length; number--) position += At(position).Width;
        return position;
    }

    void Grow(int more)
    {
        if (Length + more <= characters.Length) return;
        if ((long)Length + more > limit)
            throw new TokenizerException($"A text grows beyond {limit} characters when normalised.");
        var capacity = Math.Max(Length + more, Math.Max(16, (int)Math.Min(characters.Length * 2L, Array.MaxLength)));
        Array.Resize(ref characters, capacity);
        if (starts is null) return;
        Array.Resize(ref starts, capacity);
        Array.Resize(ref ends, capacity);
    }
}
