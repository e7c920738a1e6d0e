using System.Buffers.Binary;
using Octant.Formats;

namespace Octant.Data.Batching;

/// <summary>
/// The first 128 bytes of a token file. Then follow the ids (little-endian, 2 or 4 bytes each), zeros to a multiple of 8, and for
/// each document the offset of its first token (8 bytes each).
/// </summary>
sealed record TokenFileHeader(int IdBytes, int VocabularySize, int EndToken, long Count, long DocumentCount, long TextBytes,
    byte[] Tokenizer, byte[] Documents)
{
    public const int Length = 128;
    const int Version = 1;
    const int HashBytes = 32;

    static ReadOnlySpan<byte> Magic => "octokens"u8;

    public long StartsOffset => Length + (Count * IdBytes + 7) / 8 * 8;

    long FileLength => StartsOffset + DocumentCount * sizeof(long);

    /// <summary>How many bytes the ids of a vocabulary take.</summary>
    public static int BytesOf(int vocabularySize) => vocabularySize <= 1 << 16 ? sizeof(ushort) : sizeof(int);

    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        var at = bytes.AsSpan();
        Magic.CopyTo(at);
        BinaryPrimitives.WriteInt32LittleEndian(at[8..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(at[12..], IdBytes);
        BinaryPrimitives.WriteInt32LittleEndian(at[16..], VocabularySize);
        BinaryPrimitives.WriteInt32LittleEndian(at[20..], EndToken);
        BinaryPrimitives.WriteInt64LittleEndian(at[24..], Count);
        BinaryPrimitives.WriteInt64LittleEndian(at[32..], DocumentCount);
        BinaryPrimitives.WriteInt64LittleEndian(at[40..], TextBytes);
        Tokenizer.CopyTo(at[48..]);
        Documents.CopyTo(at[(48 + HashBytes)..]);
        return bytes;
    }

    public static TokenFileHeader Read(MappedFile file)
    {
        if (file.Length < Length || !file.Read(0, Magic.Length).SequenceEqual(Magic))
            throw new DatasetException($"{file.Path} is no token file.");
        var at = file.Read(0, Length);
        if (BinaryPrimitives.ReadInt32LittleEndian(at[8..]) is var version && version != Version)
            throw new DatasetException($"{file.Path} is a token file of version {version}; known is {Version}. Make it again.");
        var header = new TokenFileHeader(BinaryPrimitives.ReadInt32LittleEndian(at[12..]),
            BinaryPrimitives.ReadInt32LittleEndian(at[16..]), BinaryPrimitives.ReadInt32LittleEndian(at[20..]),
            BinaryPrimitives.ReadInt64LittleEndian(at[24..]), BinaryPrimitives.ReadInt64LittleEndian(at[32..]),
            BinaryPrimitives.ReadInt64LittleEndian(at[40..]), at.Slice(48, HashBytes).ToArray(),
            at.Slice(48 + HashBytes, HashBytes).ToArray());
        return header.Fits(file.Length) ? header
            : throw new DatasetException($"{file.Path} is damaged: its {file.Length} bytes are not those that its header speaks of. Make it again.");
    }

    /// <summary>Sizes are believed only where they add up; each is bounded first, so that no sum overflows.</summary>
    bool Fits(long length) =>
        VocabularySize > 0 && IdBytes == BytesOf(VocabularySize) && EndToken >= -1 && EndToken < VocabularySize
        && Count > 0 && Count <= length && DocumentCount > 0 && DocumentCount <= Count && TextBytes >= 0 && FileLength == length;
}
