using System.Text.Json;
using CsCheck;
using Octant.Tokenizers;
using Octant.Tokenizers.Normalizers;

namespace Octant.Core.Tests.Tokenizers;

public sealed class NormalizerTests
{
    static Normalizer Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Normalizer.Parse(document.RootElement);
    }

    static Normalizer Form(string name) => Parse($$"""{"type": "{{name}}"}""");

    [Fact]
    public void A_map_of_characters_takes_memory_by_its_bytes()
    {
        var json = Precompiled(new byte[8 << 20]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal("a", Parse(json).Normalize("a"));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100 << 20);
    }

    [Fact]
    public void A_text_of_a_map_of_characters_that_is_longer_than_any_is_refused()
    {
        byte[] pool = [.. Enumerable.Repeat((byte)'a', 1024), 0, .. Enumerable.Repeat((byte)'b', 1024)];
        Assert.Equal("a", Parse(Precompiled(pool)).Normalize("a"));
        Assert.Contains("more than 1024 bytes", Assert.Throws<TokenizerException>(() => Parse(Precompiled([.. pool, (byte)'b', 0]))).Message);
    }

    /// <summary>A map with one unit in its trie, and so without keys.</summary>
    static string Precompiled(byte[] pool) =>
        $$"""{"type": "Precompiled", "precompiled_charsmap": "{{Convert.ToBase64String([4, 0, 0, 0, 0, 0, 0, 0, .. pool])}}"}""";

    [Theory]
    [InlineData("NFC", "e\u0301 q\u0307\u0323 \u1112\u1161\u11ab \u212b \u0344",
        "\u00e9 q\u0323\u0307 \ud55c \u00c5 \u0308\u0301")]
    [InlineData("NFD", "\u00e9 \ud55c \u1e69", "e\u0301 \u1112\u1161\u11ab s\u0323\u0307")]
    [InlineData("NFKC", "\ufb01 \u2460 \uff21", "fi 1 A")]
    [InlineData("NFKD", "\u3392 \u00bd", "MHz 1\u20442")]
    // A composition that Unicode excludes stays apart; a mark of the same class blocks.
    [InlineData("NFC", "\u0915\u093c a\u0305\u0301 a\u0331\u0301", "\u0915\u093c a\u0305\u0301 \u00e1\u0331")]
    [InlineData("Lowercase", "\u0130 \u03a3 \ud801\udc00", "i\u0307 \u03c3 \ud801\udc28")]
    public void Writes_what_Unicode_says(string name, string text, string expected) =>
        Assert.Equal(expected, Form(name).Normalize(text));

    [Fact]
    public void Normal_forms_are_stable()
    {
        var (c, d) = (Form("NFC"), Form("NFD"));
        Gen.OneOf(Gen.Int[0x20, 0x2FF], Gen.Int[0x300, 0x36F], Gen.Int[0x1E00, 0x1EFF], Gen.Int[0xAC00, 0xAD00],
            Gen.Int[0x1100, 0x11FF], Gen.Int[0x1D15E, 0x1D164])
            .Array[0, 12].Select(codes => string.Concat(codes.Select(char.ConvertFromUtf32)))
            .Sample(text => c.Normalize(c.Normalize(text)) == c.Normalize(text)
                && c.Normalize(d.Normalize(text)) == c.Normalize(text)
                && d.Normalize(c.Normalize(text)) == d.Normalize(text));
    }

    [Fact]
    public void An_unknown_normalizer_is_refused_by_name() =>
        Assert.Contains("\"Mystery\"", Assert.Throws<TokenizerException>(() => Form("Mystery")).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_missing_key_is_named_with_its_place() => Assert.Contains(
        "normalizer.normalizers[0] lacks \"prepend\"",
        Assert.Throws<TokenizerException>(() => Parse("""{"type": "Sequence", "normalizers": [{"type": "Prepend"}]}"""))
            .Message, StringComparison.Ordinal);
}
