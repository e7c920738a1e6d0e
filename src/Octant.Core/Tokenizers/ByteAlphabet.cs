using System.Text;

namespace Octant.Tokenizers;

/// <summary>
/// GPT-2's printable names of the 256 bytes: printable Latin-1 stands for itself, the others follow from U+0100 on in order.
/// </summary>
static class ByteAlphabet
{
    static readonly char[] characters = Build();
    static readonly short[] bytes = Invert(characters);

    /// <summary>All 256 characters, in the order of their bytes.</summary>
    public static string All { get; } = new(characters);

    public static char CharacterOf(byte value) => characters[value];

    /// <summary>The byte that a character names, or -1.</summary>
    public static int ByteOf(char character) => character < bytes.Length ? bytes[character] : -1;

    /// <summary>The bytes of a text in UTF-8, each as its character.</summary>
    public static string NameOf(ReadOnlySpan<char> text)
    {
        var bytes = new byte[System.Text.Encoding.UTF8.GetByteCount(text)];
        System.Text.Encoding.UTF8.GetBytes(text, bytes);
        return string.Create(bytes.Length, bytes, (name, from) =>
        {
            for (var i = 0; i < name.Length; i++) name[i] = characters[from[i]];
        });
    }

    /// <summary>The bytes that a token's name spells; null where a character is none of the alphabet.</summary>
    public static byte[]? BytesOf(string name)
    {
        var result = new byte[name.Length];
        for (var i = 0; i < name.Length; i++)
        {
            var value = ByteOf(name[i]);
            if (value < 0) return null;
            result[i] = (byte)value;
        }
        return result;
    }

    /// <summary>The bytes that a token says: those that its name spells, or the name's own where it spells none.</summary>
    public static byte[] BytesOrText(string name) => BytesOf(name) ?? System.Text.Encoding.UTF8.GetBytes(name);

    /// <summary>Each byte of a stretch as its character, aligned with the character that it comes from.</summary>
    public static void Append(AlignedText text, Stretch stretch, AlignedText result)
    {
        Span<byte> buffer = stackalloc byte[4];
        for (var at = stretch.Start; at < stretch.End;)
        {
            var (codePoint, width) = text.At(at);
            var written = new Rune(codePoint).EncodeToUtf8(buffer);
            foreach (var value in buffer[..written]) result.Append(characters[value], text.Alignment(at));
            at += width;
        }
    }

    static char[] Build()
    {
        var result = new char[256];
        var next = 256;
        for (var i = 0; i < 256; i++) result[i] = i is >= 33 and <= 126 or >= 161 and <= 172 or >= 174 ? (char)i : (char)next++;
        return result;
    }

    static short[] Invert(char[] characters)
    {
        var result = new short[characters.Max() + 1];
        Array.Fill(result, (short)-1);
        for (var i = 0; i < 256; i++) result[characters[i]] = (short)i;
        return result;
    }
}
