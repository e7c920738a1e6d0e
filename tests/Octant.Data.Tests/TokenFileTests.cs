using CsCheck;
using Octant.Core.Tests.Formats;
using Octant.Data.Batching;
using Octant.Data.Reading;
using Octant.Formats;
using Octant.Tokenizers;
using Octant.Tokenizers.Training;

namespace Octant.Data.Tests;

public sealed class TokenFileTests : IDisposable
{
    static readonly Tokenizer bytes = PlainTokenizers.Bytes(["<|eos|>"]).Tokenizer;
    const int End = 256;

    // 65,537 tokens: one too many for two bytes.
    static readonly Tokenizer wide = PlainTokenizers.Bytes([.. Enumerable.Range(0, 65_281).Select(i => $"<{i}>")]).Tokenizer;

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    string Place => Path.Combine(folder.Path, "text.tokens");

    static Document[] Documents(params string[] texts) => [.. texts.Select((text, at) => new Document(text, $"file:{at + 1}"))];

    static int[] All(TokenFile file)
    {
        var ids = new int[file.Count];
        file.Read(0, ids);
        return ids;
    }

    [Fact]
    public void Packed_tokens_join_to_the_documents() =>
        Gen.Select(Gen.String[Gen.Char['a', 'ž'], 0, 30].Array[1, 20], Gen.Bool, Gen.Bool).Sample((texts, ends, isWide) =>
        {
            var tokenizer = isWide ? wide : bytes;
            texts[0] += "x";
            TokenFile.Write(Place, tokenizer, Documents(texts), new TokenFileOptions(ends ? End : null));
            using var file = new TokenFile(Place);
            var full = texts.Where(text => text.Length > 0).ToArray();
            Assert.Equal((full.Length, tokenizer.VocabularySize, ends ? End : null), (file.DocumentCount, file.VocabularySize, file.EndToken));
            Assert.Equal(full.Sum(System.Text.Encoding.UTF8.GetByteCount), file.TextBytes);
            for (var document = 0; document < full.Length; document++)
            {
                var ids = new int[file.StartOf(document + 1) - file.StartOf(document)];
                file.Read(file.StartOf(document), ids);
                Assert.Equal([.. tokenizer.EncodeIds(full[document]), .. ends ? [End] : Array.Empty<int>()], ids);
            }
        }, iter: 60, threads: 1);

    [Fact]
    public void Ids_beyond_two_bytes_come_back()
    {
        TokenFile.Write(Place, wide, Documents("a<65280>b"));
        using var file = new TokenFile(Place);
        Assert.Equal(['a', 65_536, 'b'], All(file));
    }

    [Fact]
    public void Special_tokens_within_texts_are_text_where_that_is_asked_for()
    {
        TokenFile.Write(Place, bytes, Documents("<|eos|>"), new TokenFileOptions(ParseSpecial: false));
        using var file = new TokenFile(Place);
        Assert.Equal("<|eos|>"u8.ToArray().Select(value => (int)value), All(file));
    }

    [Fact]
    public void The_first_document_from_an_offset_is_found()
    {
        TokenFile.Write(Place, bytes, Documents("abc", "d", "ef"), new TokenFileOptions(End));
        using var file = new TokenFile(Place);
        Assert.Equal([0, 4, 6, 9], Enumerable.Range(0, 4).Select(document => file.StartOf(document)));
        Assert.Equal([0L, 1, 1, 1, 1, 2, 2, 3], Enumerable.Range(0, 8).Select(offset => file.FirstDocumentFrom(offset)));
    }

    [Fact]
    public void Fingerprints_tell_other_texts_and_other_tokenizers()
    {
        TokenFile.Write(Place, bytes, Documents("abc", "d"));
        using var file = new TokenFile(Place);
        Assert.Equal(file.DocumentsFingerprint, Fingerprint.Of(Documents("abc", "d")));
        Assert.NotEqual(file.DocumentsFingerprint, Fingerprint.Of(Documents("ab", "cd")));
        file.Require(bytes);
        Assert.Contains("vocabulary of 257", Assert.Throws<DatasetException>(() => file.Require(wide)).Message);
        var other = PlainTokenizers.Bytes(["<|end|>"]).Tokenizer;
        Assert.Contains("another tokenizer", Assert.Throws<DatasetException>(() => file.Require(other)).Message);
        file.RequireVocabulary(257);
        Assert.Contains("the model has 256", Assert.Throws<DatasetException>(() => file.RequireVocabulary(256)).Message);
    }

    [Fact]
    public void The_same_tokens_merged_in_another_way_are_another_tokenizer()
    {
        static Tokenizer Merging(string merges) => Tokenizer.FromJson(
            $$$"""{"model":{"type":"BPE","vocab":{"a":0,"b":1,"c":2,"ab":3,"bc":4,"abc":5},"merges":[{{{merges}}}]}}""");
        var one = Fingerprint.Of(Merging("""["a","b"],["ab","c"]"""));
        Assert.Equal(one, Fingerprint.Of(Merging("""["a","b"],["ab","c"]""")));
        Assert.NotEqual(one, Fingerprint.Of(Merging("""["b","c"],["a","bc"]""")));
    }

    [Fact]
    public void Nothing_to_learn_from_is_an_error_and_leaves_the_old_file()
    {
        TokenFile.Write(Place, bytes, Documents("old"));
        Assert.Contains("no document has a token", Assert.Throws<DatasetException>(() => TokenFile.Write(Place, bytes, [])).Message);
        Assert.Contains("no document", Assert.Throws<DatasetException>(() => TokenFile.Write(Place, bytes, Documents("", ""))).Message);
        Assert.Contains("end token 257", Assert.Throws<DatasetException>(() =>
            TokenFile.Write(Place, bytes, Documents("a"), new TokenFileOptions(257))).Message);
        Assert.Contains("file:2: The vocabulary holds neither", Assert.Throws<DatasetException>(() => TokenFile.Write(Place,
            Tokenizer.FromJson("""{"model":{"type":"WordLevel","vocab":{"a":0},"unk_token":"?"}}"""), Documents("a", "b"))).Message);
        using var file = new TokenFile(Place);
        Assert.Equal(['o', 'l', 'd'], All(file));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Stopping_leaves_no_file_behind()
    {
        using var stop = new CancellationTokenSource();
        IEnumerable<Document> Endless()
        {
            for (var i = 0; ; i++)
            {
                if (i == 3) stop.Cancel();
                yield return new Document("text", "memory");
            }
        }
        Assert.ThrowsAny<OperationCanceledException>(() => TokenFile.Write(Place, bytes, Endless(), cancellation: stop.Token));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_an_error_that_names_it() =>
        Assert.Contains("/nowhere/text.tokens cannot be written", Assert.Throws<CheckpointException>(() =>
            TokenFile.Write("/nowhere/text.tokens", bytes, Documents("a"))).Message);

    [Fact]
    public void A_damaged_file_is_an_error()
    {
        TokenFile.Write(Place, bytes, Documents("abc", "de"));
        var whole = File.ReadAllBytes(Place);
        Assert.Contains("There is no token file", Assert.Throws<DatasetException>(() => new TokenFile("/nowhere")).Message);
        Assert.Contains("no token file", Error([]));
        Assert.Contains("no token file", Error("once upon a time"u8.ToArray()));
        Assert.Contains("is damaged", Error(whole[..^1]));
        Assert.Contains("is damaged", Error([.. whole, 0]));
        Assert.Contains("version 2", Error([.. whole[..8], 2, .. whole[9..]]));
        // An id beyond the vocabulary, and a document beyond the end.
        Assert.Contains("holds the id 511", Error([.. whole[..129], 1, .. whole[130..]], 255));
        Assert.Contains("document 1 begins at", Error([.. whole[..^4], 9, 0, 0, 0]));

        string Error(byte[] content, byte? id = null)
        {
            if (id is { } value) content[128] = value;
            File.WriteAllBytes(Place, content);
            return Assert.Throws<DatasetException>(() =>
            {
                using var file = new TokenFile(Place);
                All(file);
                for (var document = 0; document < file.DocumentCount; document++) file.StartOf(document);
            }).Message;
        }
    }

    [Fact]
    public void Any_damage_to_the_header_is_an_error_in_words_or_none_at_all()
    {
        TokenFile.Write(Place, bytes, Documents("abc", "de"));
        var whole = File.ReadAllBytes(Place);
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte).Sample((at, value) =>
        {
            var damaged = whole.ToArray();
            damaged[at] = value;
            File.WriteAllBytes(Place, damaged);
            try
            {
                using var file = new TokenFile(Place);
                All(file);
                for (var document = 0; document < file.DocumentCount; document++) file.StartOf(document);
            }
            catch (OctantException)
            {
                // What is to happen.
            }
        }, iter: 1000, threads: 1);
    }
}
