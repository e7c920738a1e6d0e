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
    readonly uint[] trie;
    readonly byte[] pool;
    readonly Dictionary<int, string> texts = [];

    /// <exception cref="TokenizerException">the lengths do not fit</exception>
    public Charsmap(ReadOnlySpan<byte> bytes, string path)
    {
        if (bytes.Length < 4) throw new TokenizerException($"{path} is no map of characters: it has {bytes.Length} bytes.");
        var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (length % 4 != 0 || length == 0 || length > bytes.Length - 4)
            throw new TokenizerException($"{path} is no map of characters: it claims {length} bytes of {bytes.Length}.");
        trie = MemoryMarshal.Cast<byte, uint>(bytes.Slice(4, (int)length)).ToArray();
        pool = bytes[(4 + (int)length)..].ToArray();
        for (var at = 0; at < pool.Length; at += LengthAt(at) + 1) texts.Add(at, Decode(at));
    }

    /// <summary>What the shortest key that begins a text becomes; null where none does.</summary>
    public string? OfShortest(ReadOnlySpan<byte> text)
    {
        var walk = new Walk(trie);
        foreach (var value in text)
            if (!walk.Step(value)) break;
            else if (walk.Value is { } found) return TextAt(found);
        return null;
    }

    /// <summary>What the longest key that begins a text becomes; null where none does.</summary>
    /// <param name="text">half surrogates are not looked for</param>
    /// <param name="length">UTF-16 units of the key</param>
    public string? OfLongest(ReadOnlySpan<char> text, out int length)
    {
        length = 0;
        int? found = null;
        Span<byte> utf8 = stackalloc byte[4];
        var walk = new Walk(trie);
        for (var at = 0; at < text.Length && Rune.DecodeFromUtf16(text[at..], out var rune, out var width) == System.Buffers.OperationStatus.Done;)
        {
            at += width;
            foreach (var value in utf8[..rune.EncodeToUtf8(utf8)])
                if (!walk.Step(value)) return found is { } longest ? TextAt(longest) : null;
            if (walk.Value is { } leaf) (found, length) = (leaf, at);
        }
        return found is { } last ? TextAt(last) : null;
    }

    string? TextAt(int place) => texts.TryGetValue(place, out var text) ? text : place < pool.Length ? Decode(place) : null;

    string Decode(int place) => System.Text.Encoding.UTF8.GetString(pool.AsSpan(place, LengthAt(place)));

    int LengthAt(int place) => pool.AsSpan(place).IndexOf((byte)0) is >= 0 and var length ? length : pool.Length - place;

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
