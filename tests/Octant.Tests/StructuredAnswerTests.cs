using System.Text.Json;
using Microsoft.Extensions.AI;
using Octant.Constraints;
using Octant.Generation;

namespace Octant.Tests;

/// <summary>Answers that have a form: whatever a model has learnt, they are what was asked for.</summary>
public sealed class StructuredAnswerTests : IDisposable
{
    public enum Mood { Calm, Cross }

    public sealed record Person(string Name, int Age, Mood Mood, string[] Friends, Person? Child);

    readonly OpenModel model = new();

    public void Dispose() => model.Dispose();

    [Fact]
    public async Task A_model_gives_a_value_of_the_type_that_is_asked_for()
    {
        for (var seed = 0; seed < 5; seed++)
        {
            var answer = await model.Chat.GetResponseAsync<Person>("Who?", new ChatOptions { Temperature = 1.5f, Seed = seed, MaxOutputTokens = 90 });
            Assert.True(answer.TryGetResult(out var person), answer.Text);
            Assert.NotNull(person.Name);
            Assert.Equal(ChatFinishReason.Stop, answer.FinishReason);
        }
    }

    public sealed record Numbers(byte Small, int Usual, long? Large, uint Positive, decimal Exact, [property: System.ComponentModel.DataAnnotations.Range(3, 4)] int Narrow,
        [property: System.ComponentModel.DataAnnotations.Range(0, 1e10)] int Wide, Int128 Huge, Half Short);

    [Fact]
    public async Task Numbers_never_overflow_the_type_that_is_asked_for()
    {
        var format = OctantResponseFormat.ForJsonSchema<Numbers>();
        var constraint = Constraint.FromJsonSchema(format.Schema!.Value.GetRawText());
        Assert.True(constraint.Accepts(Json("255", "-2147483648", "9223372036854775807")));
        Assert.True(constraint.Accepts(Json("0", "2147483647", "null")));
        foreach (var (small, usual, large) in ((string, string, string)[])[("256", "1", "1"), ("1", "2147483648", "1"), ("1", "1", "9223372036854775808"), ("-1", "1", "1")])
            Assert.False(constraint.Accepts(Json(small, usual, large)), $"{small} {usual} {large}");
        Assert.False(constraint.Accepts(Json("1", "1", "1").Replace("2147483647", "3000000000")));
        Assert.False(constraint.Accepts(Json("1", "1", "1").Replace("65504", "65505")));
        Assert.False(constraint.Accepts(Json("1", "1", "1").Replace("105727", "105728")));
        for (var seed = 0; seed < 20; seed++)
        {
            var answer = await model.Chat.GetResponseAsync("How many?", new() { ResponseFormat = format, Temperature = 2, Seed = seed, MaxOutputTokens = 250 });
            Assert.NotNull(JsonSerializer.Deserialize<Numbers>(answer.Text, AIJsonUtilities.DefaultOptions));
        }

        static string Json(string small, string usual, string large) =>
            $$"""{"small":{{small}},"usual":{{usual}},"large":{{large}},"positive":1,"exact":0.5,"narrow":3,"wide":2147483647,"huge":170141183460469231731687303715884105727,"short":65504}""";
    }

    [Fact]
    public async Task Any_JSON_is_an_object()
    {
        var answer = await model.Chat.GetResponseAsync("Anything", new() { ResponseFormat = ChatResponseFormat.Json, MaxOutputTokens = 20, Temperature = 2, Seed = 3 });
        Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(answer.Text).RootElement.ValueKind);
    }

    [Fact]
    public async Task A_schema_that_cannot_be_enforced_is_refused_before_anything_is_computed()
    {
        var schema = JsonDocument.Parse("""{"type":"array","uniqueItems":true}""").RootElement;
        var error = await Assert.ThrowsAsync<ConstraintException>(() =>
            model.Chat.GetResponseAsync("x", new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(schema) }));
        Assert.Contains("uniqueItems", error.Message);
        Assert.Empty(model.Recorded.Steps);
    }

    [Fact]
    public async Task Tools_beside_a_form_are_refused()
    {
        var options = new ChatOptions { ResponseFormat = ChatResponseFormat.Json, Tools = [AIFunctionFactory.Create(() => 1, "one")] };
        var error = await Assert.ThrowsAsync<NotSupportedException>(() => model.Chat.GetResponseAsync("x", options));
        Assert.Contains("ResponseFormat beside Tools", error.Message);
    }

    [Fact]
    public void Text_that_is_cut_by_the_budget_is_valid_and_shorter_ones_are_refused()
    {
        var constraint = Constraint.FromJsonSchema("""{"type":"array","items":{"type":"string"},"minItems":1}""");
        for (var most = 4; most < 12; most++)
        {
            var text = string.Concat(model.Language.Generate("x", Options(most)).Select(update => update.Text));
            Assert.True(constraint.Accepts(text), text);
        }
        Assert.Contains("max_tokens is 3", Assert.Throws<OctantException>(() => model.Language.Generate("x", Options(3)).Count()).Message);
        Assert.Contains("stop", Assert.Throws<OctantException>(() => model.Language.Generate("x", Options(9) with { StopStrings = ["a"] }).Count()).Message);

        GenerationOptions Options(int most) => new() { Constraint = constraint, MaxTokens = most, Temperature = 1, Seed = most };
    }
}
