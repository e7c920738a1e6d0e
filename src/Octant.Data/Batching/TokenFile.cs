using System.Runtime.InteropServices;
using Octant.Data.Reading;
using Octant.Formats;
using Octant.Tokenizers;

namespace Octant.Data.Batching;

/// <summary>
/// The tokens of a corpus in a file, document after document, mapped into memory: pages come in as they are read, so that the
/// corpus may be larger than memory. Safe to read from several threads at once.
/// </summary>
public sealed class TokenFile : IDisposable
{
    readonly MappedFile file;
    readonly TokenFileHeader header;

    /// <summary>Opens a file that <see cref="Write"/> made.</summary>
    /// <exception cref="DatasetException">it is missing, no token file, of another version, or damaged</exception>
    /// <exception cref="CheckpointException">it cannot be read</exception>
    public TokenFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path)) throw new DatasetException($"There is no token file at {path}.");
        if (new FileInfo(path).Length == 0) throw new DatasetException($"{path} is no token file: it is empty. Make it anew.");
        file = new MappedFile(path);
        try
        {
            header = TokenFileHeader.Read(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Where it lies.</summary>
    public string Path => file.Path;

    /// <summary>One more than the largest id that the tokenizer knows.</summary>
    public int VocabularySize => header.VocabularySize;

    /// <summary>How many tokens there are, those that end documents among them.</summary>
    public long Count => header.Count;

    /// <summary>How many documents there are.</summary>
    public long DocumentCount => header.DocumentCount;

    /// <summary>The token behind each document; null where there is none.</summary>
    public int? EndToken => header.EndToken < 0 ? null : header.EndToken;

    /// <summary>How many bytes the texts have in UTF-8: with the loss of all tokens, this gives bits per byte.</summary>
    public long TextBytes => header.TextBytes;

    /// <summary>The <see cref="Fingerprint"/> of the tokenizer, in hexadecimal.</summary>
    public string TokenizerFingerprint => Convert.ToHexStringLower(header.Tokenizer);

    /// <summary>The <see cref="Fingerprint"/> of the documents, in hexadecimal.</summary>
    public string DocumentsFingerprint => Convert.ToHexStringLower(header.Documents);

    /// <summary>Encodes documents into a file, on all processors; it is written beside and renamed.</summary>
    /// <param name="path">of the file; its folder exists</param>
    /// <param name="tokenizer">what makes tokens of texts; it puts no special tokens around them</param>
    /// <param name="documents">read one by one</param>
    /// <param name="options">what is put between documents, and what texts may say</param>
    /// <param name="progress">hears of what is written</param>
    /// <param name="cancellation">ends the work, and leaves no file</param>
    /// <exception cref="DatasetException">there are no tokens, or the end token is none of the vocabulary</exception>
    /// <exception cref="CheckpointException">the file cannot be written</exception>
    public static void Write(string path, Tokenizer tokenizer, IEnumerable<Document> documents, TokenFileOptions? options = null,
        IProgress<TokenFileProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(documents);
        using var drafts = new Drafts();
        drafts.Write(path, stream =>
            new TokenFileWriter(stream, tokenizer, options ?? new TokenFileOptions(), progress, cancellation).Write(documents));
        drafts.Commit();
    }

    /// <summary>Reads tokens.</summary>
    /// <param name="offset">of the first</param>
    /// <param name="ids">as many as are read</param>
    /// <exception cref="ArgumentOutOfRangeException">they are not all within the file</exception>
    /// <exception cref="DatasetException">an id is outside the vocabulary: the file is damaged</exception>
    public void Read(long offset, Span<int> ids)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Count - ids.Length);
        var bytes = file.Read(TokenFileHeader.Length + offset * header.IdBytes, ids.Length * header.IdBytes);
        if (header.IdBytes == sizeof(int)) MemoryMarshal.Cast<byte, int>(bytes).CopyTo(ids);
        else
        {
            var narrow = MemoryMarshal.Cast<byte, ushort>(bytes);
            for (var i = 0; i < ids.Length; i++) ids[i] = narrow[i];
        }
        // A wrong id would be read beyond the end of an embedding.
        foreach (var id in ids)
            if ((uint)id >= (uint)VocabularySize)
                throw new DatasetException($"{Path} is damaged: it holds the id {id} in a vocabulary of {VocabularySize}. Make it again.");
    }

    /// <summary>The offset of a document's first token.</summary>
    /// <param name="document">its number, from 0; the number of documents gives the end of the tokens</param>
    /// <exception cref="DatasetException">the file is damaged</exception>
    public long StartOf(long document)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(document);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(document, DocumentCount);
        if (document == DocumentCount) return Count;
        var start = MemoryMarshal.Read<long>(file.Read(header.StartsOffset + document * sizeof(long), sizeof(long)));
        return start >= 0 && start < Count ? start
            : throw new DatasetException($"{Path} is damaged: document {document} begins at {start} of {Count} tokens. Make it again.");
    }

    /// <summary>The number of the first document that begins at an offset or behind it.</summary>
    public long FirstDocumentFrom(long offset)
    {
        var (low, high) = (0L, DocumentCount);
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            if (StartOf(middle) < offset) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    /// <summary>Sees that the tokens are a tokenizer's.</summary>
    /// <exception cref="DatasetException">they are another's</exception>
    public void Require(Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        if (tokenizer.VocabularySize != VocabularySize)
            throw new DatasetException(
                $"{Path} was made with a vocabulary of {VocabularySize} tokens, the tokenizer has {tokenizer.VocabularySize}: make it again with this tokenizer.");
        if (Fingerprint.Of(tokenizer) != TokenizerFingerprint)
            throw new DatasetException($"{Path} was made with another tokenizer of the same size: make it again with this one.");
    }

    /// <summary>Sees that a model knows every token.</summary>
    /// <param name="vocabularySize">of the model: how many rows its embedding has</param>
    /// <exception cref="DatasetException">it knows fewer</exception>
    public void RequireVocabulary(int vocabularySize)
    {
        if (vocabularySize < VocabularySize)
            throw new DatasetException(
                $"{Path} holds ids of a vocabulary of {VocabularySize} tokens, the model has {vocabularySize}: give the model {VocabularySize} or more, or train a smaller tokenizer.");
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();
}
