using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Octant.Tokenizers.Normalizers;

/// <summary>
/// SentencePiece's rules of normalisation, compiled: a double-array trie (github.com/s-yata/darts-clone) from byte strings to places in a
/// pool of texts that end with 0. Its bytes are: the trie's length, the trie, the pool.
/// </summary>
sealed class Charsmap
{
    /// <summary>Bytes of the longest text; Unicode's own longest, of U+FDFA, has 33.</summary>
    public const int LongestText = 1 << 10;

    readonly uint[] trie;
    readonly byte[] pool;

    /// <exception cref="TokenizerException">the lengths do not fit, or a text is longer than any</exception>
    public Charsmap(ReadOnlySpan<byte> bytes, string path)
    {
        if (bytes.Length < 4) throw new TokenizerException($"{path} is no map of characters: it has {bytes.Length} bytes.");
        var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (length % 4 != 0 || length == 0 || length > bytes.Length - 4)
            throw new TokenizerException($"{path} is no map of characters: it claims {length} bytes of {bytes.Length}.");
        trie = MemoryMarshal.Cast<byte, uint>(bytes.Slice(4, (int)length)).ToArray();
        pool = bytes[(4 + (int)length)..].ToArray();
        if (HasLongText()) throw new TokenizerException($"{path} is no map of characters: a text in it has more than {LongestText} bytes.");
    }

    /// <summary>Finds the shortest key that begins a text; false where none does.</summary>
    /// <param name="text">in UTF-8</param>
    /// <param name="becomes">what stands in its place, in UTF-8</param>
    public bool FindShortest(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> becomes)
    {
        var walk = new Walk(trie);
        foreach (var value in text)
            if (!walk.Step(value)) break;
            else if (walk.Value is { } found) return FindText(found, out becomes);
        return FindText(null, out becomes);
    }

    /// <summary>Finds the longest key that begins a text; false where none does.</summary>
    /// <param name="text">half surrogates are not looked for</param>
    /// <param name="length">UTF-16 units of the key</param>
    /// <param name="becomes">what stands in its place, in UTF-8</param>
    public bool FindLongest(ReadOnlySpan<char> text, out int length, out ReadOnlySpan<byte> becomes)
    {
        length = 0;
        int? found = null;
        Span<byte> utf8 = stackalloc byte[4];
        var walk = new Walk(trie);
        for (var at = 0; at < text.Length && Rune.DecodeFromUtf16(text[at..], out var rune, out var width) == System.Buffers.OperationStatus.Done;)
        {
            at += width;
            foreach (var value in utf8[..rune.EncodeToUtf8(utf8)])
                if (!walk.Step(value)) return FindText(found, out becomes);
            if (walk.Value is { } leaf) (found, length) = (leaf, at);
        }
        return FindText(found, out becomes);
    }

    /// <summary>The text at a place; where there is no place, or it lies outside of the pool, there is none.</summary>
    bool FindText(int? place, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (place is not { } start || start >= pool.Length) return false;
        text = pool.AsSpan(start);
        if (text.IndexOf((byte)0) is >= 0 and var length) text = text[..length];
        return true;
    }

    bool HasLongText()
    {
        ReadOnlySpan<byte> rest = pool;
        while (rest.Length > LongestText)
        {
            var end = rest[..(LongestText + 1)].LastIndexOf((byte)0);
            if (end < 0) return true;
            rest = rest[(end + 1)..];
        }
        return false;
    }

    /// <summary>A way down the trie. Units outside of it, which only a damaged one names, lead nowhere.</summary>
    ref struct Walk
    {
        readonly ReadOnlySpan<uint> units;
        uint node;

        public Walk(ReadOnlySpan<uint> units)
        {
            this.units = units;
            node = Offset(units[0]);
        }

        /// <summary>The value of the key that was walked; null where that is none.</summary>
        public int? Value { get; private set; }

        public bool Step(byte value)
        {
            Value = null;
            var next = node ^ value;
            if (value == 0 || next >= units.Length) return false;
            var unit = units[(int)next];
            if ((unit & 0x8000_00FF) != value) return false;
            node = next ^ Offset(unit);
            if ((unit & 0x100) != 0 && node < units.Length) Value = (int)(units[(int)node] & 0x7FFF_FFFF);
            return true;
        }

        static uint Offset(uint unit) => unit >> 10 << (int)((unit & 0x200) >> 6);
    }
}
