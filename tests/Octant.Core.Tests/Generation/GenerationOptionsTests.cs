using System.Text.Json.Nodes;
using Octant.Generation;

namespace Octant.Core.Tests.Generation;

public sealed class GenerationOptionsTests
{
    static readonly GenerationOptions Greedy = new() { Temperature = 0 };

    [Fact]
    public void Who_narrows_what_is_drawn_from_draws()
    {
        Assert.Equal(1, new GenerationOptions { TopK = 40 }.Or(Greedy).Temperature);
        Assert.Equal(1, new GenerationOptions { TopP = 0.9 }.Or(new()).Temperature);
        Assert.Equal(1, new GenerationOptions { MinP = 0.1 }.Or(Greedy).Temperature);
        Assert.Equal(0.7, new GenerationOptions { TopK = 40 }.Or(new() { Temperature = 0.7 }).Temperature);
        Assert.Equal(0, new GenerationOptions { TopK = 40, Temperature = 0 }.Or(Greedy).Temperature);
        Assert.Equal(0, new GenerationOptions { Seed = 1 }.Or(Greedy).Temperature);
    }

    [Fact]
    public void A_temperature_too_small_to_divide_by_takes_the_likeliest() =>
        Assert.Equal(1, new Sampler(new() { Temperature = 1e-40 }).Choose(new History([], 0), [1, 2, -3]));

    [Theory]
    [InlineData("""{"num_beams": 4}""", "num_beams")]
    [InlineData("""{"bad_words_ids": [[1]]}""", "bad_words_ids")]
    [InlineData("""{"guidance_scale": 1.5}""", "guidance_scale")]
    public void What_a_generation_config_asks_for_and_is_not_here_is_refused_by_name(string json, string named) =>
        Assert.Contains(named, Assert.Throws<OctantException>(() => Read(json)).Message);

    [Fact]
    public void An_empty_stop_string_is_refused() =>
        Assert.Contains("stop", Assert.Throws<OctantException>(() => new GenerationOptions { StopStrings = ["", "x"] }.Check()).Message);

    [Fact]
    public void What_changes_nothing_is_passed_over() =>
        Read("""{"num_beams": 1, "bad_words_ids": null, "guidance_scale": 1.0, "max_length": 4096, "begin_suppress_tokens": []}""");

    [Fact]
    public void Suppressed_tokens_never_come_and_no_end_before_its_time()
    {
        var sampler = new Sampler(Read("""{"suppress_tokens": [1], "min_new_tokens": 2, "eos_token_id": 2}"""));
        Assert.Equal(0, sampler.Choose(new History([5], 1), [1, 9, 9]));
        Assert.Equal(2, sampler.Choose(new History([5, 0, 0], 1), [1, 9, 9]));
    }

    static GenerationOptions Read(string json) => GenerationOptions.Read(JsonNode.Parse(json)!.AsObject());
}
