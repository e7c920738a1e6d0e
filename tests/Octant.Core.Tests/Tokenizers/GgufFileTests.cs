using System.IO.Compression;
using System.Text.Json.Nodes;
using Goldens.Kinds;
using Octant.Core.Tests.Formats;
using Octant.Formats;
using Octant.Testing;
using Octant.Tokenizers;

namespace Octant.Core.Tests.Tokenizers;

/// <summary>A SentencePiece tokenizer in a GGUF file: written from a tokenizer.json, it gives the same ids as that.</summary>
public sealed class GgufFileTests
{
    static readonly string Golden = Path.Combine(Repository.Root, "tests/Goldens/carried/tokenizer-bpe-llama2");

    [Fact]
    public void A_sentencepiece_tokenizer_read_from_a_file_gives_the_ids_of_its_tokenizer_json()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "tokenizer.gguf");
        File.WriteAllBytes(path, Write(GgufVocabularies.From(JsonNode.Parse(File.ReadAllText(Path.Combine(Golden, "tokenizer.json")))!)!));
        using var file = new GgufFile(path);
        var tokenizer = Tokenizer.FromGguf(GgufVocabulary.Read(file));
        var texts = Lines(Path.Combine(Golden, "../tokenizer-texts/texts.jsonl")).ToDictionary(line => (string)line["id"]!, line => (string)line["text"]!);
        foreach (var expected in Lines(Path.Combine(Golden, "expected.jsonl.gz")))
            Assert.Equal(expected["ids"]!.AsArray().Select(id => (int)id!), tokenizer.EncodeIds(texts[(string)expected["id"]!]));
    }

    static byte[] Write(GgufVocabulary vocabulary)
    {
        byte[][] Each<T>(IReadOnlyList<T>? values, Func<T, byte[]> bytes) => [.. (values ?? []).Select(bytes)];
        var writer = new GgufBytes()
            .Add("general.architecture", "llama")
            .Add("tokenizer.ggml.model", vocabulary.Model)
            .Add("tokenizer.ggml.tokens", GgufType.Array, GgufBytes.Array(GgufType.Text, (ulong)vocabulary.Tokens.Count, Each(vocabulary.Tokens, GgufBytes.Text)))
            .Add("tokenizer.ggml.scores", GgufType.Array, GgufBytes.Array(GgufType.F32, (ulong)vocabulary.Scores!.Count, Each(vocabulary.Scores, BitConverter.GetBytes)))
            .Add("tokenizer.ggml.token_type", GgufType.Array, GgufBytes.Array(GgufType.I32, (ulong)vocabulary.TokenTypes!.Count, Each(vocabulary.TokenTypes, BitConverter.GetBytes)));
        foreach (var (key, id) in ((string, int?)[])[("bos", vocabulary.BosId), ("eos", vocabulary.EosId), ("unknown", vocabulary.UnkId)])
            if (id is { } known) writer.Add($"tokenizer.ggml.{key}_token_id", (uint)known);
        foreach (var (key, flag) in ((string, bool?)[])[("add_bos_token", vocabulary.AddBos), ("add_eos_token", vocabulary.AddEos), ("add_space_prefix", vocabulary.AddSpacePrefix)])
            if (flag is { } known) writer.Add($"tokenizer.ggml.{key}", GgufType.Bool, [known ? (byte)1 : (byte)0]);
        return writer.ToBytes();
    }

    static IEnumerable<JsonObject> Lines(string path)
    {
        using var file = File.OpenRead(path);
        using var reader = new StreamReader(path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file);
        while (reader.ReadLine() is { } line) yield return JsonNode.Parse(line)!.AsObject();
    }
}
