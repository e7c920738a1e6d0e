using System.Security.Cryptography;
using System.Text.Json;
using Octant.Tokenizers.Normalizers;
using Octant.Tokenizers.PreTokenizers;

namespace Octant.Core.Tests.Tokenizers;

/// <summary>
/// What becomes of every character there is, as Hugging Face's tokenizers 0.22.2 has it: the beginning of the SHA-256 of what it makes of all of them.
/// </summary>
public sealed class EveryCharacterTests
{
    static readonly string[] all = [.. Enumerable.Range(0, 0x110000).Where(c => c is < 0xD800 or > 0xDFFF).Select(char.ConvertFromUtf32)];

    static readonly string apart = string.Join('_', all);

    /// <summary>Each behind a mark of class 230, before marks of the classes 220 and 1.</summary>
    static readonly string amongMarks = string.Join('_', all.Select(c => $"a\u0301{c}\u0316\u0334"));

    static readonly string amongLetters = string.Join('a', all);

    [Theory]
    [InlineData("NFC", "1606e815b2a9058b", "6ba7978293947014")]
    [InlineData("NFD", "881723c3be062851", "7c8d6e65b72fe962")]
    [InlineData("NFKC", "e577410495667566", "e893e98ff388320a")]
    [InlineData("NFKD", "49bc9b02479e849d", "cd86c651d01313ca")]
    [InlineData("StripAccents", "0c48f47835f3a106", "f92d16dbde15cc00")]
    [InlineData("Lowercase", "3d877790680eeff7", "b7e8f59c79ac7942")]
    [InlineData("BertNormalizer", "e934d4e0124e200d", "72272365031cf489")]
    public void Normalizers_know_the_characters_that_the_reference_knows(string type, string expectedApart, string expectedAmongMarks)
    {
        using var json = JsonDocument.Parse($$"""{"type": "{{type}}"}""");
        var normalizer = Normalizer.Parse(json.RootElement);
        Assert.Equal((expectedApart, expectedAmongMarks), (Hash(normalizer.Normalize(apart)), Hash(normalizer.Normalize(amongMarks))));
    }

    [Theory]
    [InlineData("BertPreTokenizer", "02ee3d7b4a80717e")]
    [InlineData("Punctuation", "5cb30b7d0209e7cc")]
    [InlineData("Digits", "a69b35800c519e0c")]
    [InlineData("Whitespace", "8ec2697474784f6c")]
    public void Pre_tokenizers_know_the_characters_that_the_reference_knows(string type, string expected)
    {
        using var json = JsonDocument.Parse($$"""{"type": "{{type}}", "individual_digits": true}""");
        Assert.Equal(expected, Hash(string.Join('\n', PreTokenizer.Parse(json.RootElement).Split(amongLetters).Select(word => word.Word))));
    }

    static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)))[..16];
}
