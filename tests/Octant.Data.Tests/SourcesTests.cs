using System.IO.Compression;
using System.Text;
using CsCheck;
using Octant.Core.Tests.Formats;
using Octant.Data.Reading;

namespace Octant.Data.Tests;

public sealed class SourcesTests : IDisposable
{
    static readonly string[] ends = ["a", "b", "ab", "€", "\n"];

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    string Write(string name, string content) => folder.File(name, Encoding.UTF8.GetBytes(content));

    static byte[] Zipped(string content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(Encoding.UTF8.GetBytes(content));
        return packed.ToArray();
    }

    static string ErrorOf(string path, SourceOptions? options = null) =>
        Assert.Throws<DatasetException>(() => Sources.Open(path, options).ToList()).Message;

    [Fact]
    public void A_text_file_is_one_document()
    {
        var path = Write("a.txt", "one\ntwo\n");
        Assert.Equal([new Document("one\ntwo\n", path)], Sources.Open(path));
    }

    [Fact]
    public void A_separator_cuts_a_file_into_documents_that_know_their_lines()
    {
        var path = Write("a.txt", "one\ntwo\n\nthree\n\n\n\nfour");
        Assert.Equal([new("one\ntwo", path), new("three", $"{path}:4"), new("four", $"{path}:8")],
            Sources.Open(path, new SourceOptions(Separator: "\n\n")));
        Assert.Equal(["one", "two", "three", "four"], Sources.Open(path, new SourceOptions(Separator: "\n")).Select(d => d.Text));
    }

    [Fact]
    public void Documents_and_separators_join_to_the_file_wherever_buffers_end() =>
        Gen.Select(Gen.Int[0, 4].Select(i => ends[i]).Array[0, 40].Select(string.Concat), Gen.Int[65_500, 65_560])
            .Sample((end, length) =>
            {
                var text = new string('x', length) + "ab" + end + "y";
                using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
                Assert.Equal(text.Split("ab", StringSplitOptions.RemoveEmptyEntries),
                    Sources.Read(stream, "memory", new SourceOptions(Separator: "ab")).Select(document => document.Text));
            }, iter: 100);

    [Fact]
    public void A_json_line_has_its_text_in_a_field()
    {
        var path = Write("a.jsonl", "{\"text\":\"one\\n\",\"n\":1}\r\n\n{\"text\":\"\"}\n{\"text\":\"zwei ä\"}");
        Assert.Equal([new("one\n", path), new("zwei ä", $"{path}:4")], Sources.Open(path));
        Assert.Equal("x", Sources.Open(Write("b.jsonl", "{\"body\":\"x\"}"), new SourceOptions(TextField: "body")).Single().Text);
    }

    [Fact]
    public void Gzip_is_recognised_by_its_first_bytes()
    {
        Assert.Equal("packed", Sources.Open(folder.File("a.txt.gz", Zipped("packed"))).Single().Text);
        Assert.Equal("packed", Sources.Open(folder.File("misnamed.txt", Zipped("packed"))).Single().Text);
        Assert.Equal("x", Sources.Open(folder.File("a.jsonl.gz", Zipped("{\"text\":\"x\"}"))).Single().Text);
        Assert.Equal(["one", "two"], Sources.Read(new MemoryStream([.. Zipped("one\n"), .. Zipped("two")]), "standard input",
            new SourceOptions(Separator: "\n")).Select(document => document.Text));
    }

    [Fact]
    public void A_folder_is_read_with_all_below_it_in_order_of_names()
    {
        Directory.CreateDirectory(Path.Combine(folder.Path, "c"));
        Write("b.txt", "b");
        Write("a.jsonl", "{\"text\":\"a\"}");
        Write("c/d.md", "d");
        Write("image.png", "no text");
        folder.File("c/e.txt.gz", Zipped("e"));
        Directory.CreateSymbolicLink(Path.Combine(folder.Path, "c", "circle"), folder.Path);
        Assert.Equal(["a", "b", "d", "e"], Sources.Open(folder.Path).Select(document => document.Text));
        Assert.Equal(["d"], Sources.Open(folder.Path, new SourceOptions(Extensions: [".md"])).Select(document => document.Text));
        Assert.Contains("no file that ends in .tex", ErrorOf(folder.Path, new SourceOptions(Extensions: [".tex"])));
    }

    [Fact]
    public void Nothing_is_read_before_it_is_asked_for()
    {
        var documents = Sources.Open([Write("a.txt", "a"), Write("b.txt", "\xFF")]);
        Assert.Equal("a", documents.First().Text);
    }

    [Fact]
    public void A_document_too_large_for_memory_is_an_error_that_tells_of_separators()
    {
        using var endless = new Endless();
        Assert.Contains("endless:1 begins a document of more than 64 MB: name a separator",
            Assert.Throws<DatasetException>(() => Sources.Read(endless, "endless").ToList()).Message);
        using var lines = new Endless();
        Assert.Equal("endless:3", Sources.Read(lines, "endless", new SourceOptions(Separator: "\n")).Skip(2).First().Origin);
    }

    /// <summary>A line of a thousand, again and again.</summary>
    sealed class Endless : MemoryStream
    {
        public override int Read(Span<byte> buffer)
        {
            for (var i = 0; i < buffer.Length; i++) buffer[i] = (byte)(i % 1000 == 999 ? '\n' : 'a');
            return buffer.Length;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    }

    [Fact]
    public void A_byte_order_mark_is_no_text() =>
        Assert.Equal("a", Sources.Open(folder.File("a.txt", [0xEF, 0xBB, 0xBF, (byte)'a'])).Single().Text);

    [Fact]
    public void Invalid_bytes_are_an_error_with_their_line_unless_they_are_to_be_replaced()
    {
        var path = folder.File("a.txt", [.. "one\ntwo "u8, 0xFF, .. "\n"u8]);
        Assert.Contains($"{path}:2 is not UTF-8: byte 0xFF", ErrorOf(path));
        Assert.Contains($"{path}:2 is not UTF-8", ErrorOf(path, new SourceOptions(Separator: "\n")));
        Assert.Equal("one\ntwo \uFFFD\n", Sources.Open(path, new SourceOptions(Invalid: InvalidText.Replace)).Single().Text);
        var json = folder.File("a.jsonl", [.. "{\"text\":\"a\"}\n{\"text\":\""u8, 0xC3, .. "\"}"u8]);
        Assert.Contains($"{json}:2 is not UTF-8", ErrorOf(json));
    }

    [Theory]
    [InlineData("{\"text\":\"a\"}\n{\"body\":\"b\",\"n\":1}", ":2 lacks the field \"text\"; it has \"body\", \"n\".")]
    [InlineData("{}", ":1 lacks the field \"text\"; it has none.")]
    [InlineData("{\"text\":3}", ":1 has a field \"text\" that is no text.")]
    [InlineData("\n[1]", ":2 is no JSON object.")]
    [InlineData("{\"text\":\"a\"", ":1 is not JSON:")]
    [InlineData("{\"text\":\"\\ud800\"}", ":1 holds half of a surrogate pair.")]
    public void A_wrong_line_is_an_error_with_its_number(string content, string what)
    {
        var path = Write("a.jsonl", content);
        Assert.StartsWith(path + what, ErrorOf(path));
    }

    [Theory]
    [InlineData("a.txt", "")]
    [InlineData("a.txt", "\n\n")]
    [InlineData("a.jsonl", "\n")]
    [InlineData("a.jsonl", "{\"text\":\"\"}")]
    public void A_file_without_text_is_an_error(string name, string content)
    {
        var path = Write(name, content);
        Assert.Contains($"{path} is empty", ErrorOf(path, new SourceOptions(Separator: "\n")));
    }

    [Fact]
    public void What_cannot_be_read_is_an_error_that_names_it()
    {
        Assert.Contains("There is no text at /nowhere", ErrorOf("/nowhere"));
        Assert.Contains("separator of documents is empty", ErrorOf(folder.Path, new SourceOptions(Separator: "")));
        var damaged = Zipped(new string('a', 1000) + "b");
        damaged[^12] ^= 0x55;
        var path = folder.File("a.gz", damaged);
        Assert.Contains($"{path} is damaged", ErrorOf(path));
        path = folder.File("b.gz", Zipped("some words to pack").AsSpan(..^1));
        Assert.Contains($"{path} is damaged", ErrorOf(path));
    }
}
