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

    /// <summary>Nothing of it is required by the schema that Microsoft.Extensions.AI makes of it.</summary>
    public sealed class Loose
    {
        public string? Name { get; set; }
        public int Age { get; set; }
        public int? Cousins { get; set; }
        public Mood Mood { get; set; }
        public DateTime Born { get; set; }
        public DateTimeOffset? Seen { get; set; }
        public DateOnly Day { get; set; }
        public TimeOnly Clock { get; set; }
        public TimeSpan Long { get; set; }
        public char Letter { get; set; }
        public Uri? Site { get; set; }
        public Guid Id { get; set; }
        public double Share { get; set; }
        public bool? Likes { get; set; }
        public List<int>? Numbers { get; set; }
        public Dictionary<string, int>? Counts { get; set; }
        public Loose? Child { get; set; }
    }

    [Fact]
    public async Task Every_answer_is_a_value_with_all_its_properties_whatever_the_model_says()
    {
        string[] names = [.. typeof(Loose).GetProperties().Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name))];
        IChatClient client = model.Chat;
        for (var seed = 0; seed < 12; seed++)
        {
            var options = new ChatOptions { Temperature = 2, Seed = seed, MaxOutputTokens = 1500 };
            foreach (var answer in (ChatResponse<Loose>[])[await client.GetResponseAsync<Loose>("Who?", options), await model.Chat.GetResponseAsync<Loose>("Who?", options)])
            {
                Assert.True(answer.TryGetResult(out _), answer.Text);
                Assert.Equal(names, JsonDocument.Parse(answer.Text).RootElement.EnumerateObject().Select(property => property.Name));
            }
        }
    }

    public sealed class Narrow
    {
        public byte Small { get; set; }
        public short? Short { get; set; }
        public uint Positive { get; set; }
        public long Large { get; set; }
    }

    [Fact]
    public async Task A_chat_knows_the_type_that_it_is_asked_for_itself()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var options = new ChatOptions { Temperature = 2, Seed = seed, MaxOutputTokens = 200 };
            Assert.True((await model.Chat.GetResponseAsync<Narrow>("How many?", options)).TryGetResult(out _));
            Assert.InRange((await model.Chat.GetResponseAsync<sbyte[]>(new ChatMessage(ChatRole.User, "How many?"), options)).Result.Length, 0, 200);
            Assert.InRange((await model.Chat.GetResponseAsync<ushort>([new(ChatRole.User, "How many?")], new JsonSerializerOptions(JsonSerializerDefaults.Web)
            {
                TypeInfoResolver = new System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver(),
            }, options)).Result, ushort.MinValue, ushort.MaxValue);
        }
    }

    public sealed class Endless
    {
        public required string Name { get; set; }
        public Endless Next { get; set; } = null!;
    }

    [Fact]
    public async Task A_type_that_holds_itself_without_null_may_end()
    {
        IChatClient client = model.Chat;
        var options = new ChatOptions { Temperature = 1, Seed = 1, MaxOutputTokens = 200 };
        Assert.NotNull((await client.GetResponseAsync<Endless>("x", options)).Result.Name);
        Assert.NotNull((await model.Chat.GetResponseAsync<Endless>("x", options)).Result.Name);
    }

    public sealed class More
    {
        public int Count { get; set; }

        [System.Text.Json.Serialization.JsonExtensionData]
        public Dictionary<string, JsonElement>? Others { get; set; }
    }

    [Fact]
    public void Properties_are_required_and_others_are_not_allowed_but_where_the_type_keeps_them()
    {
        var loose = Constraint.FromJsonSchema(OctantResponseFormat.ForJsonSchema<Narrow>().Schema!.Value.GetRawText());
        Assert.True(loose.Accepts("""{"small":1,"short":null,"positive":3000000000,"large":-9223372036854775808}"""));
        Assert.False(loose.Accepts("""{"small":1,"short":null,"positive":1}"""));
        Assert.False(loose.Accepts("""{"small":1,"short":null,"positive":1,"large":1,"more":1}"""));
        var more = Constraint.FromJsonSchema(OctantResponseFormat.ForJsonSchema<More>().Schema!.Value.GetRawText());
        Assert.True(more.Accepts("""{"count":1,"other":[]}"""));
        Assert.False(more.Accepts("""{"other":[]}"""));
    }

    /// <summary>A schema that was made by hand is enforced as it is written.</summary>
    [Theory]
    [InlineData("""{"const":3000000000}""", null)]
    [InlineData("""{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"integer","minimum":3000000000,"maximum":3000000000}""", "Big")]
    public async Task Numbers_of_a_schema_by_hand_may_be_large(string schema, string? name)
    {
        var format = ChatResponseFormat.ForJsonSchema(JsonDocument.Parse(schema).RootElement, name);
        Assert.Equal("3000000000", (await model.Chat.GetResponseAsync("x", new() { ResponseFormat = format })).Text.Trim());
    }

    public sealed record Texts(DateTime When, DateTimeOffset? There, DateOnly Day, TimeOnly Clock, TimeSpan? Long, Guid Id, byte[] Bytes, ReadOnlyMemory<byte> More, char Letter, Version Version,
        Uri Address, [property: System.ComponentModel.DataAnnotations.RegularExpression("^1.*$")] TimeSpan Some);

    public sealed record Keyed(Dictionary<sbyte, int> Small, Dictionary<ulong, int> Large, Dictionary<Mood, int> Moods, Dictionary<Guid, int> Ids, Dictionary<DateTime, int> Times,
        Dictionary<TimeSpan, int> Spans, Dictionary<decimal, int> Exact, Dictionary<bool, int> Both, Dictionary<char, int> Letters, Dictionary<string, int> Free);

    [System.Text.Json.Serialization.JsonConverter(typeof(System.Text.Json.Serialization.JsonStringEnumConverter<Named>))]
    public enum Named { [System.Text.Json.Serialization.JsonStringEnumMemberName("x-1|(a)")] First, [System.Text.Json.Serialization.JsonStringEnumMemberName("y z")] Second }

    [Flags]
    public enum Several { None, A, B }

    public sealed record Enums(Dictionary<Named, int> ByName, Several Some, Several? Others, Dictionary<Several, Named> Both);

    [Theory, InlineData(typeof(Texts)), InlineData(typeof(Keyed)), InlineData(typeof(Enums))]
    public async Task Texts_and_keys_are_always_those_that_their_types_read(Type type)
    {
        var format = (ChatResponseFormatJson)typeof(OctantResponseFormat).GetMethod("ForJsonSchema")!.MakeGenericMethod(type).Invoke(null, [null])!;
        for (var seed = 0; seed < 12; seed++)
        {
            var answer = await model.Chat.GetResponseAsync("What?", new() { ResponseFormat = format, Temperature = 2, Seed = seed, MaxOutputTokens = 900 });
            Assert.NotNull(JsonSerializer.Deserialize(answer.Text, type, AIJsonUtilities.DefaultOptions));
        }
    }

    public static TheoryData<string, string[], string[]> Forms => new()
    {
        { nameof(Texts.Clock), ["00:00:00", "23:59:59.9999999"], ["24:00:00", "12:00:00Z", "12:00:00.12345678"] },
        { nameof(Texts.Long), ["-10675198.23:59:59.9999999", "9.00:00:00", "999999.00:00:00"], ["10675199.00:00:00", "24:00:00", "20000000.00:00:00"] },
        { nameof(Texts.When), ["0002-01-01T00:00:00+14:00", "9998-12-31T23:59:59.1Z", "2024-02-29T00:00:00-00:00"], ["2023-02-29T00:00:00Z", "2024-01-01T00:00:00+14:01", "0001-01-01T00:00:00+01:00"] },
        { nameof(Texts.Bytes), ["", "AAAA", "AA==", "A/+9AAA="], ["AB==", "A", "AAA"] },
        { nameof(Texts.Letter), ["a", "é"], ["", "ab", "\ud83d\ude00"] },
        { nameof(Texts.Version), ["1.2", "2147483647.0.0.1"], ["1", "2147483648.0", "1.2.3.4.5"] },
        { nameof(Texts.Address), ["https://a.example:8080/x/%20?q=1#f", "mailto:a@b.example", "http://h"], ["http://", "http://h:99999", "a:b"] },
    };

    [Theory, MemberData(nameof(Forms))]
    public void Forms_of_texts_are_those_of_their_types(string name, string[] good, string[] bad)
    {
        var schema = OctantResponseFormat.ForJsonSchema<Texts>().Schema!.Value.GetProperty("properties").GetProperty(JsonNamingPolicy.CamelCase.ConvertName(name));
        var constraint = Constraint.FromJsonSchema(schema.GetRawText());
        Assert.All(good, text => Assert.True(constraint.Accepts($"\"{text}\""), text));
        Assert.All(bad, text => Assert.False(constraint.Accepts($"\"{text}\""), text));
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

    /// <summary>Models that think out loud have marks for it, which a text within a form may hold all the same.</summary>
    [Theory]
    [InlineData("<think> </think>")]
    [InlineData("<|channel|>")]
    [InlineData("<tool_call>")]
    public async Task Marks_of_thoughts_and_calls_are_text_within_a_form(string marks)
    {
        using var thinking = new OpenModel(new(template: $"{{# {marks} #}}{{{{ messages | tojson }}}}"));
        const string text = "<think>x</think> <tool_call>{}</tool_call><|channel|>final<|message|>";
        var schema = JsonDocument.Parse(JsonSerializer.Serialize(new { @const = text })).RootElement;
        var answer = await thinking.Chat.GetResponseAsync("x", new() { ResponseFormat = ChatResponseFormat.ForJsonSchema(schema), Temperature = 1, Seed = 1 });
        Assert.Equal(text, JsonSerializer.Deserialize<string>(answer.Text));
        Assert.All(answer.Messages[0].Contents, content => Assert.IsType<TextContent>(content));
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
