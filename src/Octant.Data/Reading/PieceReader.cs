using System.Text;

namespace Octant.Data.Reading;

/// <summary>What stands between two separators of a source.</summary>
/// <param name="Bytes">valid until the next piece is read</param>
/// <param name="Line">the line where it begins, from 1</param>
readonly record struct Piece(ReadOnlyMemory<byte> Bytes, long Line);

/// <summary>Reads a stream piece by piece, however large the whole is.</summary>
/// <param name="stream">closed with this</param>
/// <param name="name">for errors</param>
/// <param name="separator">null: the stream is one piece</param>
sealed class PieceReader(Stream stream, string name, string? separator) : IDisposable
{
    // What a tokenizer makes of one text takes some forty times its size: beyond this, gigabytes.
    const int LongestPiece = 1 << 26;

    static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    readonly byte[]? separator = separator is null ? null : Encoding.UTF8.GetBytes(separator);
    byte[] buffer = new byte[1 << 16];
    int start;
    int end;
    long line = 1;
    bool begun;
    bool ended;

    /// <summary>The next piece, which may be empty; null at the end.</summary>
    public Piece? Next()
    {
        if (!begun) Begin();
        for (var searched = start; ;)
        {
            if (separator is not null && buffer.AsSpan(searched..end).IndexOf(separator) is >= 0 and var found)
                return Take(searched + found - start, separator.Length);
            if (ended) return start == end ? null : Take(end - start, 0);
            // The separator may lie across what is read next.
            var kept = end - start;
            Fill();
            searched = start + Math.Max(0, kept - (separator?.Length ?? 0) + 1);
        }
    }

    public void Dispose() => stream.Dispose();

    void Begin()
    {
        begun = true;
        while (!ended && end < ByteOrderMark.Length) Fill();
        if (buffer.AsSpan(0, end).StartsWith(ByteOrderMark)) start = ByteOrderMark.Length;
    }

    Piece Take(int length, int separatorLength)
    {
        var piece = new Piece(buffer.AsMemory(start, length), line);
        line += buffer.AsSpan(start, length + separatorLength).Count((byte)'\n');
        start += length + separatorLength;
        return piece;
    }

    void Fill()
    {
        if (start > 0)
        {
            buffer.AsSpan(start..end).CopyTo(buffer);
            (start, end) = (0, end - start);
        }
        if (end > LongestPiece)
            throw new DatasetException($"{name}:{line} begins a document of more than {LongestPiece >> 20} MB: name a separator at which to cut it, such as a line feed.");
        if (end == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
        var read = SourceErrors.Guard(name, () => stream.Read(buffer, end, buffer.Length - end));
        end += read;
        ended = read == 0;
    }
}
