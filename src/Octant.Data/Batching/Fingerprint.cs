using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Octant.Data.Reading;
using Octant.Tokenizers;

namespace Octant.Data.Batching;

/// <summary>Short numbers that show whether texts or a tokenizer are still the same: SHA-256, in hexadecimal.</summary>
public static class Fingerprint
{
    /// <summary>
    /// Of a tokenizer: its tokens, which of them are special, and how it encodes the text of each; the file that it came from
    /// does not matter.
    /// </summary>
    public static string Of(Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var ids = new List<int>();
        for (var id = 0; id < tokenizer.VocabularySize; id++)
        {
            var token = tokenizer.TokenOf(id) ?? "";
            hash.AppendData(MemoryMarshal.AsBytes([token.Length, tokenizer.IsSpecial(id) ? 1 : 0]));
            hash.AppendData(MemoryMarshal.AsBytes(token.AsSpan()));
            ids.Clear();
            try
            {
                tokenizer.EncodeIds(tokenizer.Decode([id], skipSpecialTokens: false), ids, addSpecialTokens: false);
            }
            catch (TokenizerException)
            {
                // A tokenizer may be unable to say its own token; that, too, is part of what it is.
                ids.Add(-1);
            }
            hash.AppendData(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(ids)));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Of documents: their texts in their order. Where they came from does not matter.</summary>
    public static string Of(IEnumerable<Document> documents)
    {
        ArgumentNullException.ThrowIfNull(documents);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var document in documents) hash.AppendData(HashOf(document));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    internal static byte[] HashOf(Document document) => SHA256.HashData(MemoryMarshal.AsBytes(document.Text.AsSpan()));
}
