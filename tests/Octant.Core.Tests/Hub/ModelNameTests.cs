using CsCheck;
using Octant.Hub;

namespace Octant.Core.Tests.Hub;

public sealed class ModelNameTests
{
    [Theory]
    [InlineData("HuggingFaceTB/SmolLM2-135M", "HuggingFaceTB/SmolLM2-135M", "main", null)]
    [InlineData("a/b@refs/pr/1", "a/b", "refs/pr/1", null)]
    [InlineData("a/b:Q4_K_M", "a/b", "main", "Q4_K_M")]
    [InlineData("a/b@v1.0:x-Q8_0.gguf", "a/b", "v1.0", "x-Q8_0.gguf")]
    public void A_name_has_a_repository_a_revision_and_a_file(string text, string repository, string revision, string? file)
    {
        Assert.Equal(new ModelName(repository, revision, file), ModelName.Parse(text));
        Assert.Equal(text, ModelName.Parse(text).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("gpt2")]
    [InlineData("a/b/c")]
    [InlineData("../b")]
    [InlineData("a/..")]
    [InlineData("a/b@../../x")]
    [InlineData("a/b@/etc")]
    [InlineData("a/b@x//y")]
    [InlineData("a--b/c")]
    [InlineData("-a/b")]
    [InlineData("a/b c")]
    [InlineData("a/b\n")]
    [InlineData("a/é")]
    public void What_is_no_name_is_refused_in_one_line(string text)
    {
        var message = Assert.Throws<HubException>(() => ModelName.Parse(text)).Message;
        Assert.Contains("org/name", message);
    }

    [Fact]
    public void Whatever_is_a_name_stays_inside_the_cache() =>
        Gen.String[Gen.Char["ab/.-_@:\\ \0~"], 0, 20].Sample(text =>
        {
            if (!ModelName.TryParse(text, out var name)) return;
            Assert.DoesNotContain("..", name.Repository);
            Assert.DoesNotContain("..", name.Revision);
            Assert.Equal(name, ModelName.Parse(name.ToString()));
        }, iter: 100_000);
}
