using System.Runtime.InteropServices;

namespace Octant.Tokenizers.Models;

/// <summary>
/// Remembers the tokens of words. A word has one slot, in which the newest stays: bounded, and safe without locks, for what a
/// slot refers to never changes.
/// </summary>
sealed class WordCache
{
    const int Slots = 1 << 16;
    const int LongestWord = 64;

    public sealed record Entry(string Word, int[] Ids, WordToken[] Tokens);

    readonly Entry?[] entries = new Entry?[Slots];

    public Entry? Find(ReadOnlySpan<char> word) =>
        word.Length <= LongestWord && Volatile.Read(ref entries[Slot(word)]) is { } entry && word.SequenceEqual(entry.Word)
            ? entry : null;

    public void Add(ReadOnlySpan<char> word, ReadOnlySpan<WordToken> tokens)
    {
        if (word.Length > LongestWord) return;
        var ids = new int[tokens.Length];
        for (var i = 0; i < ids.Length; i++) ids[i] = tokens[i].Id;
        Volatile.Write(ref entries[Slot(word)], new Entry(word.ToString(), ids, tokens.ToArray()));
    }

    static int Slot(ReadOnlySpan<char> word)
    {
        const ulong multiplier = 0x9E3779B97F4A7C15ul;
        var hash = (ulong)word.Length * multiplier;
        for (; word.Length >= 4; word = word[4..])
            hash = (hash ^ MemoryMarshal.Read<ulong>(MemoryMarshal.AsBytes(word))) * multiplier ^ hash >> 29;
        foreach (var c in word) hash = (hash ^ c) * multiplier;
        return (int)(hash >> 48);
    }
}
