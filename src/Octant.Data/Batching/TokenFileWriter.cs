using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Octant.Data.Reading;
using Octant.Tokenizers;

namespace Octant.Data.Batching;

/// <summary>How documents become tokens.</summary>
/// <param name="EndToken">put behind each document; null for nothing</param>
/// <param name="ParseSpecial">finds special tokens within the texts; else what looks like one is only text</param>
public sealed record TokenFileOptions(int? EndToken = null, bool ParseSpecial = true);

/// <summary>How far the writing of a token file is.</summary>
/// <param name="Documents">how many are written</param>
/// <param name="TextBytes">of their texts, in UTF-8</param>
/// <param name="Tokens">of them</param>
public readonly record struct TokenFileProgress(long Documents, long TextBytes, long Tokens);

/// <summary>Writes one token file.</summary>
sealed class TokenFileWriter(Stream stream, Tokenizer tokenizer, TokenFileOptions options, IProgress<TokenFileProgress>? progress,
    CancellationToken cancellation)
{
    // Characters that are encoded side by side before they are written.
    const int Bundle = 1 << 22;

    sealed record Encoded(int[] Ids, int TextBytes, byte[] Hash);

    readonly int idBytes = TokenFileHeader.BytesOf(tokenizer.VocabularySize);
    readonly List<long> starts = [];
    long count;
    long textBytes;

    public void Write(IEnumerable<Document> documents)
    {
        if (options.EndToken is { } end && (uint)end >= (uint)tokenizer.VocabularySize)
            throw new DatasetException($"The end token {end} is outside the vocabulary of {tokenizer.VocabularySize} tokens.");
        stream.Write(new byte[TokenFileHeader.Length]);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var bundle in Bundles(documents))
        {
            foreach (var encoded in Encode(bundle))
            {
                hash.AppendData(encoded.Hash);
                Append(encoded);
            }
            progress?.Report(new TokenFileProgress(starts.Count, textBytes, count));
        }
        if (count == 0) throw new DatasetException("There is nothing to learn from: no document has a token.");
        stream.Write(new byte[(8 - count * idBytes % 8) % 8]);
        stream.Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(starts)));
        stream.Position = 0;
        stream.Write(new TokenFileHeader(idBytes, tokenizer.VocabularySize, options.EndToken ?? -1, count, starts.Count, textBytes,
            Convert.FromHexString(Fingerprint.Of(tokenizer)), hash.GetHashAndReset()).ToBytes());
    }

    IEnumerable<List<Document>> Bundles(IEnumerable<Document> documents)
    {
        var bundle = new List<Document>();
        var length = 0L;
        foreach (var document in documents)
        {
            cancellation.ThrowIfCancellationRequested();
            bundle.Add(document);
            if ((length += document.Text.Length + 64) < Bundle) continue;
            yield return bundle;
            bundle = [];
            length = 0;
        }
        if (bundle.Count > 0) yield return bundle;
    }

    Encoded[] Encode(List<Document> documents)
    {
        var encoded = new Encoded[documents.Count];
        try
        {
            Parallel.For(0, documents.Count, new ParallelOptions { CancellationToken = cancellation },
                i => encoded[i] = Encode(documents[i]));
        }
        catch (AggregateException error) when (error.InnerExceptions[0] is OctantException)
        {
            ExceptionDispatchInfo.Throw(error.InnerExceptions[0]);
        }
        return encoded;
    }

    Encoded Encode(Document document)
    {
        try
        {
            return new Encoded(tokenizer.EncodeIds(document.Text, addSpecialTokens: false, options.ParseSpecial),
                System.Text.Encoding.UTF8.GetByteCount(document.Text), Fingerprint.HashOf(document));
        }
        catch (TokenizerException error)
        {
            throw new DatasetException($"{document.Origin}: {error.Message}", error);
        }
    }

    void Append(Encoded document)
    {
        // What has no token is no document: nothing could begin there.
        if (document.Ids.Length == 0) return;
        starts.Add(count);
        textBytes += document.TextBytes;
        Append(document.Ids);
        if (options.EndToken is { } end) Append([end]);
    }

    void Append(ReadOnlySpan<int> ids)
    {
        count += ids.Length;
        if (idBytes == sizeof(int))
        {
            stream.Write(MemoryMarshal.AsBytes(ids));
            return;
        }
        Span<ushort> narrow = stackalloc ushort[1024];
        for (; ids.Length > 0; ids = ids[Math.Min(ids.Length, narrow.Length)..])
        {
            var part = narrow[..Math.Min(ids.Length, narrow.Length)];
            for (var i = 0; i < part.Length; i++) part[i] = (ushort)ids[i];
            stream.Write(MemoryMarshal.AsBytes(part));
        }
    }
}
