using System.Text.Json.Nodes;
using Octant.Chat;
using Octant.Core.Tests.Tokenizers;
using Octant.Formats;

namespace Octant.Core.Tests.Chat;

public sealed class ChatTemplateTests : IDisposable
{
    const string ChatMl = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
        + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    readonly string folder = Directory.CreateTempSubdirectory("octant-chat-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    static JsonArray Messages(string json) => JsonNode.Parse(json)!.AsArray();

    static readonly JsonArray Hello = Messages("""[{"role": "user", "content": "Hello"}]""");

    void Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    [Fact]
    public void A_conversation_ends_where_the_answer_begins() =>
        Assert.Equal("<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n",
            new ChatTemplate(ChatMl).Render(Hello, new() { AddGenerationPrompt = true }).Text);

    [Fact]
    public void The_last_message_is_continued_where_its_text_ends() =>
        Assert.Equal("<|im_start|>assistant\nRoses ", new ChatTemplate(ChatMl)
            .Render(Messages("""[{"role": "assistant", "content": "Roses "}]"""), new() { ContinueFinalMessage = true }).Text);

    [Fact]
    public void A_template_that_trims_loses_the_space_before_a_continuation() =>
        Assert.Equal("Roses", new ChatTemplate("{{ messages[-1].content | trim }}</s>")
            .Render(Messages("""[{"role": "assistant", "content": "Roses "}]"""), new() { ContinueFinalMessage = true }).Text);

    [Fact]
    public void The_last_text_among_parts_is_continued() =>
        Assert.Equal("a|b", new ChatTemplate("{% for p in messages[0].content %}{{ p.text or '|' }}{% endfor %}!").Render(
            Messages("""[{"role": "assistant", "content": [{"type": "text", "text": "a"}, {"type": "image"}, {"type": "text", "text": "b"}]}]"""),
            new() { ContinueFinalMessage = true }).Text);

    [Fact]
    public void What_cannot_be_continued_is_an_error()
    {
        var template = new ChatTemplate("{{ messages[0].role }}");
        Assert.Contains("leaves its text out",
            Assert.Throws<TemplateException>(() => template.Render(Hello, new() { ContinueFinalMessage = true })).Message);
        Assert.Contains("no text", Assert.Throws<TemplateException>(() =>
            template.Render(Messages("""[{"role": "user", "content": null}]"""),
                new() { ContinueFinalMessage = true })).Message);
        Assert.Contains("choose", Assert.Throws<TemplateException>(() =>
            template.Render(Hello, new() { ContinueFinalMessage = true, AddGenerationPrompt = true })).Message);
    }

    [Theory]
    [InlineData("reasoning")]
    [InlineData("thinking")]
    [InlineData("reasoning_content")]
    public void Reasoning_is_found_under_each_of_its_names(string name) =>
        Assert.Equal("hm hm", new ChatTemplate("{{ messages[0].reasoning_content }} {{ messages[0].thinking }}")
            .Render([new JsonObject { ["role"] = "assistant", [name] = "hm" }]).Text);

    [Fact]
    public void Arguments_as_text_become_objects_and_the_messages_stay_as_they_were()
    {
        var messages = Messages("""[{"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "{\"a\": 1.0}"}}, {"function": {"arguments": "no json"}}]}]""");
        var before = messages.ToJsonString();
        var template = new ChatTemplate("{% for c in messages[0].tool_calls %}{{ c.function.arguments | tojson }}{% endfor %}");
        Assert.Equal("""{"a": 1.0}"no json" """.Trim(), template.Render(messages).Text);
        Assert.Equal("\"{\\\"a\\\": 1.0}\"\"no json\"", template.Render(messages, new() { ParseToolArguments = false }).Text);
        Assert.Equal(before, messages.ToJsonString());
    }

    [Fact]
    public void Special_tokens_and_variables_are_seen_and_the_text_says_whether_it_begins_with_bos()
    {
        Write("chat_template.jinja",
            "{{ bos_token }}{{ messages[0].content }}{{ eos_token }}{{ pad_token }}{{ enable_thinking }}");
        Write("tokenizer_config.json",
            """{"bos_token": {"content": "<s>", "lstrip": false}, "eos_token": "</s>", "pad_token": null}""");
        var template = ChatTemplate.Find(folder)!;
        var rendered = template.Render(Hello,
            new() { Variables = new Dictionary<string, JsonNode?> { ["enable_thinking"] = false } });
        Assert.Equal(("<s>Hello</s>False", true), (rendered.Text, rendered.BeginsWithBos));
        Assert.False(new ChatTemplate(ChatMl) { SpecialTokens = template.SpecialTokens }.Render(Hello).BeginsWithBos);
    }

    [Fact]
    public void Named_templates_are_chosen_by_name_and_tool_use_by_tools()
    {
        Write("tokenizer_config.json",
            """{"chat_template": [{"name": "default", "template": "d"}, {"name": "tool_use", "template": "t"}, {"name": "rag", "template": "r{{ documents | length }}"}]}""");
        var template = ChatTemplate.Find(folder)!;
        Assert.Equal("d", template.Render(Hello).Text);
        Assert.Equal("t", template.Render(Hello, new() { Tools = [] }).Text);
        Assert.Equal("r1", template.Render(Hello, new() { Template = "rag", Documents = [new JsonObject()] }).Text);
        Assert.Contains("default, tool_use, rag",
            Assert.Throws<TemplateException>(() => template.Render(Hello, new() { Template = "x" })).Message);
    }

    [Fact]
    public void A_template_file_comes_before_json_and_that_before_the_tokenizer_s_configuration()
    {
        Assert.Null(ChatTemplate.Find(folder));
        Write("tokenizer_config.json", """{"chat_template": "config"}""");
        Assert.Equal("config", ChatTemplate.Find(folder)!.Sources["default"]);
        Write("chat_template.json", """{"chat_template": "json"}""");
        Assert.Equal("json", ChatTemplate.Find(folder)!.Sources["default"]);
        Write("chat_template.jinja", "jinja");
        Write("additional_chat_templates/tool_use.jinja", "tools");
        Assert.Equal(["jinja", "tools"], ChatTemplate.Find(folder)!.Sources.Values);
    }

    [Theory]
    [InlineData("""{"chat_template": 3}""")]
    [InlineData("""{"chat_template": [{"name": "x"}]}""")]
    [InlineData("""{"chat_template": ["x"]}""")]
    [InlineData("[]")]
    [InlineData("{")]
    public void A_damaged_configuration_is_named(string json)
    {
        Write("tokenizer_config.json", json);
        Assert.Contains("tokenizer_config.json", Assert.Throws<CheckpointException>(() => ChatTemplate.Find(folder)).Message);
    }

    [Theory]
    [InlineData("chat_template.jinja")]
    [InlineData("chat_template.json")]
    [InlineData("tokenizer_config.json")]
    [InlineData("additional_chat_templates/tools.jinja")]
    public void A_file_that_cannot_be_read_is_named(string name)
    {
        var broken = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(broken)!);
        File.CreateSymbolicLink(broken, Path.Combine(folder, "nowhere"));
        Assert.Contains($"{broken} cannot be read", Assert.Throws<CheckpointException>(() => ChatTemplate.Find(folder)).Message);
    }

    [Fact]
    public void A_GGUF_file_keeps_its_templates_in_its_metadata()
    {
        Assert.Null(Find(new GgufKeys().Add("general.name", "x")));
        var template = Find(new GgufKeys().Add("tokenizer.chat_template", "d").Add("tokenizer.chat_template.tool_use", "t").Add("tokenizer.chat_templates", ["x"]))!;
        Assert.Equal(["default", "tool_use"], template.Sources.Keys);
        Assert.Equal("d", Find(new GgufKeys().Add("tokenizer.chat_template.default", "other").Add("tokenizer.chat_template", "d"))!.Sources["default"]);

        ChatTemplate? Find(GgufKeys keys)
        {
            var path = Path.Combine(folder, "templates.gguf");
            GgufWriter.Write(path, keys, [TensorSource.Floats("x", new float[1], 1)]);
            using var file = new GgufFile(path);
            return ChatTemplate.FromGguf(file.Metadata);
        }
    }

    [Fact]
    public void The_clock_is_the_caller_s() =>
        Assert.Equal("26 Jul 2024, 3",
            new ChatTemplate("{{ strftime_now('%d %b %Y, %-I') }}").Render(Hello, new() { Clock = new July() }).Text);

    [Fact]
    public void Reserved_names_and_doubled_properties_are_errors()
    {
        Assert.Contains("'messages'", Assert.Throws<TemplateException>(() => new ChatTemplate("x")
            .Render(Hello, new() { Variables = new Dictionary<string, JsonNode?> { ["messages"] = 1 } })).Message);
        Assert.Contains("twice", Assert.Throws<TemplateException>(() => new ChatTemplate("{{ messages }}")
            .Render(Messages("""[{"role": "user", "role": "user"}]"""))).Message);
        Assert.Contains("twice", Assert.Throws<TemplateException>(() => new ChatTemplate("{{ tools }}")
            .Render(Hello, new() { Tools = Messages("""[{"a": 1, "a": 2}]""") })).Message);
    }

    [Fact]
    public void The_assistant_s_tokens_are_those_that_reach_into_its_words()
    {
        var template = new ChatTemplate(
            "{% for m in messages %}{% if m.role == 'assistant' %}{% generation %}{{ m.content }}{% endgeneration %}{% else %}{{ m.content }}{% endif %}{% endfor %}");
        var chat = template.Render(Messages("""
            [{"role": "user", "content": "é world"}, {"role": "assistant", "content": "hello world"}, {"role": "user", "content": "é"}, {"role": "assistant", "content": ""}]
            """));
        var encoding = SmallTokenizers.Open().Encode(chat.Text, addSpecialTokens: false);
        Assert.Equal(["Ã©", "Ġwor", "ld", "hello", "Ġwor", "ld", "Ã©"], encoding.Tokens);
        Assert.Equal([0, 0, 0, 1, 1, 1, 0], chat.AssistantMask(encoding));
        var within = new RenderedChat(chat.Text, [new(9, 11)], BeginsWithBos: false);
        Assert.Equal([0, 0, 0, 1, 0, 0, 0], within.AssistantMask(encoding));
    }

    sealed class July : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => new(2024, 7, 26, 15, 4, 5, TimeSpan.Zero);
    }
}
