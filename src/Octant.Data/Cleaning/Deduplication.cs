using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Octant.Data.Reading;

namespace Octant.Data.Cleaning;

/// <summary>Leaves out documents that came before. The first of its kind stays; memory grows with what stays.</summary>
public static class Deduplication
{
    /// <summary>Leaves out documents whose text is the same, to the character, as one before.</summary>
    /// <param name="documents">read one by one</param>
    /// <param name="report">where it is counted</param>
    public static IEnumerable<Document> WithoutExact(IEnumerable<Document> documents, CleaningReport? report = null)
    {
        ArgumentNullException.ThrowIfNull(documents);
        report ??= new CleaningReport();
        var seen = new HashSet<UInt128>();
        foreach (var document in documents)
            if (seen.Add(Hash(document.Text))) yield return document;
            else report.ExactDuplicates++;
    }

    /// <summary>Leaves out documents that say nearly the same as one before.</summary>
    /// <param name="documents">read one by one</param>
    /// <param name="options">what "nearly" means</param>
    /// <param name="report">where it is counted</param>
    public static IEnumerable<Document> WithoutNear(IEnumerable<Document> documents, NearDuplicateOptions? options = null,
        CleaningReport? report = null)
    {
        ArgumentNullException.ThrowIfNull(documents);
        report ??= new CleaningReport();
        var index = new MinHashIndex(options ?? new NearDuplicateOptions());
        foreach (var document in documents)
            if (index.TryAdd(document.Text)) yield return document;
            else report.NearDuplicates++;
    }

    // 128 bits: two texts of a million million meet with a chance of 1 in 10^14.
    static UInt128 Hash(string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(text.AsSpan()), hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}
