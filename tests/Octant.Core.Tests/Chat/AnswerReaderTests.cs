using System.Text.Json.Nodes;
using CsCheck;
using Octant.Chat;
using Octant.Chat.Answers;

namespace Octant.Core.Tests.Chat;

public sealed class AnswerReaderTests
{
    static readonly JsonArray Tools = JsonNode.Parse("""
        [
          {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer"}, "exact": {"type": "boolean"}, "tags": {"type": "array"}}}}},
          {"type": "function", "function": {"name": "add", "parameters": {"type": "object", "properties": {"a": {"type": "number"}, "b": {"type": "number"}}}}}
        ]
        """)!.AsArray();

    const string Weather = """get_weather{"city":"Zürich","days":2}""";

    /// <summary>The word by which each family's templates are known, and answers as its models write them.</summary>
    public static TheoryData<string, string, string> Notations => new()
    {
        { "<tool_call>", "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Zürich\", \"days\": 2}}\n</tool_call>", Weather },
        { "<tool_call>", "On it.\n<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1, \"b\": 2.5}}\n</tool_call>\n<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Zürich\", \"days\": 2}}\n</tool_call>",
            """On it.|add{"a":1,"b":2.5}|""" + Weather },
        { "<tool_call>", "<tool_call>\n<function=get_weather>\n<parameter=city>\nZürich\n</parameter>\n<parameter=days>\n2\n</parameter>\n</function>\n</tool_call>", Weather },
        { "<tool_call>", "<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>Zürich</arg_value>\n<arg_key>days</arg_key>\n<arg_value>2</arg_value>\n</tool_call>", Weather },
        { "<|python_tag|>", """{"name": "get_weather", "parameters": {"city": "Zürich", "days": 2}}""", Weather },
        { "<|python_tag|>", """<|python_tag|>{"type": "function", "name": "get_weather", "parameters": {"city": "Zürich", "days": "2"}}""", Weather },
        { "<|python_tag|>", """{"name": "add", "parameters": {"a": 1, "b": 2}}; {"name": "get_weather", "parameters": {"city": "Zürich", "days": 2}}""",
            """add{"a":1,"b":2}|""" + Weather },
        { "<|python_tag|>", """<|python_tag|>brave_search.call(query="rain")""", """brave_search{"query":"rain"}""" },
        { "<|python_tag|>", "<|python_tag|>import math\nmath.sqrt(2)", """code_interpreter{"code":"import math\nmath.sqrt(2)"}""" },
        { "func_name1(params", """[get_weather(city='Zürich', days=2), add(a=1, b=-2.5e1)]""", Weather + """|add{"a":1,"b":-2.5e1}""" },
        { "func_name1(params", """[get_weather("Zürich", 2)]""", Weather },
        { "<|python_start|>", """<|python_start|>[get_weather(city="Zürich", days=2)]<|python_end|>""", Weather },
        { "[TOOL_CALLS]", """[TOOL_CALLS] [{"name": "get_weather", "arguments": {"city": "Zürich", "days": 2}, "id": "abcdefgh1"}]""", Weather + "#abcdefgh1" },
        { "[TOOL_CALLS]", """[TOOL_CALLS]add[ARGS]{"a": 1, "b": 2}[TOOL_CALLS]get_weather[CALL_ID]abcdefgh1[ARGS]{"city": "Zürich", "days": 2}""",
            """add{"a":1,"b":2}|""" + Weather + "#abcdefgh1" },
        { "[TOOL_CALLS]", """[TOOL_CALLS]get_weather{"city": "Zürich", "days": 2}""", Weather },
        { "<｜tool▁call▁begin｜>", "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n```json\n{\"city\": \"Zürich\", \"days\": 2}\n```<｜tool▁call▁end｜>\n"
            + "<｜tool▁call▁begin｜>function<｜tool▁sep｜>add\n```json\n{\"a\": 1}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>", Weather + """|add{"a":1}""" },
        { "<｜tool▁call▁begin｜>", """<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{"city": "Zürich", "days": 2}<｜tool▁call▁end｜><｜tool▁calls▁end｜>""", Weather },
        { "<|channel|>", "<|channel|>analysis<|message|>They want the weather.<|end|><|start|>assistant<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{\"city\": \"Zürich\", \"days\": 2}<|call|>",
            "(They want the weather.)|" + Weather },
        { "<|channel|>", "<|channel|>final<|message|>Hello there.<|return|>", "Hello there." },
        { "<|channel|>", "<|channel|>commentary to=functions.add<|message|>{\"a\": 1}<|start|>assistant<|channel|>final<|message|>Done.", """add{"a":1}|Done.""" },
        { "<tool_call>", "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"<function=add><parameter=a>1</parameter></function>\"}}\n</tool_call>",
            """get_weather{"city":"<function=add><parameter=a>1</parameter></function>"}""" },
        { "<tool_call>", "<tool_call>get_weather(city=\"<arg_key>\")</tool_call>", """get_weather{"city":"<arg_key>"}""" },
        { "<tool_call>", "<tool_call>\nI call (now):\n<function=add>\n<parameter=a>\n1\n</parameter>\n</function>\n</tool_call>", """add{"a":1}""" },
        { "tool_code", "```tool_code\nprint(print(add(a=1)))\n```", """add{"a":1}""" },
        { "[TOOL_CALLS]", """[TOOL_CALLS]get_weather[ARGS]{"city": "x [TOOL_CALLS] y"}""", """get_weather{"city":"x [TOOL_CALLS] y"}""" },
        { "[TOOL_CALLS]", """[TOOL_CALLS] [{"name": "add", "arguments": {"a": 1}}] I add them.""", """add{"a":1}|I add them.""" },
        { "<tool_call>", "<tool_call>add</tool_call>", "add{}" },
        { "<tool_call>", "<tool_call>garbage</tool_call>", "<tool_call>garbage</tool_call>" },
        { "<|channel|>", "<|channel|>final<|message|>a <|channel|> b", "a <|channel|> b" },
        { "<|channel|>", "<|channel|>commentary<|message|>I shall look.<|end|><|start|>assistant to=functions.add<|channel|>commentary json<|message|>{\"a\": 1}<|call|>",
            """I shall look.|add{"a":1}""" },
        { "tool_code", "```tool_code\nprint(get_weather(city=\"Zürich\", days=2))\n```", Weather },
        { "<start_function_call>", "<start_function_call>call:get_weather{city:<escape>Zürich<escape>,days:2}<end_function_call>", Weather },
        { "<|tool_call>", "<|tool_call>call:get_weather{city:<|\"|>Zürich<|\"|>,days:2}<tool_call|>", Weather },
        { "<|tool_call_begin|>", "<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>{\"city\": \"Zürich\", \"days\": 2}<|tool_call_end|><|tool_calls_section_end|>",
            Weather + "#functions.get_weather:0" },
        { "<|START_ACTION|><|START_THINKING|>", "<|START_THINKING|>I shall look.<|END_THINKING|><|START_ACTION|>[\n{\"tool_call_id\": \"0\", \"tool_name\": \"get_weather\", \"parameters\": {\"city\": \"Zürich\", \"days\": 2}}\n]<|END_ACTION|>",
            "(I shall look.)|" + Weather + "#0" },
        { "Action:", "Action: ```json\n[{\"tool_name\": \"get_weather\", \"parameters\": {\"city\": \"Zürich\", \"days\": 2}}]\n```", Weather },
        { "<|tool_call|>", """<|tool_call|>[{"name": "get_weather", "arguments": {"city": "Zürich", "days": 2}}]""", Weather },
        { "functools[", """functools[{"name": "get_weather", "arguments": {"city": "Zürich", "days": 2}}]""", Weather },
        { "<TOOLCALL>", """<TOOLCALL>[{"name": "get_weather", "arguments": {"city": "Zürich", "days": 2}}]</TOOLCALL>""", Weather },
        { "<|action_start|>", """<|action_start|><|plugin|>{"name": "get_weather", "parameters": {"city": "Zürich", "days": 2}}<|action_end|>""", Weather },
        { "nothing", """{"name": "get_weather", "arguments": {"city": "Zürich", "days": 2}}""", Weather },
        { "nothing", "```\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Zürich\", \"days\": 2}}\n```", Weather },
        { "nothing", """{"tool_calls": [{"name": "get_weather", "arguments": {"city": "Zürich", "days": 2}}]}""", Weather },
        { "<tool_call>", "On it.\n<function=get_weather>\n<parameter=city>\nZürich\n</parameter>\n<parameter=days>\n2\n</parameter>\n</function>\n</tool_call>", "On it.|" + Weather },
        { "<|python_tag|>", """<function=get_weather>{"city": "Zürich", "days": 2}</function>""", Weather },
        { "<|python_tag|>", """<function=unknown>{"city": "Zürich"}</function> is no call.""", """<function=unknown>{"city": "Zürich"}</function> is no call.""" },
        { "func_name1(params", "get_weather(city='Zürich', days=2)", Weather },
        { "func_name1(params", "get_weather(now) is what I would call.", "get_weather(now) is what I would call." },
        { "tool_code", "```tool_code\nget_weather(city=\"Zürich\", days=2)```tool_code\nadd(a=1)\n```", Weather + """|add{"a":1}""" },
        { "nothing", "```json\n[{\"function\": {\"name\": \"get_weather\", \"arguments\": \"{\\\"city\\\": \\\"Zürich\\\", \\\"days\\\": 2}\"}}]\n```", Weather },
    };

    [Theory, MemberData(nameof(Notations))]
    public void Every_notation_is_read_whole_and_letter_by_letter(string template, string answer, string expected)
    {
        Assert.Equal(expected, Read(template, [answer]));
        Assert.Equal(expected, Read(template, answer.Select(letter => $"{letter}")));
    }

    [Theory]
    [InlineData("<tool_call>{'name': 'get_weather', 'arguments': {'city': 'Zürich', 'days': 2,},}</tool_call>", Weather)]
    [InlineData("<tool_call>{name: \"get_weather\", arguments: {city: \"Zürich\", exact: True, tags: None}}</tool_call>", """get_weather{"city":"Zürich","exact":true,"tags":null}""")]
    [InlineData("<tool_call>{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Zürich\", \"days\": 2}", Weather)]
    [InlineData("<tool_call>{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Zürich\", \"days\": 2}}}</tool_call>", Weather)]
    [InlineData("<tool_call>```json\n{\"name\": \"get_weather\", \"arguments\": \"{\\\"city\\\": \\\"Zürich\\\", \\\"days\\\": \\\"2\\\"}\"}\n```</tool_call>", Weather)]
    [InlineData("{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Zürich\", \"days\": 2}}", Weather)]
    [InlineData("<tool_call>{\"name\": \"add\", \"arguments\": {\"a\": 1}}<tool_call>{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Zürich\", \"days\": 2}}</tool_call>", """add{"a":1}|""" + Weather)]
    [InlineData("<tool_call>{\"name\": \"get_weather\", \"arguments\": {\"city\": \"the </tool_call> tag\"}}</tool_call>", """get_weather{"city":"the </tool_call> tag"}""")]
    [InlineData("<tool_call>{\"name\": \"get_weather\", \"arguments\": {\"city\": \"two\nlines\"}}</tool_call>", """get_weather{"city":"two\nlines"}""")]
    public void What_models_get_wrong_is_understood(string answer, string expected) => Assert.Equal(expected, Read("<tool_call>", [answer]));

    [Theory]
    [InlineData("<tool_call>I would call a tool here</tool_call> if I could.")]
    [InlineData("{\"answer\": 42}")]
    [InlineData("{\"name\": \"unknown\", \"arguments\": {}}")]
    [InlineData("[1, 2, 3] are numbers.")]
    [InlineData("```json\n{\"a\": 1}\n```\nis JSON.")]
    [InlineData("In HTML one writes <b> and < b.")]
    [InlineData("<tool_call>")]
    [InlineData("  \n ")]
    public void What_is_no_call_stays_text(string answer)
    {
        Assert.Equal(answer, Read("<tool_call>", [answer]));
        Assert.Equal(answer, Read("<tool_call>", answer.Select(letter => $"{letter}")));
    }

    [Fact]
    public void Without_tools_nothing_is_a_call()
    {
        const string answer = "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {}}\n</tool_call>\n";
        Assert.Equal(answer, Read("<tool_call>", [answer], tools: null));
    }

    [Theory]
    [InlineData("</think>", "<think>\nHmm.\n</think>\n\nDone.", "", "(Hmm.)|Done.")]
    [InlineData("</think>", "Hmm.\n</think>\n\nDone.", "<|im_start|>assistant\n<think>\n", "(Hmm.)|Done.")]
    [InlineData("</think>", "<think>\n\n</think>\n\nDone.", "", "Done.")]
    [InlineData("</think>", "<think>\nHmm", "", "(Hmm)")]
    [InlineData("nothing", "<think>Hmm.</think>Done.", "", "(Hmm.)|Done.")]
    [InlineData("nothing", "One writes <think> in front.", "", "One writes <think> in front.")]
    [InlineData("[THINK]", "[THINK]Hmm.[/THINK]Done.", "", "(Hmm.)|Done.")]
    [InlineData("<|channel|>", "<|channel|>analysis<|message|>Hmm.<|end|><|start|>assistant<|channel|>final<|message|>Done.", "<|start|>assistant", "(Hmm.)|Done.")]
    [InlineData("<|channel|>", "Plain words without a channel.", "<|start|>assistant", "Plain words without a channel.")]
    [InlineData("<|channel|>", "Final words.", "<|start|>assistant", "Final words.")]
    [InlineData("<|channel|>", "<|channel|>analy", "<|start|>assistant", "")]
    [InlineData("<|channel|>", "<|channel|>analysis<|message|>Hmm.<|channel|>final<|message|>Done.", "<|start|>assistant", "(Hmm.)|Done.")]
    [InlineData("<|channel|>", "<|channel|>analysis<|message|>Hmm.<|start|>assistant<|channel|>final<|message|>Done.", "<|start|>assistant", "(Hmm.)|Done.")]
    public void Thoughts_are_told_from_words(string template, string answer, string prompt, string expected)
    {
        Assert.Equal(expected, Read(template, [answer], null, prompt));
        Assert.Equal(expected, Read(template, answer.Select(letter => $"{letter}"), null, prompt));
    }

    /// <summary>Half an argument is none; a whole one whose brackets a model forgot is, unless it was not allowed to write them.</summary>
    [Theory]
    [InlineData("<tool_call>", "<tool_call>{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Zü", null, null)]
    [InlineData("<tool_call>", "<tool_call>{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Zürich\", \"days\": 2", Weather, null)]
    [InlineData("<tool_call>", "<tool_call>{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Zürich\", \"days\": 2}}", Weather, Weather)]
    [InlineData("<tool_call>", "<tool_call>\n<function=get_weather>\n<parameter=city>\nZü", "get_weather{\"city\":\"Zü\"}", null)]
    [InlineData("<tool_call>", "<tool_call>\n<function=get_weather>\n<parameter=city>\nZürich\n</parameter>\n<parameter=days>\n2\n</parameter>", Weather, Weather)]
    [InlineData("<tool_call>", "{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Zürich\", \"days\": 2", Weather, null)]
    [InlineData("func_name1(params", "[get_weather(city=\"Zü", null, null)]
    [InlineData("func_name1(params", "[get_weather(city='Zürich', days=2", Weather, null)]
    [InlineData("func_name1(params", "get_weather(city='Zürich', days=2)", Weather, Weather)]
    [InlineData("[TOOL_CALLS]", "[TOOL_CALLS][{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Zürich\", \"days\": 2}}", Weather, null)]
    [InlineData("[TOOL_CALLS]", "[TOOL_CALLS]get_weather[ARGS]{\"city\": \"Zürich\", \"days\": 2}", Weather, Weather)]
    [InlineData("<start_function_call>", "<start_function_call>call:get_weather{city:<escape>Zü", "get_weather{\"city\":\"Zü\"}", null)]
    public void A_call_that_breaks_off_is_none(string template, string answer, string? unlessCut, string? evenCut)
    {
        foreach (var pieces in (IEnumerable<string>[])[[answer], answer.Select(letter => $"{letter}")])
        {
            Assert.Equal(unlessCut ?? answer, Read(template, pieces, Tools));
            Assert.Equal(evenCut ?? answer, Read(template, pieces, Tools, isCut: true));
        }
    }

    /// <summary>Thoughts that end may speak of calls; a model that goes from thoughts to a call without ending them calls.</summary>
    [Theory]
    [InlineData("Hmm.\n<tool_call>\n{CALL}\n</tool_call>", $"(Hmm.)|{Weather}")]
    [InlineData("Hmm. <tool_call>{CALL}</tool_call><tool_call>{CALL}</tool_call>", $"(Hmm.)|{Weather}|{Weather}")]
    [InlineData("<tool_call>\n{CALL}", Weather)]
    [InlineData("<tool_call>{CALL}</tool_call>\nDone.", $"{Weather}|Done.")]
    [InlineData("Say <tool_call>{CALL}</tool_call>?</think>Done.", "(Say <tool_call>{CALL}</tool_call>?)|Done.")]
    [InlineData("Say <tool_call>?</think><tool_call>{CALL}</tool_call>", $"(Say <tool_call>?)|{Weather}")]
    [InlineData("One writes <tool_call> in front.", "(One writes <tool_call> in front.)")]
    [InlineData("So <tool_call>{\"name\": \"unknown\", \"arguments\": {}}</tool_call>", "(So <tool_call>{\"name\": \"unknown\", \"arguments\": {}}</tool_call>)")]
    public void Thoughts_that_never_end_can_end_in_calls(string answer, string expected)
    {
        const string call = "{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Zürich\", \"days\": 2}}";
        (answer, expected) = (answer.Replace("{CALL}", call, StringComparison.Ordinal), expected.Replace("{CALL}", call, StringComparison.Ordinal));
        foreach (var (begin, prompt) in (ReadOnlySpan<(string, string)>)[("<think>\n", ""), ("", "<|im_start|>assistant\n<think>\n")])
        {
            Assert.Equal(expected, Read("</think><tool_call>", [begin + answer], Tools, prompt));
            Assert.Equal(expected, Read("</think><tool_call>", (begin + answer).Select(letter => $"{letter}"), Tools, prompt));
        }
    }

    [Fact]
    public void Words_come_out_as_they_come_in_and_only_what_may_be_a_marker_waits()
    {
        var reader = Format("<tool_call>").Open(Tools);
        Assert.Equal([new AnswerText("Hello")], reader.Push("Hello"));
        Assert.Equal([new AnswerText(" you")], reader.Push(" you <tool_"));
        Assert.Equal([new AnswerText(" <tool_x")], reader.Push("x"));
        Assert.Empty(reader.Finish());
    }

    [Fact]
    public void Nothing_that_a_model_writes_makes_a_reader_throw_and_plain_words_are_never_lost()
    {
        string[] shards = ["<tool_call>", "</tool_call>", "[TOOL_CALLS]", "[ARGS]", "[CALL_ID]", "{", "}", "[", "]", "(", ")", "\"", "'", "\\", ":", ",", "=", "name", "get_weather",
            "arguments", "<think>", "</think>", "<|channel|>", "<|message|>", "<|start|>", "<|end|>", "to=functions.", "<function=", "<parameter=", ">", "<arg_key>", "<arg_value>", "```json\n", "```",
            "<｜tool▁call▁begin｜>", "<｜tool▁sep｜>", "<｜tool▁call▁end｜>", "call:", "<escape>", "1", "1e999", "-", "null", "\n", " ", "\uD800", "😀", "<|python_tag|>", "Action:", "functools["];
        string[] templates = [.. Notations.Select(row => row.Data.Item1).Distinct()];
        Gen.Select(Gen.Int[0, templates.Length - 1].Select(i => templates[i]), Gen.Int[0, shards.Length - 1].Select(i => shards[i]).List[0, 40]).Sample((template, pieces) =>
        {
            var whole = Read(template, [string.Concat(pieces)]);
            return whole == Read(template, pieces) && whole == Read(template, string.Concat(pieces).Select(letter => $"{letter}"));
        }, iter: 20_000);
    }

    [Fact]
    public void A_deep_value_is_no_call_and_overflows_nothing()
    {
        var deep = "<tool_call>{\"name\": \"add\", \"arguments\": " + new string('[', 1_000_000);
        Assert.Equal(deep, Read("<tool_call>", [deep]));
    }

    [Theory]
    [InlineData("print(")]
    [InlineData("print=print(")]
    [InlineData("f(")]
    [InlineData("((")]
    public void A_million_of_open_calls_are_none_and_overflow_nothing(string piece)
    {
        var deep = "```tool_code\n" + string.Concat(Enumerable.Repeat(piece, 1_000_000)) + "\n```";
        Assert.Equal(deep, Read("tool_code", [deep]));
    }

    [Fact]
    public void A_long_answer_of_many_pieces_takes_linear_time()
    {
        var reader = Format("<tool_call>").Open(Tools);
        reader.Push("<tool_call>{\"name\": \"get_weather\", \"arguments\": {\"city\": \"");
        for (var i = 0; i < 200_000; i++) reader.Push("word ");
        reader.Push("\"}}");
        Assert.Equal(1_000_000, ((AnswerCall)reader.Push("</tool_call>").Single()).Arguments["city"]!.GetValue<string>().Length);
    }

    [Fact]
    public void Characters_of_two_halves_stay_whole_in_long_pieces() => Assert.All(Enumerable.Range(500, 30), length =>
        Assert.All(Format("<tool_call>").Open().Push(new string('a', length) + "😀!").OfType<AnswerText>(), part => Assert.False(char.IsSurrogate(part.Text[^1]) && !char.IsLowSurrogate(part.Text[^1]))));

    [Theory]
    [InlineData("<tool_call>", "")]
    [InlineData("<tool_call>", "<think>")]
    [InlineData("<|channel|>", "<|channel|>final<|message|>")]
    public void White_space_letter_by_letter_takes_linear_time(string template, string before)
    {
        foreach (var tools in (JsonArray?[])[Tools, null])
        {
            var reader = Format(template).Open(tools);
            reader.Push(before);
            for (var i = 0; i < 1_000_000; i++) reader.Push(" ");
            Assert.Contains(reader.Push("word"), part => part is AnswerText { Text: var text } && text.EndsWith("word", StringComparison.Ordinal) || part is AnswerReasoning);
        }
    }

    [Fact]
    public void Where_a_constraint_speaks_every_character_is_the_answers()
    {
        const string answer = """  {"t": "<think>so</think> <tool_call>{}</tool_call> <|channel|>final<|message|> [TOOL_CALLS]"} """;
        foreach (var pieces in (IEnumerable<string>[])[[answer], answer.Select(letter => $"{letter}")])
        {
            var reader = AnswerFormat.Verbatim.Open();
            Assert.Equal(answer, string.Concat(pieces.SelectMany(reader.Push).Concat(reader.Finish()).Select(part => ((AnswerText)part).Text)));
        }
    }

    [Theory]
    [InlineData("""{"anyOf": [{"type": "integer"}, {"type": "null"}]}""", "5", "5")]
    [InlineData("""{"anyOf": [{"type": "integer"}, {"type": "null"}]}""", "null", "null")]
    [InlineData("""{"type": ["string", "null"]}""", "None", "null")]
    [InlineData("""{"type": ["string", "null"]}""", "5", "\"5\"")]
    [InlineData("""{"type": "integer"}""", "3.5", "\"3.5\"")]
    [InlineData("""{"type": "integer"}""", "3.0", "3.0")]
    [InlineData("""{"type": "number"}""", "3.5", "3.5")]
    public void Values_without_types_get_those_of_the_parameters(string schema, string value, string expected)
    {
        var tools = JsonNode.Parse("[{\"name\": \"f\", \"parameters\": {\"properties\": {\"x\": " + schema + "}}}]")!.AsArray();
        var call = Assert.Single(Format("<tool_call>").Open(tools).Push($"<tool_call><function=f><parameter=x>{value}</parameter></function></tool_call>"));
        Assert.Equal(expected, ((AnswerCall)call).Arguments["x"]?.ToJsonString() ?? "null");
    }

    [Theory]
    [InlineData("<tool_call>", "<tool_call>")]
    [InlineData("<|channel|>", "<|channel|>")]
    [InlineData("<|channel|>", "<|channel|>final<|message|>")]
    [InlineData("[TOOL_CALLS]", "[TOOL_CALLS]")]
    [InlineData("<|python_tag|>", "<think>")]
    public void Markers_by_the_ten_thousand_take_linear_time(string template, string marker)
    {
        var (reader, clock) = (Format(template).Open(Tools), System.Diagnostics.Stopwatch.StartNew());
        reader.Push(string.Concat(Enumerable.Repeat(marker, 40_000)));
        reader.Finish();
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 5);
    }

    static AnswerFormat Format(string template) => AnswerFormat.Of(new ChatTemplate($"{{# {template.Replace("#}", "")} #}}"));

    static string Read(string template, IEnumerable<string> pieces) => Read(template, pieces, Tools);

    /// <summary>The parts, with neighbours of one kind joined: thoughts in brackets, calls as JSON.</summary>
    static string Read(string template, IEnumerable<string> pieces, JsonArray? tools, string prompt = "", bool isCut = false)
    {
        var reader = Format(template).Open(tools, prompt);
        var parts = new List<AnswerPart>();
        foreach (var part in pieces.SelectMany(reader.Push).ToArray().Concat(reader.Finish(isCut)))
            switch (part, parts.LastOrDefault())
            {
                case (AnswerText text, AnswerText last): parts[^1] = new AnswerText(last.Text + text.Text); break;
                case (AnswerReasoning text, AnswerReasoning last): parts[^1] = new AnswerReasoning(last.Text + text.Text); break;
                default: parts.Add(part); break;
            }
        return string.Join('|', parts.Select(part => part switch
        {
            AnswerText text => text.Text,
            AnswerReasoning thought => $"({thought.Text})",
            AnswerCall call => call.Name + call.Arguments.ToJsonString(Readable) + (call.Id is null ? "" : $"#{call.Id}"),
            _ => throw new InvalidOperationException(),
        }));
    }

    static readonly System.Text.Json.JsonSerializerOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
