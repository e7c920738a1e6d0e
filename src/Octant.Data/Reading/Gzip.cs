using System.IO.Compression;

namespace Octant.Data.Reading;

/// <summary>Streams that may be gzipped (RFC 1952), also such that cannot go back to their beginning.</summary>
static class Gzip
{
    const string StrictValidation = "System.IO.Compression.UseStrictValidation";

    // Else .NET takes the end of a file that was cut off for the end of the text. An application may have said otherwise.
    static Gzip()
    {
        if (!AppContext.TryGetSwitch(StrictValidation, out _)) AppContext.SetSwitch(StrictValidation, true);
    }

    /// <summary>The stream, or what it unpacks to; closed together.</summary>
    public static Stream Unpacked(Stream stream)
    {
        var start = new byte[2];
        var read = stream.ReadAtLeast(start, 2, throwOnEndOfStream: false);
        var whole = new Begun(start.AsMemory(0, read), stream);
        return start is [0x1F, 0x8B] ? new GZipStream(whole, CompressionMode.Decompress) : whole;
    }

    /// <summary>A stream whose first bytes were read already.</summary>
    sealed class Begun(ReadOnlyMemory<byte> start, Stream rest) : Stream
    {
        ReadOnlyMemory<byte> left = start;

        public override int Read(Span<byte> buffer)
        {
            if (left.IsEmpty) return rest.Read(buffer);
            var count = Math.Min(left.Length, buffer.Length);
            left.Span[..count].CopyTo(buffer);
            left = left[count..];
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) rest.Dispose();
            base.Dispose(disposing);
        }
    }
}
