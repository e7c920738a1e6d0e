using CsCheck;
using Octant.Chat;
using Octant.Constraints;
using Octant.Formats;
using Octant.Tokenizers;

namespace Octant.Core.Tests.Formats;

/// <summary>Halves of surrogate pairs, which .NET's JSON passes on to whoever asks for the string.</summary>
public sealed class JsonSurrogatesTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(@"{""a"": ""\ud83d""}", true)]
    [InlineData(@"{""a\uDE0E"": 1}", true)]
    [InlineData(@"{""a"": ""\ude0e\ud83d""}", true)]
    [InlineData(@"{""a"": ""\ud83dx\ude0e""}", true)]
    [InlineData(@"{""a"": ""\ud83d\uDE0E""}", false)]
    [InlineData(@"{""a"": ""\\ud83d""}", false)]
    [InlineData("{\"a\": \"\ud83d\ude0e\"}", false)]
    [InlineData(@"{""a"": ""\u00e9\", false)]
    [InlineData("", false)]
    public void Halves_are_found_as_characters_and_as_escapes(string json, bool expected) => Assert.Equal(expected, IsHalf(json));

    // An attribute could not hold it.
    [Fact]
    public void A_half_that_is_no_escape_is_found() => Assert.True(IsHalf("{\"a\": \"" + '\ud83d' + "\"}"));

    [Fact]
    public void Any_text_that_JSON_writes_is_whole() =>
        Gen.String.Sample(text => Assert.False(IsHalf(System.Text.Json.JsonSerializer.Serialize(string.Concat(text.EnumerateRunes())))), threads: 1);

    static bool IsHalf(string json) => Record.Exception(() => Constraint.FromJsonSchema(json)) is ConstraintException fault
        && fault.Message.Contains("half of a surrogate pair", StringComparison.Ordinal);

    [Theory]
    [InlineData(@"{""\ud83d"": 1}")]
    [InlineData(@"{""chat_template"": ""\ud83d"", ""bos_token"": ""\ude0e"", ""type"": ""\ud83d"", ""enum"": [""\ud83d""], ""model"": {""type"": ""\ud83d""}}")]
    public void Every_reader_says_so(string json)
    {
        var path = Path.Combine(folder.Path, "tokenizer_config.json");
        File.WriteAllText(path, json);
        File.WriteAllText(Path.Combine(folder.Path, "tokenizer.json"), """{"model":{"type":"WordLevel","vocab":{"a":0},"unk_token":"a"}}""");
        Assert.ThrowsAny<OctantException>(() => JsonFiles.ReadObject(path));
        Assert.ThrowsAny<OctantException>(() => ChatTemplate.Find(folder.Path));
        Assert.ThrowsAny<OctantException>(() => Constraint.FromJsonSchema(json));
        Assert.ThrowsAny<OctantException>(() => Tokenizer.FromJson(json));
    }
}
