namespace Octant.Formats;

/// <summary>
/// The bytes of a file that stands packed within another. Read one behind the other, as conversions do, they are unpacked piece by piece, and
/// an archive's largest array need not fit into memory; who keeps going back (a transposed array's rows) gets the whole, unpacked once.
/// </summary>
/// <param name="path">for messages</param>
/// <param name="length">in bytes, unpacked</param>
/// <param name="open">begins to unpack it</param>
sealed class PackedBytes(string path, long length, Func<Stream> open) : IDisposable
{
    const int SmallestPiece = 1 << 16;
    const int Returns = 2;                                  // until the whole is kept

    readonly Lock gate = new();
    Stream? stream;
    byte[] piece = [];                                      // a new one each time: who has read the last may still look at it
    long start;
    int returns;
    byte[]? whole;

    long End => start + piece.Length;

    /// <summary>Some of them; the place is checked.</summary>
    /// <exception cref="CheckpointException">they cannot be unpacked, or not be held</exception>
    public ReadOnlySpan<byte> Read(long offset, int count)
    {
        lock (gate)
        {
            if (whole is null && offset < start) Return();
            if (whole is not null) return whole.AsSpan((int)offset, count);
            if (offset + count > End) Advance(offset, count);
            return piece.AsSpan((int)(offset - start), count);
        }
    }

    public void Dispose() => stream?.Dispose();

    void Return()
    {
        stream?.Dispose();
        (stream, piece, start) = (null, [], 0);
        if (++returns <= Returns) return;
        if (length > Array.MaxLength) throw new CheckpointException($"{path} has {length} bytes, more than can be held at once.");
        Advance(0, (int)length);
        whole = piece;
    }

    void Advance(long offset, int count)
    {
        stream ??= open();
        var next = new byte[Math.Min(Math.Max(count, SmallestPiece), length - offset)];
        var known = (int)Math.Clamp(End - offset, 0, piece.Length);
        piece.AsSpan(piece.Length - known).CopyTo(next);
        try
        {
            for (var at = End; at < offset;)
            {
                var skipped = (int)Math.Min(next.Length, offset - at);
                stream.ReadExactly(next.AsSpan(0, skipped));
                at += skipped;
            }
            stream.ReadExactly(next.AsSpan(known));
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new CheckpointException($"{path} cannot be unpacked ({e.Message}). Fetch it again.", e);
        }
        (piece, start) = (next, offset);
    }
}
